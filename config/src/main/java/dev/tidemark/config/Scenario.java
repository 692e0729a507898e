package dev.tidemark.config;

import java.time.Duration;
import java.util.List;

/**
 * What the built-in model of the kernel plays: a host, its cgroups and the work done in them.
 *
 * @param host the machine
 * @param seed of all randomness
 * @param duration how long to play, 1 ms to 366 days
 * @param cgroups parents before or after children; parents not listed exist without limits
 * @param workloads what runs, each in a listed cgroup
 */
public record Scenario(
        HostSpec host, long seed, Duration duration, List<CgroupSpec> cgroups, List<WorkloadSpec> workloads) {
    public Scenario {
        cgroups = List.copyOf(cgroups);
        workloads = List.copyOf(workloads);
    }

    /**
     * Reads a scenario file. Pure and safe from any thread; never throws, whatever the text is.
     *
     * @param fileName how problems call the file
     * @param text what is in it
     * @return the scenario, or all problems in it sorted by place
     */
    public static Checked<Scenario> parse(String fileName, String text) {
        return ScenarioReader.read(fileName, text);
    }

    /**
     * The machine and its kernel.
     *
     * @param memoryBytes of the host
     * @param cpus 1 to 4096
     * @param swap where anonymous memory goes
     * @param kernel whose rules it follows, where they have changed
     * @param lru which lists reclaim works on
     * @param swappiness {@code vm.swappiness}, 0 to 200
     * @param disk where files are
     */
    public record HostSpec(
            long memoryBytes, int cpus, SwapSpec swap, KernelSeries kernel, Lru lru, int swappiness, DiskSpec disk) {
        public static final int DEFAULT_SWAPPINESS = 60;

        /** A host with swap on zram and everything else by default. */
        public HostSpec(long memoryBytes, int cpus, long swapBytes) {
            this(
                    memoryBytes,
                    cpus,
                    SwapSpec.of(swapBytes),
                    KernelSeries.NEWEST,
                    Lru.CLASSIC,
                    DEFAULT_SWAPPINESS,
                    DiskSpec.DEFAULT);
        }
    }

    /** The lists of pages that reclaim works on. */
    public enum Lru {
        /** An active and an inactive one for each type. */
        CLASSIC,
        /** Generations ({@code lru_gen}). */
        MGLRU
    }

    /** What swapped-out pages are written to. */
    public enum SwapKind {
        /** Compressed in the host's memory, whoever they belonged to. */
        ZRAM,
        /** Compressed in memory that is charged to the cgroup, in front of the disk. */
        ZSWAP,
        /** The disk. */
        DISK
    }

    /**
     * Swap.
     *
     * @param bytes 0 for no swap
     * @param ratio how many times smaller a compressed page is, 1 to 64; without meaning for a disk
     * @param out time to compress a page
     * @param in time to decompress a page
     * @param pool the share of the host's memory that zswap may take, above 0 up to 1
     */
    public record SwapSpec(SwapKind kind, long bytes, double ratio, Duration out, Duration in, double pool) {
        public static final double DEFAULT_RATIO = 3;
        public static final Duration DEFAULT_OUT = Duration.ofNanos(8_000);
        public static final Duration DEFAULT_IN = Duration.ofNanos(6_000);
        public static final double DEFAULT_POOL = 0.2;

        /** zram of that size. */
        public static SwapSpec of(long bytes) {
            return new SwapSpec(SwapKind.ZRAM, bytes, DEFAULT_RATIO, DEFAULT_OUT, DEFAULT_IN, DEFAULT_POOL);
        }
    }

    /**
     * The disk; it serves one request after the other.
     *
     * @param readBytesPerSecond and
     * @param writeBytesPerSecond once a request is being served
     * @param latency of one read
     * @param readaheadBytes {@code read_ahead_kb}: how much a read brings in at most, in bytes
     */
    public record DiskSpec(
            double readBytesPerSecond, double writeBytesPerSecond, Duration latency, long readaheadBytes) {
        public static final DiskSpec DEFAULT =
                new DiskSpec(1L << 30, 256L << 20, Duration.ofNanos(100_000), 128L << 10);
    }

    /**
     * Limits in bytes; {@link Long#MAX_VALUE} is the kernel's {@code max}.
     *
     * @param path relative to the cgroup root, without a leading slash
     */
    public record CgroupSpec(
            String path, long maxBytes, long highBytes, long lowBytes, long minBytes, long swapMaxBytes) {}

    /**
     * One process.
     *
     * @param cgroup path of the cgroup it is charged to
     * @param name unique in the scenario
     * @param start when it begins
     * @param stop when it is killed if it still runs, {@link #NEVER} for not at all
     * @param repeat how often the steps run, at least 1
     */
    public record WorkloadSpec(
            String cgroup, String name, Duration start, Duration stop, int repeat, List<Step> steps) {
        /** Later than any scenario lasts. */
        public static final Duration NEVER = Duration.ofDays(100_000);

        public WorkloadSpec {
            steps = List.copyOf(steps);
        }

        /** One that is never stopped. */
        public WorkloadSpec(String cgroup, String name, Duration start, int repeat, List<Step> steps) {
            this(cgroup, name, start, NEVER, repeat, steps);
        }

        /** Whether it is to be killed at some time. */
        public boolean stops() {
            return stop.compareTo(NEVER) < 0;
        }
    }

    /**
     * Which pages a step accesses, and for how long.
     *
     * @param windowBytes how much is accessed at a time, from the start on; {@link #WHOLE} for all there is
     * @param shiftBytes by how much the window moves when it has been accessed enough, until it has reached the end
     * @param order of the pages in the window
     * @param bytesPerSecond an upper bound, positive infinity for as fast as it goes
     * @param times passes over the window at each place, at least 1; a pass is as many accesses as it has pages
     * @param dwell how long the window stays at each place at most, {@link #FOREVER} for as long as the passes take
     */
    public record Access(
            long windowBytes, long shiftBytes, Order order, double bytesPerSecond, int times, Duration dwell) {
        /** A window over everything. */
        public static final long WHOLE = Long.MAX_VALUE;

        /** Longer than any scenario lasts. */
        public static final Duration FOREVER = Duration.ofDays(100_000);

        /** In which order pages are accessed. */
        public enum Order {
            /** As they lie. */
            SEQUENTIAL,
            /** By chance, each as likely. */
            RANDOM,
            /** By chance, 82 % of the accesses to the first fifth. */
            SKEWED
        }

        /** All there is, in order. */
        public static Access whole(double bytesPerSecond, int times) {
            return new Access(WHOLE, WHOLE, Order.SEQUENTIAL, bytesPerSecond, times, FOREVER);
        }

        /** Whether the window stays for a limited time. */
        public boolean dwells() {
            return dwell.compareTo(FOREVER) < 0;
        }
    }

    /** What a process does next. Rates are bytes per second, positive infinity for as fast as it goes. */
    public sealed interface Step {
        /** Writes a file in pieces of {@code chunkBytes}, from its start on; what is there is written over. */
        record Write(String file, long bytes, double bytesPerSecond, long chunkBytes) implements Step {}

        /** Writes at the end of a file. */
        record Append(String file, long bytes, double bytesPerSecond, long chunkBytes) implements Step {}

        /** Waits until a file is on the disk. */
        record Sync(String file) implements Step {}

        /** Reads pages of a file. */
        record Read(String file, Access access, Via via) implements Step {
            /** How it is read. */
            public enum Via {
                /** Loads from a mapping that lives as long as the step. */
                MMAP,
                /** System calls, one a page. */
                READ
            }

            /** All of it, through a mapping, that many times over. */
            public Read(String file, double bytesPerSecond, int times) {
                this(file, Access.whole(bytesPerSecond, times), Via.MMAP);
            }
        }

        /** Allocates anonymous memory, in place of what had that name. */
        record Allocate(String name, long bytes, double bytesPerSecond) implements Step {}

        /** Allocates so much more anonymous memory. */
        record Grow(String name, long bytes, double bytesPerSecond) implements Step {}

        /** Touches pages of anonymous memory. */
        record Touch(String name, Access access) implements Step {
            /** All of it, that many times over. */
            public Touch(String name, double bytesPerSecond, int times) {
                this(name, Access.whole(bytesPerSecond, times));
            }
        }

        /** Gives anonymous memory back. */
        record Free(String name) implements Step {}

        /** Removes a file and with it its cache. */
        record Remove(String file) implements Step {}

        /** Does nothing, for a time that is drawn anew each time where the two differ. */
        record Sleep(Duration least, Duration most) implements Step {
            /** For so long. */
            public Sleep(Duration duration) {
                this(duration, duration);
            }
        }

        /**
         * Writes to {@code memory.reclaim} of a cgroup, once.
         *
         * @param swappiness 0 to 200, 201 for anonymous memory only, below 0 for the host's
         */
        record Reclaim(String cgroup, long bytes, int swappiness) implements Step {}

        /**
         * Steps over and over.
         *
         * @param times rounds, {@link Integer#MAX_VALUE} for without end
         * @param duration after which no round begins, {@link Access#FOREVER} for none
         * @param period between the beginnings of rounds, zero for one at once after the other; a round that is late is left out
         */
        record Repeat(int times, Duration duration, Duration period, List<Step> steps) implements Step {
            public Repeat {
                steps = List.copyOf(steps);
            }

            /** Whether it ends by time. */
            public boolean ends() {
                return duration.compareTo(Access.FOREVER) < 0;
            }
        }
    }
}
