package dev.tidemark.reclaim.model;

/** Active and inactive lists: {@code get_scan_count} and all of {@code shrink_list} in {@code mm/vmscan.c}. */
final class ClassicShrinker implements LruShrinker {

    private final Folios folios;
    private final ClassicLists lists;
    private final ShrinkFolios shrink;
    private final Writeback writeback;
    /** How many pages of each list this visit is about, what is left of that, and how the types share it. */
    private final long[] targets = new long[4];

    private final long[] nr = new long[4];
    private final long[] fractions = new long[3];

    ClassicShrinker(Folios folios, ClassicLists lists, ShrinkFolios shrink, Writeback writeback) {
        this.folios = folios;
        this.lists = lists;
        this.shrink = shrink;
        this.writeback = writeback;
    }

    @Override
    public void prepare(ScanControl sc) {
        long[] stat = sc.target.flushed;
        sc.anonCost = sc.target.anonCost;
        sc.fileCost = sc.target.fileCost;
        for (int type = 0; type < 2; type++) {
            sc.mayDeactivate[type] = sc.forceDeactivate
                    || stat[Stat.WORKINGSET_ACTIVATE + type] != sc.target.refaults[type]
                    || ScanCount.inactiveIsLow(stat[2 * type], stat[2 * type + 1]);
        }
        sc.cacheTrimMode = (stat[Stat.INACTIVE_FILE] >> sc.priority) > 0 && !sc.mayDeactivate[1];
    }

    private static boolean anonReclaimable(MemCgroup memcg, ScanControl sc) {
        return sc.maySwap && Swap.left(memcg) > 0;
    }

    /** {@code get_scan_count}: how many pages of each list this round is about. */
    private void scanCount(MemCgroup memcg, ScanControl sc) {
        ScanCount.Balance balance =
                ScanCount.balance(anonReclaimable(memcg, sc), sc.swappiness, sc.priority, sc.cacheTrimMode);
        ScanCount.fractions(Math.min(sc.swappiness, ScanCount.MAX_SWAPPINESS), sc.anonCost, sc.fileCost, fractions);
        long min = memcg == sc.target ? 0 : memcg.memory.emin;
        long low = memcg == sc.target ? 0 : memcg.memory.elow;
        long protection = min;
        if (!sc.memcgLowReclaim && low > min) {
            protection = low;
            sc.memcgLowSkipped = true;
        }
        for (int lru = 0; lru < 4; lru++) {
            int type = lru / 2;
            long size = memcg.lru[lru].size;
            long scan = ScanCount.share(size, protection, memcg.memory.usage, sc.priority);
            if (scan == 0 && !memcg.online) {
                scan = Math.min(size, Vmscan.SWAP_CLUSTER_MAX);
            }
            targets[lru] = switch (balance) {
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
    }

    @Override
    public void shrinkLruvec(MemCgroup memcg, ScanControl sc) {
        scanCount(memcg, sc);
        System.arraycopy(targets, 0, nr, 0, nr.length);
        long reclaimed = 0;
        while (nr[Stat.INACTIVE_ANON] > 0 || nr[Stat.ACTIVE_FILE] > 0 || nr[Stat.INACTIVE_FILE] > 0) {
            for (int lru = 0; lru < 4; lru++) {
                if (nr[lru] > 0) {
                    int scan = (int) Math.min(nr[lru], Vmscan.SWAP_CLUSTER_MAX);
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
                && ScanCount.inactiveIsLow(memcg.flushed[Stat.INACTIVE_ANON], memcg.flushed[Stat.ACTIVE_ANON])) {
            shrinkActiveList(Vmscan.SWAP_CLUSTER_MAX, memcg, Stat.ACTIVE_ANON, sc);
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

    /** {@code isolate_lru_folios}: takes up to that many off the old end. */
    private int isolate(int scan, MemCgroup memcg, int lru) {
        Folios.Chain list = memcg.lru[lru];
        int n = 0;
        while (n < scan && !list.isEmpty()) {
            int folio = list.tail;
            list.remove(folios.prev, folios.next, folio);
            shrink.taken[n++] = folio;
        }
        memcg.mod(lru, -n);
        return n;
    }

    private void shrinkActiveList(int scan, MemCgroup memcg, int lru, ScanControl sc) {
        int n = isolate(scan, memcg, lru);
        for (int i = 0; i < n; i++) {
            int folio = shrink.taken[i];
            folios.clear(folio, Folios.YOUNG | Folios.ACTIVE);
            folios.set(folio, Folios.WORKINGSET);
            lists.add(folio);
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
        memcg.mod(sc.reclaimer.scanned, n);
        int reclaimed = shrink.shrink(n, type, memcg, sc);
        for (int i = 0; i < shrink.nrKept; i++) {
            lists.add(shrink.kept[i]);
        }
        ClassicLists.ageNonresident(memcg, shrink.nrActivated);
        lists.noteCost(memcg, type, shrink.nrPageout, n - reclaimed);
        if (shrink.nrUnqueuedDirty == n) {
            writeback.wakeupFlushers();
        }
        return reclaimed;
    }
}
