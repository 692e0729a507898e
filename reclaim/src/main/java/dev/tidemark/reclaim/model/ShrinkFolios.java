package dev.tidemark.reclaim.model;

/**
 * What becomes of pages taken off their list ({@code shrink_folio_list} in {@code mm/vmscan.c}): freed, written, or left in {@link
 * #kept} to be put back. Not to be entered again before its caller is done with what it left.
 */
final class ShrinkFolios {

    /** As many as are ever taken at once. */
    static final int MAX = Generations.MIN_LRU_BATCH;

    /** Taken off a list, the oldest first. */
    final int[] taken = new int[MAX];
    /** Not freed, in the same order; {@link Folios#ACTIVE} is set where they are to be activated. */
    final int[] kept = new int[MAX];

    int nrKept;
    int nrPageout;
    int nrActivated;
    int nrUnqueuedDirty;

    private final int[] toDisk = new int[MAX];
    private final Pages pages;
    private final Folios folios;
    private final LruLists lists;
    private final Swap swap;
    private final boolean generations;

    ShrinkFolios(Pages pages, Swap swap) {
        this.pages = pages;
        this.folios = pages.folios;
        this.lists = pages.lists;
        this.swap = swap;
        generations = lists instanceof GenLists;
    }

    private enum Verdict {
        KEEP,
        ACTIVATE,
        WRITE,
        RECLAIM
    }

    /**
     * Goes through the first {@code n} of {@link #taken}, all of one type and one cgroup.
     *
     * @return how many were freed
     */
    int shrink(int n, int type, MemCgroup memcg, ScanControl sc) {
        nrKept = 0;
        nrPageout = 0;
        nrActivated = 0;
        nrUnqueuedDirty = 0;
        int reclaimed = 0;
        int writes = 0;
        for (int i = 0; i < n; i++) {
            int folio = taken[i];
            checkDirty(folio, sc);
            switch (judge(folio, memcg)) {
                case KEEP -> kept[nrKept++] = folio;
                case ACTIVATE -> {
                    folios.set(folio, Folios.ACTIVE);
                    kept[nrKept++] = folio;
                    nrActivated++;
                }
                case WRITE -> {
                    // Its write begins before anybody else looks, so it is kept as one under writeback.
                    toDisk[writes++] = folio;
                    kept[nrKept++] = folio;
                }
                case RECLAIM -> {
                    free(folio, type, sc);
                    reclaimed++;
                }
            }
        }
        if (writes > 0) {
            swap.write(toDisk, writes);
            nrPageout += writes;
        }
        pages.uncharge(memcg, reclaimed);
        if (type == 0) {
            swap.device.settle(memcg);
            sc.nrSwappedOut += nrPageout;
            sc.nanos += (nrPageout - writes) * swap.device.outNanos();
        }
        memcg.mod(Stat.PGACTIVATE, nrActivated);
        memcg.mod(sc.reclaimer.stolen, reclaimed);
        sc.nanos += n * Costs.SCAN + reclaimed * Costs.STEAL;
        return reclaimed;
    }

    /** {@code folio_check_dirty_writeback}. */
    private void checkDirty(int folio, ScanControl sc) {
        boolean underWriteback = folios.is(folio, Folios.WRITEBACK);
        if (underWriteback || folios.is(folio, Folios.DIRTY)) {
            sc.nrDirty++;
            if (!underWriteback) {
                nrUnqueuedDirty++;
            } else if (folios.is(folio, Folios.RECLAIM)) {
                sc.nrCongested++;
            }
        }
    }

    private Verdict judge(int folio, MemCgroup memcg) {
        if (folios.is(folio, Folios.LOCKED)) {
            return Verdict.KEEP;
        }
        if (folios.is(folio, Folios.WRITEBACK)) {
            folios.set(folio, Folios.RECLAIM);
            return Verdict.ACTIVATE;
        }
        // folio_check_references
        boolean referenced = folios.testClear(folio, Folios.REFERENCED);
        if (folios.testClear(folio, Folios.YOUNG)) {
            if (generations) {
                lookAround(folio, memcg);
            }
            folios.set(folio, Folios.REFERENCED);
            return referenced ? Verdict.ACTIVATE : Verdict.KEEP;
        }
        if (folios.is(folio, Folios.ANON)) {
            if (folios.is(folio, Folios.SWAPCACHE)) {
                return Verdict.RECLAIM;
            }
            if (!swap.alloc(memcg)) {
                return Verdict.ACTIVATE;
            }
            if (swap.device.store(memcg)) {
                folios.set(folio, Folios.COMPRESSED);
                nrPageout++;
                return Verdict.RECLAIM;
            }
            return Verdict.WRITE;
        }
        if (folios.is(folio, Folios.DIRTY)) {
            // Only kswapd may write file pages: this one is freed when the flusher has written it.
            folios.set(folio, Folios.RECLAIM);
            return Verdict.ACTIVATE;
        }
        return Verdict.RECLAIM;
    }

    private void free(int folio, int type, ScanControl sc) {
        long shadow = lists.eviction(folio, sc.target);
        if (type == 0 && folios.is(folio, Folios.COMPRESSED)) {
            shadow = Shadow.compressed(shadow);
        }
        folios.free(folio, shadow);
    }

    /** {@code lru_gen_look_around}: where one page was accessed its neighbours in the page table are looked at too. */
    private void lookAround(int folio, MemCgroup memcg) {
        Generations gens = GenLists.of(memcg);
        GenLists genLists = (GenLists) lists;
        Mapping mapping = folios.mapping(folio);
        int from = Math.max(0, folios.index(folio) - Generations.MIN_LRU_BATCH / 2);
        int to = Math.min(mapping.pages(), from + Generations.MIN_LRU_BATCH);
        for (int index = from; index < to; index++) {
            int near = mapping.folio(index);
            if (near != Folios.NONE
                    && folios.gen[near] != Folios.NONE
                    && folios.memcg(near) == memcg
                    && folios.testClear(near, Folios.YOUNG)) {
                genLists.updateGen(near, gens);
            }
        }
    }
}
