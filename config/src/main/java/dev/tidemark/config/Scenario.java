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
        public static final DiskSpec DEFAULT = new DiskSpec(1L << 30, 256L << 20, Duration.ofNanos(100_000), 128L << 10);
    }

    /**
     * Limits in bytes; {@link Long#MAX_VALUE} is the kernel's {@code max}.
     *
     * @param path relative to the cgroup root, without a leading slash
     */
    public record CgroupSpec(
            String path, long maxBytes, long highBytes, long lowBytes, long minBytes, long swapMaxBytes) {}

    /**
     * One task.
     *
     * @param cgroup path of the cgroup it is charged to
     * @param name unique in the scenario
     * @param start when it begins
     * @param repeat how often the steps run, at least 1
     */
    public record WorkloadSpec(String cgroup, String name, Duration start, int repeat, List<Step> steps) {
        public WorkloadSpec {
            steps = List.copyOf(steps);
        }
    }

    /** What a task does next. Rates are bytes per second, positive infinity for as fast as it goes. */
    public sealed interface Step {
        /** Writes a file in pieces of {@code chunkBytes}. */
        record Write(String file, long bytes, double bytesPerSecond, long chunkBytes) implements Step {}

        /** Touches each page of a file through a mapping, {@code times} over. */
        record Read(String file, double bytesPerSecond, int times) implements Step {}

        /** Allocates anonymous memory. */
        record Allocate(String name, long bytes, double bytesPerSecond) implements Step {}

        /** Touches each page of anonymous memory, {@code times} over. */
        record Touch(String name, double bytesPerSecond, int times) implements Step {}

        /** Gives anonymous memory back. */
        record Free(String name) implements Step {}

        /** Removes a file and with it its cache. */
        record Remove(String file) implements Step {}

        /** Does nothing. */
        record Sleep(Duration duration) implements Step {}
    }
}
