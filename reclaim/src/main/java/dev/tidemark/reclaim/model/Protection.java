package dev.tidemark.reclaim.model;

/**
 * Effective {@code memory.min} and {@code memory.low} below a cgroup that is being reclaimed ({@code
 * mem_cgroup_calculate_protection} in {@code mm/page_counter.c}), with {@code memory_recursiveprot} as systemd mounts it.
 */
final class Protection {

    private Protection() {}

    /** Writes {@code elow} and {@code emin}; to be called in pre-order from the target on. The target's own do not count. */
    static void calculate(MemCgroup target, MemCgroup memcg) {
        MemCgroup parent = memcg.parent;
        if (memcg == target || parent == null) {
            return;
        }
        PageCounter counter = memcg.memory;
        if (parent == target) {
            counter.emin = counter.min;
            counter.elow = counter.low;
            return;
        }
        counter.emin = effective(
                counter.usage,
                parent.memory.usage,
                counter.min,
                parent.memory.emin,
                parent.memory.emin == 0 ? 0 : claimed(parent, true));
        counter.elow = effective(
                counter.usage,
                parent.memory.usage,
                counter.low,
                parent.memory.elow,
                parent.memory.elow == 0 ? 0 : claimed(parent, false));
    }

    /** What is kept for the cgroup, in pages, when all of the host is reclaimed from; nothing is changed by asking. */
    static long kept(MemCgroup memcg, boolean min) {
        MemCgroup parent = memcg.parent;
        if (parent == null) {
            return 0;
        }
        PageCounter counter = memcg.memory;
        long setting = min ? counter.min : counter.low;
        if (parent.isRoot()) {
            return setting;
        }
        long above = kept(parent, min);
        return above == 0 ? 0 : effective(counter.usage, parent.memory.usage, setting, above, claimed(parent, min));
    }

    /** {@code mem_cgroup_below_min}: whether it must not be reclaimed from at all. */
    static boolean belowMin(MemCgroup target, MemCgroup memcg) {
        return !unprotected(target, memcg)
                && (memcg.hookCalls.belowMin(memcg) || memcg.memory.emin >= memcg.memory.usage);
    }

    /** {@code mem_cgroup_below_low}: whether it must not be reclaimed from while there is something else. */
    static boolean belowLow(MemCgroup target, MemCgroup memcg) {
        return !unprotected(target, memcg)
                && (memcg.hookCalls.belowLow(memcg) || memcg.memory.elow >= memcg.memory.usage);
    }

    /** {@code mem_cgroup_unprotected}. */
    private static boolean unprotected(MemCgroup target, MemCgroup memcg) {
        return memcg == target || memcg.isRoot();
    }

    /** {@code effective_protection}. */
    static long effective(long usage, long parentUsage, long setting, long parentEffective, long siblingsProtected) {
        long claimed = Math.min(usage, setting);
        if (parentEffective == 0) {
            return 0;
        }
        if (siblingsProtected > parentEffective) {
            return ScanCount.mulDiv(claimed, parentEffective, siblingsProtected);
        }
        long effective = claimed;
        if (parentEffective > siblingsProtected && parentUsage > siblingsProtected && usage > claimed) {
            effective += ScanCount.mulDiv(
                    usage - claimed, parentEffective - siblingsProtected, parentUsage - siblingsProtected);
        }
        return effective;
    }

    /** {@code children_min_usage} or {@code children_low_usage}. */
    private static long claimed(MemCgroup parent, boolean min) {
        long sum = 0;
        for (MemCgroup child = parent.firstChild; child != null; child = child.nextSibling) {
            sum += Math.min(child.memory.usage, min ? child.memory.min : child.memory.low);
        }
        return sum;
    }
}
