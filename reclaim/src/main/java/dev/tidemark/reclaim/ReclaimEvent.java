package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import java.util.Optional;

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
     * @param first the START that this is the first request for; empty for those that follow
     */
    record Reclaimed(
            Cgroup cgroup, Policy policy, long nanos, long askedPages, ReclaimResult result, Optional<Decision> first)
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
