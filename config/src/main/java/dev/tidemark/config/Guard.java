package dev.tidemark.config;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What keeps a policy that is active from taking memory, for as long as it says so. Unlike STOP it ends nothing: once it lets go, the
 * policy goes on where it was.
 *
 * <p>What a guard looks at and does not know holds nothing back: a policy that sees nothing at all is ended by its {@code no_data}.
 */
public sealed interface Guard {

    /** The key by which files write it. */
    String word();

    /** What it looks at beside usage: of the cgroup that memory is taken from, or of the host. */
    Set<Signal> signals();

    /** Those of a policy that says nothing about guards: they cost no read of a cgroup that nothing is taken from. */
    List<Guard> DEFAULTS = List.of(new Protection(), new Swap(Swap.DEFAULT_BYTES));

    /**
     * Usage stays at or above what memory.min and memory.low keep for the cgroup, its own and those above it. The kernel ignores
     * these of the very cgroup whose memory.reclaim is written ({@code mem_cgroup_unprotected}, include/linux/memcontrol.h).
     */
    record Protection() implements Guard {
        @Override
        public String word() {
            return "protection";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.PROTECTION);
        }
    }

    /**
     * No anonymous memory is taken while there is nowhere to put it: then only file pages, and where those do not come, nothing.
     *
     * @param leastBytes of swap that the cgroup may still use, at least 1
     */
    record Swap(long leastBytes) implements Guard {
        static final long DEFAULT_BYTES = 64L << 20;

        @Override
        public String word() {
            return "swap";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.SWAP_HEADROOM);
        }
    }

    /**
     * What cannot be reclaimed and this much of what can be stays. oomd's senpai has 100 MiB ({@code limit_min_bytes}, Senpai.cpp).
     *
     * @param bytes at least 0
     */
    record Margin(long bytes) implements Guard {
        @Override
        public String word() {
            return "margin";
        }

        @Override
        public Set<Signal> signals() {
            return Set.copyOf(Signal.RECLAIMABLE.parts());
        }
    }

    /**
     * Usage stays at or above a part of the limit.
     *
     * @param share of the limit, above 0 to 1
     */
    record Ratio(double share) implements Guard {
        @Override
        public String word() {
            return "ratio";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.LIMIT);
        }
    }

    /**
     * Nothing is taken while some task is stalled on memory for more than a part of the time. The kernel does not count as such what
     * writes to memory.reclaim take (e22c6ed90aa9, Linux 5.9), only what they do to tasks.
     *
     * @param share of time, above 0 to 1
     */
    record Psi(double share) implements Guard {
        @Override
        public String word() {
            return "psi";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.PSI_SOME_TOTAL, Signal.PSI_SOME_AVG10);
        }
    }

    /**
     * Nothing is taken while some task is stalled on block devices for more than a part of the time.
     *
     * @param share of time, above 0 to 1
     */
    record IoPsi(double share) implements Guard {
        @Override
        public String word() {
            return "io_psi";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.PSI_IO_SOME_TOTAL, Signal.PSI_IO_SOME_AVG10);
        }
    }

    /**
     * Nothing is taken for a while after more than a part of what was taken has been read back.
     *
     * @param share of the pages taken, by the agent and by others, above 0 to 1
     */
    record RefaultRatio(double share) implements Guard {
        @Override
        public String word() {
            return "refault_ratio";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.REFAULT, Signal.PGSTEAL);
        }
    }

    /**
     * Nothing is taken while there are more faults that have to read than this.
     *
     * @param perSecond above 0
     */
    record MajorFaults(double perSecond) implements Guard {
        @Override
        public String word() {
            return "major_faults";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.PGMAJFAULT);
        }
    }

    /**
     * Nothing is taken for a while after all that was taken for so long has been of no use: usage stands where it stood, and what was
     * taken is read back.
     *
     * @param window how long that is looked at, 1 s to 1 h
     */
    record Livelock(Duration window) implements Guard {
        static final Duration SHORTEST = Duration.ofSeconds(1);
        static final Duration LONGEST = Duration.ofHours(1);

        @Override
        public String word() {
            return "livelock";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.REFAULT);
        }
    }

    /**
     * Nothing is taken while the kernel reclaims for the whole host: it does the same work, and what is taken twice is not freed twice.
     *
     * @param pagesPerSecond that kswapd scans, above 0
     */
    record Kswapd(double pagesPerSecond) implements Guard {
        @Override
        public String word() {
            return "kswapd";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.HOST_PGSCAN_KSWAPD);
        }
    }
}
