package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.cgroup2.ReclaimCounters.Count;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.Arrays;

/**
 * How much of what one cgroup's memory.stat counts as direct reclaim the agent did itself, on kernels that do not say: before 6.15.
 *
 * <p>Measured as what the counters moved by from right before a write to memory.reclaim to right after it. What allocating tasks of
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

    private static final int COUNTS = Count.SIZE;
    private static final int SCAN = Count.SCAN.index;
    private static final int STEAL = Count.STEAL.index;

    /** The agent's own share as a write begins. */
    record Before(double scans, double steals) {}

    private final Cgroup cgroup;

    // All guarded by this, by Count.
    private final double[] own = new double[COUNTS];
    private final double[] owed = new double[COUNTS];
    /** The counters as they were last attributed. */
    private final double[] seen = new double[COUNTS];
    /** What was left of the counters when last told. */
    private final double[] left = new double[COUNTS];

    private int writes;
    private long owedUntilNanos;

    OwnShare(Cgroup cgroup) {
        this.cgroup = cgroup;
        Arrays.fill(seen, Double.NaN);
        Arrays.fill(left, Double.NEGATIVE_INFINITY);
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
        for (int count = 0; count < COUNTS; count++) {
            attribute(count, direct[count], nowNanos);
        }
        writes++;
        return new Before(own[SCAN], own[STEAL]);
    }

    /**
     * A write has ended.
     *
     * @param before what {@link #began} gave
     * @param direct the counters now; NaN where unknown
     * @param pages what it took by memory.current, but no more than it had asked for
     */
    synchronized void ended(Before before, double[] direct, long pages, long nowNanos) {
        for (int count = 0; count < COUNTS; count++) {
            attribute(count, direct[count], nowNanos);
        }
        writes--;
        double steals = own[STEAL] - before.steals;
        double scans = own[SCAN] - before.scans;
        double hidden = Math.max(0, pages - steals);
        owed[STEAL] = hidden;
        owed[SCAN] = hidden * (steals > 0 ? Math.max(1, scans / steals) : 1);
        owedUntilNanos = nowNanos + LATE.toNanos();
    }

    /**
     * The agent's own share of a counter.
     *
     * @param direct the counter now, as just read
     */
    synchronized double of(Count count, double direct, long nowNanos) {
        int i = count.index;
        if (Double.isNaN(direct)) {
            return 0;
        }
        attribute(i, direct, nowNanos);
        // A text read before a write ended may be attributed after it: it then has less than what is taken off.
        left[i] = Math.max(left[i], direct - own[i]);
        return direct - left[i];
    }

    /** Says whose the movement since the last look is; how much it was. */
    private double attribute(int i, double direct, long nowNanos) {
        double moved = direct - seen[i];
        if (Double.isNaN(direct) || moved < 0) {
            return 0;
        }
        seen[i] = direct;
        if (Double.isNaN(moved)) {
            return 0;
        }
        if (writes > 0) {
            own[i] += moved;
        } else if (owed[i] > 0) {
            if (nowNanos - owedUntilNanos >= 0) {
                owed[i] = 0;
            }
            double paid = Math.min(moved, owed[i]);
            owed[i] -= paid;
            own[i] += paid;
        }
        return moved;
    }
}
