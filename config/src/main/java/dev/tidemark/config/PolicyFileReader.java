package dev.tidemark.config;

import dev.tidemark.config.Reclaim.Law;
import dev.tidemark.config.YamlNode.Scalar;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads policy files: which keys there are, what they hold and what holds between them. */
final class PolicyFileReader {
    private static final Span NOWHERE = new Span(1, 1, 1);

    /** Where a condition cannot be read. */
    private static final Expr NO_CONDITION = new Expr.Comparison(
            Expr.Relation.LESS,
            new Expr.SignalRef(Signal.USAGE, NOWHERE),
            new Expr.SignalRef(Signal.USAGE, NOWHERE),
            NOWHERE);

    private static final List<String> LAWS = Stream.of(Law.values())
            .map(law -> law.name().toLowerCase(Locale.ROOT))
            .toList();

    private final Problems problems;
    private final Values values;
    private final HostMemory host;
    private final Map<String, YamlNode> names = new HashMap<>();

    private PolicyFileReader(Problems problems, HostMemory host) {
        this.problems = problems;
        this.values = new Values(problems, host);
        this.host = host;
    }

    static Checked<PolicyFile> read(String fileName, String text, HostMemory host) {
        Problems problems = new Problems(new SourceText(fileName, text));
        @Nullable YamlNode root = YamlReader.read(problems);
        return problems.finish(root == null ? null : new PolicyFileReader(problems, host).file(root));
    }

    private PolicyFile file(YamlNode node) {
        Fields fields = Fields.of(node, problems, "a policy file", List.of("version", "policies", "workqueue"));
        fields.required("version", values::version, 1L);
        return new PolicyFile(
                fields.required("policies", this::policies, List.of()),
                fields.optional("workqueue", this::workqueue, Workqueue.DEFAULT));
    }

    private Workqueue workqueue(YamlNode node) {
        Fields fields = Fields.of(node, problems, "workqueue", List.of("workers", "length"));
        return new Workqueue(
                fields.optional(
                        "workers",
                        it -> (int) values.whole(it, "workers", 1, Workqueue.MAX_WORKERS),
                        Workqueue.DEFAULT.workers()),
                fields.optional(
                        "length",
                        it -> (int) values.whole(it, "length", 1, Workqueue.MAX_LENGTH),
                        Workqueue.DEFAULT.length()));
    }

    private List<Policy> policies(YamlNode node) {
        return Fields.someOf(node, problems, "policies", this::policy);
    }

    private Policy policy(YamlNode node) {
        Fields fields = Fields.of(
                node,
                problems,
                "a policy",
                List.of("name", "cgroups", "exclude", "period", "start", "stop", "reclaim", "limits", "cooldown"));
        return new Policy(
                fields.required("name", this::name, ""),
                fields.required("cgroups", it -> Fields.someOf(it, problems, "cgroups", values::glob), List.of()),
                fields.optional("exclude", it -> Fields.list(it, problems, "exclude", values::glob), List.of()),
                fields.optional(
                        "period",
                        it -> values.duration(it, "period", Policy.MIN_PERIOD, Policy.MAX_PERIOD),
                        Policy.DEFAULT_PERIOD),
                fields.required("start", it -> values.truth(it, "start", NO_CONDITION), NO_CONDITION),
                fields.required("stop", it -> values.truth(it, "stop", NO_CONDITION), NO_CONDITION),
                fields.optional("reclaim", this::reclaim, Reclaim.DEFAULT),
                fields.optional("limits", this::limits, Limits.DEFAULT),
                fields.optional(
                        "cooldown",
                        it -> values.duration(it, "cooldown", Duration.ZERO, Policy.MAX_COOLDOWN),
                        Duration.ZERO));
    }

    private String name(YamlNode node) {
        String name = values.name(node, "a policy's name");
        @Nullable YamlNode first = names.putIfAbsent(name, node);
        if (first != null && !name.isEmpty()) {
            problems.add(
                    node,
                    "two policies are named %s; the other is in line %d"
                            .formatted(Shown.quoted(name), problems.source().line(first.start())));
        }
        return name;
    }

    private Reclaim reclaim(YamlNode node) {
        Fields fields = Fields.of(node, problems, "reclaim", List.of("law", "batch", "swappiness", "writeback"));
        String law = fields.optional("law", it -> values.word(it, "law", LAWS), LAWS.getFirst());
        return new Reclaim(
                Law.valueOf(law.toUpperCase(Locale.ROOT)),
                fields.optional(
                        "batch",
                        it -> values.bytes(it, "batch", host.pageSize(), Reclaim.MAX_BATCH_BYTES),
                        Reclaim.DEFAULT_BATCH_BYTES),
                fields.optional("swappiness", this::swappiness, Reclaim.DEFAULT_SWAPPINESS),
                fields.optional(
                        "writeback",
                        it -> values.bytes(it, "writeback", host.pageSize(), Reclaim.MAX_BATCH_BYTES),
                        Reclaim.NO_WRITEBACK));
    }

    private int swappiness(YamlNode node) {
        String word = node instanceof Scalar scalar ? scalar.text() : "";
        return switch (word) {
            case "default" -> Reclaim.DEFAULT_SWAPPINESS;
            case "max" -> Reclaim.ANONYMOUS_ONLY;
            default -> (int) values.whole(node, "swappiness", "default, max, or a whole number from 0 to 200", 0, 200);
        };
    }

    private Limits limits(YamlNode node) {
        Fields fields = Fields.of(node, problems, "limits", List.of("bytes", "floor", "deadline"));
        return new Limits(
                fields.optional("bytes", it -> values.byteRate(it, "bytes"), Limits.DEFAULT.bytesPerSecond()),
                fields.optional(
                        "floor", it -> values.bytes(it, "floor", 0, Long.MAX_VALUE), Limits.DEFAULT.floorBytes()),
                fields.optional(
                        "deadline",
                        it -> values.duration(it, "deadline", Limits.MIN_DEADLINE, Limits.MAX_DEADLINE),
                        Limits.DEFAULT_DEADLINE));
    }
}
