package dev.tidemark.config;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the workloads of a scenario: each as many processes as it has in all its cgroups. */
final class WorkloadReader {
    private static final int MAX_PROCESSES = 10_000;

    private final Problems problems;
    private final Values values;
    private final CgroupReader cgroups;
    private final StepReader steps;
    private final Map<String, YamlNode> names = new HashMap<>();
    private int processes;

    WorkloadReader(Problems problems, Values values, CgroupReader cgroups) {
        this.problems = problems;
        this.values = values;
        this.cgroups = cgroups;
        steps = new StepReader(problems, values, cgroups::listedOne);
    }

    List<WorkloadSpec> workloads(YamlNode node) {
        Fields fields = Fields.of(
                node,
                problems,
                "a workload",
                List.of("cgroup", "name", "processes", "start", "stop", "repeat", "steps"));
        steps.nextWorkload();
        List<String> paths = fields.required("cgroup", cgroups::listed, List.of());
        String name = fields.required("name", this::name, "");
        int each = fields.optional("processes", it -> (int) values.whole(it, "processes", 1, MAX_PROCESSES), 1);
        Duration start = fields.optional("start", it -> instant(it, "start", Duration.ZERO), Duration.ZERO);
        Duration stop = fields.optional("stop", it -> instant(it, "stop", start), WorkloadSpec.NEVER);
        int repeat = fields.optional("repeat", it -> (int) values.whole(it, "repeat", 1, Integer.MAX_VALUE), 1);
        List<Step> all = fields.required("steps", steps::steps, List.of());

        int count = paths.size() * each;
        if (processes <= MAX_PROCESSES && processes + (long) count > MAX_PROCESSES) {
            problems.add(node, "with this workload there are more than " + MAX_PROCESSES + " processes");
        }
        processes += count;
        List<WorkloadSpec> specs = new ArrayList<>();
        for (String path : processes > MAX_PROCESSES ? List.<String>of() : paths) {
            for (int i = 0; i < each; i++) {
                int number = specs.size() + 1;
                specs.add(new WorkloadSpec(
                        path,
                        count == 1 ? name : name + "/" + number,
                        start,
                        stop,
                        repeat,
                        Numbered.steps(all, number, path)));
            }
        }
        return specs;
    }

    void checkFiles() {
        steps.checkFiles();
    }

    private Duration instant(YamlNode node, String what, Duration min) {
        return values.duration(node, what, min, ScenarioReader.MAX_DURATION);
    }

    private String name(YamlNode node) {
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
