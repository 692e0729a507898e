package dev.tidemark.reclaim.model;

/**
 * What stands in a mapping for a page that was evicted ({@code pack_shadow} in {@code mm/workingset.c}): one long below 0. For
 * anonymous memory it is the swap slot as well.
 *
 * <p>From the highest bit: 1; whether the page had been in use; whether its contents were compressed; 20 bits of the id of the
 * cgroup whose clock was read; 41 bits of that clock.
 */
final class Shadow {

    private static final int CLOCK_BITS = 41;
    private static final long CLOCK_MASK = (1L << CLOCK_BITS) - 1;
    private static final int ID_BITS = 20;
    private static final long ID_MASK = (1L << ID_BITS) - 1;
    private static final long COMPRESSED = 1L << (CLOCK_BITS + ID_BITS);
    private static final long WORKINGSET = COMPRESSED << 1;

    private Shadow() {}

    static long pack(MemCgroup memcg, long clock, boolean workingset) {
        return Long.MIN_VALUE
                | (workingset ? WORKINGSET : 0)
                | ((memcg.cgroup.id() & ID_MASK) << CLOCK_BITS)
                | (clock & CLOCK_MASK);
    }

    static long compressed(long shadow) {
        return shadow | COMPRESSED;
    }

    static boolean isCompressed(long shadow) {
        return (shadow & COMPRESSED) != 0;
    }

    static boolean isWorkingset(long shadow) {
        return (shadow & WORKINGSET) != 0;
    }

    static long id(long shadow) {
        return (shadow >>> CLOCK_BITS) & ID_MASK;
    }

    static long clock(long shadow) {
        return shadow & CLOCK_MASK;
    }

    /** By how much a clock has moved on since. */
    static long distance(long clock, long shadow) {
        return (clock - shadow) & CLOCK_MASK;
    }
}
