package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.BaseSubscriber;

class PushesTest {
    private static final PushRequest.Pressure SOME = pressure(Resource.MEMORY, false, 1_000);
    private static final PushRequest.Pressure FULL = pressure(Resource.MEMORY, true, 2_000);
    private static final PushRequest.Pressure OF_IO = pressure(Resource.IO, false, 500);
    private static final PushRequest.Events EVENTS = new PushRequest.Events();
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String USER = System.getProperty("user.name");

    @TempDir
    Path directory;

    private final FakePushKernel kernel = new FakePushKernel();
    private final List<String> notices = new CopyOnWriteArrayList<>();
    private FakeHost host;
    private Cgroup a;
    private Cgroup b;
    private Pushes pushes;

    /** What one subscriber has seen. */
    private static final class Seen extends BaseSubscriber<Push> {
        final BlockingQueue<Push> received = new LinkedBlockingQueue<>();
        final CompletableFuture<String> ended = new CompletableFuture<>();
        private final long demand;

        Seen(long demand) {
            this.demand = demand;
        }

        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
            if (demand > 0) {
                request(demand);
            }
        }

        @Override
        protected void hookOnNext(Push push) {
            received.add(push);
        }

        @Override
        protected void hookOnComplete() {
            ended.complete("complete");
        }

        @Override
        protected void hookOnError(Throwable error) {
            ended.complete(error.getClass().getSimpleName() + ": " + error.getMessage());
        }

        Push next() throws InterruptedException {
            Push push = received.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(push).as("a push; the stream: %s", ended).isNotNull();
            return push;
        }

        String end() throws Exception {
            return ended.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
        a = host.cgroup("a");
        b = host.cgroup("b");
        pushes = pushes(8);
    }

    private Pushes pushes(int most) {
        return pushes(most, host.nanos::get);
    }

    private Pushes pushes(int most, LongSupplier nanos) {
        return new Pushes(
                () -> kernel,
                new PushOpener(new CgroupFs(), host.root, new HostFacts(host.proc), notices::add),
                most,
                nanos);
    }

    @AfterEach
    void close() throws InterruptedException {
        pushes.close(LONG);
        host.close();
    }

    @Test
    void aStallThatHappened_isPushed() throws Exception {
        Seen seen = subscribe(a, SOME);
        stall(a, 2_650_000);
        host.nanos.set(77);

        kernel.tell(file(a, "memory.pressure"), false);

        assertThat(seen.next()).isEqualTo(new Push(a, SOME, 77, Duration.ofMillis(1_120), "total +150ms"));
        assertThat(kernel.written).containsExactly("some 150000 1000000\0");
        assertThat(pushes.tally().pushes.sum()).isEqualTo(1);
    }

    @Test
    void falsePush_isNone() throws Exception {
        Seen seen = subscribe(a, SOME);

        kernel.tell(file(a, "memory.pressure"), false);
        await().untilAsserted(() -> assertThat(pushes.tally().falsePushes.sum()).isEqualTo(1));
        stall(a, 2_500_001);
        kernel.tell(file(a, "memory.pressure"), false);

        assertThat(seen.next().moved()).isEqualTo("total +1us");
        assertThat(seen.received).isEmpty();
        assertThat(pushes.tally().pushes.sum()).isEqualTo(1);
    }

    @Test
    void eachResourceAndLineHasItsOwnFileAndTotal() throws Exception {
        host.set("a", "io.pressure", FakeHost.pressure(0, 0));
        Seen full = subscribe(a, FULL);
        Seen ofIo = subscribe(a, OF_IO);
        host.set("a", "memory.pressure", FakeHost.pressure(1, 99_000_000));
        host.set("a", "io.pressure", FakeHost.pressure(0, 500_000));

        kernel.tell(file(a, "memory.pressure"), false);
        kernel.tell(file(a, "io.pressure"), false);

        assertThat(ofIo.next().moved()).isEqualTo("total +500ms");
        assertThat(full.received).as("only some have waited").isEmpty();
        assertThat(kernel.written).containsExactlyInAnyOrder("full 150000 2000000\0", "some 150000 500000\0");
    }

    @Test
    void eventsAreBelievedWhenACounterHasGrown_whateverTheErrorCondition() throws Exception {
        Seen seen = subscribe(a, EVENTS);

        kernel.tell(file(a, "memory.events"), true);
        await().untilAsserted(() -> assertThat(pushes.tally().falsePushes.sum()).isEqualTo(1));
        host.set("a", "memory.events", "low 0\nhigh 6\nmax 10\noom 2\noom_kill 1\noom_group_kill 0\nnew 1\n");
        kernel.tell(file(a, "memory.events"), true);

        Push push = seen.next();
        assertThat(push.moved()).isEqualTo("high +1 max +3 new +1");
        assertThat(push.lasts()).isZero();
        assertThat(kernel.written).as("nothing has to be set").isEmpty();
    }

    @Test
    void withoutTheCapability_windowsAreRounded_andThatIsToldOnce() throws Exception {
        kernel.privileged = false;
        Seen seen = subscribe(a, SOME);
        subscribe(b, FULL);
        subscribe(b, pressure(Resource.MEMORY, false, 3_000));
        stall(a, 9_000_000);

        kernel.tell(file(a, "memory.pressure"), false);

        Push push = seen.next();
        assertThat(push.request()).as("what was asked for").isEqualTo(SOME);
        assertThat(push.lasts()).isEqualTo(Duration.ofMillis(4_020));
        await().untilAsserted(() -> assertThat(kernel.written)
                .containsExactly("some 300000 2000000\0", "full 150000 2000000\0", "some 200000 4000000\0"));
        assertThat(notices)
                .containsExactly(
                        "without CAP_SYS_RESOURCE the kernel takes pressure triggers only with windows of 2s and its "
                                + "multiples: psi.some trigger 150ms/1s has become psi.some trigger 300ms/2s, others likewise, and a "
                                + "push may come up to 2s late; run as root, or give that capability (systemd: "
                                + "AmbientCapabilities=CAP_SYS_RESOURCE)");
    }

    @Test
    void aWindowThatAnybodyMayAskFor_lastsByWhoLooks() throws Exception {
        FakeHost.write(host.proc.resolve("self/status"), "CapPrm:\t000001fffeffffff\nCapEff:\t000001fffeffffff\n");
        Seen coarsely = subscribe(a, FULL);
        FakeHost.write(host.proc.resolve("self/status"), "CapEff:\t0000000001000000\n");
        Seen finely = subscribe(b, FULL);
        String grown = "full avg10=0.00 avg60=0.00 avg300=0.00 total=8000000\n";
        host.set("a", "memory.pressure", grown);
        host.set("b", "memory.pressure", grown);

        kernel.tell(file(a, "memory.pressure"), false);
        kernel.tell(file(b, "memory.pressure"), false);

        assertThat(coarsely.next().lasts()).isEqualTo(Duration.ofMillis(4_020));
        assertThat(finely.next().lasts()).isEqualTo(Duration.ofMillis(2_220));
        assertThat(notices).isEmpty();
    }

    @Test
    void anErrorConditionOfATrigger_endsItsStreamAlone() throws Exception {
        Seen seen = subscribe(a, SOME, EVENTS);
        Seen other = subscribe(b, SOME);

        kernel.tell(file(a, "memory.pressure"), true);

        assertThat(seen.end())
                .isEqualTo(
                        "PushRefusedException: The kernel has ended what it told of a: its pressure is not kept any more "
                                + "(cgroup.pressure).");
        await().untilAsserted(() -> assertThat(kernel.closed).hasValue(2));
        stall(b, 5_000_000);
        kernel.tell(file(b, "memory.pressure"), false);
        assertThat(other.next().cgroup()).isEqualTo(b);
    }

    @Test
    void aVanishedCgroup_completes() throws Exception {
        Seen pressure = subscribe(a, SOME);
        Seen events = subscribe(b, EVENTS);
        Path ofA = file(a, "memory.pressure");
        Path ofB = file(b, "memory.events");
        host.remove("a");
        host.remove("b");

        kernel.tell(ofA, true);
        kernel.tell(ofB, true);

        assertThat(pressure.end()).isEqualTo("complete");
        assertThat(events.end()).isEqualTo("complete");
        await().untilAsserted(() -> assertThat(kernel.closed).hasValue(2));
    }

    @Test
    void oneThatIsGoing_completes() throws Exception {
        Seen seen = subscribe(a, SOME);
        host.drop("a", "cgroup.controllers");

        kernel.tell(file(a, "memory.pressure"), true);

        assertThat(seen.end()).isEqualTo("complete");
    }

    @Test
    void reusedPath_isNotAsked() throws Exception {
        Path file = file(a, "memory.pressure");
        Seen before = subscribe(a, SOME);
        Cgroup anew = host.madeAnew("a");
        kernel.tell(file, true);

        assertThat(before.end()).isEqualTo("complete");
        assertThat(begin(a, SOME).end()).isEqualTo("complete");
        assertThat(kernel.opened).as("by the first alone").hasValue(1);
        subscribe(anew, SOME);
    }

    @Test
    void reusedWhileOpening_isLetGo() throws Exception {
        kernel.afterOpen = file -> host.madeAnew("a");

        assertThat(begin(a, SOME).end()).isEqualTo("complete");
        assertThat(kernel.closed).hasValue(1);
    }

    @Test
    void goneAsTheTreeTells_completes() throws Exception {
        Seen seen = subscribe(a, SOME);
        Seen again = subscribe(a, EVENTS);
        Seen other = subscribe(b, SOME);

        pushes.gone(a);

        assertThat(seen.end()).isEqualTo("complete");
        assertThat(again.end()).isEqualTo("complete");
        assertThat(other.ended).isNotDone();
    }

    @Test
    void pastTheBudget_isRefused_untilThereIsRoom() throws Exception {
        pushes = pushes(2);
        Seen first = subscribe(a, SOME, EVENTS);

        assertThat(begin(b, SOME).end())
                .isEqualTo(
                        "PushRefusedException: The 2 descriptors that may be kept open for pushes are all in use, so "
                                + "psi.some trigger 150ms/1s of b is left to sampling: watch fewer cgroups with it, or raise the limit "
                                + "of open files (systemd: LimitNOFILE=).");
        assertThat(pushes.tally().refused.sum()).isEqualTo(1);
        assertThat(first.ended).isNotDone();
        first.dispose();
        await().until(() -> kernel.waitedFor().isEmpty());
        subscribe(b, SOME, EVENTS);
    }

    @Test
    void allOrNothing() throws Exception {
        pushes = pushes(1);

        assertThat(begin(a, SOME, EVENTS).end()).startsWith("PushRefusedException: The 1 descriptors");
        await().untilAsserted(() -> assertThat(kernel.closed).hasValue(1));
        assertThat(kernel.waitedFor()).isEmpty();
    }

    @Test
    void whatCannotBeOpened_saysWhatToDo() throws Exception {
        Path pressure = file(a, "memory.pressure");
        assertThat(refusal("Permission denied"))
                .isEqualTo(pressure + " may not be written by user " + USER
                        + ", which psi.some trigger 150ms/1s needs: run as root, or give that user the file.");
        assertThat(refusal("Read-only file system"))
                .isEqualTo(pressure
                        + " is mounted read-only, but psi.some trigger 150ms/1s has to write it: mount it writable.");
        assertThat(refusal("Operation not supported"))
                .isEqualTo(
                        "Pressure stall information, which psi.some trigger 150ms/1s needs, is not kept in " + pressure
                                + ": write 1 to cgroup.pressure beside it, and boot with psi=1 and without cgroup_disable=pressure.");
        assertThat(refusal("Too many open files"))
                .isEqualTo("No descriptor is left for psi.some trigger 150ms/1s of " + pressure
                        + ": raise the limit of open files (systemd: LimitNOFILE=).");
        assertThat(refusal("Nobody knows"))
                .isEqualTo("psi.some trigger 150ms/1s cannot be had from " + pressure + ": file: Nobody knows.");
        host.drop("a", "memory.events");
        assertThat(begin(a, EVENTS).end())
                .isEqualTo("PushRefusedException: " + file(a, "memory.events")
                        + " is not there: the memory controller has to be enabled above it (write +memory to "
                        + "cgroup.subtree_control).");
        assertThat(pushes.tally().refused.sum()).isEqualTo(6);
    }

    private String refusal(String words) throws Exception {
        kernel.beforeOpen = file -> {
            throw FakePushKernel.errno(words);
        };
        String refusal = begin(a, SOME).end();
        kernel.beforeOpen = file -> {};
        assertThat(refusal).startsWith("PushRefusedException: ");
        return refusal.substring("PushRefusedException: ".length());
    }

    @Test
    void theHostHasPressureAndNoEvents() throws Exception {
        FakeHost.write(host.proc.resolve("pressure/memory"), FakeHost.pressure(0, 0));
        Seen seen = subscribe(Cgroup.HOST, SOME);
        FakeHost.write(host.proc.resolve("pressure/memory"), FakeHost.pressure(0, 200_000));

        kernel.tell(host.proc.resolve("pressure/memory"), false);

        assertThat(seen.next().cgroup()).isEqualTo(Cgroup.HOST);
        assertThat(begin(Cgroup.HOST, EVENTS).end()).contains("The host as a whole has no memory.events");
    }

    @Test
    void ofEachRequestTheLatestWaitsUntilItIsAskedFor() throws Exception {
        Seen seen = begin(new Seen(0), a, SOME, EVENTS);
        await().until(() -> kernel.added.get() == 2);
        for (int i = 1; i <= 3; i++) {
            stall(a, 2_500_000 + i * 1_000_000L);
            host.nanos.set(i);
            kernel.tell(file(a, "memory.pressure"), false);
            int told = i;
            await().untilAsserted(() -> assertThat(pushes.tally().pushes.sum()).isEqualTo(told));
        }
        host.set("a", "memory.events", "max 8\n");
        kernel.tell(file(a, "memory.events"), true);
        await().untilAsserted(() -> assertThat(pushes.tally().pushes.sum()).isEqualTo(4));
        assertThat(seen.received).isEmpty();

        seen.request(1);
        assertThat(seen.next().nanos()).as("the last of the pressure").isEqualTo(3);
        assertThat(seen.received).isEmpty();
        seen.request(5);
        assertThat(seen.next().request()).isEqualTo(EVENTS);
        stall(a, 99_000_000);
        kernel.tell(file(a, "memory.pressure"), false);
        assertThat(seen.next().request()).isEqualTo(SOME);
    }

    @Test
    void cancelled_itIsLetGo_andClosingHoldsNobodyUp() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        kernel.beforeClose = file -> hold(stuck);
        Seen cancelled = subscribe(a, SOME);
        Seen other = subscribe(b, SOME);

        cancelled.dispose();
        await().until(() -> kernel.waitedFor().size() == 1);
        stall(b, 9_000_000);
        kernel.tell(file(b, "memory.pressure"), false);

        assertThat(other.next().cgroup()).isEqualTo(b);
        assertThat(kernel.closed).hasValue(0);
        assertThat(pushes.tally().descriptors).hasValue(2);
        stuck.countDown();
        await().untilAsserted(() -> assertThat(kernel.closed).hasValue(1));
        await().untilAsserted(() -> assertThat(pushes.tally().descriptors).hasValue(1));
    }

    @Test
    void cancelledBeforeItBegan_nothingIsOpened() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        kernel.beforeOpen = file -> hold(busy);
        Seen first = begin(a, SOME);
        Seen second = begin(b, SOME);

        second.dispose();
        busy.countDown();

        await().until(() -> kernel.waitedFor().size() == 1);
        first.dispose();
        await().until(() -> kernel.waitedFor().isEmpty());
        assertThat(kernel.opened).hasValue(1);
    }

    @Test
    void toldWithoutEndOfNothing_itIsEnded() throws Exception {
        Seen seen = subscribe(a, SOME);
        Path file = file(a, "memory.pressure");
        for (int i = 0; i < PushLoop.SPINNING; i++) {
            kernel.tell(file, false);
        }

        assertThat(seen.end())
                .isEqualTo(
                        "PushRefusedException: The kernel tells of a without end though nothing happens there: it is left "
                                + "to sampling.");
    }

    @Test
    void toldOfNothingNowAndThen_itGoesOn() throws Exception {
        pushes = pushes(8, () -> host.nanos.addAndGet(2_000_000));
        kernel.mostAtOnce = 1;
        Seen seen = subscribe(a, SOME);
        Path file = file(a, "memory.pressure");
        for (int i = 0; i < 2 * PushLoop.SPINNING; i++) {
            kernel.tell(file, false);
        }
        await().until(() -> pushes.tally().falsePushes.sum() == 2 * PushLoop.SPINNING);

        assertThat(seen.ended).isNotDone();
    }

    @Test
    void closing_completesAll_alsoWhoComesAfter() throws Exception {
        Seen seen = subscribe(a, SOME);
        Seen other = subscribe(b, SOME, EVENTS);

        pushes.close(LONG);

        assertThat(seen.end()).isEqualTo("complete");
        assertThat(other.end()).isEqualTo("complete");
        assertThat(kernel.closed).hasValue(3);
        assertThat(kernel.released).isTrue();
        assertThat(begin(a, SOME).end()).isEqualTo("complete");
        pushes.gone(a);
    }

    @Test
    void closedBeforeAnybodyCame_noThreadIsStarted() throws Exception {
        pushes.close(LONG);

        assertThat(begin(a, SOME).end()).isEqualTo("complete");
        assertThat(kernel.threads).isEmpty();
    }

    @Test
    void aKernelThatCannotBeOpened_refusesAll() throws Exception {
        pushes = new Pushes(
                () -> {
                    throw FakePushKernel.errno("Too many open files");
                },
                new PushOpener(new CgroupFs(), host.root, new HostFacts(host.proc), notices::add),
                8,
                host.nanos::get);
        String refusal =
                "PushRefusedException: The kernel cannot be waited for, so what it would tell by itself is left to "
                        + "sampling: file: Too many open files.";

        assertThat(begin(a, SOME).end()).isEqualTo(refusal);
        assertThat(begin(b, SOME).end()).isEqualTo(refusal);
    }

    @Test
    void waitingThatBreaks_endsAll_andRefusesWhoComesAfter() throws Exception {
        Seen seen = subscribe(a, SOME);

        kernel.fail(new IOException("Bad file descriptor"));

        assertThat(seen.end()).contains("The kernel cannot be waited for", "Bad file descriptor");
        assertThat(begin(b, SOME).end()).contains("The kernel cannot be waited for");
        await().untilAsserted(() -> assertThat(kernel.closed).hasValue(1));
    }

    @Test
    void onlyThePushThreadTalksToTheKernel() throws Exception {
        Seen seen = subscribe(a, SOME, EVENTS);
        seen.dispose();
        await().until(() -> kernel.waitedFor().isEmpty());

        assertThat(kernel.threads).containsExactly("tidemark-push");
    }

    @Test
    void asAController_itIsCountedAndEndsWithTheCgroup() throws Exception {
        try (Cgroup2Controller controller = Cgroup2Controller.open(
                host.options().withPushes(1).withNotices(notices::add),
                FakeHost.needs(),
                new CgroupFs(),
                () -> FileSystems.getDefault().newWatchService(),
                () -> kernel)) {
            Seen seen = new Seen(Long.MAX_VALUE);
            controller.pushes(a, Set.of(SOME)).subscribe(seen);
            await().until(() -> !kernel.waitedFor().isEmpty());
            Seen refused = new Seen(Long.MAX_VALUE);
            controller.pushes(b, Set.of(SOME)).subscribe(refused);
            assertThat(refused.end()).startsWith("PushRefusedException");
            kernel.tell(file(a, "memory.pressure"), false);
            await().until(() -> controller.counts().falsePushes() == 1);
            stall(a, 9_000_000);
            kernel.tell(file(a, "memory.pressure"), false);
            seen.next();

            assertThat(controller.counts().pushes()).isEqualTo(1);
            assertThat(controller.counts().refusedPushes()).isEqualTo(1);
            assertThat(controller.counts().pushDescriptors()).isEqualTo(1);
            host.remove("a");
            assertThatGone(controller);
            assertThat(seen.end()).isEqualTo("complete");
        }
        assertThat(kernel.released).isTrue();
    }

    private void assertThatGone(Cgroup2Controller controller) {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> controller.read(a, SignalSet.of(Signal.USAGE), new double[1]))
                .isInstanceOf(CgroupGoneException.class);
    }

    /** Subscribes and waits until the kernel has been asked. */
    private Seen subscribe(Cgroup cgroup, PushRequest... requests) {
        int added = kernel.added.get() + requests.length;
        Seen seen = begin(cgroup, requests);
        await().until(() -> kernel.added.get() == added || seen.ended.isDone());
        assertThat(seen.ended).isNotDone();
        return seen;
    }

    private Seen begin(Cgroup cgroup, PushRequest... requests) {
        return begin(new Seen(Long.MAX_VALUE), cgroup, requests);
    }

    private Seen begin(Seen seen, Cgroup cgroup, PushRequest... requests) {
        pushes.pushes(cgroup, Set.of(requests)).subscribe(seen);
        return seen;
    }

    private void stall(Cgroup cgroup, long totalMicros) {
        host.set(cgroup.path(), "memory.pressure", FakeHost.pressure(1.5, totalMicros));
    }

    private Path file(Cgroup cgroup, String name) {
        return host.root.resolve(cgroup.path()).resolve(name);
    }

    private static void hold(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(LONG.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("nobody came");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static PushRequest.Pressure pressure(Resource resource, boolean full, long windowMillis) {
        return new PushRequest.Pressure(resource, full, Duration.ofMillis(150), Duration.ofMillis(windowMillis));
    }
}
