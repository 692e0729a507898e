package dev.tidemark.reclaim;

import dev.tidemark.config.Reclaim;

/** How much to ask for next. Pure functions: what to ask is decided here, whether to ask elsewhere. */
final class ControlLaw {

    /** Pages the kernel takes at least, whatever it is asked for: {@code SWAP_CLUSTER_MAX}, include/linux/swap.h. */
    static final long SWAP_CLUSTER_MAX = 32;

    private ControlLaw() {}

    /**
     * Pages to ask for in one batch.
     *
     * <p>{@code fixed} asks for a whole batch each time. {@code watermark} asks for what lies between usage and the
     * usage at which STOP holds, at most a batch, so that it neither stops short nor takes what STOP would have left.
     *
     * @param usageBytes present usage, NaN when not known
     * @param stopBytes usage at or below which STOP holds, NaN when STOP does not depend on usage
     */
    static long nrPages(Reclaim reclaim, double usageBytes, double stopBytes, int pageSize) {
        long batch = Math.max(SWAP_CLUSTER_MAX, reclaim.batchBytes() / pageSize);
        return switch (reclaim.law()) {
            case FIXED -> batch;
            case WATERMARK -> {
                double excess = Math.ceil((usageBytes - stopBytes) / pageSize);
                // Not comparable (NaN): nothing is known of how far it is, so a batch at a time.
                yield excess <= batch ? Math.max(SWAP_CLUSTER_MAX, (long) excess) : batch;
            }
        };
    }

    /** Pages that may be taken before usage is down at the floor; without bound when usage is not known. */
    static long pagesAboveFloor(double usageBytes, long floorBytes, int pageSize) {
        return Double.isNaN(usageBytes) ? Long.MAX_VALUE : (long) Math.max(0, (usageBytes - floorBytes) / pageSize);
    }
}
