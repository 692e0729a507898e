package dev.tidemark.reclaim.cgroup2;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

class ReclaimingTest {
    private static final int PROACTIVE = ReclaimOptions.PROACTIVE | ReclaimOptions.MAY_SWAP;
    private static final Duration SOON = Duration.ofSeconds(20);

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

    /** Stands where the kernel is: takes the request, may free memory, may refuse. */
    private class Kernel extends CgroupFs {
        final List<String> requests = new CopyOnWriteArrayList<>();
        String refused = "";
        String words = "Invalid argument";
        boolean again;
        long freesBytes;
        long takesNanos;

        @Override
        int write(FileChannel channel, ByteBuffer request) throws IOException {
            String text = StandardCharsets.US_ASCII.decode(request.duplicate()).toString();
            requests.add(text);
            host.nanos.addAndGet(takesNanos);
            if (!refused.isEmpty() && text.contains(refused)) {
                throw new IOException(words);
            }
            if (freesBytes != 0) {
                host.set("a", "memory.current", 100 * FakeHost.MIB - freesBytes + "\n");
            }
            return again ? 0 : super.write(channel, request);
        }
    }

    @Test
    void success_whatMovedIsWhatCounts() throws IOException {
        Kernel kernel = new Kernel();
        kernel.freesBytes = 10 * FakeHost.PAGE;
        kernel.takesNanos = 500;
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, -1);

            assertThat(result)
                    .usingRecursiveComparison()
                    .ignoringFields("cpuNanos")
                    .isEqualTo(new ReclaimResult(
                            10, Outcome.SUCCESS, "", 100.0 * FakeHost.MIB - 10 * FakeHost.PAGE, 1_000, 1_500, 0, 0));
            assertThat(result.cpuNanos()).isPositive();
            assertThat(host.text("a", "memory.reclaim")).isEqualTo("131072");
        }
    }

    @Test
    void cpuOfTheWrite_isThatOfItsThread() throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] used = new long[1];
        CgroupFs busy = new CgroupFs() {
            @Override
            int write(FileChannel channel, ByteBuffer request) throws IOException {
                long before = threads.getCurrentThreadCpuTime();
                do {
                    used[0] = threads.getCurrentThreadCpuTime() - before;
                } while (used[0] < 20_000_000);
                return super.write(channel, request);
            }
        };
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(busy)) {
            long cpu = reclaim(controller, cgroup, 32, PROACTIVE, -1).cpuNanos();

            assertThat(cpu).isBetween(used[0], used[0] + 20_000_000);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "6, -1, 2048, 3",
        "6, 60, 2048, 3",
        "6, 201, 2048, 3",
        "6, 0, 2048, 0",
        "4, -1, 2048, 0",
        "6, -1, 0, 0",
    })
    void whatWentToSwap_isCountedWhereAnythingCan(int options, int swappiness, long freeKib, long expected)
            throws IOException {
        FakeHost.write(host.proc.resolve("meminfo"), "MemTotal: 16777216 kB\nSwapFree: " + freeKib + " kB\n");
        CgroupFs swapping = new CgroupFs() {
            @Override
            int write(FileChannel channel, ByteBuffer request) throws IOException {
                host.set("a", "memory.swap.current", 4096 + 3 * FakeHost.PAGE + "\n");
                return super.write(channel, request);
            }
        };
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(swapping)) {
            reclaim(controller, cgroup, 0, PROACTIVE, 10);
            host.set("a", "memory.swap.current", "4096\n");

            assertThat(reclaim(controller, cgroup, 32, options, swappiness).swappedOutPages())
                    .isEqualTo(expected);
        }
    }

    @Test
    void whatWasReadBackMeanwhile_isNotNegativeSwapOut() throws IOException {
        CgroupFs readingBack = new CgroupFs() {
            @Override
            int write(FileChannel channel, ByteBuffer request) throws IOException {
                host.set("a", "memory.swap.current", "0\n");
                return super.write(channel, request);
            }
        };
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(readingBack)) {
            assertThat(reclaim(controller, cgroup, 32, PROACTIVE, -1).swappedOutPages())
                    .isZero();
        }
    }

    @Test
    void silentNoop_successWithoutEffectIsNoProgress() throws IOException {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, -1);

            assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(result.pagesReclaimed()).isZero();
        }
    }

    @Test
    void partialEagain_countsWithItsTrueAmount() throws IOException {
        Kernel kernel = new Kernel();
        kernel.again = true;
        kernel.freesBytes = 3 * FakeHost.PAGE;
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, -1);

            assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
            assertThat(result.pagesReclaimed()).isEqualTo(3);
        }
    }

    @Test
    void growthMeanwhileIsNotNegativeReclaim() throws IOException {
        Kernel kernel = new Kernel();
        kernel.freesBytes = -FakeHost.MIB;
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, -1);

            assertThat(result.pagesReclaimed()).isZero();
            assertThat(result.usageBytes()).isEqualTo(101.0 * FakeHost.MIB);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "No such device, GONE, ''",
        "Resource temporarily unavailable, AGAIN, ''",
        "Interrupted system call, INTERRUPTED, ''",
        "Invalid argument, REFUSED, Invalid argument",
        "Operation not permitted, REFUSED, Operation not permitted",
        "Argument list too long, REFUSED, Argument list too long",
        "Ungültiges Argument, REFUSED, Ungültiges Argument"
    })
    void kernelsErrors(String words, Outcome outcome, String message) throws IOException {
        Kernel kernel = new Kernel();
        kernel.refused = "131072";
        kernel.words = words;
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, -1);

            assertThat(result.outcome()).isEqualTo(outcome);
            assertThat(result.message()).isEqualTo(message);
        }
    }

    // options: 0 none, 2 MAY_SWAP, 4 PROACTIVE, 6 both
    @ParameterizedTest
    @CsvSource({
        "6, -1, 131072",
        "6, -5, 131072",
        "6, 0, 131072 swappiness=0",
        "6, 60, 131072 swappiness=60",
        "6, 200, 131072 swappiness=200",
        "6, 201, 131072 swappiness=max",
        "2, 60, 131072",
        "2, 201, 131072",
        "4, 60, 131072 swappiness=0",
        "4, 201, 131072 swappiness=0",
        "0, -1, 131072 swappiness=0"
    })
    void swappiness(int options, int swappiness, String expected) throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            assertThat(reclaim(controller, cgroup, 32, options, swappiness).outcome())
                    .isEqualTo(Outcome.SUCCESS);
            assertThat(kernel.requests.getLast()).isEqualTo(expected);
        }
    }

    @Test
    void swappinessAbove201_refusedAsTheKernelWould() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, 202);

            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(result.message()).isEqualTo("swappiness 202 is above 201");
            assertThat(kernel.requests).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "6, 201, 'this kernel (6.10.1) cannot be asked for anonymous memory only: Linux 6.16 or newer can'",
        "4, -1, 'this kernel (6.10.1) cannot be asked for file pages only, and this cgroup can swap: Linux 6.11 or newer can, or set memory.swap.max to 0'"
    })
    void kernelWithoutTheKey(int options, int swappiness, String message) throws IOException {
        Kernel kernel = withoutKey();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, options, swappiness);

            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(result.message()).isEqualTo(message);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60, 200})
    void kernelWithoutTheKey_aNumberIsAPreference(int swappiness) throws IOException {
        Kernel kernel = withoutKey();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            assertThat(reclaim(controller, cgroup, 32, PROACTIVE, swappiness).outcome())
                    .isEqualTo(Outcome.SUCCESS);
            assertThat(kernel.requests.getLast()).isEqualTo("131072");
        }
    }

    @Test
    void anonymousOnly_isRefusedWhereNothingCanBeSwapped() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.swap.max", "4096\n");

        try (Cgroup2Controller controller = host.open(kernel)) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, 201);

            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(result.message())
                    .isEqualTo("only anonymous memory is to be taken, and this cgroup can swap nothing out: no swap is "
                            + "free, or memory.swap.max here or above is reached");
            assertThat(kernel.requests).doesNotContain("131072 swappiness=max");
        }
    }

    @ParameterizedTest
    @CsvSource({"a, 0", "a, 4096", "'', 0"})
    void kernelWithoutTheKey_fileOnlyWhereNothingCanBeSwapped(String at, String swapMax) throws IOException {
        Kernel kernel = withoutKey();
        Cgroup cgroup = host.cgroup("a");
        host.set(at, "memory.swap.max", swapMax + "\n");
        host.set("", "memory.swap.current", "0\n");

        try (Cgroup2Controller controller = host.open(kernel)) {
            assertThat(reclaim(controller, cgroup, 32, ReclaimOptions.PROACTIVE, -1)
                            .outcome())
                    .isEqualTo(Outcome.SUCCESS);
            assertThat(kernel.requests.getLast()).isEqualTo("131072");
        }
    }

    @Test
    void theKeyIsProbedOnce_andByARequestForNothing() throws IOException {
        Kernel kernel = new Kernel();
        kernel.refused = "swappiness=max";
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            reclaim(controller, cgroup, 32, PROACTIVE, 10);
            reclaim(controller, cgroup, 32, PROACTIVE, 20);

            assertThat(kernel.requests)
                    .containsExactly(
                            "0", "0 swappiness=max", "0 swappiness=60", "131072 swappiness=10", "131072 swappiness=20");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1", "9223372036854775807"})
    void pagesThatCannotBeAskedFor(long pages) throws IOException {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            ReclaimResult result = reclaim(controller, cgroup, pages, PROACTIVE, -1);

            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(result.message()).isEqualTo(pages + " pages cannot be asked for");
        }
    }

    @Test
    void noPagesAreAskedForAsNothing() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            assertThat(reclaim(controller, cgroup, 0, PROACTIVE, -1).outcome()).isEqualTo(Outcome.SUCCESS);

            assertThat(kernel.requests).containsExactly("0");
        }
    }

    @Test
    void dryRun_doesEverythingButWrite() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");
        Cgroup gone = host.cgroup("b");
        host.remove("b");

        try (Cgroup2Controller controller = host.open(host.options().withDryRun(true), kernel)) {
            assertThat(reclaim(controller, cgroup, 32, PROACTIVE, 201))
                    .isEqualTo(ReclaimResult.none(Outcome.DRY_RUN, "", 100.0 * FakeHost.MIB, 1_000));
            assertThat(reclaim(controller, gone, 32, PROACTIVE, -1).outcome()).isEqualTo(Outcome.GONE);
            assertThat(kernel.requests).isEmpty();
        }
    }

    @Test
    void reusedPath_nothingIsAskedOfTheNewCgroup() throws IOException {
        Cgroup old = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            reclaim(controller, old, 1, PROACTIVE, -1);
            host.madeAnew("a");

            assertThat(reclaim(controller, old, 32, PROACTIVE, -1).outcome()).isEqualTo(Outcome.GONE);
            assertThat(host.text("a", "memory.reclaim")).isEmpty();
        }
    }

    @Test
    void reusedPath_alsoBetweenOpeningAndWriting() throws IOException {
        Cgroup old = host.cgroup("a");
        CgroupFs replacing = new CgroupFs() {
            @Override
            FileChannel openForWriting(Path file) throws IOException {
                host.madeAnew("a");
                return super.openForWriting(file);
            }
        };

        try (Cgroup2Controller controller = host.open(replacing)) {
            assertThat(reclaim(controller, old, 32, PROACTIVE, -1).outcome()).isEqualTo(Outcome.GONE);
            assertThat(host.text("a", "memory.reclaim")).isEmpty();
        }
    }

    @Test
    void withoutTheController() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.drop("a", "memory.reclaim");

        try (Cgroup2Controller controller = host.open()) {
            ReclaimResult result = reclaim(controller, cgroup, 32, PROACTIVE, -1);

            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(result.message())
                    .isEqualTo(
                            host.root + "/a/memory.reclaim is not there: the memory controller is not enabled for this "
                                    + "cgroup");
        }
    }

    @Test
    void lazy_nothingHappensWithoutASubscription() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            Mono<ReclaimResult> mono = controller.tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, PROACTIVE, -1);
            assertThat(kernel.requests).isEmpty();
            mono.block(SOON);
            mono.block(SOON);
            assertThat(kernel.requests).hasSize(2);
        }
    }

    @Test
    void cancel_breaksOffAWriteThatTheKernelHolds() throws Exception {
        Cgroup stuck = host.cgroup("a");
        Cgroup other = host.cgroup("b");

        try (Pipe pipe = new Pipe(host.root.resolve("a/memory.reclaim"));
                Cgroup2Controller controller = host.open(pipe)) {
            Mono<ReclaimResult> running = controller
                    .tryToFreeMemCgroupPages(stuck, 32, Gfp.GFP_KERNEL, PROACTIVE, -1)
                    .cache();
            running.subscribe();
            pipe.writing.await();

            // wedgedWrite: the others are served.
            assertThat(reclaim(controller, other, 32, PROACTIVE, -1).outcome()).isEqualTo(Outcome.SUCCESS);
            controller.cancel(other);
            assertThat(controller.counts().inFlight()).isEqualTo(1);
            controller.cancel(stuck);

            ReclaimResult result = requireNonNull(running.block(SOON));
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.usageBytes()).isEqualTo(100.0 * FakeHost.MIB);
            assertThat(controller.counts().inFlight()).isZero();
            assertThat(controller.counts().cancelled()).isEqualTo(1);
        }
        assertThat(threads()).isEmpty();
    }

    /** rmdirDuringReclaim: usually the last task has left just before. */
    @Test
    void theLastTaskLeaves_theWriteIsBrokenOff() throws Exception {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "cgroup.events", "populated 1\nfrozen 0\n");

        try (Pipe pipe = new Pipe(host.root.resolve("a/memory.reclaim"));
                Cgroup2Controller controller = host.open(pipe)) {
            Mono<ReclaimResult> running = started(controller, cgroup);
            pipe.writing.await();
            host.set("a", "cgroup.events", "populated 0\nfrozen 0\n");

            assertThat(requireNonNull(running.block(SOON)).outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(controller.counts().cancelled()).isEqualTo(1);
        }
        assertThat(threads()).isEmpty();
    }

    /** rmdirDuringReclaim: rmdir waits for the write, and has removed memory.current before. */
    @Test
    void theCgroupIsBeingRemoved_theWriteIsBrokenOff() throws Exception {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "cgroup.events", "populated 0\nfrozen 0\n");

        try (Pipe pipe = new Pipe(host.root.resolve("a/memory.reclaim"));
                Cgroup2Controller controller = host.open(pipe)) {
            Mono<ReclaimResult> running = started(controller, cgroup);
            pipe.writing.await();
            assertThat(pipe.looks.tryAcquire(3, SOON.toSeconds(), TimeUnit.SECONDS))
                    .as("it is looked at")
                    .isTrue();
            assertThat(controller.counts().cancelled())
                    .as("that it had no tasks from the start is no sign")
                    .isZero();
            pipe.removed = true;

            ReclaimResult result = requireNonNull(running.block(SOON));
            assertThat(result.outcome()).isEqualTo(Outcome.GONE);
            assertThat(result.pagesReclaimed()).isZero();
        }
        assertThat(threads()).isEmpty();
    }

    /** wedgedWrite: writes that do not return, not even when their channel is closed. */
    @Test
    void writesThatDoNotReturn_holdUpNoOther_andComeBackLate() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch wedged = new CountDownLatch(2);
        CgroupFs wedging = new CgroupFs() {
            @Override
            int write(FileChannel channel, ByteBuffer request) throws IOException {
                if (StandardCharsets.US_ASCII
                        .decode(request.duplicate())
                        .toString()
                        .equals("4096")) {
                    wedged.countDown();
                    awaitForSure(released);
                }
                return super.write(channel, request);
            }
        };
        List<Cgroup> stuck = List.of(host.cgroup("a"), host.cgroup("b"));
        Cgroup other = host.cgroup("c");

        try (Cgroup2Controller controller = host.open(wedging)) {
            List<Mono<ReclaimResult>> late = stuck.stream()
                    .map(cgroup -> controller
                            .tryToFreeMemCgroupPages(cgroup, 1, Gfp.GFP_KERNEL, PROACTIVE, -1)
                            .cache())
                    .toList();
            late.forEach(Mono::subscribe);
            wedged.await();
            stuck.forEach(controller::cancel);
            stuck.forEach(controller::cancel);

            for (int i = 0; i < 20; i++) {
                assertThat(reclaim(controller, other, 32, PROACTIVE, -1).outcome())
                        .isEqualTo(Outcome.SUCCESS);
            }
            assertThat(controller.counts().inFlight()).isEqualTo(2);
            assertThat(controller.counts().cancelled()).isEqualTo(2);

            released.countDown();
            for (Mono<ReclaimResult> of : late) {
                assertThat(requireNonNull(of.block(SOON)).outcome())
                        .as("its channel is closed")
                        .isEqualTo(Outcome.INTERRUPTED);
            }
            assertThat(controller.counts().inFlight()).isZero();
            assertThat(host.text("a", "memory.reclaim")).isEmpty();
            assertThat(reclaim(controller, stuck.getFirst(), 32, PROACTIVE, -1).outcome())
                    .as("afterwards it is as any other")
                    .isEqualTo(Outcome.SUCCESS);
        }
        assertThat(threads()).isEmpty();
    }

    private static Mono<ReclaimResult> started(Cgroup2Controller controller, Cgroup cgroup) {
        Mono<ReclaimResult> running = controller
                .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, PROACTIVE, -1)
                .cache();
        running.subscribe();
        return running;
    }

    /** As a task that waits for a disk: nothing wakes it up. */
    private static void awaitForSure(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void close_breaksOffWhatIsInFlight_andLeavesNoThread() throws Exception {
        Cgroup stuck = host.cgroup("a");

        try (Pipe pipe = new Pipe(host.root.resolve("a/memory.reclaim"))) {
            Cgroup2Controller controller = host.open(pipe);
            Mono<ReclaimResult> running = controller
                    .tryToFreeMemCgroupPages(stuck, 32, Gfp.GFP_KERNEL, PROACTIVE, -1)
                    .cache();
            running.subscribe();
            pipe.writing.await();
            controller.close();

            assertThat(requireNonNull(running.block(SOON)).outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(threads()).isEmpty();
            assertThat(reclaim(controller, stuck, 32, PROACTIVE, -1).outcome()).isEqualTo(Outcome.INTERRUPTED);
        }
    }

    @Test
    void cancel_beforeItsTurn_nothingIsWritten() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open(kernel)) {
            for (int i = 0; i < 4; i++) {
                host.scheduler.schedule(() -> await(busy));
            }
            Mono<ReclaimResult> queued = controller
                    .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, PROACTIVE, -1)
                    .cache();
            queued.subscribe();
            controller.cancel(cgroup);
            busy.countDown();

            assertThat(requireNonNull(queued.block(SOON)).outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(kernel.requests).isEmpty();
        }
    }

    @Test
    void disposedBeforeItsTurn_isForgotten() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            for (int i = 0; i < 4; i++) {
                host.scheduler.schedule(() -> await(busy));
            }
            controller
                    .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, PROACTIVE, -1)
                    .subscribe()
                    .dispose();

            assertThat(controller.counts().inFlight()).isZero();
            busy.countDown();
        }
    }

    @Test
    void rejectedByItsScheduler_isAnError() throws Exception {
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = host.open()) {
            host.scheduler.dispose();

            assertThatThrownBy(() -> reclaim(controller, cgroup, 32, PROACTIVE, -1))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThat(controller.counts().inFlight()).isZero();
        }
    }

    /** A memory.reclaim whose writers wait for ever: a full pipe. */
    private static final class Pipe extends CgroupFs implements AutoCloseable {
        private static final int CAPACITY = 65_536;

        final CountDownLatch writing = new CountDownLatch(1);

        /** How often memory.current was read while the write was held. */
        final Semaphore looks = new Semaphore(0);

        volatile boolean removed;
        private final FileChannel reader;
        private volatile int current = -1;

        Pipe(Path file) throws IOException, InterruptedException {
            FakeHost.remove(file);
            assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                    .as("mkfifo")
                    .isZero();
            reader = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            assertThat(reader.write(ByteBuffer.allocate(CAPACITY))).isEqualTo(CAPACITY);
        }

        @Override
        int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
            int descriptor = super.openForReading(directory, file, scratch);
            if (file.equals("memory.current")) {
                current = descriptor;
            }
            return descriptor;
        }

        @Override
        int read(int descriptor, Scratch scratch) throws IOException {
            if (descriptor == current && removed) {
                throw new IOException("No such device");
            }
            if (descriptor == current && writing.getCount() == 0) {
                looks.release();
            }
            return super.read(descriptor, scratch);
        }

        @Override
        int write(FileChannel channel, ByteBuffer request) throws IOException {
            writing.countDown();
            return super.write(channel, request);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    private Kernel withoutKey() {
        FakeHost.write(host.proc.resolve("sys/kernel/osrelease"), "6.10.1\n");
        Kernel kernel = new Kernel();
        kernel.refused = "swappiness";
        return kernel;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("tidemark-cgroup"))
                .toList();
    }

    private static ReclaimResult reclaim(
            Cgroup2Controller controller, Cgroup cgroup, long pages, int options, int swappiness) {
        return requireNonNull(controller
                .tryToFreeMemCgroupPages(cgroup, pages, Gfp.GFP_KERNEL, options, swappiness)
                .block(SOON));
    }
}
