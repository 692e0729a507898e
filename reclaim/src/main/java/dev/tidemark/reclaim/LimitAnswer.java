package dev.tidemark.reclaim;

/** What became of looking at a cgroup's limits, or of setting one. */
public sealed interface LimitAnswer {

    /**
     * This is what they are now. After setting one: done if it is what was wanted; where it is what it was before, the write was cancelled
     * before it began; anything else is somebody else's, and nothing was written.
     */
    record Now(CgroupLimits limits) implements LimitAnswer {}

    /** Everything was done but the write. */
    record Withheld(CgroupLimits limits) implements LimitAnswer {}

    /** The cgroup is not there any more. */
    record Gone() implements LimitAnswer {}

    /**
     * It cannot be done.
     *
     * @param message for people, names the file
     */
    record Refused(String message) implements LimitAnswer {}
}
