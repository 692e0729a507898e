package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.reclaim.PushSink;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Against this host's own kernel: real pressure in a cgroup of our own, received through real triggers. It needs a cgroup2 mount
 * in which cgroups may be made, and for pressure of memory a controller that limits it, of either version.
 */
class NativePushTest {
    private static final Path PROC = Path.of("/proc");
    private static final PushRequest.Pressure OF_MEMORY = request(Resource.MEMORY);
    private static final PushRequest.Pressure OF_CPU = request(Resource.CPU);

    /** What the kernel's timers and ours may be late on a busy machine, beside the window. */
    private static final Duration LATE = Duration.ofMillis(250);

    @TempDir
    Path directory;

    private final CgroupFs fs = new CgroupFs();
    private final List<Process> processes = new ArrayList<>();
    private final List<String> notices = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Push> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private List<String> descriptorsBefore;
    private long psimonsBefore;
    private Optional<Path> limited = Optional.empty();
    private Path root;
    private Path home;
    private Cgroup mine;
    private Pushes pushes;

    @BeforeEach
    void makeCgroup() throws IOException {
        root = mount("cgroup2", "").orElse(Path.of("/nowhere"));
        assumeThat(root).as("a writable cgroup2 mount").isNotEqualTo(Path.of("/nowhere"));
        assumeThat(root.resolve("memory.pressure").toFile()).as("PSI by cgroup").exists();
        String name = "tidemark-push-" + ProcessHandle.current().pid();
        home = Files.createDirectory(root.resolve(name));
        mine = new Cgroup(fs.facts(home).id(), name);
        descriptorsBefore = Descriptors.ofPushes();
        psimonsBefore = psimons();
        pushes = new Pushes(
                Epoll::new, new PushOpener(fs, root, new HostFacts(PROC), notices::add), 8, System::nanoTime);
    }

    @AfterEach
    void removeCgroup() throws Exception {
        if (home == null) {
            return;
        }
        pushes.close(Duration.ofSeconds(20));
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        for (Path cgroup : Stream.concat(limited.stream(), Stream.of(home)).toList()) {
            await().ignoreExceptions().until(() -> !Files.exists(cgroup) || Files.deleteIfExists(cgroup));
        }
    }

    @Test
    void pressureOfMemory_isReceivedWithinOneWindow() throws Exception {
        limitMemory();
        subscribe(OF_MEMORY);

        stressMemory();

        assertReceivedWithinOneWindow(OF_MEMORY);
    }

    @Test
    void pressureOfCpu_isReceivedWithinOneWindow() throws Exception {
        subscribe(OF_CPU);

        burn();

        assertReceivedWithinOneWindow(OF_CPU);
    }

    @Test
    void pressureOfTheHost() throws Exception {
        assumeThat(Files.isWritable(PROC.resolve("pressure/cpu")))
                .as("a writable /proc/pressure/cpu")
                .isTrue();
        mine = Cgroup.HOST;
        subscribe(OF_CPU);

        burn();

        assertReceivedWithinOneWindow(OF_CPU);
    }

    @Test
    void cancelling_leavesNothingBehind() throws Exception {
        Disposable subscribed = subscribe(OF_CPU, OF_MEMORY);
        await().until(() -> pushes.tally().descriptors.get() == 2);
        assertThat(Descriptors.ofPushes()).hasSizeGreaterThan(descriptorsBefore.size());

        subscribed.dispose();
        await().untilAsserted(() -> assertThat(pushes.tally().descriptors).hasValue(0));
        assertThat(psimons()).isEqualTo(psimonsBefore);
        pushes.close(Duration.ofSeconds(20));

        assertThat(Descriptors.ofPushes()).isEqualTo(descriptorsBefore);
        assertThat(threads()).isEmpty();
    }

    @Test
    void closing_endsEverything() throws Exception {
        subscribe(OF_CPU, OF_MEMORY);
        await().until(() -> pushes.tally().descriptors.get() == 2);

        pushes.close(Duration.ofSeconds(20));

        assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo("complete");
        assertThat(Descriptors.ofPushes()).isEqualTo(descriptorsBefore);
        assertThat(psimons()).isEqualTo(psimonsBefore);
        assertThat(threads()).isEmpty();
    }

    @Test
    void aRemovedCgroup_completes() throws Exception {
        subscribe(OF_CPU);
        await().until(() -> pushes.tally().descriptors.get() == 1);

        Files.delete(home);

        assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo("complete");
        await().untilAsserted(() -> assertThat(pushes.tally().descriptors).hasValue(0));
    }

    @Test
    void pressureSwitchedOff_isAnError() throws Exception {
        Path off = home.resolve("cgroup.pressure");
        assumeThat(off.toFile()).as("cgroup.pressure, Linux 6.1").exists();
        subscribe(OF_CPU);
        await().until(() -> pushes.tally().descriptors.get() == 1);

        Files.writeString(off, "0");

        assertThat(ended.get(20, TimeUnit.SECONDS)).contains("its pressure is not kept any more");
        await().untilAsserted(() -> assertThat(pushes.tally().descriptors).hasValue(0));
    }

    /** The files of counters all notify alike; this one is there without a controller. */
    @Test
    void aFileOfCounters_tellsOfEachChange() throws Exception {
        Path procs = home.resolve("cgroup.procs");
        try (Epoll epoll = new Epoll()) {
            CompletableFuture<PushStream> stream = new CompletableFuture<>();
            Flux.<Push>create(sink -> stream.complete(new PushStream(mine, Set.of(), new PushSink(sink))))
                    .subscribe();
            int descriptor = epoll.open(home.resolve("cgroup.events"), false);
            byte[] text = new byte[4096];
            PushFile file = new PushFile.Events(
                    stream.get(), new PushRequest.Events(), descriptor, PushFile.Events.text(epoll, descriptor, text));
            epoll.add(descriptor, 0);
            assertThat(epoll.await(false)).as("what has been read is not told").isZero();

            Process process = start("echo $$ > " + procs + " && exec sleep 1000");

            assertThat(epoll.await(true)).isEqualTo(1);
            assertThat(epoll.failed(0)).as("the error condition is normal here").isTrue();
            assertThat(file.moved(epoll, text)).isEqualTo("populated +1");
            assertThat(epoll.await(false)).as("armed again").isZero();
            process.destroyForcibly().waitFor();
            assertThat(epoll.await(true)).isEqualTo(1);
            assertThat(file.moved(epoll, text)).as("nothing has grown").isNull();
            epoll.remove(descriptor);
            epoll.close(descriptor);
        }
    }

    private Disposable subscribe(PushRequest... requests) {
        return pushes.pushes(mine, Set.of(requests))
                .subscribe(
                        received::add,
                        error -> ended.complete(error.getMessage() + " " + (error instanceof PushRefusedException)),
                        () -> ended.complete("complete"));
    }

    /** Watches the counter beside the trigger, to know when the kernel had reason to tell. */
    private void assertReceivedWithinOneWindow(PushRequest.Pressure request) throws Exception {
        await().until(() -> pushes.tally().descriptors.get() == 1 || ended.isDone());
        Path file = mine.equals(Cgroup.HOST)
                ? PROC.resolve("pressure/cpu")
                : home.resolve(Trigger.of(request).fileName());
        Trigger set =
                notices.isEmpty() ? Trigger.of(request) : Trigger.of(request).coarsened();
        long before = total(file);
        long reached = 0;
        Push push = null;
        while (push == null) {
            // Seldom: each reading may make the kernel skip a look of whom it has none of its own for.
            push = received.poll(100, TimeUnit.MILLISECONDS);
            if (reached == 0 && total(file) - before >= set.stallMicros()) {
                reached = System.nanoTime();
            }
            assertThat(reached == 0 || System.nanoTime() - reached < TimeUnit.SECONDS.toNanos(20))
                    .as("no push within 20 s of the stall: %s", ended)
                    .isTrue();
        }

        assertThat(push.cgroup()).isEqualTo(mine);
        assertThat(push.request()).isEqualTo(request);
        assertThat(push.moved()).startsWith("total +");
        assertThat(push.lasts()).isGreaterThan(Duration.ofNanos(set.windowMicros() * 1_000));
        if (reached != 0) {
            // The host's file others read, too, and at any time.
            long skipped = mine.equals(Cgroup.HOST) && set.coarse() ? Trigger.COARSE_MICROS : 0;
            assertThat(Duration.ofNanos(push.nanos() - reached))
                    .isLessThan(Duration.ofNanos((set.windowMicros() + skipped) * 1_000)
                            .plus(LATE));
        }
    }

    private static long total(Path file) throws IOException {
        byte[] text = Files.readAllBytes(file);
        return PushText.totalMicros(text, text.length, false);
    }

    private void limitMemory() throws IOException {
        Path own = home.resolve("memory.max");
        if (Files.exists(own)) {
            Files.writeString(own, "16M");
            return;
        }
        Optional<Path> v1 = mount("cgroup", "memory");
        assumeThat(v1).as("a memory controller that may be used").isPresent();
        Path cgroup = Files.createDirectory(v1.get().resolve(CgroupFs.lastName(home)));
        limited = Optional.of(cgroup);
        Files.writeString(cgroup.resolve("memory.limit_in_bytes"), "16M");
    }

    /** Writes more than it may keep, again and again. */
    private void stressMemory() throws IOException {
        String join = limited.map(v1 -> "echo $$ > " + v1.resolve("cgroup.procs") + " && ")
                .orElse("");
        start(join + "echo $$ > " + home.resolve("cgroup.procs") + " && while :; do dd if=/dev/zero of="
                + directory.resolve("written") + " bs=64k count=1000 2> /dev/null; done");
    }

    /** More tasks that want a CPU than there are. */
    private void burn() throws IOException {
        String join = mine.equals(Cgroup.HOST) ? "" : "echo $$ > " + home.resolve("cgroup.procs") + " && ";
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            start(join + "while :; do :; done");
        }
    }

    private Process start(String script) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", script).inheritIO().start();
        processes.add(process);
        return process;
    }

    private static Optional<Path> mount(String type, String option) throws IOException {
        return Mount.parse(Files.readString(PROC.resolve("self/mountinfo"))).stream()
                .filter(mount -> mount.type().equals(type) && !mount.readOnly())
                .filter(mount -> option.isEmpty() || mount.superOptions().contains(option))
                .map(mount -> Path.of(mount.point()))
                .filter(Files::isWritable)
                .findFirst();
    }

    /** The kernel's threads that look at triggers; there are none for who has no CAP_SYS_RESOURCE. */
    private static long psimons() throws IOException {
        try (Stream<Path> all = Files.list(PROC)) {
            return all.filter(process -> {
                        try {
                            return Files.readString(process.resolve("comm"), StandardCharsets.UTF_8)
                                    .startsWith("psimon");
                        } catch (IOException _) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("tidemark-push"))
                .toList();
    }

    private static PushRequest.Pressure request(Resource resource) {
        return new PushRequest.Pressure(resource, false, Duration.ofMillis(150), Duration.ofSeconds(1));
    }
}
