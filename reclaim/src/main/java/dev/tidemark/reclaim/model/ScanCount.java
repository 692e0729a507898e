package dev.tidemark.reclaim.model;

/**
 * How many pages of each list to scan: {@code get_scan_count} and {@code inactive_is_low} of {@code mm/vmscan.c} as pure
 * functions.
 */
final class ScanCount {

    /** How the two types share the scanning ({@code enum scan_balance}). */
    enum Balance {
        EQUAL,
        FRACT,
        ANON,
        FILE,
        /** Anonymous memory only was asked for and there is nowhere to put it. */
        NONE
    }

    static final int MAX_SWAPPINESS = 200;
    static final int SWAPPINESS_ANON_ONLY = MAX_SWAPPINESS + 1;

    private ScanCount() {}

    /** The tests of {@code get_scan_count} in the kernel's order. */
    static Balance balance(boolean anonReclaimable, int swappiness, int priority, boolean cacheTrimMode) {
        if (swappiness == SWAPPINESS_ANON_ONLY) {
            return anonReclaimable ? Balance.ANON : Balance.NONE;
        }
        if (!anonReclaimable || swappiness == 0) {
            return Balance.FILE;
        }
        if (priority == 0) {
            return Balance.EQUAL;
        }
        return cacheTrimMode ? Balance.FILE : Balance.FRACT;
    }

    /** The share of one list that is to be scanned, before the split between types. */
    static long share(long size, long protection, long usage, int priority) {
        long scan = size;
        if (protection > 0) {
            long cgroupSize = Math.max(usage, protection);
            scan = Math.max(size - mulDiv(size, protection, cgroupSize + 1), Vmscan.SWAP_CLUSTER_MAX);
        }
        return scan >> priority;
    }

    /** Writes {@code fraction[anon]}, {@code fraction[file]} and their sum. */
    static void fractions(int swappiness, long anonCost, long fileCost, long[] fractions) {
        long total = anonCost + fileCost;
        long anon = total + anonCost;
        long file = total + fileCost;
        total = anon + file;
        long ap = swappiness * (total + 1) / (anon + 1);
        long fp = (MAX_SWAPPINESS - swappiness) * (total + 1) / (file + 1);
        fractions[0] = ap;
        fractions[1] = fp;
        fractions[2] = ap + fp;
    }

    /** {@code inactive_is_low}: whether the inactive list is too small beside the active one. */
    static boolean inactiveIsLow(long inactive, long active) {
        long gb = (inactive + active) >> (30 - Folios.PAGE_SHIFT);
        long ratio = gb == 0 ? 1 : (long) Math.sqrt(10.0 * gb);
        return inactive * ratio < active;
    }

    static long mulDiv(long a, long b, long c) {
        if (a == 0 || b <= Long.MAX_VALUE / a) {
            return a * b / c;
        }
        // Only with an effective protection of "max", where b is about c.
        return (long) ((double) a * b / c);
    }
}
