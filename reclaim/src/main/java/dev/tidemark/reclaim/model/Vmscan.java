package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;

/**
 * Reclaim of a cgroup and all below it ({@code mm/vmscan.c}): priorities, the walk over the cgroups and their protection. How the
 * lists of one of them are shrunk is the {@link LruShrinker}'s.
 *
 * <p>One call takes effect at once and says what it has cost; the caller lets that time pass. It is not to be called in the middle of
 * another. Simplified: one node, order-0 pages, no isolation by others, no slab, no executable mappings.
 */
final class Vmscan {

    static final int SWAP_CLUSTER_MAX = 32;
    static final int DEF_PRIORITY = 12;

    private final MemCgroup root;
    private final LruShrinker shrinker;
    private final int defaultSwappiness;
    /** Before 6.11 each round goes over the whole subtree. */
    private final boolean fullWalks;

    private final ScanControl sc;
    private boolean busy;

    /** @param swappiness {@code vm.swappiness} */
    Vmscan(MemcgTree tree, LruShrinker shrinker, int swappiness, KernelSeries kernel) {
        this.root = tree.root;
        this.shrinker = shrinker;
        defaultSwappiness = swappiness;
        fullWalks = !kernel.isAtLeast(KernelSeries.LINUX_6_12);
        sc = new ScanControl(root);
    }

    /**
     * What one call did.
     *
     * @param reclaimed pages, more or fewer than asked for
     * @param nanos how long the caller was busy or throttled
     * @param cpuNanos how long it was busy
     * @param swappedOut pages that were given to swap, also those whose write to a disk is still under way
     */
    record Pass(long reclaimed, long nanos, long cpuNanos, long swappedOut) {
        static final Pass NONE = new Pass(0, 0, 0, 0);

        Pass plus(Pass other) {
            return new Pass(
                    reclaimed + other.reclaimed,
                    nanos + other.nanos,
                    cpuNanos + other.cpuNanos,
                    swappedOut + other.swappedOut);
        }
    }

    /**
     * {@code try_to_free_mem_cgroup_pages}.
     *
     * @param swappiness below 0: the default; it counts only with {@link Reclaimer#PROACTIVE}
     * @throws IllegalStateException when called in the middle of another call, as a hook of the charge path might
     */
    Pass tryToFreeMemCgroupPages(MemCgroup target, long nrPages, boolean maySwap, Reclaimer reclaimer, int swappiness) {
        if (busy) {
            throw new IllegalStateException("reclaim of " + target + " from within reclaim of " + sc.target);
        }
        busy = true;
        try {
            int resolved = reclaimer == Reclaimer.PROACTIVE && swappiness >= 0 ? swappiness : defaultSwappiness;
            sc.begin(target, nrPages, maySwap, reclaimer, resolved);
            long reclaimed = doTryToFreePages();
            return new Pass(reclaimed, sc.nanos, sc.nanos - sc.throttledNanos, sc.nrSwappedOut);
        } finally {
            busy = false;
        }
    }

    private long doTryToFreePages() {
        sc.memcgFullWalk = fullWalks;
        while (true) {
            for (sc.priority = DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
                shrinkNode();
                if (sc.nrReclaimed >= sc.nrToReclaim) {
                    break;
                }
            }
            // snapshot_refaults
            sc.target.refaults[0] = sc.target.flushed[Stat.WORKINGSET_ACTIVATE];
            sc.target.refaults[1] = sc.target.flushed[Stat.WORKINGSET_ACTIVATE + 1];
            sc.target.congested = false;
            if (sc.nrReclaimed > 0) {
                return sc.nrReclaimed;
            }
            if (!sc.memcgFullWalk) {
                sc.memcgFullWalk = true;
            } else if (sc.skippedDeactivate) {
                sc.forceDeactivate = true;
                sc.skippedDeactivate = false;
            } else if (sc.memcgLowSkipped) {
                sc.forceDeactivate = false;
                sc.memcgLowReclaim = true;
                sc.memcgLowSkipped = false;
            } else {
                return 0;
            }
        }
    }

    private void shrinkNode() {
        sc.nrDirty = 0;
        sc.nrCongested = 0;
        shrinker.prepare(sc);
        shrinkNodeMemcgs();
        if (sc.nrDirty > 0 && sc.nrDirty == sc.nrCongested) {
            sc.target.congested = true;
        }
        // reclaim_throttle(CONGESTED): only where dirty pages are most of what there is (skip_throttle_noprogress).
        long pending = root.stat[Stat.FILE_DIRTY] + root.stat[Stat.WRITEBACK];
        if (sc.target.congested && 2 * pending > root.lruPages()) {
            sc.nanos += Costs.JIFFY;
            sc.throttledNanos += Costs.JIFFY;
        }
    }

    private void shrinkNodeMemcgs() {
        MemCgroup target = sc.target;
        MemCgroup memcg = sc.memcgFullWalk ? target : MemcgTree.partial(target, null);
        while (memcg != null) {
            sc.nanos += Costs.RECLAIM_VISIT;
            // It may leave the tree with its last page; where to go on is to be known before.
            MemCgroup next = sc.memcgFullWalk ? MemcgTree.preorder(target, memcg) : null;
            Protection.calculate(target, memcg);
            if (!isProtected(memcg)) {
                shrinker.shrinkLruvec(memcg, sc);
            }
            if (sc.memcgFullWalk) {
                memcg = next;
            } else if (sc.nrReclaimed >= sc.nrToReclaim) {
                return;
            } else {
                memcg = MemcgTree.partial(target, memcg);
            }
        }
    }

    private boolean isProtected(MemCgroup memcg) {
        if (Protection.belowMin(sc.target, memcg)) {
            return true;
        }
        if (Protection.belowLow(sc.target, memcg)) {
            if (!sc.memcgLowReclaim) {
                sc.memcgLowSkipped = true;
                return true;
            }
            memcg.event(MemcgEvent.LOW);
        }
        return false;
    }
}
