package dev.tidemark.reclaim.model;

/**
 * One write to {@code memory.high} or {@code memory.max} ({@code memory_high_write} and {@code memory_max_write} in {@code
 * mm/memcontrol.c}): the limit holds at once, and the writer reclaims until usage is below it. Where that is of no use 16 times over,
 * {@code memory.high} leaves it at that and {@code memory.max} kills until nothing is left to kill.
 *
 * <p><b>Thread:</b> any that holds the clock's lock, then the clock's. <b>Time:</b> each round of reclaim takes as long as it
 * costs; the next one begins after that.
 */
final class LimitWrite {

    private final Kernel kernel;
    private final MemCgroup memcg;
    private final boolean max;
    private final Reclaimer reclaimer;
    private final Runnable done;
    private boolean drained;
    private volatile boolean cancelled;
    private int retries = Charge.MAX_RECLAIM_RETRIES;

    private LimitWrite(Kernel kernel, MemCgroup memcg, boolean max, Reclaimer reclaimer, Runnable done) {
        this.kernel = kernel;
        this.memcg = memcg;
        this.max = max;
        this.reclaimer = reclaimer;
        this.done = done;
    }

    /** @param done run when the write has returned */
    static void max(Kernel kernel, MemCgroup memcg, long pages, Runnable done) {
        memcg.memory.max = pages;
        new LimitWrite(kernel, memcg, true, Reclaimer.DIRECT, done).next();
    }

    /**
     * The limit holds from now on; the rest is up to {@link #start}.
     *
     * @param done run when the write has returned
     */
    static LimitWrite high(Kernel kernel, MemCgroup memcg, long pages, Reclaimer reclaimer, Runnable done) {
        memcg.memory.high = pages;
        return new LimitWrite(kernel, memcg, false, reclaimer, done);
    }

    void start() {
        next();
    }

    /** A signal for the writer: it returns after the round under way. From any thread. */
    void cancel() {
        cancelled = true;
    }

    private void next() {
        // The limit may have been written again meanwhile: as the kernel's counter, only the last one is held to.
        long limit = max ? memcg.memory.max : memcg.memory.high;
        if (memcg.memory.usage > limit && !drained) {
            kernel.charge.drainAllStock(memcg);
            drained = true;
        }
        long over = memcg.memory.usage - limit;
        if (over <= 0 || !memcg.online || cancelled) {
            done.run();
        } else if (!max || retries > 0) {
            Vmscan.Pass pass = kernel.vmscan.tryToFreeMemCgroupPages(memcg, over, true, reclaimer, -1);
            boolean useless = pass.reclaimed() == 0 && retries-- == 0;
            kernel.clock.after(pass.nanos(), useless && !max ? done : this::next);
        } else {
            memcg.event(MemcgEvent.OOM);
            if (kernel.oomKill(memcg, null) != null) {
                kernel.clock.after(Costs.OOM_KILL, this::next);
            } else {
                done.run();
            }
        }
    }
}
