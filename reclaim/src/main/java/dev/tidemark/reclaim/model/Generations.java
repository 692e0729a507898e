package dev.tidemark.reclaim.model;

/**
 * The generations of one cgroup ({@code struct lru_gen_folio} in {@code include/linux/mmzone.h}). A sequence number grows without
 * bound; the generation is its remainder. Pages are counted under the generation they belong to; the list they are on may be that of an
 * older one until eviction meets them.
 */
final class Generations {

    static final int MIN_NR_GENS = 2;
    static final int MAX_NR_GENS = 4;
    static final int MAX_NR_TIERS = 4;
    /** {@code MIN_LRU_BATCH}: as many as a long has bits. */
    static final int MIN_LRU_BATCH = 64;
    /** {@code MAX_LRU_BATCH}. */
    static final int MAX_LRU_BATCH = 64 * MIN_LRU_BATCH;

    long maxSeq = MIN_NR_GENS + 1;
    final long[] minSeq = new long[2];

    private final Folios.Chain[] lists = new Folios.Chain[MAX_NR_GENS * 2];
    private final int[] nrPages = new int[MAX_NR_GENS * 2];

    /** By type and tier: of past generations, decaying, and since the oldest one became the oldest. */
    private final long[] avgRefaulted = new long[2 * MAX_NR_TIERS];

    private final long[] avgTotal = new long[2 * MAX_NR_TIERS];
    private final long[] refaulted = new long[2 * MAX_NR_TIERS];
    private final long[] evicted = new long[2 * MAX_NR_TIERS];
    private final long[] spared = new long[2 * MAX_NR_TIERS];

    Generations() {
        for (int i = 0; i < lists.length; i++) {
            lists[i] = new Folios.Chain();
        }
    }

    static int gen(long seq) {
        return (int) (seq % MAX_NR_GENS);
    }

    Folios.Chain list(int gen, int type) {
        return lists[2 * gen + type];
    }

    Folios.Chain oldest(int type) {
        return list(gen(minSeq[type]), type);
    }

    int pages(int gen, int type) {
        return nrPages[2 * gen + type];
    }

    void addPages(int gen, int type, int delta) {
        nrPages[2 * gen + type] += delta;
    }

    /** {@code get_nr_gens}. */
    int nrGens(int type) {
        return (int) (maxSeq - minSeq[type] + 1);
    }

    /** {@code lru_gen_is_active}: one of the two youngest. */
    boolean isActive(int gen) {
        return gen == gen(maxSeq) || gen == gen(maxSeq - 1);
    }

    /** {@code lru_tier_from_refs}. */
    static int tier(int refs) {
        return 32 - Integer.numberOfLeadingZeros(refs);
    }

    void evicted(int type, int tier) {
        evicted[MAX_NR_TIERS * type + tier]++;
    }

    void refaulted(int type, int tier) {
        refaulted[MAX_NR_TIERS * type + tier]++;
    }

    /** Kept by eviction for its tier alone. */
    void spared(int type, int tier) {
        spared[MAX_NR_TIERS * type + tier]++;
    }

    /** {@code reset_ctrl_pos} with {@code carryover}, as the oldest generation of a type goes. */
    void carryOver(int type) {
        for (int i = MAX_NR_TIERS * type; i < MAX_NR_TIERS * (type + 1); i++) {
            avgRefaulted[i] = (avgRefaulted[i] + refaulted[i]) / 2;
            avgTotal[i] = (avgTotal[i] + evicted[i] + spared[i]) / 2;
            refaulted[i] = 0;
            evicted[i] = 0;
            spared[i] = 0;
        }
    }

    /** {@code get_type_to_scan}: the type whose first tier comes back less, for what swappiness says each is worth. */
    int typeToScan(int swappiness) {
        int fileGain = ScanCount.MAX_SWAPPINESS - swappiness;
        return noBetter(0, 0, swappiness, 1, 0, fileGain) ? 1 : 0;
    }

    /** {@code get_tier_idx}: up to which tier to evict: those above come back more than twice as often as the first. */
    int tierToEvict(int type) {
        int tier = 1;
        while (tier < MAX_NR_TIERS && noBetter(type, 0, 1, type, tier, 2)) {
            tier++;
        }
        return tier - 1;
    }

    /** The same beside the first tier of the other type. */
    int tierToEvict(int type, int swappiness) {
        int file = ScanCount.MAX_SWAPPINESS - swappiness;
        int gain = type == 1 ? file : swappiness;
        int otherGain = type == 1 ? swappiness : file;
        int tier = 1;
        while (tier < MAX_NR_TIERS && noBetter(1 - type, 0, otherGain, type, tier, gain)) {
            tier++;
        }
        return tier - 1;
    }

    /** {@code positive_ctrl_err}: whether the second refaults no more than the first, both weighed with their gains. */
    private boolean noBetter(int type, int tier, int gain, int otherType, int otherTier, int otherGain) {
        int sp = MAX_NR_TIERS * type + tier;
        int pv = MAX_NR_TIERS * otherType + otherTier;
        long pvRefaulted = avgRefaulted[pv] + refaulted[pv];
        long spRefaulted = avgRefaulted[sp] + refaulted[sp];
        long pvTotal = avgTotal[pv] + evicted[pv] + spared[pv];
        long spTotal = avgTotal[sp] + evicted[sp] + spared[sp];
        return pvRefaulted < MIN_LRU_BATCH
                || pvRefaulted * (spTotal + MIN_LRU_BATCH) * gain <= (spRefaulted + 1) * pvTotal * otherGain;
    }
}
