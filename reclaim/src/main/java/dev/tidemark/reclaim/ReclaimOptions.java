package dev.tidemark.reclaim;

/** Options of {@link MemoryController#tryToFreeMemCgroupPages}, with the kernel's values ({@code include/linux/swap.h}). */
public final class ReclaimOptions {

    /** Anonymous memory may be swapped out. Without it only file pages go. */
    public static final int MAY_SWAP = 1 << 1;

    /** Asked for by user space ahead of need: no vmpressure, and a swappiness override counts. */
    public static final int PROACTIVE = 1 << 2;

    private ReclaimOptions() {}
}
