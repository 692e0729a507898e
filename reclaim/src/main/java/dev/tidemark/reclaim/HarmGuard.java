package dev.tidemark.reclaim;

import dev.tidemark.reclaim.ControlLaw.Look;
import org.jspecify.annotations.Nullable;

/** A guard that looks at what taking does to the cgroup or the host. Confined to the core thread. */
sealed interface HarmGuard permits RateGuard, RefaultGuard, LivelockGuard {

    /** Looks; why nothing may be taken now, or null. */
    Ruling.@Nullable Held rule(Look look);

    /** So many pages have been taken. */
    void taken(long pages);
}
