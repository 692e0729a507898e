package dev.tidemark.testkit;

import dev.tidemark.config.Scenario;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A scenario in Java, key by key that of docs/model.md: {@link #yaml} shows the file that it is, and {@link #scenario} reads that, so
 * that the same is checked and the same things are said of what is wrong.
 *
 * <p>What {@link CgroupBuilder#max} and its like return goes on with the cgroup, what {@link WorkloadBuilder#writes} and its like return
 * with the step; {@code cgroup}, {@code workload} and {@code lasts} begin the next part. Every key without a method of its own is set
 * by {@code with}. <b>Thread:</b> one; a builder is changed by its methods.
 */
public sealed class ScenarioBuilder permits CgroupBuilder, WorkloadBuilder {

    /** Values that stand for themselves in YAML. */
    private static final String PLAIN = "[A-Za-z0-9][A-Za-z0-9._/%+-]*";

    final Draft draft;

    ScenarioBuilder(Draft draft) {
        this.draft = draft;
    }

    /** What has been said so far; values are YAML. */
    static final class Draft {
        final Map<String, String> top = new LinkedHashMap<>();
        final Map<String, String> host = new LinkedHashMap<>();
        final List<Map<String, String>> cgroups = new ArrayList<>();
        final List<Workload> workloads = new ArrayList<>();

        Draft(String memory) {
            top.put("version", "1");
            host.put("memory", quoted(memory));
        }

        Map<String, String> cgroup(String path) {
            for (Map<String, String> cgroup : cgroups) {
                if (quoted(path).equals(cgroup.get("path"))) {
                    return cgroup;
                }
            }
            Map<String, String> made = new LinkedHashMap<>();
            made.put("path", quoted(path));
            cgroups.add(made);
            return made;
        }
    }

    /** A workload's own keys, and its steps. */
    record Workload(Map<String, String> keys, List<Step> steps) {}

    /** One step: what it does, and its keys; without keys it is a single value. */
    record Step(String kind, String value, Map<String, String> keys) {
        String yaml() {
            return "{ " + kind + ": " + (keys.isEmpty() ? value : flow(keys)) + " }";
        }
    }

    /** Processors, 1 if nothing is said. */
    public final ScenarioBuilder cpus(int cpus) {
        draft.host.put("cpus", Integer.toString(cpus));
        return new ScenarioBuilder(draft);
    }

    /** Swap of the host, none if nothing is said. */
    public final ScenarioBuilder swap(String size) {
        draft.host.put("swap", quoted(size));
        return new ScenarioBuilder(draft);
    }

    /**
     * A key of {@code host}.
     *
     * @param yaml its value as YAML
     */
    public final ScenarioBuilder host(String key, String yaml) {
        draft.host.put(key, yaml);
        return new ScenarioBuilder(draft);
    }

    /** Of all randomness, 1 if nothing is said. */
    public final ScenarioBuilder seed(long seed) {
        draft.top.put("seed", Long.toString(seed));
        return new ScenarioBuilder(draft);
    }

    /** How long it is played at most; must be said. */
    public final ScenarioBuilder lasts(String duration) {
        draft.top.put("duration", quoted(duration));
        return new ScenarioBuilder(draft);
    }

    /** Goes on with the cgroup at this path, which is made when it is new. */
    public final CgroupBuilder cgroup(String path) {
        return new CgroupBuilder(draft, draft.cgroup(path));
    }

    /**
     * Goes on with a new task.
     *
     * @param cgroup that it runs in; one that was not mentioned has no limits
     */
    public final WorkloadBuilder workload(String name, String cgroup) {
        draft.cgroup(cgroup);
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("cgroup", quoted(cgroup));
        keys.put("name", quoted(name));
        Workload workload = new Workload(keys, new ArrayList<>());
        draft.workloads.add(workload);
        return new WorkloadBuilder(draft, workload);
    }

    /** The file that this is. */
    public final String yaml() {
        StringBuilder yaml = new StringBuilder();
        draft.top.forEach(
                (key, value) -> yaml.append(key).append(": ").append(value).append('\n'));
        yaml.append("host: ").append(flow(draft.host)).append('\n');
        yaml.append("cgroups:\n");
        draft.cgroups.forEach(cgroup -> yaml.append("  - ").append(flow(cgroup)).append('\n'));
        yaml.append("workloads:\n");
        for (Workload workload : draft.workloads) {
            String start = "  - ";
            for (Map.Entry<String, String> key : workload.keys().entrySet()) {
                yaml.append(start)
                        .append(key.getKey())
                        .append(": ")
                        .append(key.getValue())
                        .append('\n');
                start = "    ";
            }
            yaml.append("    steps:\n");
            workload.steps()
                    .forEach(step -> yaml.append("      - ").append(step.yaml()).append('\n'));
        }
        return yaml.toString();
    }

    /**
     * The scenario.
     *
     * @throws IllegalArgumentException with all problems, each with its place in {@link #yaml}
     */
    public final Scenario scenario() {
        return Scenarios.yaml(yaml());
    }

    static String quoted(String value) {
        return value.matches(PLAIN) ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String flow(Map<String, String> keys) {
        return keys.entrySet().stream()
                .map(key -> key.getKey() + ": " + key.getValue())
                .collect(Collectors.joining(", ", "{ ", " }"));
    }
}
