package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;

/**
 * An active and an inactive list for each type ({@code mm/swap.c}); whether a page that returns was missed is told by the distance of
 * its refault ({@code mm/workingset.c}).
 */
final class ClassicLists implements LruLists {

    private final MemcgTree tree;
    private final Folios folios;
    /** From 6.3 on what is scanned in vain costs too, and I/O as much as 32 pages of that. */
    private final boolean rotationsCost;

    ClassicLists(MemcgTree tree, Folios folios, KernelSeries kernel) {
        this.tree = tree;
        this.folios = folios;
        rotationsCost = kernel.isAtLeast(KernelSeries.LINUX_6_12);
    }

    @Override
    public void addNew(int folio, boolean fault) {
        add(folio);
    }

    @Override
    public void add(int folio) {
        int lru = folios.lru(folio);
        MemCgroup memcg = folios.memcg(folio);
        memcg.lru[lru].addHead(folios.prev, folios.next, folio);
        memcg.mod(lru, 1);
    }

    @Override
    public void del(int folio) {
        int lru = folios.lru(folio);
        MemCgroup memcg = folios.memcg(folio);
        memcg.lru[lru].remove(folios.prev, folios.next, folio);
        memcg.mod(lru, -1);
    }

    @Override
    public void addTail(int folio) {
        int lru = folios.lru(folio);
        MemCgroup memcg = folios.memcg(folio);
        memcg.lru[lru].addTail(folios.prev, folios.next, folio);
        memcg.mod(lru, 1);
    }

    /** Inactive becomes referenced, referenced becomes active. */
    @Override
    public void markAccessed(int folio) {
        if (!folios.is(folio, Folios.REFERENCED)) {
            folios.set(folio, Folios.REFERENCED);
        } else if (!folios.is(folio, Folios.ACTIVE)) {
            del(folio);
            folios.set(folio, Folios.ACTIVE);
            folios.clear(folio, Folios.REFERENCED);
            add(folio);
            MemCgroup memcg = folios.memcg(folio);
            memcg.mod(Stat.PGACTIVATE, 1);
            ageNonresident(memcg, 1);
        }
    }

    @Override
    public long eviction(int folio, MemCgroup target) {
        long age = target.nonresidentAge;
        ageNonresident(target, 1);
        return Shadow.pack(target, age, folios.is(folio, Folios.WORKINGSET));
    }

    @Override
    public int refault(long shadow, MemCgroup memcg, int type, boolean fault) {
        memcg.mod(Stat.WORKINGSET_REFAULT + type, 1);
        if (!recent(shadow, type)) {
            return 0;
        }
        ageNonresident(memcg, 1);
        memcg.mod(Stat.WORKINGSET_ACTIVATE + type, 1);
        if (!Shadow.isWorkingset(shadow)) {
            return Folios.ACTIVE;
        }
        memcg.mod(Stat.WORKINGSET_RESTORE + type, 1);
        noteCost(memcg, type, 1, 0);
        return Folios.ACTIVE | Folios.WORKINGSET;
    }

    /** {@code workingset_test_recent}: whether the page would still be here, had the lists been one. */
    private boolean recent(long shadow, int type) {
        MemCgroup target = tree.withId(Shadow.id(shadow));
        if (target == null) {
            return false;
        }
        long distance = Shadow.distance(target.nonresidentAge, shadow);
        long size = target.flushed[Stat.ACTIVE_FILE];
        if (type == 0) {
            size += target.flushed[Stat.INACTIVE_FILE];
        }
        if (Swap.left(target) > 0) {
            size += target.flushed[Stat.ACTIVE_ANON];
            if (type == 1) {
                size += target.flushed[Stat.INACTIVE_ANON];
            }
        }
        return distance <= size;
    }

    /** {@code workingset_age_nonresident}. */
    static void ageNonresident(MemCgroup memcg, int pages) {
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            m.nonresidentAge += pages;
        }
    }

    /** {@code lru_note_cost} ({@code mm/swap.c}): what reclaiming this type has cost lately, here and above. */
    void noteCost(MemCgroup memcg, int type, long io, long rotated) {
        long cost = rotationsCost ? io * Vmscan.SWAP_CLUSTER_MAX + rotated : io;
        if (cost == 0) {
            return;
        }
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            if (type == 1) {
                m.fileCost += cost;
            } else {
                m.anonCost += cost;
            }
            if (m.fileCost + m.anonCost > m.lruPages() / 4) {
                m.fileCost /= 2;
                m.anonCost /= 2;
            }
        }
    }

    @Override
    public int count(MemCgroup memcg, int lru) {
        int count = 0;
        for (int folio = memcg.lru[lru].head; folio != Folios.NONE; folio = folios.next[folio]) {
            count++;
        }
        return count;
    }
}
