package dev.tidemark.reclaim.model;

/** Pages on their lists and in their mappings, and giving them back ({@code mm/swap.c}, {@code mm/memcontrol.c}). */
final class Pages {

    /** How many pages are freed and uncharged in one go outside of reclaim. */
    static final int FREE_BATCH = 32;

    final Folios folios = new Folios();
    private final MemcgTree tree;
    private final Charge charge;

    Pages(MemcgTree tree, Charge charge) {
        this.tree = tree;
        this.charge = charge;
    }

    /** Puts a charged page into its mapping and at the head of the list its flags say. */
    int add(Mapping mapping, int index, MemCgroup memcg, int flags) {
        int folio = folios.alloc(mapping, index, memcg, flags);
        mapping.setFolio(index, folio);
        lruAdd(folio);
        return folio;
    }

    void lruAdd(int folio) {
        int lru = folios.lru(folio);
        MemCgroup memcg = folios.memcg(folio);
        memcg.lru[lru].addHead(folios.prev, folios.next, folio);
        memcg.mod(lru, 1);
    }

    void lruDel(int folio) {
        int lru = folios.lru(folio);
        MemCgroup memcg = folios.memcg(folio);
        memcg.lru[lru].remove(folios.prev, folios.next, folio);
        memcg.mod(lru, -1);
    }

    /** {@code folio_rotate_reclaimable}: next in line to be freed. */
    void rotateReclaimable(int folio) {
        lruDel(folio);
        folios.clear(folio, Folios.ACTIVE);
        int lru = folios.lru(folio);
        MemCgroup memcg = folios.memcg(folio);
        memcg.lru[lru].addTail(folios.prev, folios.next, folio);
        memcg.mod(lru, 1);
        memcg.mod(Stat.PGROTATED, 1);
    }

    /** {@code folio_mark_accessed}: inactive becomes referenced, referenced becomes active. */
    void markAccessed(int folio) {
        if (!folios.is(folio, Folios.REFERENCED)) {
            folios.set(folio, Folios.REFERENCED);
        } else if (!folios.is(folio, Folios.ACTIVE)) {
            lruDel(folio);
            folios.set(folio, Folios.ACTIVE);
            folios.clear(folio, Folios.REFERENCED);
            lruAdd(folio);
            MemCgroup memcg = folios.memcg(folio);
            memcg.mod(Stat.PGACTIVATE, 1);
            Workingset.ageNonresident(memcg, 1);
        }
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
    int truncate(Mapping mapping) {
        int freed = 0;
        int batch = 0;
        MemCgroup batchOf = mapping.memcg;
        for (int index = 0; index < mapping.pages(); index++) {
            int folio = mapping.folio(index);
            if (folio == Folios.NONE) {
                if (mapping.anon && mapping.shadow(index) != Mapping.EMPTY) {
                    freeSwap(mapping.memcg);
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
                lruDel(folio);
                folios.free(folio);
                batch++;
                freed++;
            }
            mapping.setShadow(index, Mapping.EMPTY);
        }
        uncharge(batchOf, batch);
        return freed;
    }

    /** {@code folio_alloc_swap}: takes a slot from the host and every level, or none. */
    boolean allocSwap(MemCgroup memcg) {
        PageCounter full = memcg.swap.tryCharge(1);
        if (full != null) {
            memcg.levelOf(full).event(MemcgEvent.SWAP_MAX);
            memcg.event(MemcgEvent.SWAP_FAIL);
            return false;
        }
        memcg.mod(Stat.SWAP, 1);
        return true;
    }

    void freeSwap(MemCgroup memcg) {
        memcg.swap.uncharge(1);
        memcg.mod(Stat.SWAP, -1);
        tree.releaseIfEmpty(memcg);
    }

    /** {@code mem_cgroup_get_nr_swap_pages}: slots left at the tightest level; the root's limit is the host's swap. */
    static long swapLeft(MemCgroup memcg) {
        long left = PageCounter.MAX;
        for (PageCounter c = memcg.swap; c != null; c = c.parent) {
            left = Math.min(left, c.margin());
        }
        return left;
    }

    /** {@code memcg_uncharge}. */
    void uncharge(MemCgroup memcg, int pages) {
        charge.uncharge(memcg, pages);
    }
}
