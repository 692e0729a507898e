package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSignalsTest {
    @TempDir
    Path directory;

    private FakeHost host;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
        FakeHost.write(host.proc.resolve("meminfo"), """
                MemTotal:       16777216 kB
                MemFree:            1000 kB
                MemAvailable:       2000 kB
                Active(anon):         12 kB
                HugePages_Total:       3
                SwapFree:           2048 kB
                """);
        FakeHost.write(
                host.proc.resolve("vmstat"), "nr_free_pages 5\nnr_dirty 2\npgfault 77\npgpgin 3\nnew_counter 1\n");
        FakeHost.write(host.proc.resolve("pressure/memory"), FakeHost.pressure(1.5, 2_500_000));
        FakeHost.write(host.proc.resolve("pressure/io"), FakeHost.pressure(2.5, 3_500_000));
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void eachFileInItsUnits() throws IOException {
        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(
                            controller,
                            Cgroup.HOST,
                            "host.total",
                            "host.available",
                            "host.active_anon",
                            "host.hugepages.total",
                            "host.vmstat.nr_dirty",
                            "host.vmstat.pgfault",
                            "host.vmstat.pgpgin",
                            "host.psi.some.avg10",
                            "host.psi.some",
                            "host.psi.full.avg300",
                            "host.psi.io.some.avg10"))
                    .containsExactly(
                            FakeHost.TOTAL,
                            2000 * 1024,
                            12 * 1024,
                            3,
                            2 * FakeHost.PAGE,
                            77,
                            3 * 1024,
                            0.015,
                            2.5,
                            0.06,
                            0.025);
        }
    }

    @Test
    void whatTheKernelDoesNotHaveIsUnknown() throws IOException {
        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, Cgroup.HOST, "host.zswap", "host.vmstat.oom_kill", "host.psi.cpu.some"))
                    .containsOnly(Double.NaN);
        }
    }

    @Test
    void aHostHasNoCgroupsSignals_andACgroupNoHosts() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        String[] names = {"usage", "pgfault", "host.available", "host.psi.some", "headroom"};

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, Cgroup.HOST, names))
                    .containsExactly(Double.NaN, Double.NaN, 2000 * 1024, 2.5, Double.NaN);
            assertThat(read(controller, cgroup, names))
                    .containsExactly(100.0 * FakeHost.MIB, 1000, Double.NaN, Double.NaN, Double.NaN);
        }
    }

    @Test
    void filesStayOpen_andShowNewValues() throws IOException {
        AtomicInteger opened = new AtomicInteger();
        CgroupFs counting = new CgroupFs() {
            @Override
            int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
                opened.incrementAndGet();
                return super.openForReading(directory, file, scratch);
            }
        };

        try (Cgroup2Controller controller = host.open(counting)) {
            opened.set(0);
            assertThat(read(controller, Cgroup.HOST, "host.vmstat.pgfault")).containsExactly(77);
            FakeHost.write(host.proc.resolve("vmstat"), "pgfault 78\n");
            assertThat(read(controller, Cgroup.HOST, "host.vmstat.pgfault")).containsExactly(78);
            assertThat(opened).hasValue(1);
        }
    }

    @Test
    void aFileOfManyPagesIsReadWhole() throws IOException {
        FakeHost.write(host.proc.resolve("vmstat"), "some_counter 12345\n".repeat(10_000) + "pgfault 9\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, Cgroup.HOST, "host.vmstat.pgfault")).containsExactly(9);
        }
    }

    @Test
    void theKernelHandsOutAPageAtATime() throws IOException {
        // The running kernel's own, which is longer than a page.
        HostFiles files = new HostFiles(new CgroupFs(), Path.of("/proc"));
        Scratch scratch = Scratch.mine();
        FilePlan plan = new FilePlan(HostFiles.format("vmstat"), FakeHost.PAGE);
        int first = plan.key("nr_free_pages");
        int last = plan.key("pgfault");
        double[] found = plan.find(scratch, files.read("vmstat", scratch));

        assertThat(found[first]).isPositive();
        assertThat(found[last]).isPositive();
        files.close();
    }

    @Test
    void swapHeadroom_leastOfAllLevelsAndTheHost() throws IOException {
        Cgroup leaf = host.cgroup("a/b");
        host.cgroup("a");
        host.set("a", "memory.swap.max", "10000\n");
        host.set("a", "memory.swap.current", "9000\n");
        host.set("a/b", "memory.swap.max", "5000\n");
        host.set("a/b", "memory.swap.current", "4500\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, leaf, "swap.headroom")).containsExactly(500);
            host.set("a/b", "memory.swap.current", "3000\n");
            assertThat(read(controller, leaf, "swap.headroom"))
                    .as("its own usage is read each time")
                    .containsExactly(1000);
            host.set("a/b", "memory.swap.current", "6000\n");
            assertThat(read(controller, leaf, "swap.headroom"))
                    .as("a limit set below usage")
                    .containsExactly(0);
        }
    }

    @Test
    void limits_eachUnderItsName() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.min", "1\n");
        host.set("a", "memory.low", "max\n");
        host.set("a", "memory.swap.high", "3\n");
        host.set("a", "memory.zswap.max", "4\n");
        host.set("a", "memory.peak", "5\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, cgroup, "min", "low", "swap.high", "zswap.max", "peak", "swap.peak"))
                    .containsExactly(1, Double.POSITIVE_INFINITY, 3, 4, 5, Double.NaN);
            host.set("a", "memory.min", "9\n");
            assertThat(read(controller, cgroup, "min"))
                    .as("not read again at once")
                    .containsExactly(1);
            host.nanos.addAndGet(LimitCache.FRESH.toNanos() + 1);
            assertThat(read(controller, cgroup, "min")).containsExactly(9);
        }
    }

    static double[] read(Cgroup2Controller controller, Cgroup cgroup, String... names) throws IOException {
        Signal[] signals = Arrays.stream(names)
                .map(name -> Objects.requireNonNull(Signal.named(name), name))
                .toArray(Signal[]::new);
        SignalSet set = SignalSet.of(signals);
        double[] values = new double[set.size()];
        controller.read(cgroup, set, values);
        return Arrays.stream(signals)
                .mapToDouble(signal -> values[set.slot(signal)])
                .toArray();
    }
}
