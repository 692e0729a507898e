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

/** Which files of cgroups are open, for how long, and whose they are. */
class OpenFilesTest {
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
