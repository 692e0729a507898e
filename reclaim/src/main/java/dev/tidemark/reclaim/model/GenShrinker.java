package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;

/**
 * Generations: {@code lru_gen_shrink_lruvec} and what it calls in {@code mm/vmscan.c}. Eviction takes from the oldest generation;
 * when too few are left, aging looks for accessed bits and begins a new one. Enough having been reclaimed does not end the visit to a
 * cgroup, only its share of this priority does.
 *
 * <p>Simplified: aging looks at all pages of the cgroup that are mapped, whoever maps them and without a Bloom filter; the order among
 * cgroups below the root is that of any other reclaim.
 */
final class GenShrinker implements LruShrinker {

    private static final int FILE = 1;

    private final Folios folios;
    private final GenLists lists;
    private final ShrinkFolios shrink;
    private final Writeback writeback;
    private final MemCgroup root;
    /** From 6.14 on, and in 6.12's stable series, the flushers are woken when all that was met is dirty and not on its way yet. */
    private final boolean dirtyWakesFlushers;
    /** Up to 6.12 what is dirty is put aside as it is met; 7.2 takes it off the list as any other page and finds out then. */
    private final boolean sortsDirty;
    /** 6.1 goes on with the same cgroup after it has aged. */
    private final boolean evictsAfterAging;

    private int fileTaken;
    private int fileUnqueuedDirty;
    private int scanned;
    private int scannedType;

    GenShrinker(
            Folios folios,
            GenLists lists,
            ShrinkFolios shrink,
            Writeback writeback,
            MemCgroup root,
            KernelSeries kernel) {
        this.folios = folios;
        this.lists = lists;
        this.shrink = shrink;
        this.writeback = writeback;
        this.root = root;
        evictsAfterAging = !kernel.isAtLeast(KernelSeries.LINUX_6_12);
        dirtyWakesFlushers = kernel.isAtLeast(KernelSeries.LINUX_6_12);
        sortsDirty = !kernel.isAtLeast(KernelSeries.LINUX_7_2);
    }

    @Override
    public void prepare(ScanControl sc) {}

    /** {@code try_to_shrink_lruvec}. */
    @Override
    public void shrinkLruvec(MemCgroup memcg, ScanControl sc) {
        int swappiness = swappiness(memcg, sc);
        if (swappiness < 0) {
            return;
        }
        Generations gens = GenLists.of(memcg);
        fileTaken = 0;
        fileUnqueuedDirty = 0;
        long done = 0;
        while (true) {
            long nrToScan = nrToScan(memcg, gens, sc, swappiness);
            if (nrToScan <= 0) {
                break;
            }
            int delta = evictFolios(memcg, gens, sc, swappiness);
            done += delta;
            if (delta == 0 || done >= nrToScan || (sc.target == root && sc.nrReclaimed >= sc.nrToReclaim)) {
                break;
            }
        }
        if (dirtyWakesFlushers && fileUnqueuedDirty > 0 && fileUnqueuedDirty == fileTaken) {
            writeback.wakeupFlushers();
        }
    }

    /** {@code get_swappiness}; below 0 where anonymous memory alone is wanted and cannot go anywhere. */
    private static int swappiness(MemCgroup memcg, ScanControl sc) {
        if (!sc.maySwap || Swap.left(memcg) < Generations.MIN_LRU_BATCH) {
            return sc.swappiness > ScanCount.MAX_SWAPPINESS ? -1 : 0;
        }
        return sc.swappiness;
    }

    private static int firstType(int swappiness) {
        return swappiness == 0 ? FILE : 0;
    }

    private static int lastType(int swappiness) {
        return swappiness > ScanCount.MAX_SWAPPINESS ? 0 : FILE;
    }

    /** {@code evictable_min_seq}: the lower of what may be taken from. */
    private static long evictableMinSeq(Generations gens, int swappiness) {
        return Math.min(gens.minSeq[firstType(swappiness)], gens.minSeq[lastType(swappiness)]);
    }

    /** {@code get_nr_to_scan}: what this priority is about, or 0 when the cgroup is to be left alone for now. */
    private long nrToScan(MemCgroup memcg, Generations gens, ScanControl sc, int swappiness) {
        if (Protection.belowMin(sc.target, memcg)) {
            return 0;
        }
        boolean spent = evictableMinSeq(gens, swappiness) + Generations.MIN_NR_GENS > gens.maxSeq;
        long total = 0;
        long young = 0;
        long old = 0;
        for (int type = firstType(swappiness); type <= lastType(swappiness); type++) {
            for (long seq = gens.minSeq[type]; seq <= gens.maxSeq; seq++) {
                int size = gens.pages(Generations.gen(seq), type);
                total += size;
                young += seq == gens.maxSeq ? size : 0;
                old += seq + Generations.MIN_NR_GENS == gens.maxSeq ? size : 0;
            }
        }
        if (!memcg.online && !spent) {
            return total;
        }
        if (!shouldAge(gens, swappiness, spent, total, young, old) || sc.priority == Vmscan.DEF_PRIORITY) {
            return spent ? 0 : total >> sc.priority;
        }
        age(memcg, gens, sc, swappiness);
        return evictsAfterAging ? total >> sc.priority : 0;
    }

    /** {@code should_run_aging}: too few generations, or the pages lie unevenly on just enough of them. */
    private static boolean shouldAge(
            Generations gens, int swappiness, boolean spent, long total, long young, long old) {
        if (spent) {
            return true;
        }
        if (evictableMinSeq(gens, swappiness) + Generations.MIN_NR_GENS < gens.maxSeq) {
            return false;
        }
        return young * Generations.MIN_NR_GENS > total || old * (Generations.MIN_NR_GENS + 2) < total;
    }

    /** {@code try_to_inc_max_seq}: pages with an accessed bit become young, then all grow older by one. */
    private void age(MemCgroup memcg, Generations gens, ScanControl sc, int swappiness) {
        int walked = 0;
        for (int type = firstType(swappiness); type <= FILE; type++) {
            for (int gen = 0; gen < Generations.MAX_NR_GENS; gen++) {
                Folios.Chain list = gens.list(gen, type);
                walked += list.size;
                for (int folio = list.head; folio != Folios.NONE; folio = folios.next[folio]) {
                    if (folios.is(folio, Folios.MAPPED) && folios.testClear(folio, Folios.YOUNG)) {
                        lists.updateGen(folio, gens);
                    }
                }
            }
        }
        sc.nanos += walked * Costs.AGE;
        incMaxSeq(memcg, gens, swappiness);
    }

    /** {@code inc_max_seq}; for the files, active is what is in the two youngest. */
    private void incMaxSeq(MemCgroup memcg, Generations gens, int swappiness) {
        for (int type = FILE; type >= 0; type--) {
            if (gens.nrGens(type) == Generations.MAX_NR_GENS) {
                incMinSeq(gens, type, swappiness);
            }
        }
        int prev = Generations.gen(gens.maxSeq - 1);
        int next = Generations.gen(gens.maxSeq + 1);
        for (int type = 0; type <= FILE; type++) {
            int delta = gens.pages(prev, type) - gens.pages(next, type);
            memcg.mod(2 * type, delta);
            memcg.mod(2 * type + 1, -delta);
        }
        gens.maxSeq++;
    }

    /**
     * {@code inc_min_seq}: what is left of the oldest generation joins the next. Anonymous pages that cannot go are spared the move:
     * their generation comes round as the youngest.
     */
    private void incMinSeq(Generations gens, int type, int swappiness) {
        Folios.Chain oldest = gens.oldest(type);
        while (!oldest.isEmpty() && type >= firstType(swappiness)) {
            int folio = oldest.tail;
            lists.incGen(folio, gens, type, false);
            lists.move(folio, gens, type, true);
        }
        gens.carryOver(type);
        gens.minSeq[type]++;
    }

    /** {@code try_to_inc_min_seq}: generations with nothing on their list are over. */
    private static int tryToIncMinSeq(Generations gens, int swappiness) {
        long anon = gens.minSeq[0];
        long file = gens.minSeq[FILE];
        if (firstType(swappiness) == 0) {
            anon = oldestWithPages(gens, 0);
        }
        if (lastType(swappiness) == FILE) {
            file = oldestWithPages(gens, FILE);
        }
        if (firstType(swappiness) == 0 && lastType(swappiness) == FILE) {
            // The types keep step: anonymous memory is never ahead.
            anon = Math.min(anon, file);
            file = Math.max(anon, gens.minSeq[FILE]);
        }
        boolean anonAdvanced = advance(gens, 0, anon);
        boolean fileAdvanced = advance(gens, FILE, file);
        return anonAdvanced || fileAdvanced ? 1 : 0;
    }

    private static long oldestWithPages(Generations gens, int type) {
        long seq = gens.minSeq[type];
        while (seq + Generations.MIN_NR_GENS <= gens.maxSeq
                && gens.list(Generations.gen(seq), type).isEmpty()) {
            seq++;
        }
        return seq;
    }

    private static boolean advance(Generations gens, int type, long minSeq) {
        if (minSeq == gens.minSeq[type]) {
            return false;
        }
        gens.carryOver(type);
        gens.minSeq[type] = minSeq;
        return true;
    }

    /** {@code evict_folios}: a batch; returns how many pages were looked at, 0 when there is nothing more to be had here. */
    private int evictFolios(MemCgroup memcg, Generations gens, ScanControl sc, int swappiness) {
        int n = isolateFolios(memcg, gens, sc, swappiness);
        int looked = scanned + tryToIncMinSeq(gens, swappiness);
        if (gens.maxSeq - evictableMinSeq(gens, swappiness) + 1 == Generations.MIN_NR_GENS) {
            looked = 0;
        }
        if (n == 0) {
            return looked;
        }
        sc.nrReclaimed += shrink.shrink(n, scannedType, memcg, sc);
        fileUnqueuedDirty += scannedType == FILE ? shrink.nrUnqueuedDirty : 0;
        for (int i = 0; i < shrink.nrKept; i++) {
            int folio = shrink.kept[i];
            boolean waits = folios.is(folio, Folios.RECLAIM) && folios.is(folio, Folios.DIRTY | Folios.WRITEBACK);
            if (!waits) {
                // What was rejected does not go back to where it would be taken next.
                folios.clear(folio, Folios.REFS_MASK | Folios.REFERENCED | Folios.WORKINGSET);
                folios.set(folio, Folios.ACTIVE);
            }
            lists.add(folio);
        }
        return looked;
    }

    /** {@code isolate_folios}: from the type that is worth less, and from the other when that has nothing. */
    private int isolateFolios(MemCgroup memcg, Generations gens, ScanControl sc, int swappiness) {
        int first = firstType(swappiness);
        int last = lastType(swappiness);
        int type;
        int tier = -1;
        if (first == last) {
            type = first;
        } else if (gens.minSeq[0] < gens.minSeq[FILE]) {
            type = 0;
        } else if (swappiness == 1) {
            type = FILE;
        } else if (swappiness == ScanCount.MAX_SWAPPINESS) {
            type = 0;
        } else {
            type = gens.typeToScan(swappiness);
            tier = gens.tierToEvict(type, swappiness);
        }
        int n = scanFolios(memcg, gens, sc, type, tier < 0 ? gens.tierToEvict(type) : tier);
        if (scanned == 0 && first != last) {
            type = 1 - type;
            n = scanFolios(memcg, gens, sc, type, gens.tierToEvict(type));
        }
        scannedType = type;
        return n;
    }

    /** {@code scan_folios}: sorts the old end of the oldest generation; what is to be evicted goes to {@link ShrinkFolios#taken}. */
    private int scanFolios(MemCgroup memcg, Generations gens, ScanControl sc, int type, int tier) {
        scanned = 0;
        if (gens.nrGens(type) == Generations.MIN_NR_GENS) {
            return 0;
        }
        Folios.Chain oldest = gens.oldest(type);
        int isolated = 0;
        int looked = 0;
        while (!oldest.isEmpty() && looked < Generations.MAX_LRU_BATCH && isolated < Generations.MIN_LRU_BATCH) {
            int folio = oldest.tail;
            looked++;
            if (!sort(folio, gens, type, tier)) {
                if (!folios.is(folio, Folios.REFERENCED)) {
                    folios.clear(folio, Folios.REFS_MASK | Folios.WORKINGSET);
                }
                folios.clear(folio, Folios.RECLAIM | Folios.REFERENCED);
                lists.isolate(folio, gens);
                shrink.taken[isolated++] = folio;
            }
        }
        fileTaken += type == FILE ? isolated : 0;
        memcg.mod(sc.reclaimer.scanned, isolated);
        memcg.mod(Stat.PGREFILL, looked - isolated);
        sc.nanos += (looked - isolated) * Costs.SCAN;
        scanned = isolated > 0 || looked == Generations.MAX_LRU_BATCH ? looked : 0;
        return isolated;
    }

    /** {@code sort_folio}: whether a page is not to be evicted now; it has been moved then. */
    private boolean sort(int folio, Generations gens, int type, int tier) {
        if (folios.gen[folio] != folios.listGen[folio]) {
            // An accessed bit was found since it came here.
            lists.move(folio, gens, type, false);
            return true;
        }
        int refs = lists.refs(folio);
        int itsTier = Generations.tier(refs);
        if (itsTier > tier || refs == Generations.MAX_NR_TIERS) {
            lists.incGen(folio, gens, type, false);
            lists.move(folio, gens, type, true);
            gens.spared(type, itsTier);
            return true;
        }
        if (!sortsDirty) {
            return false;
        }
        boolean dirty = type == FILE && folios.is(folio, Folios.DIRTY);
        boolean underWriteback = folios.is(folio, Folios.WRITEBACK);
        if (dirty) {
            fileTaken++;
            fileUnqueuedDirty += underWriteback ? 0 : 1;
        }
        if (dirty || underWriteback || folios.is(folio, Folios.LOCKED)) {
            lists.incGen(folio, gens, type, true);
            lists.move(folio, gens, type, false);
            return true;
        }
        return false;
    }
}
