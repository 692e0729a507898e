package dev.tidemark.config;

import dev.tidemark.config.Policy.NoData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of policy files: what they hold, what stands for those left out, and what they mean. This is the one place where that is
 * said; {@link PolicyFileReader} and {@link PolicySchema} take it from here.
 */
final class PolicyKeys {
    private static final Span NOWHERE = new Span(1, 1, 1);

    /** Where a condition cannot be read. */
    private static final Expr NO_CONDITION = new Expr.Comparison(
            Expr.Relation.LESS,
            new Expr.SignalRef(Signal.USAGE, NOWHERE),
            new Expr.SignalRef(Signal.USAGE, NOWHERE),
            NOWHERE);

    private static final Marks NO_MARKS = Marks.of(1, 2, NOWHERE);

    private PolicyKeys() {}

    /** The queue that serves all policies. */
    private static final class Queue {
        static final Key<Integer> WORKERS = Key.optional(
                "workers",
                Kinds.whole(1, Workqueue.MAX_WORKERS),
                Workqueue.DEFAULT.workers(),
                "Writes to memory.reclaim in flight at once.");
        static final Key<Integer> LENGTH = Key.optional(
                "length",
                Kinds.whole(1, Workqueue.MAX_LENGTH),
                Workqueue.DEFAULT.length(),
                "Cgroups that may wait for a worker; more are refused, counted, and ask again with their next sample.");
        static final Kind<Workqueue> KIND = Kinds.mapping(
                new Shape("workqueue", List.of(WORKERS, LENGTH)),
                (fields, scope) -> new Workqueue(fields.get(WORKERS, scope), fields.get(LENGTH, scope)));
    }

    /** How memory is taken. */
    private static final class Taking {
        static final Key<Law> LAW = Key.optional(
                "law",
                LawKeys.KIND,
                Reclaim.DEFAULT.law(),
                "watermark asks for what lies between usage and the usage at which STOP holds, at most a batch (with watch, or where"
                        + " STOP is not about usage, a batch); fixed asks for a batch each time; tmo, senpai, senpai_limit and aimd"
                        + " take a little, wait, and go by what it did. Those may have parameters: law: { tmo: { gain: 2 } }.");
        static final Key<Batch> BATCH = Key.optional(
                "batch",
                Kinds.batch(),
                Reclaim.DEFAULT.batch(),
                "The most one write asks for: a size, or as much as takes about so long, which is learnt for each cgroup. STOP is"
                        + " never further than one batch away.");
        static final Key<Integer> SWAPPINESS = Key.optional(
                "swappiness",
                Kinds.wholeOr(swappinessWords(), 0, 200),
                Reclaim.DEFAULT_SWAPPINESS,
                "0 takes files first, 200 anonymous memory; default leaves it to the kernel, and so does a kernel before 6.11 with a"
                        + " number. none takes files only and max anonymous memory only, or nothing where that cannot be had.");
        static final Key<Long> WRITEBACK = Key.optional(
                "writeback",
                Kinds.pagesOrNone(Batch.Size.MAX_BYTES),
                Reclaim.NO_WRITEBACK,
                "Each time usage has grown by this much, start the writeback of the files that the cgroup's tasks have open for"
                        + " writing, so that reclaim finds clean pages; 0 leaves that to the kernel.");
        static final Kind<Reclaim> KIND = Kinds.mapping(
                new Shape("reclaim", List.of(LAW, BATCH, SWAPPINESS, WRITEBACK)),
                (fields, scope) -> new Reclaim(
                        fields.get(LAW, scope),
                        fields.get(BATCH, scope),
                        fields.get(SWAPPINESS, scope),
                        fields.get(WRITEBACK, scope)));

        private static Map<String, Integer> swappinessWords() {
            Map<String, Integer> words = new LinkedHashMap<>();
            words.put("default", Reclaim.DEFAULT_SWAPPINESS);
            words.put("none", Reclaim.FILES_ONLY);
            words.put("max", Reclaim.ANONYMOUS_ONLY);
            return words;
        }
    }

    /** What may be spent, by one policy over all its cgroups, or by all policies together. */
    private static final class Costs {
        final Key<Double> bytes;
        final Key<Double> time;
        final Key<Double> swapOut;

        Costs(String whose) {
            bytes = Key.optional(
                    "bytes",
                    Kinds.byteRate(),
                    Budget.UNLIMITED.bytesPerSecond(),
                    "Bytes per second that " + whose + " may take.");
            time = Key.optional(
                    "time",
                    Kinds.timeShare(),
                    Budget.UNLIMITED.timeShare(),
                    "CPU time per second that the writes of " + whose + " may cost, such as 10ms/s.");
            swapOut = Key.optional(
                    "swap_out",
                    Kinds.byteRate(),
                    Budget.UNLIMITED.swapOutBytesPerSecond(),
                    "Bytes per second that the writes of " + whose + " may send to swap.");
        }

        Budget budget(Fields fields, FileScope scope) {
            return new Budget(fields.get(bytes, scope), fields.get(time, scope), fields.get(swapOut, scope));
        }
    }

    /** What a policy may spend. */
    private static final class Spending {
        static final Costs COSTS = new Costs("the policy, over all its cgroups,");
        static final Key<Long> FLOOR = Key.optional(
                "floor", Kinds.bytes(), Limits.DEFAULT.floorBytes(), "Usage below which nothing is taken.");
        static final Key<Duration> DEADLINE = Key.optional(
                "deadline",
                Kinds.duration(Limits.MIN_DEADLINE, Limits.MAX_DEADLINE),
                Limits.DEFAULT_DEADLINE,
                "A write that takes longer is cancelled; one that does not return even then is given up, and its cgroup left alone.");
        static final Kind<Limits> KIND = Kinds.mapping(
                new Shape("limits", List.of(COSTS.bytes, COSTS.time, COSTS.swapOut, FLOOR, DEADLINE)),
                (fields, scope) ->
                        new Limits(COSTS.budget(fields, scope), fields.get(FLOOR, scope), fields.get(DEADLINE, scope)));
    }

    /** How a cgroup is slowed down. */
    private static final class Slowing {
        static final Key<Long> OVER = Key.required(
                "over",
                Kinds.pages(Throttle.MAX_BYTES),
                Throttle.DEFAULT_LEAST_BYTES,
                "How far below usage memory.high is put, anew each period. May be left out where there is a delay.");
        static final Key<Optional<Duration>> DELAY = Key.optional(
                "delay",
                Kinds.maybe(Kinds.duration(Throttle.MIN_DELAY, Throttle.MAX_DELAY)),
                Optional.empty(),
                "In place of over: as far as makes a charge of 64 pages sleep that long, where nothing can be reclaimed.");
        static final Key<Long> LEAST = Key.optional(
                "least",
                Kinds.pages(Throttle.MAX_BYTES),
                Throttle.DEFAULT_LEAST_BYTES,
                "memory.high is never put below this, nor below memory.low and memory.min.");
        static final Key<Duration> LONGEST = longest(Throttle.DEFAULT_LONGEST);
        static final Kind<Throttle> KIND = Kinds.mapping(
                new Shape("throttle", List.of(OVER, DELAY, LEAST, LONGEST), List.of(DELAY), List.of(OVER)),
                (fields, scope) ->
                        new Throttle(by(fields, scope), fields.get(LEAST, scope), fields.get(LONGEST, scope)));

        private static Throttle.By by(Fields fields, FileScope scope) {
            Optional<Duration> delay = fields.get(DELAY, scope);
            @Nullable YamlNode over = fields.node(OVER.name());
            if (delay.isPresent() && over != null) {
                scope.problems()
                        .add(over, "over and delay both say how far below usage memory.high is put; leave one out");
            }
            return delay.isPresent() ? new Throttle.Delay(delay.get()) : new Throttle.Over(fields.get(OVER, scope));
        }
    }

    /** How a cgroup is protected. */
    private static final class Sheltering {
        static final Key<Long> LOW = Key.required(
                "low",
                Kinds.pages(Throttle.MAX_BYTES),
                Throttle.DEFAULT_LEAST_BYTES,
                "To what memory.low is raised; of it the kernel protects as much as is used.");
        static final Key<Duration> LONGEST = longest(Protect.DEFAULT_LONGEST);
        static final Kind<Protect> KIND = Kinds.mapping(
                new Shape("protect", List.of(LOW, LONGEST)),
                (fields, scope) -> new Protect(fields.get(LOW, scope), fields.get(LONGEST, scope)));
    }

    private static Key<Duration> longest(Duration fallback) {
        return Key.optional(
                "longest",
                Kinds.duration(Throttle.MIN_LONGEST, Throttle.MAX_LONGEST),
                fallback,
                "After this the old value is put back although STOP does not hold yet; not again before the next START.");
    }

    private static final Key<Lets> LET = Key.optional(
            "let",
            Kinds.lets(),
            Lets.NONE,
            "Names for expressions of any unit, for use in the conditions; one may use those above it.");

    /** One policy. */
    private static final class One {
        static final Key<String> NAME = Key.required(
                "name", Kinds.name(PolicyKeys::name), "", "How logs, metrics and decisions call it; unique.");
        static final Key<List<CgroupGlob>> CGROUPS = Key.required(
                "cgroups",
                Kinds.someOf(Kinds.glob()),
                List.of(),
                "What it acts on: globs of paths below the cgroup root. * ? [..] within a component, ** across, {a,b}.");
        static final Key<List<CgroupGlob>> EXCLUDE = Key.optional(
                "exclude", Kinds.list(Kinds.glob()), List.of(), "What it does not act on, even where cgroups matches.");
        static final Key<List<CgroupGlob>> WATCH = Key.optional(
                "watch",
                Kinds.someOf(Kinds.glob()),
                List.of(),
                "Whose signals decide, where that is not each of the cgroups for itself: while START has come to hold for one of these"
                        + " and STOP has not, the policy acts on all its cgroups.");
        static final Key<Duration> PERIOD = Key.optional(
                "period",
                Kinds.duration(Policy.MIN_PERIOD, Policy.MAX_PERIOD),
                Policy.DEFAULT_PERIOD,
                "How often signals are read. Near a watermark usage is read more often by itself, down to 1 ms.");
        static final Key<Marks> MARKS = Key.optional(
                "marks",
                MarksKeys.KIND,
                NO_MARKS,
                "Levels of usage that stand for start, stop or both where those are left out: reclaim begins above the high one and ends"
                        + " below the low one.");
        static final Key<Expr> START = Key.required(
                "start",
                Kinds.truth(NO_CONDITION),
                NO_CONDITION,
                "A condition: reclaim begins when it holds. May be left out where there are marks.");
        static final Key<Expr> STOP = Key.required(
                "stop",
                Kinds.truth(NO_CONDITION),
                NO_CONDITION,
                "A condition: reclaim ends when it holds. It wins over start, at once, also against a write in flight. May be left out"
                        + " where there are marks.");
        static final Key<Reclaim> RECLAIM =
                Key.optional("reclaim", Taking.KIND, Reclaim.DEFAULT, "How memory is taken.");
        static final Key<Optional<Throttle>> THROTTLE = Key.optional(
                "throttle",
                Kinds.maybe(Slowing.KIND),
                Optional.empty(),
                "In place of reclaim: lowers memory.high while the policy is active, so that whoever charges more has to reclaim it"
                        + " first, and sleeps where that gives nothing.");
        static final Key<Optional<Protect>> PROTECT = Key.optional(
                "protect",
                Kinds.maybe(Sheltering.KIND),
                Optional.empty(),
                "In place of reclaim: raises memory.low while the policy is active, so that reclaim takes from others first.");
        static final Key<Limits> LIMITS = Key.optional("limits", Spending.KIND, Limits.DEFAULT, "What it may spend.");
        static final Key<Integer> PRIORITY = Key.optional(
                "priority",
                Kinds.whole(Policy.MIN_PRIORITY, Policy.MAX_PRIORITY),
                Policy.DEFAULT_PRIORITY,
                "Whose cgroups go first where more wait than can be served: the higher. A second of waiting makes up for one level, so that"
                        + " nothing waits for ever.");
        static final Key<Integer> WEIGHT = Key.optional(
                "weight",
                Kinds.whole(1, Policy.MAX_WEIGHT),
                Policy.DEFAULT_WEIGHT,
                "Share of the writers' time that each of its cgroups gets among those of the same priority, as with cpu.weight.");

        static final Key<List<Guard>> GUARDS =
                Key.optional("guards", GuardKeys.KIND, Guard.DEFAULTS, "What holds it back while it is active.");

        /** What says something of reclaim only. */
        private static final List<Key<?>> OF_RECLAIM = List.of(LIMITS, PRIORITY, WEIGHT, GUARDS);

        static final Key<Duration> COOLDOWN = Key.optional(
                "cooldown",
                Kinds.duration(Duration.ZERO, Policy.MAX_COOLDOWN),
                Duration.ZERO,
                "How long a cgroup is left alone after a stop.");
        static final Key<NoData> NO_DATA = Key.optional(
                "no_data",
                Kinds.word(NoData.class),
                NoData.STOP,
                "What becomes of an active policy when what its conditions need has not been seen for too long: stop, and cool down;"
                        + " inactive, and start again as soon as it sees; hold, and go on.");
        static final Kind<Policy> KIND = Kinds.mapping(
                new Shape(
                        "a policy",
                        List.of(
                                NAME, CGROUPS, EXCLUDE, WATCH, PERIOD, LET, MARKS, START, STOP, RECLAIM, THROTTLE,
                                PROTECT, LIMITS, PRIORITY, WEIGHT, GUARDS, COOLDOWN, NO_DATA),
                        List.of(MARKS),
                        List.of(START, STOP)),
                One::read);

        private static Policy read(Fields fields, FileScope around) {
            FileScope scope = named(fields, around);
            Marks marks = fields.get(MARKS, scope);
            Action action = action(fields, scope);
            Policy policy = new Policy(
                    fields.get(NAME, scope),
                    fields.get(CGROUPS, scope),
                    fields.get(EXCLUDE, scope),
                    fields.get(WATCH, scope),
                    fields.get(PERIOD, scope),
                    condition(fields, START, scope, marks.start()),
                    condition(fields, STOP, scope, marks.stop()),
                    action,
                    fields.get(LIMITS, scope),
                    fields.get(PRIORITY, scope),
                    fields.get(WEIGHT, scope),
                    action instanceof Reclaim ? fields.get(GUARDS, scope) : List.of(),
                    fields.get(COOLDOWN, scope),
                    fields.get(NO_DATA, scope));
            @Nullable YamlNode watch = fields.node(WATCH.name());
            boolean looks = Traits.looksAtCgroup(policy.start()) || Traits.looksAtCgroup(policy.stop());
            if (watch != null && !looks) {
                scope.problems()
                        .add(watch, "neither start nor stop looks at a signal of what it watches; leave watch out");
            }
            @Nullable YamlNode unused = fields.node(MARKS.name());
            if (unused != null && fields.has(START.name()) && fields.has(STOP.name())) {
                scope.problems()
                        .add(unused, "start and stop are both written, so marks have no effect; leave them out");
            }
            return policy;
        }

        private static Action action(Fields fields, FileScope scope) {
            List<Action> actions = new ArrayList<>();
            if (fields.has(RECLAIM.name())) {
                actions.add(fields.get(RECLAIM, scope));
            }
            fields.get(THROTTLE, scope).ifPresent(actions::add);
            fields.get(PROTECT, scope).ifPresent(actions::add);
            Stream.of(RECLAIM, THROTTLE, PROTECT)
                    .flatMap(key -> Stream.ofNullable(fields.node(key.name())))
                    .skip(1)
                    .forEach(another -> scope.problems()
                            .add(
                                    another,
                                    "a policy either reclaims, throttles or protects; write one policy for each"));
            Action action = actions.isEmpty() ? Reclaim.DEFAULT : actions.getFirst();
            if (!(action instanceof Reclaim)) {
                for (Key<?> key : OF_RECLAIM) {
                    @Nullable YamlNode unused = fields.node(key.name());
                    if (unused != null) {
                        scope.problems()
                                .add(
                                        unused,
                                        key.name()
                                                + " says how memory is taken, which this policy does not do; leave it out");
                    }
                }
            }
            return action;
        }

        private static Expr condition(Fields fields, Key<Expr> key, FileScope scope, Expr marked) {
            return fields.has(MARKS.name()) && !fields.has(key.name()) ? marked : fields.get(key, scope);
        }
    }

    private static final Key<Long> VERSION = Key.required("version", Kinds.version(), 1L, "Of this format.");
    private static final Key<List<Policy>> POLICIES = Key.required(
            "policies",
            Kinds.someOf(One.KIND),
            List.of(),
            "At least one; a cgroup that several select is served by each, the first in the file first.");
    private static final Key<Workqueue> WORKQUEUE = Key.optional(
            "workqueue", Queue.KIND, Workqueue.DEFAULT, "The queue that carries reclaim out, for all policies.");

    /** What all policies together may spend. */
    private static final class Whole {
        static final Costs COSTS = new Costs("all policies together");
        static final Key<Budget> LIMITS = Key.optional(
                "limits",
                Kinds.mapping(new Shape("limits", List.of(COSTS.bytes, COSTS.time, COSTS.swapOut)), COSTS::budget),
                Budget.UNLIMITED,
                "What all policies together may spend, beside what each may.");
    }

    static final Shape FILE_SHAPE =
            new Shape("a policy file", List.of(VERSION, LET, POLICIES, WORKQUEUE, Whole.LIMITS));

    static final Kind<PolicyFile> FILE = Kinds.mapping(FILE_SHAPE, PolicyKeys::file);

    private static PolicyFile file(Fields fields, FileScope around) {
        fields.get(VERSION, around);
        FileScope scope = named(fields, around);
        return new PolicyFile(
                fields.get(POLICIES, scope), fields.get(WORKQUEUE, scope), fields.get(Whole.LIMITS, scope));
    }

    /** The scope within a mapping, which may have a {@code let}. */
    private static FileScope named(Fields fields, FileScope around) {
        return fields.has(LET.name()) ? around.with(fields.get(LET, around)) : around;
    }

    private static String name(YamlNode node, String what, FileScope scope) {
        String name = scope.values().name(node, "a policy's name");
        @Nullable YamlNode first = scope.policies().putIfAbsent(name, node);
        if (first != null && !name.isEmpty()) {
            Problems problems = scope.problems();
            problems.add(
                    node,
                    "two policies are named %s; the other is in line %d"
                            .formatted(Shown.quoted(name), problems.source().line(first.start())));
        }
        return name;
    }
}
