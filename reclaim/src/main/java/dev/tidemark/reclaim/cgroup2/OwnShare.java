package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.cgroup2.ReclaimCounters.Count;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;

/**
 * How much of what one cgroup's memory.stat counts as direct reclaim the agent did itself: by lowering memory.high, and before 6.15 also
 * by writing to memory.reclaim.
 *
 * <p>Measured as what the counters moved by from right before a write to right after it. What allocating tasks of
 * the cgroup reclaimed meanwhile is in it: it is taken for the agent's own, since the other way round a policy that counts scans would
 * feed itself. While a write runs, all movement is its own.
 *
 * <p>memory.stat may be behind by 64 changes a CPU for two seconds, until the kernel adds up by itself. What a write took by
 * memory.current and has not shown yet is owed: it is taken off what the counters move by next, until {@link #LATE}.
 *
 * <p>What is told never steps back: what is left of a counter is at least what was left of it before.
 *
 * <p><b>Thread:</b> any; never blocks for longer than a few additions. <b>Time:</b> the controller's clock, nanoseconds.
 */
final class OwnShare {
    /** The kernel adds up every two seconds, by work that may be put off a little. */
    static final Duration LATE = Duration.ofMillis(2_500);

    /** The agent's own share as a write begins. */
    record Before(double scans, double steals) {}

    /** One counter. Guarded by the share whose it is. */
    private static final class Counter {
        private double own;
        private double owed;
        /** As it was last attributed. */
        private double seen = Double.NaN;
        /** What was left of it when last told. */
        private double left = Double.NEGATIVE_INFINITY;
    }

    private final Cgroup cgroup;

    // All guarded by this.
    private final Counter scans = new Counter();
    private final Counter steals = new Counter();

    private int writes;
    private long owedUntilNanos;

    OwnShare(Cgroup cgroup) {
        this.cgroup = cgroup;
    }

    Cgroup cgroup() {
        return cgroup;
    }

    /**
     * A write begins.
     *
     * @param direct the counters now; NaN where unknown
     * @return what {@link #ended} is to be given
     */
    synchronized Before began(double[] direct, long nowNanos) {
        attribute(direct, nowNanos);
        writes++;
        return new Before(scans.own, steals.own);
    }

    /**
     * A write has ended.
     *
     * @param before what {@link #began} gave
     * @param direct the counters now; NaN where unknown
     * @param pages what it took by memory.current, but no more than it had asked for
     */
    synchronized void ended(Before before, double[] direct, long pages, long nowNanos) {
        attribute(direct, nowNanos);
        writes--;
        double stolen = steals.own - before.steals;
        double scanned = scans.own - before.scans;
        double hidden = Math.max(0, pages - stolen);
        steals.owed = hidden;
        scans.owed = hidden * (stolen > 0 ? Math.max(1, scanned / stolen) : 1);
        owedUntilNanos = nowNanos + LATE.toNanos();
    }

    /**
     * The agent's own share of a counter.
     *
     * @param direct the counter now, as just read
     */
    synchronized double of(Count count, double direct, long nowNanos) {
        if (Double.isNaN(direct)) {
            return 0;
        }
        Counter counter = count == Count.SCAN ? scans : steals;
        attribute(counter, direct, nowNanos);
        // A text read before a write ended may be attributed after it: it then has less than what is taken off.
        counter.left = Math.max(counter.left, direct - counter.own);
        return direct - counter.left;
    }

    private void attribute(double[] direct, long nowNanos) {
        attribute(scans, direct[Count.SCAN.index], nowNanos);
        attribute(steals, direct[Count.STEAL.index], nowNanos);
    }

    /** Says whose the movement since the last look is. */
    private void attribute(Counter counter, double direct, long nowNanos) {
        double moved = direct - counter.seen;
        if (Double.isNaN(direct) || moved < 0) {
            return;
        }
        counter.seen = direct;
        if (Double.isNaN(moved)) {
            return;
        }
        if (writes > 0) {
            counter.own += moved;
        } else if (counter.owed > 0) {
            if (nowNanos - owedUntilNanos >= 0) {
                counter.owed = 0;
            }
            double paid = Math.min(moved, counter.owed);
            counter.owed -= paid;
            counter.own += paid;
        }
    }
}
