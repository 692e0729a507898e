package dev.tidemark.config;

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

/** The keys with which policy tests write down what a kernel says: cgroups with their series, and answers to requests to reclaim. */
final class ScriptKeys {
    private ScriptKeys() {}

    /** What a kernel answers. */
    static final class Answering {
        static final Key<List<CgroupGlob>> CGROUPS = Key.optional(
                "cgroups", Kinds.oneOrSome(Kinds.glob()), List.of(), "Whose requests; left out, those of all cgroups.");
        static final Key<Duration> FROM = Key.optional(
                "from", Kinds.duration(Duration.ZERO, PolicyTestKeys.LONGEST), Duration.ZERO, "When this begins.");
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
                Kinds.duration(KernelAnswer.LEAST, KernelAnswer.MOST),
                KernelAnswer.DEFAULT.takes(),
                "How long the kernel works on it. A request that is cancelled ends sooner and has taken nothing.");
        static final Key<Optional<Duration>> CPU = Key.optional(
                "cpu",
                Kinds.maybe(Kinds.duration(Duration.ZERO, KernelAnswer.MOST)),
                Optional.empty(),
                "How much of that is CPU; all of it unless said otherwise, which a kernel that waits for a disk does not need.");
        static final Key<Double> SWAPS = Key.optional(
                "swaps",
                Kinds.shareOrNone(),
                KernelAnswer.DEFAULT.swaps(),
                "Share of what is taken that goes to swap.");
        static final Kind<KernelAnswer> KIND = Kinds.mapping(
                new Shape("kernel", List.of(CGROUPS, FROM, ANSWER, FREES, TAKES, CPU, SWAPS)), Answering::read);

        private static KernelAnswer read(Fields fields, FileScope scope) {
            Answer answer = fields.get(ANSWER, scope);
            Optional<Double> frees = fields.get(FREES, scope);
            if (frees.isPresent() && (answer == Answer.REFUSED || answer == Answer.STUCK)) {
                scope.problems()
                        .add(fields.place(FREES.name()), "what is refused or stuck frees nothing; leave it out");
            }
            Duration takes = fields.get(TAKES, scope);
            Duration cpu = fields.get(CPU, scope).orElse(takes);
            if (cpu.compareTo(takes) > 0) {
                scope.problems()
                        .add(
                                fields.place(CPU.name()),
                                "one thread works on a request, so its CPU cannot be more than takes");
            }
            return new KernelAnswer(
                    fields.get(CGROUPS, scope),
                    fields.get(FROM, scope),
                    answer,
                    frees.orElse(answer == Answer.SUCCESS ? 1.0 : 0.0),
                    takes,
                    cpu,
                    fields.get(SWAPS, scope));
        }
    }

    private static final String APPEARS = "appears";
    private static final String GONE = "gone";

    /** {@code series}. */
    static Kind<List<ScriptedCgroup>> cgroups() {
        Map<String, Object> times = Kinds.oneOrSome(ExpectationKeys.TIME).schema();
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
                Kinds.schema(
                        "anyOf",
                        List.of(Kinds.schema("enum", List.of(APPEARS, GONE)), SignalKinds.names(Scope.CGROUP))),
                "properties",
                Kinds.schema(APPEARS, appears, GONE, gone),
                "additionalProperties",
                SignalKinds.seriesSchema());
        return Kinds.of(
                ScriptKeys::cgroups, Kinds.schema("type", "object", "minProperties", 1, "additionalProperties", one));
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
        SignalKinds.series(entry, Scope.CGROUP, scope).ifPresent(read -> {
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
        return Kinds.oneOrSome(ExpectationKeys.TIME)
                .read(entry.value(), entry.key().text(), scope);
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
