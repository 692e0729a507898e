package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Scenarios in few words. */
final class Scenarios {

    static final long MIB = 1L << 20;
    static final long MAX = Long.MAX_VALUE;
    static final double FAST = Double.POSITIVE_INFINITY;

    private final List<CgroupSpec> cgroups = new ArrayList<>();
    private final List<WorkloadSpec> workloads = new ArrayList<>();
    private long swapBytes;
    private long seed = 1;
    private Duration duration = Duration.ofMinutes(1);
    private long memoryBytes = 2048 * MIB;

    static Scenarios host() {
        return new Scenarios();
    }

    /** The BPF series' own selftest: 64 MiB through 32 MiB, then read through a mapping. */
    static Scenarios selftest() {
        return host().cgroup("test", 32 * MIB)
                .run("test", "writer", new Step.Write("data", 64 * MIB, FAST, 4096), new Step.Read("data", FAST, 1));
    }

    Scenarios memory(long bytes) {
        memoryBytes = bytes;
        return this;
    }

    Scenarios swap(long bytes) {
        swapBytes = bytes;
        return this;
    }

    Scenarios seed(long value) {
        seed = value;
        return this;
    }

    Scenarios duration(Duration value) {
        duration = value;
        return this;
    }

    Scenarios cgroup(String path, long max) {
        return cgroup(path, max, MAX, 0, 0, MAX);
    }

    Scenarios cgroup(String path, long max, long high, long low, long min, long swapMax) {
        cgroups.add(new CgroupSpec(path, max, high, low, min, swapMax));
        return this;
    }

    Scenarios run(String cgroup, String name, Step... steps) {
        workloads.add(new WorkloadSpec(cgroup, name, Duration.ZERO, 1, List.of(steps)));
        return this;
    }

    Scenario scenario() {
        return new Scenario(new HostSpec(memoryBytes, 2, swapBytes), seed, duration, cgroups, workloads);
    }
}
