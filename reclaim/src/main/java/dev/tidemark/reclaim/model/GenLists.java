package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;

/**
 * Lists by generation ({@code lru_gen_add_folio} in {@code include/linux/mm_inline.h}); a page that returns was missed when it went
 * not long ago ({@code lru_gen_refault} in {@code mm/workingset.c}).
 */
final class GenLists implements LruLists {

    private static final int REFS_FLAGS = Folios.REFERENCED | Folios.WORKINGSET;
    /** {@code BIT(LRU_REFS_WIDTH) - 1}. */
    private static final int MAX_REFS = 3;

    private static final int REFS_WIDTH = 2;

    private final MemcgTree tree;
    private final Folios folios;
    /** From 6.2 on what is not to be evicted at once keeps a greater distance from the oldest generation. */
    private final boolean farther;
    /** From 6.14 on a refault counts when it comes within a few generations, before only within the oldest one. */
    private final boolean recentByAge;
    /** From 6.3 on every refault is counted, before only a recent one. */
    private final boolean countsAll;

    GenLists(MemcgTree tree, Folios folios, KernelSeries kernel) {
        this.tree = tree;
        this.folios = folios;
        farther = kernel.isAtLeast(KernelSeries.LINUX_6_12);
        countsAll = kernel.isAtLeast(KernelSeries.LINUX_6_12);
        recentByAge = kernel.isAtLeast(KernelSeries.LINUX_7_2);
    }

    static Generations of(MemCgroup memcg) {
        Generations gens = memcg.generations;
        if (gens == null) {
            gens = new Generations();
            memcg.generations = gens;
        }
        return gens;
    }

    /** {@code folio_add_lru}: what a fault brings in is used, so it starts as young as can be. */
    @Override
    public void addNew(int folio, boolean fault) {
        if (fault) {
            folios.set(folio, Folios.ACTIVE);
        }
        add(folio, false);
    }

    @Override
    public void add(int folio) {
        add(folio, false);
    }

    @Override
    public void addTail(int folio) {
        add(folio, true);
    }

    private void add(int folio, boolean next) {
        MemCgroup memcg = folios.memcg(folio);
        Generations gens = of(memcg);
        int type = folios.type(folio);
        int gen = Generations.gen(seq(folio, gens, type, next));
        folios.clear(folio, Folios.ACTIVE);
        enter(folio, memcg, gens, type, gen);
        Folios.Chain list = gens.list(gen, type);
        folios.listGen[folio] = (byte) gen;
        if (next) {
            list.addTail(folios.prev, folios.next, folio);
        } else {
            list.addHead(folios.prev, folios.next, folio);
        }
    }

    private long seq(int folio, Generations gens, int type, boolean next) {
        boolean waits = folios.is(folio, Folios.RECLAIM) && folios.is(folio, Folios.DIRTY | Folios.WRITEBACK);
        long min = gens.minSeq[type];
        if (folios.is(folio, Folios.ACTIVE)) {
            return gens.maxSeq;
        }
        if (waits || (type == 0 && !folios.is(folio, Folios.SWAPCACHE))) {
            return farther ? gens.maxSeq - 1 : min + 1;
        }
        boolean oldest = !farther || next || min + Generations.MIN_NR_GENS >= gens.maxSeq;
        return oldest ? min : min + 1;
    }

    private void enter(int folio, MemCgroup memcg, Generations gens, int type, int gen) {
        folios.gen[folio] = (byte) gen;
        gens.addPages(gen, type, 1);
        memcg.mod(2 * type + (gens.isActive(gen) ? 1 : 0), 1);
    }

    @Override
    public void del(int folio) {
        Generations gens = of(folios.memcg(folio));
        if (gens.isActive(folios.gen[folio])) {
            folios.set(folio, Folios.ACTIVE);
        }
        isolate(folio, gens);
    }

    /** {@code lru_gen_del_folio} with {@code reclaiming}: off its list, for eviction. */
    void isolate(int folio, Generations gens) {
        int type = folios.type(folio);
        int gen = folios.gen[folio];
        gens.addPages(gen, type, -1);
        folios.memcg(folio).mod(2 * type + (gens.isActive(gen) ? 1 : 0), -1);
        folios.gen[folio] = Folios.NONE;
        gens.list(folios.listGen[folio], type).remove(folios.prev, folios.next, folio);
    }

    /** {@code lru_gen_update_size} of a promotion. */
    private void promote(int folio, Generations gens, int type, int gen) {
        int old = folios.gen[folio];
        folios.gen[folio] = (byte) gen;
        gens.addPages(old, type, -1);
        gens.addPages(gen, type, 1);
        if (!gens.isActive(old) && gens.isActive(gen)) {
            MemCgroup memcg = folios.memcg(folio);
            memcg.mod(2 * type, -1);
            memcg.mod(2 * type + 1, 1);
        }
    }

    /** {@code folio_update_gen}: an accessed bit was found; the page stays on its list until eviction meets it. */
    void updateGen(int folio, Generations gens) {
        folios.clear(folio, Folios.REFS_MASK | REFS_FLAGS);
        int gen = Generations.gen(gens.maxSeq);
        if (folios.gen[folio] != gen) {
            promote(folio, gens, folios.type(folio), gen);
        }
    }

    /** {@code folio_inc_gen}: one of the oldest generation goes to the next one. */
    void incGen(int folio, Generations gens, int type, boolean reclaiming) {
        int oldest = Generations.gen(gens.minSeq[type]);
        if (folios.gen[folio] == oldest) {
            folios.clear(folio, Folios.REFS_MASK | REFS_FLAGS);
            if (reclaiming) {
                folios.set(folio, Folios.RECLAIM);
            }
            promote(folio, gens, type, Generations.gen(gens.minSeq[type] + 1));
        }
    }

    /** Puts a page on the list of the generation it belongs to, at its young end or at the other. */
    void move(int folio, Generations gens, int type, boolean tail) {
        gens.list(folios.listGen[folio], type).remove(folios.prev, folios.next, folio);
        byte gen = folios.gen[folio];
        folios.listGen[folio] = gen;
        if (tail) {
            gens.list(gen, type).addTail(folios.prev, folios.next, folio);
        } else {
            gens.list(gen, type).addHead(folios.prev, folios.next, folio);
        }
    }

    /** {@code folio_lru_refs}: how often the page was used beyond the first two times. */
    int refs(int folio) {
        int flags = folios.flags[folio];
        return ((flags & Folios.REFS_MASK) >> Folios.REFS_SHIFT) + ((flags & Folios.WORKINGSET) != 0 ? 1 : 0);
    }

    /** {@code folio_inc_refs}. */
    @Override
    public void markAccessed(int folio) {
        if (!folios.is(folio, Folios.REFERENCED)) {
            folios.set(folio, Folios.REFERENCED);
        } else if (!folios.is(folio, Folios.WORKINGSET)) {
            folios.set(folio, Folios.WORKINGSET);
        } else if (refs(folio) <= MAX_REFS) {
            folios.flags[folio] += 1 << Folios.REFS_SHIFT;
        }
    }

    /** {@code lru_gen_eviction}. The clock is the cgroup's own, whoever the target was. */
    @Override
    public long eviction(int folio, MemCgroup target) {
        MemCgroup memcg = folios.memcg(folio);
        Generations gens = of(memcg);
        int type = folios.type(folio);
        int refs = refs(folio);
        gens.evicted(type, Generations.tier(refs));
        long seq = recentByAge ? gens.maxSeq : gens.minSeq[type];
        return Shadow.pack(memcg, (seq << REFS_WIDTH) | Math.max(refs - 1, 0), refs > 0);
    }

    @Override
    public int refault(long shadow, MemCgroup memcg, int type, boolean fault) {
        if (tree.withId(Shadow.id(shadow)) != memcg) {
            return 0;
        }
        Generations gens = of(memcg);
        long seq = Shadow.clock(shadow) >> REFS_WIDTH;
        boolean recent = recentByAge ? gens.maxSeq - seq < Generations.MAX_NR_GENS : gens.minSeq[type] == seq;
        if (recent || countsAll) {
            memcg.mod(Stat.WORKINGSET_REFAULT + type, 1);
        }
        if (!recent) {
            return 0;
        }
        int refs = (int) (Shadow.clock(shadow) & MAX_REFS) + (Shadow.isWorkingset(shadow) ? 1 : 0);
        gens.refaulted(type, Generations.tier(refs));
        if (fault) {
            memcg.mod(Stat.WORKINGSET_ACTIVATE + type, 1);
        }
        if (fault || refs >= MAX_REFS) {
            memcg.mod(Stat.WORKINGSET_RESTORE + type, 1);
            return Folios.WORKINGSET | Folios.REFS_MASK;
        }
        return 0;
    }

    @Override
    public int count(MemCgroup memcg, int lru) {
        Generations gens = of(memcg);
        int count = 0;
        for (int gen = 0; gen < Generations.MAX_NR_GENS; gen++) {
            Folios.Chain list = gens.list(gen, lru / 2);
            for (int folio = list.head; folio != Folios.NONE; folio = folios.next[folio]) {
                count += (gens.isActive(folios.gen[folio]) ? 1 : 0) == (lru & 1) ? 1 : 0;
            }
        }
        return count;
    }
}
