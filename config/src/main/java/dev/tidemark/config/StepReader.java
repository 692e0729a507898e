package dev.tidemark.config;

import dev.tidemark.config.Scenario.Access;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.YamlNode.Mapping;
import dev.tidemark.config.YamlNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the steps of workloads, and checks that what they use is there. */
final class StepReader {
    private static final List<String> KINDS = List.of(
            "write",
            "append",
            "sync",
            "read",
            "allocate",
            "grow",
            "touch",
            "free",
            "remove",
            "sleep",
            "reclaim",
            "repeat");
    private static final long DEFAULT_CHUNK = 4096;
    private static final long MAX_CHUNK = 1L << 30;
    private static final Duration SHORTEST = Duration.ofNanos(1_000);
    private static final Duration LONGEST = Duration.ofDays(366);

    private record Use(String file, YamlNode node) {}

    private final Problems problems;
    private final Values values;
    private final Function<YamlNode, String> listedCgroup;

    /** Files are shared by all workloads, so they can only be checked when all are read. */
    private final Set<String> written = new HashSet<>();

    private final List<Use> uses = new ArrayList<>();

    /** Memory belongs to its process. */
    private final Set<String> allocated = new HashSet<>();

    /**
     * @param listedCgroup reads one cgroup, which has to be listed
     */
    StepReader(Problems problems, Values values, Function<YamlNode, String> listedCgroup) {
        this.problems = problems;
        this.values = values;
        this.listedCgroup = listedCgroup;
    }

    void nextWorkload() {
        allocated.clear();
    }

    void checkFiles() {
        for (Use use : uses) {
            if (!use.file.isEmpty() && written.stream().noneMatch(file -> names(file, use.file))) {
                problems.add(use.node, "no workload writes the file " + Shown.quoted(use.file));
            }
        }
    }

    /** Whether a name as it is written in the file stands for another, {@code #} for any number. */
    private static boolean names(String file, String used) {
        return file.equals(used)
                || (file.contains("#")
                        && used.matches(Stream.of(file.split("#", -1))
                                .map(Pattern::quote)
                                .reduce((a, b) -> a + "[1-9][0-9]*" + b)
                                .orElse("")));
    }

    List<Step> steps(YamlNode node) {
        return Fields.someOf(node, problems, "steps", this::step);
    }

    private Step step(YamlNode node) {
        Fields fields = Fields.of(node, problems, "a step", KINDS);
        List<String> kinds = KINDS.stream().filter(fields::has).toList();
        if (kinds.size() != 1) {
            if (node instanceof Mapping mapping
                    && (kinds.size() > 1 || mapping.entries().isEmpty())) {
                problems.add(node, "a step has exactly one of the keys " + String.join(", ", KINDS));
            }
            return new Step.Sleep(Duration.ZERO);
        }
        return fields.required(kinds.getFirst(), it -> step(kinds.getFirst(), it), new Step.Sleep(Duration.ZERO));
    }

    private Step step(String kind, YamlNode node) {
        return switch (kind) {
            case "write", "append" -> write(kind, node);
            case "sync" -> new Step.Sync(file(node));
            case "read" -> read(node);
            case "allocate", "grow" -> allocate(kind, node);
            case "touch" -> touch(node);
            case "free" -> new Step.Free(memory(node));
            case "remove" -> new Step.Remove(file(node));
            case "sleep" -> sleep(node);
            case "reclaim" -> reclaim(node);
            default -> repeat(node);
        };
    }

    private Step write(String kind, YamlNode node) {
        Fields fields = Fields.of(node, problems, kind, List.of("file", "size", "rate", "chunk"));
        String file = fields.required("file", it -> values.text(it, "file"), "");
        written.add(file);
        long bytes = size(fields);
        double rate = rate(fields);
        long chunk = fields.optional("chunk", it -> values.bytes(it, "chunk", 1, MAX_CHUNK), DEFAULT_CHUNK);
        return kind.equals("write")
                ? new Step.Write(file, bytes, rate, chunk)
                : new Step.Append(file, bytes, rate, chunk);
    }

    private Step read(YamlNode node) {
        Fields fields = Fields.of(
                node, problems, "read", List.of("file", "via", "window", "shift", "pattern", "rate", "times", "for"));
        return new Step.Read(
                fields.required("file", this::file, ""),
                access(fields),
                fields.optional("via", it -> word(it, "via", Step.Read.Via.values()), Step.Read.Via.MMAP));
    }

    private Step allocate(String kind, YamlNode node) {
        Fields fields = Fields.of(node, problems, kind, List.of("name", "size", "rate"));
        String name = fields.required("name", it -> values.name(it, "a name of memory"), "");
        allocated.add(name);
        long bytes = size(fields);
        double rate = rate(fields);
        return kind.equals("allocate") ? new Step.Allocate(name, bytes, rate) : new Step.Grow(name, bytes, rate);
    }

    private Step touch(YamlNode node) {
        Fields fields = Fields.of(
                node, problems, "touch", List.of("name", "window", "shift", "pattern", "rate", "times", "for"));
        return new Step.Touch(fields.required("name", this::memory, ""), access(fields));
    }

    private Access access(Fields fields) {
        long window = fields.optional("window", it -> values.bytes(it, "window", 1, Long.MAX_VALUE), Access.WHOLE);
        Duration dwell = fields.optional("for", it -> values.duration(it, "for", SHORTEST, LONGEST), Access.FOREVER);
        return new Access(
                window,
                fields.optional("shift", it -> values.bytes(it, "shift", 1, Long.MAX_VALUE), window),
                fields.optional("pattern", it -> word(it, "pattern", Access.Order.values()), Access.Order.SEQUENTIAL),
                rate(fields),
                times(fields, fields.has("for") ? Integer.MAX_VALUE : 1),
                dwell);
    }

    private Step sleep(YamlNode node) {
        if (!(node instanceof Mapping)) {
            return new Step.Sleep(values.duration(node, "sleep", Duration.ZERO, LONGEST));
        }
        Fields fields = Fields.of(node, problems, "sleep", List.of("from", "to"));
        Duration from =
                fields.required("from", it -> values.duration(it, "from", Duration.ZERO, LONGEST), Duration.ZERO);
        return new Step.Sleep(from, fields.required("to", it -> values.duration(it, "to", from, LONGEST), LONGEST));
    }

    private Step reclaim(YamlNode node) {
        Fields fields = Fields.of(node, problems, "reclaim", List.of("cgroup", "size", "swappiness"));
        return new Step.Reclaim(
                fields.optional("cgroup", listedCgroup, ""),
                size(fields),
                fields.optional("swappiness", this::swappiness, Reclaim.DEFAULT_SWAPPINESS));
    }

    private int swappiness(YamlNode node) {
        if (node instanceof Scalar scalar && scalar.text().equals("max")) {
            return Reclaim.ANONYMOUS_ONLY;
        }
        if (node instanceof Scalar scalar && scalar.text().equals("default")) {
            return Reclaim.DEFAULT_SWAPPINESS;
        }
        return (int) values.whole(node, "swappiness", "default, max, or a whole number from 0 to 200", 0, 200);
    }

    private Step repeat(YamlNode node) {
        Fields fields = Fields.of(node, problems, "repeat", List.of("times", "for", "every", "steps"));
        return new Step.Repeat(
                times(fields, Integer.MAX_VALUE),
                fields.optional("for", it -> values.duration(it, "for", SHORTEST, LONGEST), Access.FOREVER),
                fields.optional("every", it -> values.duration(it, "every", SHORTEST, LONGEST), Duration.ZERO),
                fields.required("steps", this::steps, List.of()));
    }

    private long size(Fields fields) {
        return fields.required("size", it -> values.bytes(it, "size", 1, Long.MAX_VALUE), 1L);
    }

    private double rate(Fields fields) {
        return fields.optional("rate", it -> values.byteRate(it, "rate"), Double.POSITIVE_INFINITY);
    }

    private int times(Fields fields, int fallback) {
        return fields.optional("times", it -> (int) values.whole(it, "times", 1, Integer.MAX_VALUE), fallback);
    }

    private <E extends Enum<E>> E word(YamlNode node, String what, E[] constants) {
        List<String> words = Stream.of(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        return constants[words.indexOf(values.word(node, what, words))];
    }

    private String file(YamlNode node) {
        String file = values.text(node, "file");
        uses.add(new Use(file, node));
        return file;
    }

    private String memory(YamlNode node) {
        String name = values.name(node, "a name of memory");
        if (!name.isEmpty() && !allocated.contains(name)) {
            problems.add(node, "this workload does not allocate " + Shown.quoted(name) + " before");
        }
        return name;
    }
}
