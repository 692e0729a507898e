package dev.tidemark.testkit;

import java.util.Map;

/** A {@link ScenarioBuilder} at a cgroup. Limits are sizes such as {@code 32MiB}, or {@code max}. */
public final class CgroupBuilder extends ScenarioBuilder {

    private final Map<String, String> keys;

    CgroupBuilder(Draft draft, Map<String, String> keys) {
        super(draft);
        this.keys = keys;
    }

    /** {@code memory.max}, none if nothing is said. */
    public CgroupBuilder max(String size) {
        return with("max", quoted(size));
    }

    /** {@code memory.high}, none if nothing is said. */
    public CgroupBuilder high(String size) {
        return with("high", quoted(size));
    }

    /** {@code memory.low}, 0 if nothing is said. */
    public CgroupBuilder low(String size) {
        return with("low", quoted(size));
    }

    /** {@code memory.min}, 0 if nothing is said. */
    public CgroupBuilder min(String size) {
        return with("min", quoted(size));
    }

    /** {@code memory.swap.max}, none if nothing is said. */
    public CgroupBuilder swapMax(String size) {
        return with("swap_max", quoted(size));
    }

    /**
     * Any key of a cgroup.
     *
     * @param yaml its value as YAML
     */
    public CgroupBuilder with(String key, String yaml) {
        keys.put(key, yaml);
        return this;
    }
}
