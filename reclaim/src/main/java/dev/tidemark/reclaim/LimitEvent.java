package dev.tidemark.reclaim;

import dev.tidemark.triggers.Cgroup;

/** What was done to a cgroup's {@code memory.high} or {@code memory.low}, or why not. */
public sealed interface LimitEvent {

    Cgroup cgroup();

    /** Name of the policy it was done for; of several that hold the same file the first. */
    String policy();

    LimitFile file();

    /** When, in nanoseconds of the core's clock. */
    long nanos();

    /**
     * It was set.
     *
     * @param fromBytes what was there, {@link CgroupLimits#MAX} for {@code max}
     * @param usageBytes afterwards; NaN where it cannot be told
     * @param withheld on a dry run: everything was done but the write
     */
    record Set(
            Cgroup cgroup,
            String policy,
            LimitFile file,
            long nanos,
            long fromBytes,
            long toBytes,
            double usageBytes,
            boolean withheld)
            implements LimitEvent {}

    /** What was found before the first change has been put back. */
    record Restored(Cgroup cgroup, String policy, LimitFile file, long nanos, long fromBytes, long toBytes, Cause cause)
            implements LimitEvent {}

    /** Somebody else has set it since we did: it is his now, and left as it is until the policy starts again. */
    record LeftAlone(Cgroup cgroup, String policy, LimitFile file, long nanos, long expectedBytes, long foundBytes)
            implements LimitEvent {}

    /** What is there is at least as strict as what the policy wants; told once between START and STOP. */
    record Needless(Cgroup cgroup, String policy, LimitFile file, long nanos, long foundBytes) implements LimitEvent {}

    /**
     * It could not be done.
     *
     * @param message for people
     */
    record Refused(Cgroup cgroup, String policy, LimitFile file, long nanos, String message) implements LimitEvent {}

    /** Why a value was put back. */
    enum Cause {
        /** The policy has stopped. */
        STOP,
        /** It has been held for as long as the policy lets it be. */
        LONGEST,
        /** The agent ends. */
        EXIT,
        /** An agent before this one left it behind. */
        LEFT_BEHIND
    }
}
