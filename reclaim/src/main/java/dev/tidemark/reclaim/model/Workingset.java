package dev.tidemark.reclaim.model;

/**
 * Remembers evicted pages and tells on refault whether they were missed ({@code mm/workingset.c}).
 *
 * <p>A shadow is one long below 0: the cgroup that reclaim was aimed at (20 bits of its id), whether the page had once been
 * active, and that cgroup's nonresident age at the eviction.
 */
final class Workingset {

    private static final int AGE_BITS = 42;
    private static final long AGE_MASK = (1L << AGE_BITS) - 1;
    private static final int ID_BITS = 20;
    private static final long ID_MASK = (1L << ID_BITS) - 1;
    private static final long WAS_WORKINGSET = 1L << (AGE_BITS + ID_BITS);

    private final MemcgTree tree;
    private final Folios folios;

    Workingset(MemcgTree tree, Folios folios) {
        this.tree = tree;
        this.folios = folios;
    }

    /** {@code workingset_eviction}: the shadow of a page that reclaim takes on behalf of {@code target}. */
    long eviction(int folio, MemCgroup target) {
        long age = target.nonresidentAge & AGE_MASK;
        long id = target.cgroup.id() & ID_MASK;
        ageNonresident(target, 1);
        return Long.MIN_VALUE | (folios.is(folio, Folios.WORKINGSET) ? WAS_WORKINGSET : 0) | (id << AGE_BITS) | age;
    }

    /**
     * {@code workingset_refault}: what a page that comes back is to be flagged as, and the counting of it.
     *
     * @param memcg whom the page is charged to now
     * @param type 0 anonymous, 1 file
     */
    int refault(long shadow, MemCgroup memcg, int type) {
        memcg.mod(Stat.WORKINGSET_REFAULT + type, 1);
        if (!recent(shadow, type)) {
            return 0;
        }
        ageNonresident(memcg, 1);
        memcg.mod(Stat.WORKINGSET_ACTIVATE + type, 1);
        if ((shadow & WAS_WORKINGSET) == 0) {
            return Folios.ACTIVE;
        }
        memcg.mod(Stat.WORKINGSET_RESTORE + type, 1);
        noteCost(memcg, type, 1, 0);
        return Folios.ACTIVE | Folios.WORKINGSET;
    }

    /** {@code workingset_test_recent}: whether the page would still be here, had the lists been one. */
    private boolean recent(long shadow, int type) {
        MemCgroup target = tree.withId((shadow >>> AGE_BITS) & ID_MASK);
        if (target == null) {
            return false;
        }
        long distance = (target.nonresidentAge - (shadow & AGE_MASK)) & AGE_MASK;
        long size = target.stat[Stat.ACTIVE_FILE];
        if (type == 0) {
            size += target.stat[Stat.INACTIVE_FILE];
        }
        if (Pages.swapLeft(target) > 0) {
            size += target.stat[Stat.ACTIVE_ANON];
            if (type == 1) {
                size += target.stat[Stat.INACTIVE_ANON];
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
    static void noteCost(MemCgroup memcg, int type, long io, long rotated) {
        long cost = io * Vmscan.SWAP_CLUSTER_MAX + rotated;
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
}
