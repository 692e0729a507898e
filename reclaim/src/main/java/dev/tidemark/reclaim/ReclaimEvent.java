package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.triggers.Cgroup;

/** What the reclaim engine did, or why it did not. */
public sealed interface ReclaimEvent {

    Cgroup cgroup();

    Policy policy();

    /** When, in nanoseconds of the core's clock. */
    long nanos();

    /**
     * The kernel was asked, and answered.
     *
     * @param askedPages what it was asked for
     * @param crossingToWriteNanos for the first request since START: from the last instant at which START was seen not
     *     to hold to just before the kernel was asked, so at least as long as it really took; otherwise -1
     */
    record Reclaimed(
            Cgroup cgroup, Policy policy, long nanos, long askedPages, ReclaimResult result, long crossingToWriteNanos)
            implements ReclaimEvent {}

    /**
     * The kernel is not asked although the policy is active. Told once for each reason between START and STOP.
     *
     * @param untilNanos when it will be tried again without a new sample; the same as {@code nanos} where only a sample
     *     brings it back
     */
    record Held(Cgroup cgroup, Policy policy, long nanos, Reason reason, long untilNanos) implements ReclaimEvent {}

    /** Why the kernel is not asked. */
    enum Reason {
        /** Usage is down at the floor. */
        FLOOR,
        /** The policy's bytes per second are used up. */
        BUDGET,
        /** As many cgroups wait as may. */
        QUEUE_FULL,
        /** The last request moved nothing, or was refused: the next comes later, at most a second. */
        NO_PROGRESS,
        /** A request has not returned although cancelled; its worker is replaced, its cgroup left alone until it does. */
        STUCK
    }
}
