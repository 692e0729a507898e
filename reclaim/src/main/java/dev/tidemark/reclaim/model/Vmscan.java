package dev.tidemark.reclaim.model;

/**
 * Reclaim of a cgroup and all below it, the classic lists ({@code mm/vmscan.c} of Linux 6.12).
 *
 * <p>One call takes effect at once and says what it has cost; the caller lets that time pass. Simplified: one node, order-0
 * pages, no isolation by others, no slab, no executable mappings, and swap that is free when the call returns.
 */
final class Vmscan {

    static final int SWAP_CLUSTER_MAX = 32;
    static final int DEF_PRIORITY = 12;
    /** {@code vm.swappiness}. */
    static final int DEFAULT_SWAPPINESS = 60;

    private final MemcgTree tree;
    private final Pages pages;
    private final Folios folios;
    private final Workingset workingset;
    private final Writeback writeback;
    private final int[] taken = new int[SWAP_CLUSTER_MAX];

    Vmscan(MemcgTree tree, Pages pages, Workingset workingset, Writeback writeback) {
        this.tree = tree;
        this.pages = pages;
        this.folios = pages.folios;
        this.workingset = workingset;
        this.writeback = writeback;
    }

    /**
     * What one call did.
     *
     * @param reclaimed pages, more or fewer than asked for
     * @param nanos how long the caller was busy or throttled
     */
    record Pass(long reclaimed, long nanos) {}

    /**
     * {@code try_to_free_mem_cgroup_pages}.
     *
     * @param swappiness below 0: the default; it counts only when proactive
     */
    Pass tryToFreeMemCgroupPages(MemCgroup target, long nrPages, boolean maySwap, boolean proactive, int swappiness) {
        int resolved = proactive && swappiness >= 0 ? swappiness : DEFAULT_SWAPPINESS;
        ScanControl sc = new ScanControl(target, nrPages, maySwap, proactive, resolved);
        long reclaimed = doTryToFreePages(sc);
        return new Pass(reclaimed, sc.nanos);
    }

    private long doTryToFreePages(ScanControl sc) {
        while (true) {
            for (sc.priority = DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
                shrinkNode(sc);
                if (sc.nrReclaimed >= sc.nrToReclaim) {
                    break;
                }
            }
            // snapshot_refaults
            sc.target.refaults[0] = sc.target.stat[Stat.WORKINGSET_ACTIVATE];
            sc.target.refaults[1] = sc.target.stat[Stat.WORKINGSET_ACTIVATE + 1];
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

    private void shrinkNode(ScanControl sc) {
        sc.nrDirty = 0;
        sc.nrCongested = 0;
        prepareScanControl(sc);
        shrinkNodeMemcgs(sc);
        if (sc.nrDirty > 0 && sc.nrDirty == sc.nrCongested) {
            sc.target.congested = true;
        }
        // reclaim_throttle(CONGESTED): only where dirty pages are most of what there is (skip_throttle_noprogress).
        long pending = tree.root.stat[Stat.FILE_DIRTY] + tree.root.stat[Stat.WRITEBACK];
        if (sc.target.congested && 2 * pending > tree.root.lruPages()) {
            sc.nanos += Costs.JIFFY;
        }
    }

    private static void prepareScanControl(ScanControl sc) {
        long[] stat = sc.target.stat;
        sc.anonCost = sc.target.anonCost;
        sc.fileCost = sc.target.fileCost;
        for (int type = 0; type < 2; type++) {
            sc.mayDeactivate[type] = sc.forceDeactivate
                    || stat[Stat.WORKINGSET_ACTIVATE + type] != sc.target.refaults[type]
                    || ScanCount.inactiveIsLow(stat[2 * type], stat[2 * type + 1]);
        }
        sc.cacheTrimMode = (stat[Stat.INACTIVE_FILE] >> sc.priority) > 0 && !sc.mayDeactivate[1];
    }

    private void shrinkNodeMemcgs(ScanControl sc) {
        MemCgroup target = sc.target;
        MemCgroup memcg = sc.memcgFullWalk ? target : MemcgTree.partial(target, null);
        while (memcg != null) {
            sc.nanos += Costs.RECLAIM_VISIT;
            Protection.calculate(target, memcg);
            boolean skip = false;
            if (Protection.belowMin(target, memcg)) {
                skip = true;
            } else if (Protection.belowLow(target, memcg)) {
                if (sc.memcgLowReclaim) {
                    memcg.event(MemcgEvent.LOW);
                } else {
                    sc.memcgLowSkipped = true;
                    skip = true;
                }
            }
            if (!skip) {
                shrinkLruvec(memcg, sc);
            }
            if (sc.memcgFullWalk) {
                memcg = MemcgTree.preorder(target, memcg);
            } else if (sc.nrReclaimed >= sc.nrToReclaim) {
                return;
            } else {
                memcg = MemcgTree.partial(target, memcg);
            }
        }
    }

    private static boolean anonReclaimable(MemCgroup memcg, ScanControl sc) {
        return sc.maySwap && Pages.swapLeft(memcg) > 0;
    }

    /** {@code get_scan_count}: how many pages of each list this round is about. */
    private static long[] scanCount(MemCgroup memcg, ScanControl sc) {
        ScanCount.Balance balance =
                ScanCount.balance(anonReclaimable(memcg, sc), sc.swappiness, sc.priority, sc.cacheTrimMode);
        long[] fractions =
                ScanCount.fractions(Math.min(sc.swappiness, ScanCount.MAX_SWAPPINESS), sc.anonCost, sc.fileCost);
        long min = memcg == sc.target ? 0 : memcg.memory.emin;
        long low = memcg == sc.target ? 0 : memcg.memory.elow;
        long protection = min;
        if (!sc.memcgLowReclaim && low > min) {
            protection = low;
            sc.memcgLowSkipped = true;
        }
        long[] nr = new long[4];
        for (int lru = 0; lru < 4; lru++) {
            int type = lru / 2;
            long size = memcg.lru[lru].size;
            long scan = ScanCount.share(size, protection, memcg.memory.usage, sc.priority);
            if (scan == 0 && !memcg.online) {
                scan = Math.min(size, SWAP_CLUSTER_MAX);
            }
            nr[lru] = switch (balance) {
                case EQUAL -> scan;
                case FRACT -> {
                    long share = scan * fractions[type];
                    yield memcg.online ? share / fractions[2] : Math.ceilDiv(share, fractions[2]);
                }
                case FILE -> type == 1 ? scan : 0;
                case ANON -> type == 0 ? scan : 0;
                case NONE -> 0;
            };
        }
        return nr;
    }

    private void shrinkLruvec(MemCgroup memcg, ScanControl sc) {
        long[] nr = scanCount(memcg, sc);
        long[] targets = nr.clone();
        long reclaimed = 0;
        while (nr[Stat.INACTIVE_ANON] > 0 || nr[Stat.ACTIVE_FILE] > 0 || nr[Stat.INACTIVE_FILE] > 0) {
            for (int lru = 0; lru < 4; lru++) {
                if (nr[lru] > 0) {
                    int scan = (int) Math.min(nr[lru], SWAP_CLUSTER_MAX);
                    nr[lru] -= scan;
                    reclaimed += shrinkList(lru, scan, memcg, sc);
                }
            }
            if (reclaimed >= sc.nrToReclaim && stopEarly(nr, targets)) {
                break;
            }
        }
        sc.nrReclaimed += reclaimed;
        if (anonReclaimable(memcg, sc)
                && ScanCount.inactiveIsLow(memcg.stat[Stat.INACTIVE_ANON], memcg.stat[Stat.ACTIVE_ANON])) {
            shrinkActiveList(SWAP_CLUSTER_MAX, memcg, Stat.ACTIVE_ANON, sc);
        }
    }

    /**
     * Enough was reclaimed: the type with less left to scan is given up, the other is scanned on only as far as keeps both
     * in the proportion they were to be scanned in.
     *
     * @return whether nothing is left to be kept in proportion
     */
    static boolean stopEarly(long[] nr, long[] targets) {
        long file = nr[Stat.INACTIVE_FILE] + nr[Stat.ACTIVE_FILE];
        long anon = nr[Stat.INACTIVE_ANON] + nr[Stat.ACTIVE_ANON];
        if (file == 0 || anon == 0) {
            return true;
        }
        int smaller = file > anon ? Stat.INACTIVE_ANON : Stat.INACTIVE_FILE;
        int larger = file > anon ? Stat.INACTIVE_FILE : Stat.INACTIVE_ANON;
        long percentage = Math.min(file, anon) * 100 / (targets[smaller] + targets[smaller + 1] + 1);
        nr[smaller] = 0;
        nr[smaller + 1] = 0;
        for (int lru = larger; lru <= larger + 1; lru++) {
            long scanned = targets[lru] - nr[lru];
            nr[lru] = targets[lru] * (100 - percentage) / 100;
            nr[lru] -= Math.min(nr[lru], scanned);
        }
        return false;
    }

    private int shrinkList(int lru, int scan, MemCgroup memcg, ScanControl sc) {
        boolean active = (lru & 1) != 0;
        if (!active) {
            return shrinkInactiveList(scan, memcg, lru, sc);
        }
        if (sc.mayDeactivate[lru / 2]) {
            shrinkActiveList(scan, memcg, lru, sc);
        } else {
            sc.skippedDeactivate = true;
        }
        return 0;
    }

    /** {@code isolate_lru_folios}: takes up to that many off the old end, into {@link #taken}. */
    private int isolate(int scan, MemCgroup memcg, int lru) {
        Folios.Chain list = memcg.lru[lru];
        int n = 0;
        while (n < scan && list.size > 0) {
            int folio = list.tail;
            list.remove(folios.prev, folios.next, folio);
            taken[n++] = folio;
        }
        memcg.mod(lru, -n);
        return n;
    }

    private void shrinkActiveList(int scan, MemCgroup memcg, int lru, ScanControl sc) {
        int n = isolate(scan, memcg, lru);
        for (int i = 0; i < n; i++) {
            int folio = taken[i];
            folios.clear(folio, Folios.YOUNG | Folios.ACTIVE);
            folios.set(folio, Folios.WORKINGSET);
            pages.lruAdd(folio);
        }
        memcg.mod(Stat.PGREFILL, n);
        memcg.mod(Stat.PGDEACTIVATE, n);
        sc.nanos += n * Costs.SCAN;
    }

    private int shrinkInactiveList(int scan, MemCgroup memcg, int lru, ScanControl sc) {
        int type = lru / 2;
        int n = isolate(scan, memcg, lru);
        if (n == 0) {
            return 0;
        }
        memcg.mod(sc.proactive ? Stat.PGSCAN_PROACTIVE : Stat.PGSCAN_DIRECT, n);
        int reclaimed = 0;
        int pageout = 0;
        int unqueuedDirty = 0;
        int activated = 0;
        for (int i = 0; i < n; i++) {
            int folio = taken[i];
            boolean dirty = folios.is(folio, Folios.DIRTY);
            boolean underWriteback = folios.is(folio, Folios.WRITEBACK);
            if (dirty || underWriteback) {
                sc.nrDirty++;
                if (!underWriteback) {
                    unqueuedDirty++;
                } else if (folios.is(folio, Folios.RECLAIM)) {
                    sc.nrCongested++;
                }
            }
            switch (judge(folio, memcg)) {
                case KEEP -> pages.lruAdd(folio);
                case ACTIVATE -> {
                    folios.set(folio, Folios.ACTIVE);
                    pages.lruAdd(folio);
                    activated++;
                }
                case RECLAIM -> {
                    if (type == 0) {
                        pageout++;
                        memcg.mod(Stat.PSWPOUT, 1);
                    }
                    long shadow = workingset.eviction(folio, sc.target);
                    folios.mapping(folio).setShadow(folios.index[folio], shadow);
                    folios.free(folio);
                    reclaimed++;
                }
            }
        }
        memcg.mod(Stat.PGACTIVATE, activated);
        Workingset.ageNonresident(memcg, activated);
        memcg.mod(sc.proactive ? Stat.PGSTEAL_PROACTIVE : Stat.PGSTEAL_DIRECT, reclaimed);
        Workingset.noteCost(memcg, type, pageout, n - reclaimed);
        pages.uncharge(memcg, reclaimed);
        if (unqueuedDirty == n) {
            writeback.wakeupFlushers();
        }
        sc.nanos += n * Costs.SCAN + reclaimed * Costs.STEAL + pageout * Costs.SWAP_OUT;
        return reclaimed;
    }

    private enum Verdict {
        KEEP,
        ACTIVATE,
        RECLAIM
    }

    /** One folio of {@code shrink_folio_list}, with {@code folio_check_references}. */
    private Verdict judge(int folio, MemCgroup memcg) {
        if (folios.is(folio, Folios.LOCKED)) {
            return Verdict.KEEP;
        }
        if (folios.is(folio, Folios.WRITEBACK)) {
            folios.set(folio, Folios.RECLAIM);
            return Verdict.ACTIVATE;
        }
        boolean referenced = folios.testClear(folio, Folios.REFERENCED);
        if (folios.testClear(folio, Folios.YOUNG)) {
            folios.set(folio, Folios.REFERENCED);
            return referenced ? Verdict.ACTIVATE : Verdict.KEEP;
        }
        if (folios.is(folio, Folios.ANON)) {
            return pages.allocSwap(memcg) ? Verdict.RECLAIM : Verdict.ACTIVATE;
        }
        if (folios.is(folio, Folios.DIRTY)) {
            // Only kswapd may write file pages: this one is freed when the flusher has written it.
            folios.set(folio, Folios.RECLAIM);
            return Verdict.ACTIVATE;
        }
        return Verdict.RECLAIM;
    }
}
