package dev.tidemark.reclaim.model;

import org.jspecify.annotations.Nullable;

/**
 * Memory pressure of one cgroup ({@code kernel/sched/psi.c}): stall time of its tasks, and averages of it in the kernel's
 * fixed point. The averaging tick is not scheduled; every look catches up with the ticks that would have been.
 *
 * <p>Simplified: one CPU's view for all, so that {@code full} means that no task of the group ran anywhere.
 */
final class PsiGroup {

    static final int SOME = 0;
    static final int FULL = 1;

    /** {@code PSI_FREQ}: 2*HZ+1 jiffies. */
    static final long PERIOD_NANOS = (2 * Costs.HZ + 1) * Costs.JIFFY;

    private static final int FSHIFT = 11;
    private static final long FIXED_1 = 1L << FSHIFT;
    private static final long[] EXP = {1677, 1981, 2034};

    private int memstall;
    private int running;
    private long accountedNanos;
    private final long[] total = new long[2];
    private final long[] averagedTotal = new long[2];
    private final long[][] average = new long[2][3];
    private long lastUpdateNanos;
    private long nextUpdateNanos;
    /** There while somebody watches. */
    private @Nullable PsiMonitor monitor;

    PsiGroup(long nowNanos) {
        accountedNanos = nowNanos;
        lastUpdateNanos = nowNanos;
        nextUpdateNanos = nowNanos + PERIOD_NANOS;
    }

    /**
     * {@code psi_task_change}.
     *
     * @param memstall change in the number of tasks that wait for memory
     * @param running change in the number of tasks that run and get on
     */
    void change(long nowNanos, int memstall, int running) {
        advance(nowNanos);
        this.memstall += memstall;
        this.running += running;
        PsiMonitor told = monitor;
        if (told != null && this.memstall > 0) {
            told.stalled(this.running == 0);
        }
    }

    /** {@code psi_trigger_create}. */
    void watch(ModelClock clock, PsiTrigger trigger, Runnable listener) {
        if (monitor == null) {
            monitor = new PsiMonitor(this, clock);
        }
        monitor.add(trigger, listener);
        if (memstall > 0) {
            monitor.stalled(running == 0);
        }
    }

    /** {@code psi_trigger_destroy}. */
    void unwatch(PsiTrigger trigger) {
        PsiMonitor present = monitor;
        if (present != null) {
            present.remove(trigger);
            if (present.isEmpty()) {
                monitor = null;
            }
        }
    }

    /** Stall time so far. */
    long totalNanos(long nowNanos, int state) {
        advance(nowNanos);
        return total[state];
    }

    /**
     * The average as the file shows it, two decimals of a per cent, as a ratio.
     *
     * @param window 0, 1, 2 for 10, 60 and 300 s
     */
    double average(long nowNanos, int state, int window) {
        advance(nowNanos);
        long avg = average[state][window];
        long hundredths = (avg >> FSHIFT) * 100 + (((avg & (FIXED_1 - 1)) * 100) >> FSHIFT);
        return hundredths / 10_000.0;
    }

    private void advance(long nowNanos) {
        while (nowNanos >= nextUpdateNanos) {
            boolean idle = memstall == 0 && total[SOME] == averagedTotal[SOME] && total[FULL] == averagedTotal[FULL];
            // As psi_avgs_work sleeps while nothing happens, then makes up for the periods it missed.
            long tick = idle ? nowNanos : nextUpdateNanos;
            account(tick);
            updateAverages(tick);
        }
        account(nowNanos);
    }

    private void account(long nanos) {
        long delta = nanos - accountedNanos;
        if (delta <= 0) {
            return;
        }
        if (memstall > 0) {
            total[SOME] += delta;
            if (running == 0) {
                total[FULL] += delta;
            }
        }
        accountedNanos = nanos;
    }

    /** {@code update_averages}. */
    private void updateAverages(long nowNanos) {
        long missed = (nowNanos - nextUpdateNanos) / PERIOD_NANOS;
        nextUpdateNanos += (1 + missed) * PERIOD_NANOS;
        long period = nowNanos - (lastUpdateNanos + missed * PERIOD_NANOS);
        lastUpdateNanos = nowNanos;
        for (int state = SOME; state <= FULL; state++) {
            long sample = Math.min(total[state] - averagedTotal[state], period);
            averagedTotal[state] += sample;
            calcAverages(average[state], missed, sample, period);
        }
    }

    /** {@code calc_avgs}. */
    static void calcAverages(long[] avg, long missed, long stallNanos, long periodNanos) {
        long pct = stallNanos * 100 / periodNanos * FIXED_1;
        for (int i = 0; i < EXP.length; i++) {
            if (missed > 0) {
                avg[i] = calcLoad(avg[i], fixedPower(EXP[i], missed), 0);
            }
            avg[i] = calcLoad(avg[i], EXP[i], pct);
        }
    }

    /** {@code calc_load} ({@code include/linux/sched/loadavg.h}). */
    private static long calcLoad(long load, long exp, long active) {
        long newload = load * exp + active * (FIXED_1 - exp);
        if (active >= load) {
            newload += FIXED_1 - 1;
        }
        return newload / FIXED_1;
    }

    /** {@code fixed_power_int} ({@code kernel/sched/loadavg.c}): x to the n in fixed point. */
    private static long fixedPower(long x, long n) {
        long base = x;
        long result = FIXED_1;
        for (long left = n; left > 0; left >>= 1) {
            if ((left & 1) != 0) {
                result = (result * base + (FIXED_1 >> 1)) >> FSHIFT;
            }
            base = (base * base + (FIXED_1 >> 1)) >> FSHIFT;
        }
        return result;
    }
}
