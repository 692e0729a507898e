package dev.tidemark.config;

import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads scenario files: which keys there are, what they hold and what holds between them. */
final class ScenarioReader {
    private static final Duration MAX_DURATION = Duration.ofDays(366);
    private final Problems problems;
    private final Map<String, YamlNode> paths = new HashMap<>();
    private final Map<String, YamlNode> names = new HashMap<>();

    private ScenarioReader(Problems problems) {
        this.problems = problems;
    }

    static Checked<Scenario> read(String fileName, String text) {
        Problems problems = new Problems(new SourceText(fileName, text));
        @Nullable YamlNode root = YamlReader.read(problems);
        return problems.finish(root == null ? null : new ScenarioReader(problems).scenario(root));
    }

    private Scenario scenario(YamlNode node) {
        Fields fields = Fields.of(
                node, problems, "a scenario", List.of("version", "seed", "duration", "host", "cgroups", "workloads"));
        Values plain = new Values(problems, new HostMemory(1, HostReader.PAGE_SIZE));
        fields.required("version", plain::version, 1L);
        HostSpec host = fields.required("host", new HostReader(problems)::host, HostReader.STAND_IN);
        Values values = new Values(problems, new HostMemory(host.memoryBytes(), HostReader.PAGE_SIZE));
        StepReader steps = new StepReader(problems, values);
        Scenario scenario = new Scenario(
                host,
                fields.optional("seed", it -> values.whole(it, "seed", Long.MIN_VALUE, Long.MAX_VALUE), 1L),
                fields.required(
                        "duration",
                        it -> values.duration(it, "duration", Duration.ofMillis(1), MAX_DURATION),
                        MAX_DURATION),
                fields.required(
                        "cgroups",
                        it -> Fields.someOf(it, problems, "cgroups", item -> cgroup(item, values)),
                        List.of()),
                fields.required(
                        "workloads",
                        it -> Fields.someOf(it, problems, "workloads", item -> workload(item, values, steps)),
                        List.of()));
        steps.checkFiles();
        return scenario;
    }

    private CgroupSpec cgroup(YamlNode node, Values values) {
        Fields fields = Fields.of(node, problems, "a cgroup", List.of("path", "max", "high", "low", "min", "swap_max"));
        return new CgroupSpec(
                fields.required("path", it -> path(it, values), ""),
                fields.optional("max", it -> values.bytesOrMax(it, "max", 0), Long.MAX_VALUE),
                fields.optional("high", it -> values.bytesOrMax(it, "high", 0), Long.MAX_VALUE),
                fields.optional("low", it -> values.bytesOrMax(it, "low", 0), 0L),
                fields.optional("min", it -> values.bytesOrMax(it, "min", 0), 0L),
                fields.optional("swap_max", it -> values.bytesOrMax(it, "swap_max", 0), Long.MAX_VALUE));
    }

    private String path(YamlNode node, Values values) {
        String path = values.path(node);
        @Nullable YamlNode first = paths.putIfAbsent(path, node);
        if (first != null && !path.isEmpty()) {
            problems.add(
                    node,
                    "the cgroup %s is here twice; it is already in line %d"
                            .formatted(Shown.quoted(path), problems.source().line(first.start())));
        }
        return path;
    }

    private WorkloadSpec workload(YamlNode node, Values values, StepReader steps) {
        Fields fields = Fields.of(node, problems, "a workload", List.of("cgroup", "name", "start", "repeat", "steps"));
        steps.nextWorkload();
        return new WorkloadSpec(
                fields.required("cgroup", it -> listedCgroup(it, values), ""),
                fields.required("name", it -> name(it, values), ""),
                fields.optional(
                        "start", it -> values.duration(it, "start", Duration.ZERO, MAX_DURATION), Duration.ZERO),
                fields.optional("repeat", it -> (int) values.whole(it, "repeat", 1, Integer.MAX_VALUE), 1),
                fields.required("steps", it -> Fields.someOf(it, problems, "steps", steps::step), List.of()));
    }

    private String listedCgroup(YamlNode node, Values values) {
        String path = values.path(node);
        if (!path.isEmpty() && !paths.containsKey(path)) {
            problems.add(
                    node,
                    "the cgroup %s is not listed under cgroups%s"
                            .formatted(Shown.quoted(path), Nearest.hint(path, "listed", paths.keySet())));
        }
        return path;
    }

    private String name(YamlNode node, Values values) {
        String name = values.name(node, "a workload's name");
        @Nullable YamlNode first = names.putIfAbsent(name, node);
        if (first != null && !name.isEmpty()) {
            problems.add(
                    node,
                    "two workloads are named %s; the other is in line %d"
                            .formatted(Shown.quoted(name), problems.source().line(first.start())));
        }
        return name;
    }
}
