package dev.tidemark.reclaim.model;

/** One call of reclaim in progress ({@code struct scan_control} in {@code mm/vmscan.c}); used over and over. */
final class ScanControl {

    MemCgroup target;
    long nrToReclaim;
    boolean maySwap;
    Reclaimer reclaimer = Reclaimer.DIRECT;
    /** Resolved: 0..200, or 201 for anonymous only. */
    int swappiness;

    int priority;
    long nrReclaimed;
    final boolean[] mayDeactivate = new boolean[2];
    boolean cacheTrimMode;
    boolean forceDeactivate;
    boolean skippedDeactivate;
    boolean memcgLowReclaim;
    boolean memcgLowSkipped;
    boolean memcgFullWalk;
    long anonCost;
    long fileCost;
    /** Dirty or under writeback, and of these under writeback and marked for reclaim, in this round. */
    long nrDirty;

    long nrCongested;

    /** What it has cost so far. */
    long nanos;

    /** Of these, asleep. */
    long throttledNanos;

    /** Pages that swap slots were taken for. */
    long nrSwappedOut;

    ScanControl(MemCgroup target) {
        this.target = target;
    }

    void begin(MemCgroup target, long nrToReclaim, boolean maySwap, Reclaimer reclaimer, int swappiness) {
        this.target = target;
        this.nrToReclaim = Math.max(nrToReclaim, Vmscan.SWAP_CLUSTER_MAX);
        this.maySwap = maySwap;
        this.reclaimer = reclaimer;
        this.swappiness = swappiness;
        nrReclaimed = 0;
        forceDeactivate = false;
        skippedDeactivate = false;
        memcgLowReclaim = false;
        memcgLowSkipped = false;
        memcgFullWalk = false;
        nanos = Costs.RECLAIM_CALL;
        throttledNanos = 0;
        nrSwappedOut = 0;
    }
}
