package dev.tidemark.reclaim.model;

/** Pages on their lists and in their mappings, and giving them back ({@code mm/swap.c}, {@code mm/memcontrol.c}). */
final class Pages {

    /** How many pages are freed and uncharged in one go outside of reclaim. */
    static final int FREE_BATCH = 32;

    final Folios folios;
    final LruLists lists;
    private final Charge charge;

    Pages(Folios folios, LruLists lists, Charge charge) {
        this.folios = folios;
        this.lists = lists;
        this.charge = charge;
    }

    /**
     * Puts a charged page into its mapping, and on the list that its flags and what is remembered of it say.
     *
     * @param flags with {@link Folios#FAULT} or {@link Folios#ANON} for one that a page fault brings in
     */
    int add(Mapping mapping, int index, MemCgroup memcg, int flags) {
        boolean fault = (flags & (Folios.FAULT | Folios.ANON)) != 0;
        long shadow = mapping.shadow(index);
        int remembered = shadow == Mapping.EMPTY ? 0 : lists.refault(shadow, memcg, mapping.anon ? 0 : 1, fault);
        int folio = mapping.add(index, memcg, (flags & ~Folios.FAULT) | remembered);
        lists.addNew(folio, fault);
        return folio;
    }

    /** {@code folio_rotate_reclaimable}: next in line to be freed. */
    void rotateReclaimable(int folio) {
        lists.del(folio);
        folios.clear(folio, Folios.ACTIVE);
        lists.addTail(folio);
        folios.memcg(folio).mod(Stat.PGROTATED, 1);
    }

    /** {@code folio_mark_accessed}. */
    void markAccessed(int folio) {
        lists.markAccessed(folio);
    }

    void setDirty(int folio, long nowNanos) {
        folios.clear(folio, Folios.RECLAIM);
        if (!folios.is(folio, Folios.DIRTY)) {
            folios.set(folio, Folios.DIRTY);
            folios.dirtiedNanos[folio] = nowNanos;
            MemCgroup memcg = folios.memcg(folio);
            memcg.dirty.addHead(folios.dirtyPrev, folios.dirtyNext, folio);
            memcg.mod(Stat.FILE_DIRTY, 1);
        }
    }

    void clearDirty(int folio) {
        if (folios.testClear(folio, Folios.DIRTY)) {
            MemCgroup memcg = folios.memcg(folio);
            memcg.dirty.remove(folios.dirtyPrev, folios.dirtyNext, folio);
            memcg.mod(Stat.FILE_DIRTY, -1);
        }
    }

    /** Frees all pages of a mapping and its swap, as truncation and exit do; returns how many pages that were. */
    int truncate(Mapping mapping, Swap swap) {
        int freed = 0;
        int batch = 0;
        MemCgroup batchOf = mapping.memcg;
        for (int index = 0; index < mapping.pages(); index++) {
            int folio = mapping.folio(index);
            if (folio == Folios.NONE) {
                if (mapping.anon && mapping.shadow(index) != Mapping.EMPTY) {
                    swap.free(mapping.memcg, mapping.shadow(index));
                }
            } else {
                MemCgroup memcg = folios.memcg(folio);
                if (memcg != batchOf || batch == FREE_BATCH) {
                    uncharge(batchOf, batch);
                    batchOf = memcg;
                    batch = 0;
                }
                clearDirty(folio);
                if (folios.testClear(folio, Folios.WRITEBACK)) {
                    memcg.mod(Stat.WRITEBACK, -1);
                }
                swap.reuse(folio);
                lists.del(folio);
                folios.free(folio, Mapping.EMPTY);
                batch++;
                freed++;
            }
        }
        mapping.clear();
        uncharge(batchOf, batch);
        return freed;
    }

    /** {@code memcg_uncharge}. */
    void uncharge(MemCgroup memcg, int pages) {
        charge.uncharge(memcg, pages);
    }
}
