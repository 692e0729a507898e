package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Signal;
import dev.tidemark.triggers.SignalSet;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What reclaim scans and steals, in memory.stat, without what memory.reclaim was asked for: otherwise a policy that reclaims more
 * when it sees more scans feeds itself.
 *
 * <p>From 6.15 the kernel counts those apart, whoever wrote. All is then added up from the kinds rather than taken as the total less the
 * proactive ones: the kernel writes the total first and the kinds later, so that a difference could step back. Before, they are
 * among the direct ones, as what a write of memory.high takes is on every kernel; {@link OwnShare} knows how many are the agent's own.
 *
 * <p>Kernels from before 6.0 have the totals only.
 */
final class ReclaimCounters {
    /** The two things that are counted. */
    enum Count {
        SCAN(0, "pgscan"),
        STEAL(1, "pgsteal");

        /** How many there are. */
        static final int SIZE = 2;

        /** For arrays. */
        final int index;
        /** Of the total in memory.stat; the kinds' keys begin with it. */
        final String key;

        Count(int index, String key) {
            this.index = index;
            this.key = key;
        }

        Signal total() {
            return this == SCAN ? Signal.PGSCAN : Signal.PGSTEAL;
        }

        Signal direct() {
            return this == SCAN ? Signal.PGSCAN_DIRECT : Signal.PGSTEAL_DIRECT;
        }
    }

    private static final Count[] COUNTS = Count.values();

    /** Positions of one count's keys in what is found. */
    private record Keys(
            Count count,
            int totalSlot,
            int directSlot,
            int total,
            int kswapd,
            int direct,
            int khugepaged,
            int proactive) {}

    private final Keys[] counts;

    private ReclaimCounters(Keys[] counts) {
        this.counts = counts;
    }

    static boolean counts(Signal signal) {
        for (Count count : COUNTS) {
            if (signal == count.total() || signal == count.direct()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What these signals want of it, or null when they want nothing.
     *
     * @param stat the plan for memory.stat, into which the keys go
     */
    static @Nullable ReclaimCounters of(SignalSet signals, Supplier<FilePlan> stat) {
        Keys[] wanted = new Keys[COUNTS.length];
        int size = 0;
        for (Count count : COUNTS) {
            int total = signals.slot(count.total());
            int direct = signals.slot(count.direct());
            if (total >= 0 || direct >= 0) {
                wanted[size++] = keys(count, total, direct, stat.get());
            }
        }
        return size == 0 ? null : new ReclaimCounters(Arrays.copyOf(wanted, size));
    }

    /** Everything that is needed to tell the agent's own share, without a slot for it. */
    static ReclaimCounters all(FilePlan stat) {
        Keys[] all = new Keys[COUNTS.length];
        for (Count count : COUNTS) {
            all[count.index] = keys(count, -1, -1, stat);
        }
        return new ReclaimCounters(all);
    }

    private static Keys keys(Count count, int totalSlot, int directSlot, FilePlan stat) {
        return new Keys(
                count,
                totalSlot,
                directSlot,
                stat.key(count.key),
                stat.key(count.key + "_kswapd"),
                stat.key(count.key + "_direct"),
                stat.key(count.key + "_khugepaged"),
                stat.key(count.key + "_proactive"));
    }

    /** Whether what memory.reclaim was asked for is in none of the other kinds. */
    boolean countsProactiveApart(double[] found) {
        for (Keys keys : counts) {
            if (!Double.isNaN(found[keys.proactive])) {
                return true;
            }
        }
        return false;
    }

    /** What direct reclaim has scanned or stolen, by {@link Count}, the agent's own included. */
    void direct(double[] found, double[] into) {
        for (Keys keys : counts) {
            into[keys.count.index] = direct(keys, found);
        }
    }

    private static double direct(Keys keys, double[] found) {
        double direct = found[keys.direct];
        return Double.isNaN(direct) ? found[keys.total] : direct;
    }

    /**
     * Writes the values to their slots.
     *
     * @param own the agent's own share of what this cgroup counts as direct reclaim; null for none
     */
    void put(double[] found, @Nullable OwnShare own, long nowNanos, double[] values) {
        for (Keys keys : counts) {
            double share = own == null ? 0 : own.of(keys.count, direct(keys, found), nowNanos);
            if (keys.totalSlot >= 0) {
                values[keys.totalSlot] = total(keys, found) - share;
            }
            if (keys.directSlot >= 0) {
                values[keys.directSlot] = found[keys.direct] - share;
            }
        }
    }

    private static double total(Keys keys, double[] found) {
        double kinds = found[keys.kswapd] + found[keys.direct];
        if (Double.isNaN(kinds)) {
            return found[keys.total] - orNone(found[keys.proactive]);
        }
        return kinds + orNone(found[keys.khugepaged]);
    }

    private static double orNone(double count) {
        return Double.isNaN(count) ? 0 : count;
    }
}
