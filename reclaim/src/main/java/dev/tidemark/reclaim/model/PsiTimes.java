package dev.tidemark.reclaim.model;

import java.util.Arrays;

/**
 * Stall times of one cgroup as each CPU sees them, and their sum ({@code struct psi_group_cpu} and {@code collect_percpu_times} in
 * {@code kernel/sched/psi.c}). Each CPU counts by the time in which it had anything to do: what waits on one of two busy CPUs is half
 * a stall. As in the kernel a sum depends on when it is taken; whoever takes it regularly has a sum of his own.
 */
final class PsiTimes {

    /** For averages and whoever reads the file, and for triggers. */
    static final int AVGS = 0;

    static final int POLL = 1;

    /** For an onlooker, which the kernel does not have. */
    static final int LOOK = 2;

    private static final int SUMMERS = 3;

    private static final int NONIDLE = 2;
    private static final int STATES = 3;

    private final int cpus;
    private final int[] memstall;
    private final int[] running;
    private final long[] sinceNanos;
    /** By state and CPU: so far, and as each summer last saw it. */
    private final long[] times;

    private final long[][] seen;
    private final long[][] total = new long[SUMMERS][2];
    private int stalled;
    /** How many CPUs have something to do. */
    private int nonidle;
    /** By summer: whether some time has passed since it last looked in which a CPU had something to do. */
    private final boolean[] behind = new boolean[SUMMERS];

    private boolean uncollected;

    PsiTimes(int cpus, long nowNanos) {
        this.cpus = cpus;
        memstall = new int[cpus];
        running = new int[cpus];
        sinceNanos = new long[cpus];
        Arrays.fill(sinceNanos, nowNanos);
        times = new long[STATES * cpus];
        seen = new long[SUMMERS][STATES * cpus];
    }

    void change(long nowNanos, int cpu, int memstall, int running) {
        record(nowNanos, cpu);
        nonidle -= isNonidle(cpu) ? 1 : 0;
        this.memstall[cpu] += memstall;
        this.running[cpu] += running;
        nonidle += isNonidle(cpu) ? 1 : 0;
        stalled += memstall;
    }

    private boolean isNonidle(int cpu) {
        return memstall[cpu] > 0 || running[cpu] > 0;
    }

    /** Whether some task waits, on any CPU. */
    boolean isStalled() {
        return stalled > 0;
    }

    boolean isStalled(int cpu) {
        return memstall[cpu] > 0;
    }

    /** Whether tasks wait and none gets on, of one CPU. */
    boolean isFull(int cpu) {
        return memstall[cpu] > 0 && running[cpu] == 0;
    }

    boolean isFull() {
        for (int cpu = 0; cpu < cpus; cpu++) {
            if (isFull(cpu)) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing has waited since the averages were last fed. */
    boolean isCalm() {
        return stalled == 0 && !uncollected;
    }

    private void record(long nowNanos, int cpu) {
        long delta = nowNanos - sinceNanos[cpu];
        if (delta <= 0) {
            return;
        }
        sinceNanos[cpu] = nowNanos;
        if (memstall[cpu] > 0) {
            uncollected = true;
            times[PsiGroup.SOME * cpus + cpu] += delta;
            if (running[cpu] == 0) {
                times[PsiGroup.FULL * cpus + cpu] += delta;
            }
        }
        if (isNonidle(cpu)) {
            times[NONIDLE * cpus + cpu] += delta;
            Arrays.fill(behind, true);
        }
    }

    /** {@code collect_percpu_times}. */
    void collect(long nowNanos, int summer) {
        if (nonidle > 0 || behind[summer]) {
            sumUp(nowNanos, summer);
            behind[summer] = false;
        }
        if (summer == AVGS) {
            uncollected = false;
        }
    }

    private void sumUp(long nowNanos, int summer) {
        long[] before = seen[summer];
        double some = 0;
        double full = 0;
        double nonidleTotal = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            record(nowNanos, cpu);
            double nonidle = recent(before, NONIDLE, cpu);
            some += recent(before, PsiGroup.SOME, cpu) * nonidle;
            full += recent(before, PsiGroup.FULL, cpu) * nonidle;
            nonidleTotal += nonidle;
        }
        if (nonidleTotal > 0) {
            total[summer][PsiGroup.SOME] += (long) (some / nonidleTotal);
            total[summer][PsiGroup.FULL] += (long) (full / nonidleTotal);
        }
    }

    private long recent(long[] before, int state, int cpu) {
        int i = state * cpus + cpu;
        long delta = times[i] - before[i];
        before[i] = times[i];
        return delta;
    }

    /** As of the last time it was collected. */
    long total(int summer, int state) {
        return total[summer][state];
    }
}
