package dev.tidemark.testkit;

import java.util.Map;

/** A {@link WorkloadBuilder} at a step: how it is done. */
public final class StepBuilder extends WorkloadBuilder {

    private final Map<String, String> keys;

    StepBuilder(Draft draft, Workload workload, Map<String, String> keys) {
        super(draft, workload);
        this.keys = keys;
    }

    /** At most that fast, such as {@code 16MiB/s}; as fast as it goes if nothing is said. */
    public StepBuilder at(String rate) {
        return with("rate", quoted(rate));
    }

    /** In pieces of this size, for what writes. */
    public StepBuilder inChunksOf(String size) {
        return with("chunk", quoted(size));
    }

    /** So many times over, for what reads and touches. */
    public StepBuilder times(int times) {
        return with("times", Integer.toString(times));
    }

    /**
     * Any key of the step.
     *
     * @param yaml its value as YAML
     */
    public StepBuilder with(String key, String yaml) {
        keys.put(key, yaml);
        return this;
    }
}
