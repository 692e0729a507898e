package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a cgroup is read, as values. */
class ReadingTest {
    private static final SignalSet ALL = SignalSet.of(Signal.all());

    @TempDir
    Path directory;

    private FakeHost host;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void allSignals() throws IOException {
        Cgroup cgroup = host.cgroup("a/b");

        try (Cgroup2Controller controller = host.open()) {
            Map<Signal, Double> expected = new HashMap<>();
            expected.put(Signal.USAGE, 100.0 * FakeHost.MIB);
            expected.put(Signal.LIMIT, FakeHost.TOTAL);
            expected.put(Signal.MAX, Double.POSITIVE_INFINITY);
            expected.put(Signal.HIGH, Double.POSITIVE_INFINITY);
            expected.put(Signal.SWAP_USAGE, 4096.0);
            expected.put(Signal.PSI_SOME_AVG10, 0.015);
            expected.put(Signal.PSI_SOME_AVG60, 0.02);
            expected.put(Signal.PSI_SOME_AVG300, 0.03);
            expected.put(Signal.PSI_SOME_TOTAL, 2.5);
            expected.put(Signal.PSI_FULL_AVG10, 0.04);
            expected.put(Signal.PSI_FULL_AVG60, 0.05);
            expected.put(Signal.PSI_FULL_AVG300, 0.06);
            expected.put(Signal.PSI_FULL_TOTAL, 7.0);
            expected.put(Signal.SWAP_MAX, Double.POSITIVE_INFINITY);
            expected.put(Signal.SWAP_HEADROOM, 2048 * 1024.0);
            expected.put(Signal.PROTECTION, 0.0);
            expected.put(named("anon"), 1.0);
            expected.put(named("file"), 2.0);
            expected.put(named("workingset_refault_anon"), 10.0);
            expected.put(named("workingset_refault_file"), 20.0);
            expected.put(named("events.low"), 0.0);
            expected.put(named("events.oom_group_kill"), 0.0);
            expected.put(Signal.PGFAULT, 1000.0);
            expected.put(Signal.PGMAJFAULT, 50.0);
            expected.put(Signal.PGSCAN, 400.0);
            expected.put(Signal.PGSTEAL, 300.0);
            expected.put(Signal.REFAULT, 30.0);
            expected.put(Signal.EVENTS_MAX, 7.0);
            expected.put(Signal.EVENTS_HIGH, 5.0);
            expected.put(Signal.EVENTS_OOM, 2.0);
            expected.put(Signal.EVENTS_OOM_KILL, 1.0);
            expected.put(Signal.DIRTY, 8192.0);
            expected.put(Signal.WRITEBACK, 4096.0);
            Map<Signal, Double> values = all(controller, cgroup);
            values.values().removeIf(value -> Double.isNaN(value));
            assertThat(values).as("and nothing that is not there").isEqualTo(expected);
        }
    }

    @Test
    void whatTheKernelDoesNotHaveIsUnknown() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        for (String file :
                List.of("memory.current", "memory.pressure", "memory.events", "memory.max", "memory.swap.current")) {
            host.drop("a", file);
        }
        host.drop("a", "memory.swap.max");
        host.set("a", "memory.stat", "pgscan 5\nworkingset_refault_anon 1\n");

        try (Cgroup2Controller controller = host.open()) {
            Map<Signal, Double> values = all(controller, cgroup);
            assertThat(values).containsEntry(Signal.PGSCAN, 5.0);
            values.remove(Signal.PGSCAN);
            assertThat(values).containsEntry(Signal.HIGH, Double.POSITIVE_INFINITY);
            values.remove(Signal.HIGH);
            assertThat(values).containsEntry(Signal.LIMIT, FakeHost.TOTAL);
            values.remove(Signal.LIMIT);
            assertThat(values).containsEntry(Signal.SWAP_HEADROOM, 2048 * 1024.0);
            values.remove(Signal.SWAP_HEADROOM);
            assertThat(values).as("no file keeps anything").containsEntry(Signal.PROTECTION, 0.0);
            values.remove(Signal.PROTECTION);
            assertThat(values).containsEntry(named("workingset_refault_anon"), 1.0);
            values.remove(named("workingset_refault_anon"));
            assertThat(values)
                    .allSatisfy((signal, value) ->
                            assertThat(value).as(signal.dotted()).isNaN());
        }
    }

    @Test
    void pressureSwitchedOffIsUnknown() throws IOException {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(failingToRead("memory.pressure", "Operation not supported"))) {
            assertThat(read(controller, cgroup, Signal.USAGE, Signal.PSI_SOME_TOTAL))
                    .containsExactly(100.0 * FakeHost.MIB, Double.NaN);
        }
    }

    @Test
    void aLongFileIsReadWhole() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.stat", "some_other_counter 123456\n".repeat(3_000) + "pgscan 77\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, cgroup, Signal.PGSCAN)).containsExactly(77);
        }
    }

    @Test
    void limit_lowestOfMaxAndHighOnTheWay() throws IOException {
        Cgroup top = host.cgroup("a");
        Cgroup middle = host.cgroup("a/b");
        Cgroup leaf = host.cgroup("a/b/c");
        host.set("a", "memory.max", 512 * FakeHost.MIB + "\n");
        host.set("a/b", "memory.high", 300 * FakeHost.MIB + "\n");
        host.set("a/b/c", "memory.max", 400 * FakeHost.MIB + "\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, top, Signal.LIMIT)).containsExactly(512.0 * FakeHost.MIB);
            assertThat(read(controller, middle, Signal.LIMIT)).containsExactly(300.0 * FakeHost.MIB);
            assertThat(read(controller, leaf, Signal.LIMIT, Signal.MAX))
                    .containsExactly(300.0 * FakeHost.MIB, 400.0 * FakeHost.MIB);
        }
    }

    @Test
    void limit_ofTheHostWhereNoneIsBelowIt() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.max", Long.toString(1L << 50));

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, cgroup, Signal.LIMIT)).containsExactly(FakeHost.TOTAL);
            assertThat(read(controller, host.known(""), Signal.LIMIT)).containsExactly(FakeHost.TOTAL);
        }
    }

    @Test
    void limit_readAgainAfterASecond() throws IOException {
        Cgroup cgroup = host.cgroup("a/b");

        try (Cgroup2Controller controller = host.open()) {
            read(controller, cgroup, Signal.LIMIT);
            host.set("a/b", "memory.max", "1000\n");
            host.nanos.addAndGet(Duration.ofMillis(999).toNanos());
            assertThat(read(controller, cgroup, Signal.LIMIT)).containsExactly(FakeHost.TOTAL);
            host.nanos.addAndGet(Duration.ofMillis(2).toNanos());
            assertThat(read(controller, cgroup, Signal.LIMIT, Signal.MAX)).containsExactly(1000, 1000);
        }
    }

    @Test
    void reusedPath_theOldCgroupIsGone() throws IOException {
        Cgroup old = host.cgroup("a");
        Cgroup anew = host.madeAnew("a");
        host.set("a", "memory.current", "5\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(anew.id()).isNotEqualTo(old.id());
            for (Signal signal : Signal.all()) {
                if (signal.derived() || signal.scope() == Signal.Scope.HOST) {
                    continue;
                }
                assertThatThrownBy(() -> read(controller, old, signal))
                        .as(signal.dotted())
                        .isInstanceOf(CgroupGoneException.class);
            }
            assertThat(read(controller, anew, Signal.USAGE)).containsExactly(5);
        }
    }

    @Test
    void removed() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.remove("a");

        try (Cgroup2Controller controller = host.open()) {
            assertThatThrownBy(() -> read(controller, cgroup, Signal.USAGE)).isInstanceOf(CgroupGoneException.class);
        }
    }

    @Test
    void aHostThatDoesNotSayWhatSwapItHas_isReadAllTheSame() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        FakeHost.write(host.proc.resolve("meminfo"), "MemTotal:       16777216 kB\n");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, cgroup, Signal.USAGE, Signal.LIMIT)).doesNotContain(Double.NaN);
            assertThatThrownBy(() -> read(controller, cgroup, Signal.SWAP_HEADROOM))
                    .isInstanceOf(IOException.class)
                    .hasMessage(host.proc.resolve("meminfo") + " has no SwapFree");
        }
    }

    @Test
    void closedController_readsNothing() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        Cgroup2Controller controller = host.open();
        read(controller, cgroup, Signal.USAGE);
        controller.close();
        controller.close();

        assertThat(controller.counts().descriptors()).isZero();
        assertThatThrownBy(() -> read(controller, cgroup, Signal.USAGE)).hasMessage("the controller is closed");
    }

    @Test
    void filesOfRandomBytes_neverThrowOtherThanIoExceptions() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        Random random = new Random(7);

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(0), new CgroupFs())) {
            for (int round = 0; round < 200; round++) {
                for (String file : List.of(
                        "memory.current",
                        "memory.max",
                        "memory.high",
                        "memory.stat",
                        "memory.events",
                        "memory.pressure")) {
                    byte[] bytes = new byte[random.nextInt(200)];
                    random.nextBytes(bytes);
                    Files.write(host.root.resolve("a").resolve(file), bytes);
                }
                host.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
                all(controller, cgroup);
            }
        }
    }

    private static Signal named(String name) {
        return Objects.requireNonNull(Signal.named(name), name);
    }

    private static CgroupFs failingToRead(String name, String words) {
        return new CgroupFs() {
            private volatile int failing = KeptFiles.NONE;

            @Override
            int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
                int descriptor = super.openForReading(directory, file, scratch);
                if (file.equals(name)) {
                    failing = descriptor;
                }
                return descriptor;
            }

            @Override
            int read(int descriptor, Scratch scratch) throws IOException {
                if (descriptor == failing) {
                    throw new IOException(words);
                }
                return super.read(descriptor, scratch);
            }
        };
    }

    private static double[] read(Cgroup2Controller controller, Cgroup cgroup, Signal... signals) throws IOException {
        SignalSet set = SignalSet.of(signals);
        double[] values = new double[set.size()];
        controller.read(cgroup, set, values);
        return Arrays.stream(signals)
                .mapToDouble(signal -> values[set.slot(signal)])
                .toArray();
    }

    private static Map<Signal, Double> all(Cgroup2Controller controller, Cgroup cgroup) throws IOException {
        double[] values = read(controller, cgroup, Signal.all().toArray(Signal[]::new));
        Map<Signal, Double> named = new HashMap<>();
        for (Signal signal : ALL.signals()) {
            named.put(signal, values[ALL.slot(signal)]);
        }
        return named;
    }
}
