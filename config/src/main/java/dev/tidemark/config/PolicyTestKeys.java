package dev.tidemark.config;

import dev.tidemark.config.Expectation.Cause;
import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Mode;
import dev.tidemark.config.Expectation.Outcome;
import dev.tidemark.config.Expectation.Reason;
import dev.tidemark.config.Expectation.State;
import dev.tidemark.config.PolicyTest.Answer;
import dev.tidemark.config.PolicyTest.KernelAnswer;
import dev.tidemark.config.PolicyTest.Life;
import dev.tidemark.config.PolicyTest.ScriptedCgroup;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.config.YamlNode.Entry;
import dev.tidemark.config.YamlNode.Mapping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of files of policy tests: what they hold, what stands for those left out, and what they mean. This is the one place where
 * that is said; {@link PolicyTestReader} and {@link PolicyTestSchema} take it from here.
 */
final class PolicyTestKeys {
    static final Duration LONGEST = Duration.ofDays(366);

    private static final long MEMORY = 16L << 30;
    private static final long LEAST_MEMORY = 1L << 20;

    /** A part of a series, as far as JSON Schema needs to know. */
    private static final String ITEM = "(_(x[0-9]+)?|stale|max(x[0-9]+)?|[0-9][0-9.]*[A-WYZa-wyz%/]*"
            + "([+-][0-9][0-9.]*[A-WYZa-wyz%/]*)?(x[0-9]+)?)";

    private PolicyTestKeys() {}

    /** A file that is named, and where. */
    record Reference(String path, Span place) {}

    /** A test that has been read, but not yet brought together with the files it names. */
    record Draft(
            String name,
            Span place,
            boolean played,
            Optional<Reference> scenario,
            long memoryBytes,
            Duration interval,
            List<ScriptedCgroup> cgroups,
            Map<Signal, Series> host,
            List<KernelAnswer> kernel,
            Optional<Duration> duration,
            List<Expected> expected) {}

    /** An expectation that does not know yet which policies and cgroups it is about. */
    record Expected(
            Span place,
            Mode mode,
            Duration from,
            Optional<Duration> to,
            Optional<String> policy,
            Span policyPlace,
            Optional<CgroupGlob> cgroup,
            Span cgroupPlace,
            List<Claim> claims) {}

    /** A file as it is written. */
    record Written(List<Reference> policies, List<Draft> tests) {}

    /** What a kernel answers. */
    private static final class Answering {
        static final Key<List<CgroupGlob>> CGROUPS = Key.optional(
                "cgroups", Kinds.oneOrSome(Kinds.glob()), List.of(), "Whose requests; left out, those of all cgroups.");
        static final Key<Duration> FROM =
                Key.optional("from", Kinds.duration(Duration.ZERO, LONGEST), Duration.ZERO, "When this begins.");
        static final Key<Answer> ANSWER = Key.optional(
                "answer",
                Kinds.word(Answer.class),
                Answer.SUCCESS,
                "success has taken what was asked for, again (EAGAIN) has not, refused will not, stuck does not answer, not even when"
                        + " the request is cancelled.");
        static final Key<Optional<Double>> FREES = Key.optional(
                "frees",
                Kinds.maybe(Kinds.shareOrNone()),
                Optional.empty(),
                "Share of what is asked for that is taken, and by which usage falls: 100% of success unless said otherwise, 0 of the"
                        + " others.");
        static final Key<Duration> TAKES = Key.optional(
                "takes",
                Kinds.duration(Duration.ZERO, Duration.ofHours(1)),
                KernelAnswer.DEFAULT.takes(),
                "How long the kernel works on it. A request that is cancelled ends sooner and has taken nothing.");
        static final Kind<KernelAnswer> KIND =
                Kinds.mapping(new Shape("kernel", List.of(CGROUPS, FROM, ANSWER, FREES, TAKES)), Answering::read);

        private static KernelAnswer read(Fields fields, FileScope scope) {
            Answer answer = fields.get(ANSWER, scope);
            Optional<Double> frees = fields.get(FREES, scope);
            if (frees.isPresent() && (answer == Answer.REFUSED || answer == Answer.STUCK)) {
                scope.problems()
                        .add(fields.place(FREES.name()), "what is refused or stuck frees nothing; leave it out");
            }
            return new KernelAnswer(
                    fields.get(CGROUPS, scope),
                    fields.get(FROM, scope),
                    answer,
                    frees.orElse(answer == Answer.SUCCESS ? 1.0 : 0.0),
                    fields.get(TAKES, scope));
        }
    }

    /** Kinds of decisions. */
    private static final class Deciding {
        static final Key<Optional<State>> FROM =
                Key.optional("from", Kinds.maybe(Kinds.word(State.class)), Optional.empty(), "The state before.");
        static final Key<Optional<State>> TO =
                Key.optional("to", Kinds.maybe(Kinds.word(State.class)), Optional.empty(), "The state after.");
        static final Key<Optional<Cause>> CAUSE =
                Key.optional("cause", Kinds.maybe(Kinds.word(Cause.class)), Optional.empty(), "Why.");
        static final Key<Optional<String>> WATCHED = Key.optional(
                "watched",
                Kinds.maybe(Kinds.path()),
                Optional.empty(),
                "Path of the cgroup whose signals decided, of a policy that watches others.");
        static final Key<Range> COUNT = Key.optional(
                "count",
                range(Unit.COUNT),
                Range.atLeast(1),
                "How many such decisions; at least one unless it is given.");
        static final Kind<Claim> COUNTED = Kinds.mapping(
                new Shape("decision", List.of(FROM, TO, CAUSE, WATCHED, COUNT)),
                (fields, scope) -> read(fields, scope, fields.get(COUNT, scope)));
        static final Kind<Claim> ANY = Kinds.mapping(
                new Shape("decision", List.of(FROM, TO, CAUSE, WATCHED)),
                (fields, scope) -> read(fields, scope, Range.atLeast(1)));

        private static Claim read(Fields fields, FileScope scope, Range count) {
            return new Claim.Decided(
                    fields.place(),
                    fields.get(FROM, scope),
                    fields.get(TO, scope),
                    fields.get(CAUSE, scope),
                    fields.get(WATCHED, scope),
                    count);
        }
    }

    /** Requests to reclaim. */
    private static final class Reclaiming {
        static final Key<Optional<Outcome>> OUTCOME = Key.optional(
                "outcome",
                Kinds.maybe(Kinds.word(Outcome.class)),
                Optional.empty(),
                "Only those that ended like this.");
        static final Key<Optional<Range>> COUNT =
                Key.optional("count", Kinds.maybe(range(Unit.COUNT)), Optional.empty(), "How many requests.");
        static final Key<Optional<Range>> ASKED =
                Key.optional("asked", Kinds.maybe(range(Unit.BYTES)), Optional.empty(), "Bytes that were asked for.");
        static final Key<Optional<Range>> MOVED =
                Key.optional("moved", Kinds.maybe(range(Unit.BYTES)), Optional.empty(), "Bytes that were taken.");
        static final Key<Optional<Range>> TOOK = Key.optional(
                "took", Kinds.maybe(range(Unit.DURATION)), Optional.empty(), "How long the kernel worked on it.");
        static final Kind<Claim> TOGETHER = Kinds.mapping(
                new Shape("reclaims", List.of(OUTCOME, COUNT, ASKED, MOVED)),
                (fields, scope) -> new Claim.Reclaims(
                        some(fields, scope, "reclaims", COUNT, ASKED, MOVED),
                        fields.get(OUTCOME, scope),
                        fields.get(COUNT, scope),
                        fields.get(ASKED, scope),
                        fields.get(MOVED, scope)));
        static final Kind<Claim> EACH = Kinds.mapping(
                new Shape("reclaim", List.of(OUTCOME, ASKED, MOVED, TOOK)),
                (fields, scope) -> new Claim.Reclaim(
                        fields.place(),
                        fields.get(OUTCOME, scope),
                        fields.get(ASKED, scope),
                        fields.get(MOVED, scope),
                        fields.get(TOOK, scope)));

        private static Span some(Fields fields, FileScope scope, String what, Key<?>... keys) {
            boolean none = List.of(keys).stream().noneMatch(key -> fields.has(key.name()));
            if (none) {
                scope.problems().add(fields.place(), what + " needs one of the keys count, asked, moved");
            }
            return fields.place();
        }
    }

    /** How workloads of a scenario fare. */
    private static final class Working {
        static final Key<String> NAME =
                Key.required("name", Kinds.text(), "", "Of the workload, in the scenario.");
        static final Key<Optional<Range>> ENDED = Key.optional(
                "ended",
                Kinds.maybe(range(Unit.DURATION)),
                Optional.empty(),
                "When it has ended, or was killed, since the start of the test; one that still runs has not.");
        static final Key<Optional<Range>> STALLED = Key.optional(
                "stalled", Kinds.maybe(range(Unit.DURATION)), Optional.empty(), "How long it has waited for memory.");
        static final Kind<Claim> KIND =
                Kinds.mapping(new Shape("workload", List.of(NAME, ENDED, STALLED)), Working::read);

        private static Claim read(Fields fields, FileScope scope) {
            if (!fields.has(ENDED.name()) && !fields.has(STALLED.name()) && !fields.isMisspelt()) {
                scope.problems().add(fields.place(), "workload needs one of the keys ended, stalled");
            }
            return new Claim.Workload(
                    fields.place(NAME.name()),
                    fields.get(NAME, scope),
                    fields.get(ENDED, scope),
                    fields.get(STALLED, scope));
        }
    }

    /** What is expected, and when. */
    private static final class Expecting {
        private static final Kind<Duration> TIME = Kinds.duration(Duration.ZERO, LONGEST);

        static final Key<Optional<Duration>> AT = Key.optional(
                "at",
                Kinds.maybe(TIME),
                Optional.empty(),
                "An instant, from the start of the test: after all that happens then.");
        static final Key<Optional<Duration>> FROM = Key.optional(
                "from",
                Kinds.maybe(TIME),
                Optional.empty(),
                "The first instant of an interval; the start of the test unless it is given.");
        static final Key<Optional<Duration>> TO = Key.optional(
                "to",
                Kinds.maybe(TIME),
                Optional.empty(),
                "The last instant of an interval; the end of the test unless it is given.");
        static final Key<Optional<String>> POLICY = Key.optional(
                "policy",
                Kinds.maybe(Kinds.text()),
                Optional.empty(),
                "Name of the policy; may be left out where there is one.");
        static final Key<Optional<CgroupGlob>> CGROUP = Key.optional(
                "cgroup",
                Kinds.maybe(Kinds.glob()),
                Optional.empty(),
                "Path of the cgroup, or a glob for all that match, each by itself; left out, each that the policy acts on.");

        static final Key<Optional<State>> STATE = Key.optional(
                "state",
                Kinds.maybe(Kinds.word(State.class)),
                Optional.empty(),
                "Where the policy stands with the cgroup; over an interval all the time.");
        static final Key<Optional<Claim>> DECISION = Key.optional(
                "decision", Kinds.maybe(Deciding.COUNTED), Optional.empty(), "Decisions of this kind at that time.");
        static final Key<Optional<Claim>> ANY_DECISION =
                Key.optional("decision", Kinds.maybe(Deciding.ANY), Optional.empty(), "A decision of this kind.");
        static final Key<Optional<Claim>> RECLAIMS = Key.optional(
                "reclaims",
                Kinds.maybe(Reclaiming.TOGETHER),
                Optional.empty(),
                "Requests to reclaim that were answered at that time, together; with at, up to then.");
        static final Key<Optional<Claim>> RECLAIM = Key.optional(
                "reclaim",
                Kinds.maybe(Reclaiming.EACH),
                Optional.empty(),
                "A request to reclaim, each by itself when it is answered.");
        static final Key<Optional<Reason>> HELD = Key.optional(
                "held",
                Kinds.maybe(Kinds.word(Reason.class)),
                Optional.empty(),
                "Why the kernel was not asked although the policy was active, told once for each reason between START and STOP; with"
                        + " at, up to then.");
        static final Key<Optional<Claim>> WORKLOAD = Key.optional(
                "workload",
                Kinds.maybe(Working.KIND),
                Optional.empty(),
                "How a workload of the scenario has fared by then; of no policy or cgroup.");
        static final Key<List<Claim>> SIGNALS = Key.optional(
                "signals",
                values(),
                List.of(),
                "Signals, of the cgroup or of the host, with the values they are to have: a value, a range such as \">= 4MiB\", or"
                        + " 4MiB to 8MiB. Over an interval a counter is what it has grown by.");

        static final Kind<Expected> AT_A_TIME =
                kind("an expectation", null, AT, FROM, TO, POLICY, CGROUP, STATE, DECISION, RECLAIMS, HELD, WORKLOAD, SIGNALS);
        static final Kind<Expected> ALWAYS =
                kind("always", Mode.ALWAYS, FROM, TO, POLICY, CGROUP, STATE, RECLAIM, SIGNALS);
        static final Kind<Expected> NEVER =
                kind("never", Mode.NEVER, FROM, TO, POLICY, CGROUP, STATE, ANY_DECISION, RECLAIM, HELD, SIGNALS);

        private static Kind<Expected> kind(String what, @Nullable Mode mode, Key<?>... keys) {
            Shape shape = new Shape(what, List.of(keys));
            return Kinds.mapping(shape, (fields, scope) -> read(fields, scope, shape, mode));
        }

        private static Expected read(Fields fields, FileScope scope, Shape shape, @Nullable Mode mode) {
            Optional<Duration> at = mode == null ? fields.get(AT, scope) : Optional.empty();
            Optional<Duration> from = fields.get(FROM, scope);
            Optional<Duration> to = fields.get(TO, scope);
            if (at.isPresent() && (from.isPresent() || to.isPresent())) {
                scope.problems()
                        .add(fields.place("at"), "at is an instant, from and to are an interval; only one can be");
            }
            if (from.isPresent() && to.isPresent() && from.get().compareTo(to.get()) > 0) {
                scope.problems().add(fields.place("to"), "to comes before from");
            }
            return new Expected(
                    fields.place(),
                    mode != null ? mode : at.isPresent() ? Mode.AT : Mode.WITHIN,
                    at.or(() -> from).orElse(Duration.ZERO),
                    at.or(() -> to),
                    fields.get(POLICY, scope),
                    fields.place(POLICY.name()),
                    fields.get(CGROUP, scope),
                    fields.place(CGROUP.name()),
                    claims(fields, scope, shape));
        }

        private static List<Claim> claims(Fields fields, FileScope scope, Shape shape) {
            List<Claim> claims = new ArrayList<>();
            fields.get(STATE, scope)
                    .ifPresent(state -> claims.add(new Claim.InState(fields.place(STATE.name()), state)));
            for (Key<Optional<Claim>> key : List.of(DECISION, ANY_DECISION, RECLAIMS, RECLAIM, WORKLOAD)) {
                if (shape.keys().contains(key)) {
                    fields.get(key, scope).ifPresent(claims::add);
                }
            }
            fields.get(HELD, scope).ifPresent(reason -> claims.add(new Claim.Held(fields.place(HELD.name()), reason)));
            claims.addAll(fields.get(SIGNALS, scope));
            boolean written = shape.names().stream().filter(Expecting::claims).anyMatch(fields::has);
            if (!written && !fields.isMisspelt()) {
                scope.problems()
                        .add(
                                fields.place(),
                                "nothing is said of what is expected; write one of the keys "
                                        + String.join(
                                                ", ",
                                                shape.names().stream()
                                                        .filter(Expecting::claims)
                                                        .toList()));
            }
            return claims;
        }

        private static boolean claims(String key) {
            return !List.of("at", "from", "to", "policy", "cgroup").contains(key);
        }
    }

    /** One test. */
    private static final class One {
        static final Key<String> NAME =
                Key.required("name", Kinds.text(), "", "What the test shows; unique in the file.");
        static final Key<Optional<String>> SCENARIO = Key.optional(
                "scenario",
                Kinds.maybe(Kinds.text()),
                Optional.empty(),
                "A scenario file, relative to this one, that the model of the kernel plays. Instead of series.");
        static final Key<Duration> INTERVAL = Key.optional(
                "interval",
                Kinds.duration(Policy.MIN_PERIOD, Policy.MAX_PERIOD),
                Duration.ofSeconds(1),
                "Time between two values of a series.");
        static final Key<Long> MEMORY = Key.optional(
                "memory",
                Kinds.of(
                        (node, what, scope) -> scope.values().bytes(node, what, LEAST_MEMORY, Long.MAX_VALUE),
                        Kinds.bytes().schema()),
                PolicyTestKeys.MEMORY,
                "Of the host, for sizes in percent and for host.total: 16GiB unless it is given.");
        static final Key<List<ScriptedCgroup>> SERIES = Key.optional(
                "series",
                cgroups(),
                List.of(),
                "For each cgroup its signals, each with its values from the start of the test on. A series stays at its last value.");
        static final Key<Map<Signal, Series>> HOST =
                Key.optional("host", hostSeries(), Map.of(), "The host's signals, likewise.");
        static final Key<List<KernelAnswer>> KERNEL = Key.optional(
                "kernel",
                Kinds.oneOrSome(Answering.KIND),
                List.of(),
                "How requests to reclaim are answered, with series; where several fit, the last counts.");
        static final Key<Optional<Duration>> DURATION = Key.optional(
                "duration",
                Kinds.maybe(Kinds.duration(Duration.ofMillis(1), LONGEST)),
                Optional.empty(),
                "How long the test lasts: as long as the longest series or until the workloads have ended, and until the last time that"
                        + " is spoken of, unless it is given.");
        static final Key<List<Expected>> EXPECT = Key.optional(
                "expect",
                Kinds.someOf(Expecting.AT_A_TIME),
                List.of(),
                "What is expected, at an instant or over an interval.");
        static final Key<List<Expected>> ALWAYS =
                Key.optional("always", Kinds.someOf(Expecting.ALWAYS), List.of(), "What has to hold all the time.");
        static final Key<List<Expected>> NEVER =
                Key.optional("never", Kinds.someOf(Expecting.NEVER), List.of(), "What may not happen at any time.");
        static final Kind<Draft> KIND = Kinds.mapping(
                new Shape(
                        "a test",
                        List.of(
                                NAME, SCENARIO, INTERVAL, MEMORY, SERIES, HOST, KERNEL, DURATION, EXPECT, ALWAYS,
                                NEVER)),
                One::read);

        private static Draft read(Fields fields, FileScope scope) {
            boolean played = fields.has(SCENARIO.name());
            Problems problems = scope.problems();
            if (!played && !fields.has(SERIES.name()) && !fields.isMisspelt()) {
                problems.add(fields.place(), "a test needs one of the keys series, scenario");
            }
            for (Key<?> key : List.of(SERIES, HOST, KERNEL, INTERVAL, MEMORY)) {
                if (played && fields.has(key.name())) {
                    problems.add(
                            fields.place(key.name()),
                            "with a scenario it is the model that says this; leave %s out".formatted(key.name()));
                }
            }
            List<Expected> expected = new ArrayList<>(fields.get(EXPECT, scope));
            expected.addAll(fields.get(ALWAYS, scope));
            expected.addAll(fields.get(NEVER, scope));
            if (Stream.of(EXPECT, ALWAYS, NEVER).noneMatch(key -> fields.has(key.name())) && !fields.isMisspelt()) {
                problems.add(fields.place(), "a test needs one of the keys expect, always, never");
            }
            return new Draft(
                    fields.get(NAME, scope),
                    fields.place(NAME.name()),
                    played,
                    fields.get(SCENARIO, scope).map(path -> new Reference(path, fields.place(SCENARIO.name()))),
                    fields.get(MEMORY, scope),
                    fields.get(INTERVAL, scope),
                    fields.get(SERIES, scope),
                    fields.get(HOST, scope),
                    fields.get(KERNEL, scope),
                    fields.get(DURATION, scope),
                    List.copyOf(expected));
        }
    }

    private static final Key<Long> VERSION = Key.required("version", Kinds.version(), 1L, "Of this format.");
    private static final Key<List<Reference>> POLICIES = Key.required(
            "policies",
            Kinds.oneOrSome(reference()),
            List.of(),
            "The policy files that are tested, relative to this one: all their policies run together, under the workqueue of the first"
                    + " file.");
    private static final Key<List<Draft>> TESTS =
            Key.required("tests", Kinds.someOf(One.KIND), List.of(), "At least one; each begins anew, at time 0.");

    static final Kind<Written> FILE =
            Kinds.mapping(new Shape("a file of policy tests", List.of(VERSION, POLICIES, TESTS)), PolicyTestKeys::file);

    private static Written file(Fields fields, FileScope scope) {
        fields.get(VERSION, scope);
        return new Written(fields.get(POLICIES, scope), fields.get(TESTS, scope));
    }

    private static Kind<Reference> reference() {
        return Kinds.of(
                (node, what, scope) -> new Reference(scope.values().text(node, what), place(node, scope)),
                Kinds.text().schema());
    }

    private static Kind<Range> range(Unit unit) {
        // Never out of a reader whole: where there is no range there is a problem.
        return Kinds.of(
                (node, what, scope) -> {
                    @Nullable Range range = RangeReader.read(node, what, unit, scope.host(), scope.problems());
                    return range == null ? Range.atLeast(0) : range;
                },
                Kinds.schema("type", List.of("string", "number"), "minLength", 1));
    }

    /** {@code signals}: what values they are to have. */
    private static Kind<List<Claim>> values() {
        return bySignal(
                Optional.empty(), Kinds.schema("type", List.of("string", "number"), "minLength", 1), (entry, scope) -> {
                    @Nullable Signal signal = signal(entry.key(), scope, null);
                    @Nullable
                    Range range = signal == null
                            ? null
                            : RangeReader.read(
                                    entry.value(), signal.dotted(), signal.unit(), scope.host(), scope.problems());
                    return signal == null || range == null
                            ? Optional.empty()
                            : Optional.of(new Claim.Value(place(entry.key(), scope), signal, range));
                });
    }

    private static <T> Kind<List<T>> bySignal(
            Optional<Scope> whose,
            Map<String, Object> value,
            BiFunction<Entry, FileScope, Optional<? extends T>> read) {
        List<Map<String, Object>> names = Stream.of(Scope.values())
                .filter(scope -> whose.map(scope::equals).orElse(true))
                .map(PolicyTestKeys::names)
                .toList();
        return Kinds.of(
                (node, what, scope) -> {
                    if (!(node instanceof Mapping mapping)) {
                        scope.problems()
                                .add(node, "%s is a mapping from signals, but here is %s".formatted(what, node.kind()));
                        return List.of();
                    }
                    if (mapping.entries().isEmpty()) {
                        scope.problems().add(node, what + " is empty; it needs at least one signal");
                    }
                    List<T> values = new ArrayList<>();
                    mapping.entries().forEach(entry -> read.apply(entry, scope).ifPresent(values::add));
                    return List.copyOf(values);
                },
                Kinds.schema(
                        "type",
                        "object",
                        "minProperties",
                        1,
                        "propertyNames",
                        names.size() == 1 ? names.getFirst() : Kinds.schema("anyOf", names),
                        "additionalProperties",
                        value));
    }

    /** {@code host}. */
    private static Kind<Map<Signal, Series>> hostSeries() {
        Kind<List<Map.Entry<Signal, Series>>> each =
                bySignal(Optional.of(Scope.HOST), seriesSchema(), (entry, scope) -> series(entry, Scope.HOST, scope));
        return Kinds.of((node, what, scope) -> byKey(each.read(node, what, scope)), each.schema());
    }

    private static Map<Signal, Series> byKey(List<Map.Entry<Signal, Series>> entries) {
        Map<Signal, Series> series = new LinkedHashMap<>();
        entries.forEach(entry -> series.put(entry.getKey(), entry.getValue()));
        return series;
    }

    /** What the schema has once, and refers to where it is meant. */
    static Map<String, Object> definitions() {
        return Kinds.schema(
                "series",
                Kinds.schema(
                        "anyOf",
                        List.of(
                                Kinds.schema("type", "string", "pattern", "^\\s*" + ITEM + "(\\s+" + ITEM + ")*\\s*$"),
                                Kinds.schema("type", "number", "minimum", 0))),
                definition(Scope.CGROUP),
                Kinds.schema("enum", readable(Scope.CGROUP)),
                definition(Scope.HOST),
                Kinds.schema("enum", readable(Scope.HOST)));
    }

    private static String definition(Scope scope) {
        return scope == Scope.HOST ? "hostSignal" : "cgroupSignal";
    }

    private static Map<String, Object> names(Scope scope) {
        return Kinds.schema("$ref", "#/$defs/" + definition(scope));
    }

    /** The names of the signals that are read; the others are computed. */
    private static List<String> readable(Scope scope) {
        return Signal.all().stream()
                .filter(signal -> !signal.derived() && signal.scope() == scope)
                .flatMap(signal -> signal.names().stream())
                .toList();
    }

    private static Map<String, Object> seriesSchema() {
        return Kinds.schema("$ref", "#/$defs/series");
    }

    private static Optional<Map.Entry<Signal, Series>> series(Entry entry, Scope whose, FileScope scope) {
        @Nullable Signal signal = signal(entry.key(), scope, whose);
        if (signal == null) {
            return Optional.empty();
        }
        @Nullable
        Series series =
                SeriesReader.read(entry.value(), signal.dotted(), signal.unit(), scope.host(), scope.problems());
        return series == null ? Optional.empty() : Optional.of(Map.entry(signal, series));
    }

    /**
     * The signal of that name, or null.
     *
     * @param whose null for either
     */
    private static @Nullable Signal signal(YamlNode.Scalar key, FileScope scope, @Nullable Scope whose) {
        @Nullable Signal signal = Signal.named(key.text());
        Problems problems = scope.problems();
        if (signal == null) {
            problems.add(key, Words.unknownSignal(key.text(), List.of()));
        } else if (signal.derived()) {
            problems.add(
                    key,
                    "%s is computed from %s; say what those are"
                            .formatted(
                                    signal,
                                    String.join(
                                            ", ",
                                            signal.parts().stream()
                                                    .map(Signal::dotted)
                                                    .toList())));
        } else if (whose != null && signal.scope() != whose) {
            problems.add(
                    key,
                    whose == Scope.HOST
                            ? "%s is a cgroup's; it belongs under series".formatted(signal)
                            : "%s is the host's; it belongs under host".formatted(signal));
        } else {
            return signal;
        }
        return null;
    }

    private static final String APPEARS = "appears";
    private static final String GONE = "gone";

    /** {@code series}. */
    private static Kind<List<ScriptedCgroup>> cgroups() {
        Map<String, Object> times = Kinds.oneOrSome(Expecting.TIME).schema();
        Map<String, Object> appears = new LinkedHashMap<>();
        appears.put(
                "description",
                "When the cgroup is made: one time or, for one that comes back, several; the start unless given.");
        appears.putAll(times);
        Map<String, Object> gone = new LinkedHashMap<>();
        gone.put("description", "When the cgroup is removed: one time, or several; never unless given.");
        gone.putAll(times);
        Map<String, Object> one = Kinds.schema(
                "type",
                "object",
                "propertyNames",
                Kinds.schema("anyOf", List.of(Kinds.schema("enum", List.of(APPEARS, GONE)), names(Scope.CGROUP))),
                "properties",
                Kinds.schema(APPEARS, appears, GONE, gone),
                "additionalProperties",
                seriesSchema());
        return Kinds.of(
                PolicyTestKeys::cgroups,
                Kinds.schema("type", "object", "minProperties", 1, "additionalProperties", one));
    }

    private static List<ScriptedCgroup> cgroups(YamlNode node, String what, FileScope scope) {
        if (!(node instanceof Mapping mapping)) {
            scope.problems()
                    .add(node, "%s is a mapping from paths of cgroups, but here is %s".formatted(what, node.kind()));
            return List.of();
        }
        if (mapping.entries().isEmpty()) {
            scope.problems().add(node, what + " is empty; it needs at least one cgroup");
        }
        List<ScriptedCgroup> cgroups = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            if (Signal.named(entry.key().text()) != null) {
                scope.problems()
                        .add(
                                entry.key(),
                                "here is the path of a cgroup, and below it its signals; %s is a signal"
                                        .formatted(Shown.quoted(entry.key().text())));
                continue;
            }
            cgroups.add(cgroup(scope.values().path(entry.key()), entry, scope));
        }
        return List.copyOf(cgroups);
    }

    private static ScriptedCgroup cgroup(String path, Entry entry, FileScope scope) {
        Map<Signal, Series> series = new LinkedHashMap<>();
        List<Duration> appears = List.of(Duration.ZERO);
        List<Duration> gone = List.of();
        YamlNode goneNode = entry.key();
        if (entry.value() instanceof Mapping mapping) {
            for (Entry inner : mapping.entries()) {
                switch (inner.key().text()) {
                    case APPEARS -> appears = times(inner, scope);
                    case GONE -> {
                        gone = times(inner, scope);
                        goneNode = inner.value();
                    }
                    default -> put(series, inner, scope);
                }
            }
        } else {
            scope.problems()
                    .add(
                            entry.value(),
                            "a cgroup is a mapping from signals to series, but here is %s"
                                    .formatted(entry.value().kind()));
        }
        return new ScriptedCgroup(
                place(entry.key(), scope), path, series, lives(appears, gone, goneNode, scope.problems()));
    }

    private static void put(Map<Signal, Series> series, Entry entry, FileScope scope) {
        series(entry, Scope.CGROUP, scope).ifPresent(read -> {
            if (series.putIfAbsent(read.getKey(), read.getValue()) != null) {
                scope.problems()
                        .add(
                                entry.key(),
                                "%s is %s, which is here already"
                                        .formatted(Shown.quoted(entry.key().text()), read.getKey()));
            }
        });
    }

    private static List<Duration> times(Entry entry, FileScope scope) {
        return Kinds.oneOrSome(Expecting.TIME).read(entry.value(), entry.key().text(), scope);
    }

    /** Appearing and going take turns, each later than the one before. */
    private static List<Life> lives(List<Duration> appears, List<Duration> gone, YamlNode node, Problems problems) {
        List<Life> lives = new ArrayList<>();
        Duration last = Duration.ofNanos(-1);
        for (int i = 0; i < appears.size(); i++) {
            Duration begin = appears.get(i);
            Optional<Duration> end = i < gone.size() ? Optional.of(gone.get(i)) : Optional.empty();
            boolean turns = begin.compareTo(last) > 0
                    && end.map(it -> it.compareTo(begin) > 0).orElse(i == appears.size() - 1);
            if (!turns) {
                break;
            }
            lives.add(new Life(begin, end));
            last = end.orElse(begin);
        }
        if (lives.size() < appears.size() || gone.size() > appears.size()) {
            problems.add(
                    node,
                    "appears and gone take turns, each time later than the one before, as in appears: [0s, 30s], gone: [20s]");
        }
        return lives;
    }

    private static Span place(YamlNode node, FileScope scope) {
        return scope.problems().source().span(node.start(), node.end());
    }
}
