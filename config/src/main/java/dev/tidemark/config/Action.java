package dev.tidemark.config;

import java.util.Set;

/** What a policy does with its cgroups while it is active. */
public sealed interface Action permits Reclaim, Throttle, Protect {

    /** Whether it takes something from the cgroup; what does is not done to the cgroup that the agent itself runs in. */
    default boolean takes() {
        return true;
    }

    /** What it looks at of a cgroup that it acts on, beside usage. */
    default Set<Signal> signals() {
        return Set.of();
    }
}
