package dev.tidemark.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/** A {@link ScenarioBuilder} at a task: what it does, one step after the other. */
public sealed class WorkloadBuilder extends ScenarioBuilder permits StepBuilder {

    private final Workload workload;

    WorkloadBuilder(Draft draft, Workload workload) {
        super(draft);
        this.workload = workload;
    }

    /** When it begins, at once if nothing is said. */
    public final WorkloadBuilder startsAt(String instant) {
        return withKey("start", quoted(instant));
    }

    /** How often all of its steps are done, once if nothing is said. */
    public final WorkloadBuilder repeats(int rounds) {
        return withKey("repeat", Integer.toString(rounds));
    }

    /**
     * Any key of a workload.
     *
     * @param yaml its value as YAML
     */
    public final WorkloadBuilder withKey(String key, String yaml) {
        workload.keys().put(key, yaml);
        return new WorkloadBuilder(draft, workload);
    }

    /** Writes a file. */
    public final StepBuilder writes(String file, String size) {
        return step("write").with("file", quoted(file)).with("size", quoted(size));
    }

    /** Reads a file, touching each page through a mapping. */
    public final StepBuilder reads(String file) {
        return step("read").with("file", quoted(file));
    }

    /** Allocates anonymous memory. */
    public final StepBuilder allocates(String name, String size) {
        return step("allocate").with("name", quoted(name)).with("size", quoted(size));
    }

    /** Touches each page of anonymous memory. */
    public final StepBuilder touches(String name) {
        return step("touch").with("name", quoted(name));
    }

    /** Gives anonymous memory back. */
    public final WorkloadBuilder frees(String name) {
        return step("free", quoted(name));
    }

    /** Removes a file. */
    public final WorkloadBuilder removes(String file) {
        return step("remove", quoted(file));
    }

    /** Does nothing for a while. */
    public final WorkloadBuilder sleeps(String duration) {
        return step("sleep", quoted(duration));
    }

    /**
     * Any step with keys, which follow by {@link StepBuilder#with}.
     *
     * @param kind the step's key in the file
     */
    public final StepBuilder step(String kind) {
        Map<String, String> keys = new LinkedHashMap<>();
        workload.steps().add(new Step(kind, "{}", keys));
        return new StepBuilder(draft, workload, keys);
    }

    /**
     * Any step that is a single value.
     *
     * @param kind the step's key in the file
     * @param yaml its value as YAML
     */
    public final WorkloadBuilder step(String kind, String yaml) {
        workload.steps().add(new Step(kind, yaml, Map.of()));
        return new WorkloadBuilder(draft, workload);
    }
}
