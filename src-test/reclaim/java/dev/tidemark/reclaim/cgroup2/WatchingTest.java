package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupChange.Appeared;
import dev.tidemark.reclaim.CgroupChange.Gone;
import dev.tidemark.reclaim.CgroupChange.Listed;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

/** Real directories and real inotify, so in real time: each expected change is waited for, none is slept for. */
class WatchingTest {
    private static final TreeWatch.Watches INOTIFY =
            () -> FileSystems.getDefault().newWatchService();

    @TempDir
    Path directory;

    private FakeHost host;
    private final BlockingQueue<Object> changes = new LinkedBlockingQueue<>();

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void whatIsThere_thenListed_thenChanges() throws Exception {
        Cgroup a = host.cgroup("batch/a");
        host.cgroup("other/b");

        try (Cgroup2Controller controller = open(new CgroupFs(), INOTIFY)) {
            Disposable watch = watch(controller, FakeHost.filter("batch/*"));
            assertThat(next()).isEqualTo(new Appeared(a));
            assertThat(next()).isEqualTo(new Listed());

            mkdir("other/c");
            mkdir("batch/c");
            Cgroup c = host.known("batch/c");
            assertThat(next()).isEqualTo(new Appeared(c));

            host.remove("batch/c");
            assertThat(next()).isEqualTo(new Gone(c));
            host.remove("batch/a");
            assertThat(next()).isEqualTo(new Gone(a));
            watch.dispose();
        }
    }

    @Test
    void aWholeTreeMadeAtOnce_isSeenToItsDepth_childrenGoFirst() throws Exception {
        try (Cgroup2Controller controller = open(new CgroupFs(), INOTIFY)) {
            Disposable watch = watch(controller, FakeHost.filter("a/**"));
            assertThat(next()).isEqualTo(new Listed());

            mkdir("a/b/c/d");
            List<Cgroup> made = List.of(host.known("a/b"), host.known("a/b/c"), host.known("a/b/c/d"));
            for (Cgroup cgroup : made) {
                assertThat(next()).isEqualTo(new Appeared(cgroup));
            }
            Files.move(host.root.resolve("a"), directory.resolve("away"));
            for (Cgroup cgroup : made.reversed()) {
                assertThat(next()).isEqualTo(new Gone(cgroup));
            }
            watch.dispose();
        }
    }

    @Test
    void reusedPath_isAnotherCgroup() throws Exception {
        Cgroup old = host.cgroup("a");

        try (Cgroup2Controller controller = open(new CgroupFs(), INOTIFY)) {
            Disposable watch = watch(controller, FakeHost.filter("*"));
            assertThat(next()).isEqualTo(new Appeared(old));
            assertThat(next()).isEqualTo(new Listed());
            double[] values = new double[1];
            controller.read(old, SignalSet.of(Signal.USAGE), values);

            Cgroup anew = host.madeAnew("a");

            assertThat(next()).isEqualTo(new Gone(old));
            assertThat(next()).isEqualTo(new Appeared(anew));
            assertThat(controller.counts().descriptors()).isZero();
            watch.dispose();
        }
    }

    @Test
    void onlyWhatTheGlobReachesIsLookedAt() throws Exception {
        host.cgroup("a/b/c/d");
        host.cgroup("x/y/z");
        Set<String> listed = ConcurrentHashMap.newKeySet();
        CgroupFs noting = new CgroupFs() {
            @Override
            List<String> names(Path at) throws IOException {
                listed.add(host.root.relativize(at).toString());
                return super.names(at);
            }
        };

        try (Cgroup2Controller controller = open(noting, INOTIFY)) {
            Disposable watch = watch(controller, FakeHost.filter("a/*"));
            assertThat(next()).isEqualTo(new Appeared(host.known("a/b")));
            assertThat(next()).isEqualTo(new Listed());
            assertThat(listed).containsExactlyInAnyOrder("", "a");
            watch.dispose();
        }
    }

    @Test
    void unreadableId_isSkippedAndCounted_andDoesNotSpin() throws Exception {
        host.cgroup("good");
        host.cgroup("zbad");
        Set<Path> asked = new HashSet<>();
        CgroupFs failing = new CgroupFs() {
            @Override
            Facts facts(Path path) throws IOException {
                if (path.endsWith("zbad")) {
                    asked.add(path);
                    throw new AccessDeniedException(path.toString());
                }
                return super.facts(path);
            }
        };

        try (Cgroup2Controller controller = open(failing, INOTIFY)) {
            Disposable watch = watch(controller, FakeHost.filter("*"));
            assertThat(next()).isEqualTo(new Appeared(host.known("good")));
            assertThat(next()).isEqualTo(new Listed());
            mkdir("later");
            assertThat(next()).isEqualTo(new Appeared(host.known("later")));
            assertThat(controller.counts().unreadableIds()).isEqualTo(1);
            assertThat(asked).hasSize(1);
            watch.dispose();
        }
    }

    @Test
    void madeWhileItIsListed_isSeenOnce() throws Exception {
        host.cgroup("a/first");
        CgroupFs racing = new CgroupFs() {
            @Override
            List<String> names(Path at) throws IOException {
                List<String> names = super.names(at);
                if (at.endsWith("a") && names.size() < 3) {
                    mkdir("a/second");
                }
                return names;
            }
        };

        try (Cgroup2Controller controller = open(racing, INOTIFY)) {
            Disposable watch = watch(controller, FakeHost.filter("a/*"));
            Set<Object> seen = new HashSet<>(List.of(next(), next(), next()));
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            new Appeared(host.known("a/first")), new Appeared(host.known("a/second")), new Listed());
            mkdir("a/third");
            assertThat(next()).isEqualTo(new Appeared(host.known("a/third")));
            watch.dispose();
        }
    }

    @Test
    void manyAtOnce_noneIsMissed() throws Exception {
        try (Cgroup2Controller controller = open(new CgroupFs(), INOTIFY)) {
            mkdir("many");
            Disposable watch = watch(controller, FakeHost.filter("many/*"));
            assertThat(next()).isEqualTo(new Listed());
            Set<Object> expected = new HashSet<>();
            // More than a watch key queues (512), so that some runs overflow.
            for (int i = 0; i < 2_000; i++) {
                mkdir("many/" + i);
                expected.add(new Appeared(host.known("many/" + i)));
            }
            List<Object> seen = new ArrayList<>();
            while (seen.size() < expected.size()) {
                seen.add(next());
            }
            assertThat(new HashSet<>(seen)).isEqualTo(expected);
            watch.dispose();
        }
    }

    @Test
    void withoutInotify_directoriesAreListedEachSecond() throws Exception {
        Cgroup a = host.cgroup("a");
        TreeWatch.Watches none = () -> {
            throw new IOException("User limit of inotify instances reached or too many open files");
        };

        try (Cgroup2Controller controller = open(new CgroupFs(), none)) {
            Disposable watch = watch(controller, FakeHost.filter("*"));
            assertThat(next()).isEqualTo(new Appeared(a));
            assertThat(next()).isEqualTo(new Listed());
            assertThat(controller.counts().unwatchedDirectories()).isEqualTo(1);
            mkdir("b");
            assertThat(next()).isEqualTo(new Appeared(host.known("b")));
            host.remove("a");
            assertThat(next()).isEqualTo(new Gone(a));
            watch.dispose();
        }
    }

    @Test
    void rootGone_allAreGoneAndTheWatchCompletes() throws Exception {
        host.cgroup("slice");
        Cgroup a = new Cgroup(host.cgroup("slice/a").id(), "a");
        Path root = host.root.resolve("slice");
        Cgroup2Options options = Cgroup2Options.of(host.scheduler, System::nanoTime)
                .withProc(host.proc)
                .withRoot(root);

        try (Cgroup2Controller controller =
                Cgroup2Controller.open(options, FakeHost.needs(), new CgroupFs(), INOTIFY)) {
            watch(controller, FakeHost.filter("*"));
            assertThat(next()).isEqualTo(new Appeared(a));
            assertThat(next()).isEqualTo(new Listed());
            FakeHost.remove(root);
            assertThat(next()).isEqualTo(new Gone(a));
            assertThat(next()).isEqualTo("complete");
        }
    }

    @Test
    void aFilterThatThrows_isAnErrorAndEndsTheThread() throws Exception {
        try (Cgroup2Controller controller = open(new CgroupFs(), INOTIFY)) {
            watch(controller, new CgroupFilter() {
                @Override
                public boolean selects(String path) {
                    throw new IllegalStateException("broken filter");
                }

                @Override
                public boolean reaches(String path) {
                    return true;
                }
            });
            assertThat(next()).isEqualTo("broken filter");
        }
        // The controller has let go of it: it ends by itself, but not for us.
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (isOurs(thread)) {
                thread.join(Duration.ofSeconds(10));
            }
        }
        assertThat(threads()).isEmpty();
    }

    @Test
    void disposeAndClose_endTheThreads_descriptorsAreBack() throws Exception {
        host.cgroup("a");
        long before = openDescriptors();
        Cgroup2Controller controller = open(new CgroupFs(), INOTIFY);
        for (int i = 0; i < 10; i++) {
            watch(controller, FakeHost.filter("**"));
        }
        for (int i = 0; i < 20; i++) {
            next();
        }
        assertThat(threads()).as("ten watches, and one for all writes").hasSize(11);
        controller.close();
        controller.close();

        assertThat(threads()).isEmpty();
        assertThat(openDescriptors() - before).isBetween(-5L, 5L);
        List<Object> ends = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ends.add(next());
        }
        assertThat(ends).containsOnly("complete");
    }

    private Cgroup2Controller open(CgroupFs fs, TreeWatch.Watches watches) throws IOException {
        return Cgroup2Controller.open(
                Cgroup2Options.of(host.scheduler, System::nanoTime).withProc(host.proc), FakeHost.needs(), fs, watches);
    }

    private Disposable watch(Cgroup2Controller controller, CgroupFilter filter) {
        return controller
                .watch(filter)
                .subscribe(
                        (CgroupChange change) -> changes.add(change),
                        error -> changes.add(String.valueOf(error.getMessage())),
                        () -> changes.add("complete"));
    }

    private Object next() throws InterruptedException {
        Object change = changes.poll(20, TimeUnit.SECONDS);
        assertThat(change).as("a change within 20 s").isNotNull();
        return change;
    }

    private void mkdir(String path) {
        try {
            Files.createDirectories(host.root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long openDescriptors() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(WatchingTest::isOurs)
                .map(Thread::getName)
                .toList();
    }

    private static boolean isOurs(Thread thread) {
        return thread.getName().startsWith("tidemark-cgroup");
    }
}
