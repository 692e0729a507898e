package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.SwapSpec;
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
    private long seed = 1;
    private Duration duration = Duration.ofMinutes(1);
    private HostSpec host = new HostSpec(2048 * MIB, 2, 0);

    static Scenarios host() {
        return new Scenarios();
    }

    /** The BPF series' own selftest: 64 MiB through 32 MiB, then read through a mapping. */
    static Scenarios selftest() {
        return selftest(FAST);
    }

    /** The same, written at a rate. */
    static Scenarios selftest(double bytesPerSecond) {
        return host().cgroup("test", 32 * MIB)
                .run(
                        "test",
                        "writer",
                        new Step.Write("data", 64 * MIB, bytesPerSecond, 4096),
                        new Step.Read("data", FAST, 1));
    }

    Scenarios host(HostSpec value) {
        host = value;
        return this;
    }

    Scenarios memory(long bytes) {
        return host(new HostSpec(
                bytes, host.cpus(), host.swap(), host.kernel(), host.lru(), host.swappiness(), host.disk()));
    }

    Scenarios swap(long bytes) {
        return swap(SwapSpec.of(bytes));
    }

    Scenarios swap(SwapSpec swap) {
        return host(new HostSpec(
                host.memoryBytes(), host.cpus(), swap, host.kernel(), host.lru(), host.swappiness(), host.disk()));
    }

    Scenarios kernel(KernelSeries kernel, Lru lru) {
        return host(new HostSpec(
                host.memoryBytes(), host.cpus(), host.swap(), kernel, lru, host.swappiness(), host.disk()));
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
        return new Scenario(host, seed, duration, cgroups, workloads);
    }
}
