package dev.tidemark.reclaim;

/**
 * What became of one request to reclaim.
 *
 * @param pagesReclaimed pages by which the cgroup shrank, as far as it can be told; never negative
 * @param outcome the kernel's answer
 * @param message what the kernel said, for {@link Outcome#REFUSED}; otherwise empty
 * @param usageBytes usage of the cgroup after it, in bytes; NaN when it could not be read
 * @param startedNanos when the kernel was asked, by the controller's clock
 * @param finishedNanos when it answered
 * @param cpuNanos CPU that it cost, in nanoseconds; 0 when it was not asked
 * @param swappedOutPages pages that went to swap or zswap meanwhile, as far as it can be told; never negative
 */
public record ReclaimResult(
        long pagesReclaimed,
        Outcome outcome,
        String message,
        double usageBytes,
        long startedNanos,
        long finishedNanos,
        long cpuNanos,
        long swappedOutPages) {

    /** The kernel's answer. */
    public enum Outcome {
        /** It took what was asked for, it says; {@link #pagesReclaimed} tells whether memory moved. */
        SUCCESS,
        /** EAGAIN: it took less than was asked for, perhaps nothing. The normal end of asking for too much. */
        AGAIN,
        /** EINTR: cancelled between two of the kernel's batches. */
        INTERRUPTED,
        /** The cgroup is not there any more. */
        GONE,
        /** It will not do this (invalid, not permitted); asking the same again is pointless. */
        REFUSED,
        /** Everything was done but the asking. */
        DRY_RUN
    }

    /** Of a request that nothing was done for. */
    public static ReclaimResult none(Outcome outcome, String message, double usageBytes, long nowNanos) {
        return new ReclaimResult(0, outcome, message, usageBytes, nowNanos, nowNanos, 0, 0);
    }

    /** How long the kernel took, in nanoseconds. */
    public long tookNanos() {
        return finishedNanos - startedNanos;
    }
}
