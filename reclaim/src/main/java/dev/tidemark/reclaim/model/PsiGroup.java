package dev.tidemark.reclaim.model;

import org.jspecify.annotations.Nullable;

/**
 * Memory pressure of one cgroup ({@code kernel/sched/psi.c}): stall time of its tasks, and averages of it in the kernel's
 * fixed point. The averaging tick is not scheduled; every look catches up with the ticks that would have been.
 */
final class PsiGroup {

    static final int SOME = 0;
    static final int FULL = 1;

    /** {@code PSI_FREQ}: 2*HZ+1 jiffies. */
    static final long PERIOD_NANOS = (2 * Costs.HZ + 1) * Costs.JIFFY;

    private static final int FSHIFT = 11;
    private static final long FIXED_1 = 1L << FSHIFT;
    private static final long[] EXP = {1677, 1981, 2034};

    private final PsiTimes times;
    private final long[] averagedTotal = new long[2];
    private final long[][] average = new long[2][3];
    private long lastUpdateNanos;
    private long nextUpdateNanos;
    /** There while somebody watches. */
    private @Nullable PsiMonitor monitor;

    PsiGroup(int cpus, long nowNanos) {
        times = new PsiTimes(cpus, nowNanos);
        lastUpdateNanos = nowNanos;
        nextUpdateNanos = nowNanos + PERIOD_NANOS;
    }

    /**
     * {@code psi_task_change}.
     *
     * @param cpu on which, from 0 on
     * @param memstall change in the number of tasks that wait for memory
     * @param running change in the number of tasks that run and get on
     */
    void change(long nowNanos, int cpu, int memstall, int running) {
        tick(nowNanos);
        times.change(nowNanos, cpu, memstall, running);
        PsiMonitor told = monitor;
        if (told != null && times.isStalled(cpu)) {
            told.stalled(times.isFull(cpu));
        }
    }

    /** {@code psi_trigger_create}. */
    void watch(ModelClock clock, PsiTrigger trigger, Runnable listener) {
        if (monitor == null) {
            monitor = new PsiMonitor(this, clock);
        }
        monitor.add(trigger, listener);
        if (times.isStalled()) {
            monitor.stalled(times.isFull());
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

    /** Stall time so far, as the file says. */
    long totalNanos(long nowNanos, int state) {
        tick(nowNanos);
        times.collect(nowNanos, PsiTimes.AVGS);
        return times.total(PsiTimes.AVGS, state);
    }

    /** Stall time so far, as triggers see it. */
    long polledNanos(long nowNanos, int state) {
        times.collect(nowNanos, PsiTimes.POLL);
        return times.total(PsiTimes.POLL, state);
    }

    /** Stall time so far, to an onlooker: nobody else's sum changes by his taking it. */
    long lookedNanos(long nowNanos, int state) {
        tick(nowNanos);
        times.collect(nowNanos, PsiTimes.LOOK);
        return times.total(PsiTimes.LOOK, state);
    }

    /**
     * The average as the file shows it, two decimals of a per cent, as a ratio.
     *
     * @param window 0, 1, 2 for 10, 60 and 300 s
     */
    double average(long nowNanos, int state, int window) {
        tick(nowNanos);
        long avg = average[state][window];
        long hundredths = (avg >> FSHIFT) * 100 + (((avg & (FIXED_1 - 1)) * 100) >> FSHIFT);
        return hundredths / 10_000.0;
    }

    /** {@code psi_avgs_work}, for each period that is over. */
    private void tick(long nowNanos) {
        while (nowNanos >= nextUpdateNanos) {
            // While nothing waits there is nothing but zeros to feed, and those can be made up for.
            long missed = times.isCalm() ? (nowNanos - nextUpdateNanos) / PERIOD_NANOS : 0;
            long tick = nextUpdateNanos + missed * PERIOD_NANOS;
            times.collect(tick, PsiTimes.AVGS);
            updateAverages(tick);
        }
    }

    /** {@code update_averages}. */
    private void updateAverages(long nowNanos) {
        long missed = (nowNanos - nextUpdateNanos) / PERIOD_NANOS;
        nextUpdateNanos += (1 + missed) * PERIOD_NANOS;
        long period = nowNanos - (lastUpdateNanos + missed * PERIOD_NANOS);
        lastUpdateNanos = nowNanos;
        for (int state = SOME; state <= FULL; state++) {
            long sample = Math.min(times.total(PsiTimes.AVGS, state) - averagedTotal[state], period);
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
