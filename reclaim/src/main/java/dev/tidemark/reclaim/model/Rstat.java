package dev.tidemark.reclaim.model;

/**
 * How late a cgroup's counts are ({@code mm/memcontrol.c} from 6.8 on). They are kept for each CPU; what {@code memory.stat} says, and what
 * writeback and reclaim decide on, is their sum when it was last taken. That is each 2 s ({@code flush_memcg_stats_dwork}), and when
 * {@code memory.stat} is read after more than 64 updates a CPU. So a burst of dirty pages can be far above a cgroup's share before anything
 * sees it, and long written before its writer may go on. Kernels before flush wherever they decide.
 *
 * <p>The root is counted by node, without delay. Simplified: so is its {@code memory.stat}, and updates that a CPU has not reported yet count
 * among those that wait.
 */
final class Rstat {

    /** {@code FLUSH_TIME}. */
    static final long FLUSH_NANOS = 2_000_000_000L;

    private final MemcgTree tree;
    private final ModelClock clock;
    private final long threshold;
    private final long phaseNanos;

    /**
     * @param phaseNanos when it is taken first, after {@link #start}: the kernel's timer runs since some time before the scenario
     */
    Rstat(MemcgTree tree, ModelClock clock, int cpus, long phaseNanos) {
        this.tree = tree;
        this.clock = clock;
        threshold = (long) Charge.MEMCG_CHARGE_BATCH * cpus;
        this.phaseNanos = phaseNanos;
    }

    /** The host runs from now on. */
    void start() {
        if (tree.lateStats) {
            clock.after(phaseNanos, this::periodic);
        }
    }

    private void periodic() {
        flush(tree.root);
        clock.after(FLUSH_NANOS, this::periodic);
    }

    /** {@code mem_cgroup_flush_stats}: what somebody who reads {@code memory.stat} now is told, by {@link Stat}. */
    long[] read(MemCgroup memcg) {
        if (memcg.updates() > threshold) {
            flush(memcg);
        }
        return memcg.flushed;
    }

    private static void flush(MemCgroup memcg) {
        for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
            m.flush();
        }
    }
}
