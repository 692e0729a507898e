package dev.tidemark.config;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.YamlNode.Mapping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the steps of workloads, and checks that what they use is there. */
final class StepReader {
    private static final List<String> KINDS = List.of("write", "read", "allocate", "touch", "free", "remove", "sleep");
    private static final long DEFAULT_CHUNK = 4096;
    private static final long MAX_CHUNK = 1L << 30;
    private static final Duration MAX_SLEEP = Duration.ofDays(366);

    private record Use(String file, YamlNode node) {}

    private final Problems problems;
    private final Values values;

    /** Files are shared by all workloads, so they can only be checked when all are read. */
    private final Set<String> written = new HashSet<>();

    private final List<Use> uses = new ArrayList<>();

    /** Memory belongs to its workload. */
    private final Set<String> allocated = new HashSet<>();

    StepReader(Problems problems, Values values) {
        this.problems = problems;
        this.values = values;
    }

    void nextWorkload() {
        allocated.clear();
    }

    void checkFiles() {
        for (Use use : uses) {
            if (!use.file.isEmpty() && !written.contains(use.file)) {
                problems.add(use.node, "no workload writes the file " + Shown.quoted(use.file));
            }
        }
    }

    Step step(YamlNode node) {
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
            case "write" -> write(node);
            case "read" -> read(node);
            case "allocate" -> allocate(node);
            case "touch" -> touch(node);
            case "free" -> new Step.Free(memory(node));
            case "remove" -> new Step.Remove(file(node));
            default -> new Step.Sleep(values.duration(node, "sleep", Duration.ZERO, MAX_SLEEP));
        };
    }

    private Step write(YamlNode node) {
        Fields fields = Fields.of(node, problems, "write", List.of("file", "size", "rate", "chunk"));
        String file = fields.required("file", it -> values.text(it, "file"), "");
        written.add(file);
        return new Step.Write(
                file,
                fields.required("size", it -> values.bytes(it, "size", 1, Long.MAX_VALUE), 1L),
                rate(fields),
                fields.optional("chunk", it -> values.bytes(it, "chunk", 1, MAX_CHUNK), DEFAULT_CHUNK));
    }

    private Step read(YamlNode node) {
        Fields fields = Fields.of(node, problems, "read", List.of("file", "rate", "times"));
        return new Step.Read(fields.required("file", this::file, ""), rate(fields), times(fields));
    }

    private Step allocate(YamlNode node) {
        Fields fields = Fields.of(node, problems, "allocate", List.of("name", "size", "rate"));
        String name = fields.required("name", it -> values.name(it, "a name of memory"), "");
        allocated.add(name);
        return new Step.Allocate(
                name, fields.required("size", it -> values.bytes(it, "size", 1, Long.MAX_VALUE), 1L), rate(fields));
    }

    private Step touch(YamlNode node) {
        Fields fields = Fields.of(node, problems, "touch", List.of("name", "rate", "times"));
        return new Step.Touch(fields.required("name", this::memory, ""), rate(fields), times(fields));
    }

    private double rate(Fields fields) {
        return fields.optional("rate", it -> values.byteRate(it, "rate"), Double.POSITIVE_INFINITY);
    }

    private int times(Fields fields) {
        return fields.optional("times", it -> (int) values.whole(it, "times", 1, Integer.MAX_VALUE), 1);
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
