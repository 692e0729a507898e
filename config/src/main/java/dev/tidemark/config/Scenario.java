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
     * The machine.
     *
     * @param memoryBytes of the host
     * @param cpus 1 to 4096
     * @param swapBytes 0 for no swap
     */
    public record HostSpec(long memoryBytes, int cpus, long swapBytes) {}

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
