package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

class ReadingTest {
    private static final SignalSet ALL = SignalSet.of(Signal.all());
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

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
    void keptOpenFilesShowNewValues() throws IOException {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            assertThat(read(controller, cgroup, Signal.USAGE)).containsExactly(100.0 * FakeHost.MIB);
            host.set("a", "memory.current", "7\n");
            assertThat(read(controller, cgroup, Signal.USAGE)).containsExactly(7);
        }
    }

    @Test
    void oneReadOfAFile_andNoneThatIsNotNeeded() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        AtomicInteger reads = new AtomicInteger();
        CgroupFs counting = new CgroupFs() {
            @Override
            int read(int descriptor, Scratch scratch) throws IOException {
                reads.incrementAndGet();
                return super.read(descriptor, scratch);
            }
        };

        try (Cgroup2Controller controller = host.open(counting)) {
            read(controller, cgroup, Signal.PGSCAN, Signal.PGSTEAL, Signal.REFAULT, Signal.DIRTY);
            assertThat(reads).hasValue(1);
            read(
                    controller,
                    cgroup,
                    Signal.PSI_SOME_AVG10,
                    Signal.PSI_FULL_TOTAL,
                    Signal.EVENTS_MAX,
                    Signal.EVENTS_OOM);
            assertThat(reads).hasValue(3);
        }
    }

    @Test
    void whatIsOpenedForOneSampleIsProvenOnce_andWhatIsKeptNeedsNoProof() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        AtomicInteger proofs = new AtomicInteger();
        CgroupFs counting = new CgroupFs() {
            @Override
            long id(Directory directory, Scratch scratch) throws IOException {
                proofs.incrementAndGet();
                return super.id(directory, scratch);
            }
        };
        Signal[] ofThreeFiles = {Signal.USAGE, Signal.PSI_SOME_TOTAL, Signal.PGSCAN};

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(0), counting)) {
            read(controller, cgroup, ofThreeFiles);
            assertThat(proofs).hasValue(1);
        }
        proofs.set(0);
        try (Cgroup2Controller controller = host.open(counting)) {
            read(controller, cgroup, ofThreeFiles);
            assertThat(proofs).as("memory.current is kept").hasValue(1);
            host.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            read(controller, cgroup, ofThreeFiles);
            assertThat(proofs).as("one a file that is kept").hasValue(3);
            read(controller, cgroup, ofThreeFiles);
            assertThat(proofs).hasValue(3);
        }
        proofs.set(0);
        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(1), counting)) {
            read(controller, cgroup, ofThreeFiles);
            assertThat(proofs).as("one for what is kept").hasValue(1);
            read(controller, cgroup, ofThreeFiles);
            assertThat(proofs).as("what is kept proves what is not").hasValue(1);
        }
    }

    @Test
    void reusedPath_theKeptFileTells_andWhatWasOpenedIsClosed() throws IOException {
        Cgroup old = host.cgroup("a");
        Signal[] ofThreeFiles = {Signal.USAGE, Signal.PSI_SOME_TOTAL, Signal.PGSCAN};
        List<String> calls = new ArrayList<>();
        AtomicBoolean removed = new AtomicBoolean();
        CgroupFs kernel = new CgroupFs() {
            private final Map<Integer, String> names = new HashMap<>();

            @Override
            int openPath(Path point) throws IOException {
                int descriptor = super.openPath(point);
                names.put(descriptor, "the mount");
                return descriptor;
            }

            @Override
            int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
                int descriptor = super.openForReading(directory, file, scratch);
                names.put(descriptor, file);
                calls.add("open " + file);
                return descriptor;
            }

            @Override
            int read(int descriptor, Scratch scratch) throws IOException {
                calls.add("read " + names.get(descriptor));
                if (removed.get() && "memory.current".equals(names.get(descriptor))) {
                    throw new IOException("No such device");
                }
                return super.read(descriptor, scratch);
            }

            @Override
            void close(int descriptor) {
                calls.add("close " + names.remove(descriptor));
                super.close(descriptor);
            }
        };

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(1), kernel)) {
            read(controller, old, ofThreeFiles);
            host.madeAnew("a");
            removed.set(true);
            calls.clear();
            assertThatThrownBy(() -> read(controller, old, ofThreeFiles)).isInstanceOf(CgroupGoneException.class);
        }
        assertThat(calls)
                .filteredOn(call -> !call.endsWith("meminfo") && !call.endsWith("the mount"))
                .containsExactly(
                        "open memory.pressure",
                        "open memory.stat",
                        "read memory.current",
                        "close memory.pressure",
                        "close memory.stat",
                        "close memory.current");
    }

    @Test
    void reusedPath_beyondTheBudgetToo() throws IOException {
        Cgroup old = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(0), new CgroupFs())) {
            read(controller, old, Signal.USAGE);
            Cgroup anew = host.madeAnew("a");
            assertThatThrownBy(() -> read(controller, old, Signal.USAGE, Signal.LIMIT))
                    .isInstanceOf(CgroupGoneException.class);
            assertThat(read(controller, anew, Signal.USAGE)).containsExactly(100.0 * FakeHost.MIB);
        }
    }

    @Test
    void aReadAllocatesNothing() throws IOException {
        Cgroup cgroup = host.cgroup("a/b");
        SignalSet set = SignalSet.of(
                Signal.USAGE,
                Signal.LIMIT,
                Signal.MIN,
                Signal.SWAP_HEADROOM,
                Signal.PSI_SOME_TOTAL,
                Signal.EVENTS_MAX,
                Signal.PGSCAN,
                Signal.REFAULT);
        double[] values = new double[set.size()];

        try (Cgroup2Controller controller = host.open()) {
            int reads = 4_000;
            double least = Double.MAX_VALUE;
            // Until it is compiled; the interpreter allocates what the compiler leaves out.
            for (int round = 0; round < 20 && least > 1; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < reads; i++) {
                    controller.read(cgroup, set, values);
                }
                least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / (double) reads);
            }
            assertThat(least).as("bytes a read").isLessThan(8);
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
    void reusedPath_keptFilesStayWithTheOldCgroup() throws IOException {
        Cgroup old = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            read(controller, old, Signal.USAGE);
            Cgroup anew = host.madeAnew("a");
            host.set("a", "memory.current", "5\n");
            // Plain files outlive their directory; a cgroup's answer ENODEV, see removed_whileOpen.
            assertThat(read(controller, old, Signal.USAGE)).containsExactly(100.0 * FakeHost.MIB);
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
    void removed_whileOpen() throws IOException {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(failingToRead("memory.events", "No such device"))) {
            read(controller, cgroup, Signal.USAGE);
            assertThat(controller.counts().descriptors()).isEqualTo(1);
            assertThatThrownBy(() -> read(controller, cgroup, Signal.EVENTS_MAX))
                    .isInstanceOf(CgroupGoneException.class);
            assertThat(controller.counts().descriptors()).isZero();
        }
    }

    @Test
    void interruptedReaderReadsAllTheSame_andKeepsItsFiles() throws IOException {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            read(controller, cgroup, Signal.USAGE);
            Thread.currentThread().interrupt();
            assertThat(read(controller, cgroup, Signal.USAGE)).containsExactly(100.0 * FakeHost.MIB);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(controller.counts().descriptors()).isEqualTo(1);
        }
    }

    @Test
    void beyondTheBudgetFilesAreOpenedForEachRead() throws IOException {
        List<Cgroup> cgroups = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            cgroups.add(host.cgroup("a/" + i));
        }

        long before = openDescriptors();
        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(10), new CgroupFs())) {
            for (int round = 0; round < 3; round++) {
                for (Cgroup cgroup : cgroups) {
                    assertThat(all(controller, cgroup)).containsEntry(Signal.USAGE, 100.0 * FakeHost.MIB);
                }
            }
            assertThat(controller.counts().descriptors()).isEqualTo(10);
            assertThat(openDescriptors() - before).isBetween(10L, 15L);
        }
        assertThat(openDescriptors() - before).isBetween(-5L, 5L);
    }

    @Test
    void cgroupsThatAppearAtOnce_allHaveMemoryCurrentKept_beforeAnyHasMore() throws IOException {
        List<Cgroup> cgroups = List.of(host.cgroup("a"), host.cgroup("b"), host.cgroup("c"));
        Map<String, Integer> openings = new HashMap<>();
        CgroupFs counting = new CgroupFs() {
            @Override
            int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
                openings.merge(file, 1, Integer::sum);
                return super.openForReading(directory, file, scratch);
            }
        };

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(4), counting)) {
            for (int round = 0; round < 4; round++) {
                for (Cgroup cgroup : cgroups) {
                    read(controller, cgroup, Signal.USAGE, Signal.PGSCAN);
                }
                host.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            }
            assertThat(controller.counts().descriptors()).isEqualTo(4);
        }
        assertThat(openings)
                .as("once each; each time for two seconds, from then on of two cgroups")
                .containsEntry("memory.current", 3)
                .containsEntry("memory.stat", 3 * 3 + 2);
    }

    @Test
    void moreFilesThanMayBeKept_isToldOnce_withTheLimitThatWouldDo() throws IOException {
        List<Cgroup> cgroups = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            cgroups.add(host.cgroup("a/" + i));
        }
        List<String> notices = new ArrayList<>();

        try (Cgroup2Controller controller = host.open(host.options().withNotices(notices::add), new CgroupFs())) {
            for (int round = 0; round < 8; round++) {
                for (Cgroup cgroup : cgroups) {
                    read(controller, cgroup, Signal.USAGE, Signal.PSI_SOME_TOTAL, Signal.PGSCAN);
                }
                // Not while more of those that appeared at once may be heard of.
                assertThat(notices).hasSize(round < 6 ? 0 : 1);
                host.nanos.addAndGet(Duration.ofMillis(600).toNanos());
            }
        }
        assertThat(notices)
                .containsExactly(
                        "the limit of open files, 1024, lets 768 of the 900 files be kept open that are read of 300 "
                                + "cgroups, and the others are opened and closed with each sample: raise it to 2048 (systemd: "
                                + "LimitNOFILE=2048)");
    }

    @Test
    void whoAsksForPushes_findsRoomForThem() throws IOException, InterruptedException {
        List<Cgroup> cgroups = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
            cgroups.add(host.cgroup("a/" + i));
        }
        BlockingQueue<Integer> keptAsThePollerStarts = new LinkedBlockingQueue<>();
        AtomicReference<Cgroup2Controller> controllers = new AtomicReference<>();

        try (Cgroup2Controller controller = Cgroup2Controller.open(
                host.options(),
                FakeHost.needs(),
                new CgroupFs(),
                () -> FileSystems.getDefault().newWatchService(),
                () -> {
                    keptAsThePollerStarts.add(controllers.get().counts().descriptors());
                    return new FakePushKernel();
                })) {
            controllers.set(controller);
            for (Cgroup cgroup : cgroups) {
                read(controller, cgroup, Signal.USAGE);
            }
            assertThat(controller.counts().descriptors()).isEqualTo(768);

            Disposable pushes = controller
                    .pushes(cgroups.getFirst(), Set.of(new PushRequest.Events()))
                    .subscribe();
            assertThat(keptAsThePollerStarts.poll(20, TimeUnit.SECONDS)).isZero();
            for (Cgroup cgroup : cgroups) {
                read(controller, cgroup, Signal.USAGE);
            }
            assertThat(controller.counts().descriptors()).isEqualTo(640);
            pushes.dispose();
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
    void enoughFilesMayBeKept_nothingIsTold() throws IOException {
        List<String> notices = new ArrayList<>();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(host.options().withNotices(notices::add), new CgroupFs())) {
            for (int round = 0; round < 4; round++) {
                read(controller, cgroup, Signal.USAGE, Signal.PSI_SOME_TOTAL, Signal.PGSCAN);
            }
        }
        assertThat(notices).isEmpty();
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
    void idleCgroupLetsGoOfItsFiles() throws IOException {
        Cgroup idle = host.cgroup("a");
        Cgroup busy = host.cgroup("b");

        try (Cgroup2Controller controller = host.open()) {
            read(controller, idle, Signal.USAGE);
            for (int minute = 0; minute < 11; minute++) {
                read(controller, busy, Signal.USAGE);
                host.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            }
            // The cache looks for what is due as it is used, not at once.
            for (int use = 0; use < 1_000; use++) {
                read(controller, busy, Signal.USAGE);
            }
            assertThat(controller.counts().descriptors()).isEqualTo(1);
            assertThat(read(controller, idle, Signal.USAGE)).containsExactly(100.0 * FakeHost.MIB);
        }
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

    private static long openDescriptors() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
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
