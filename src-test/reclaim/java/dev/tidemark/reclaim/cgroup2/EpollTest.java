package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

/** With the real calls; the push thread's life on them. */
class EpollTest {
    /** Like a cgroup's files it has a priority event for who has not read it since it changed, or ever. */
    private static final Path OF_SYSFS = Paths.get("/sys/kernel/uevent_seqnum");

    @TempDir
    Path directory;

    @Test
    void woken_howeverOften_itIsToldOnce() throws Exception {
        try (Epoll epoll = new Epoll()) {
            assertThat(epoll.await(false)).isZero();

            epoll.wake();
            epoll.wake();

            assertThat(epoll.await(true)).isEqualTo(1);
            assertThat(epoll.key(0)).isEqualTo(PushKernel.WOKEN);
            assertThat(epoll.await(false)).isZero();
        }
    }

    @Test
    void wokenByAnotherThread() throws Exception {
        try (Epoll epoll = new Epoll()) {
            Thread waker = Thread.ofPlatform().start(epoll::wake);

            assertThat(epoll.await(true)).isEqualTo(1);
            waker.join();
        }
    }

    @Test
    void whatHasAPriorityEvent_isToldUntilItIsRead() throws Exception {
        assumeThat(Files.isReadable(OF_SYSFS)).as("%s", OF_SYSFS).isTrue();
        try (Epoll epoll = new Epoll()) {
            int descriptor = epoll.open(OF_SYSFS, false);
            epoll.add(descriptor, 7);

            assertThat(epoll.await(true)).isEqualTo(1);
            assertThat(epoll.key(0)).isEqualTo(7);
            assertThat(epoll.failed(0)).isTrue();
            assertThat(epoll.await(false)).as("still unread").isEqualTo(1);
            byte[] text = new byte[100];
            int length = epoll.read(descriptor, text);
            assertThat(new String(text, 0, length, StandardCharsets.US_ASCII)).isEqualTo(Files.readString(OF_SYSFS));
            assertThat(epoll.await(false)).isZero();
            epoll.remove(descriptor);
            epoll.close(descriptor);
        }
    }

    @Test
    void manyAtOnce_noneIsLost() throws Exception {
        assumeThat(Files.isReadable(OF_SYSFS)).as("%s", OF_SYSFS).isTrue();
        try (Epoll epoll = new Epoll()) {
            List<Integer> descriptors = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                descriptors.add(epoll.open(OF_SYSFS, false));
                epoll.add(descriptors.get(i), i);
            }
            byte[] text = new byte[100];
            List<Integer> told = new ArrayList<>();

            for (int ready = epoll.await(false); ready > 0; ready = epoll.await(false)) {
                for (int i = 0; i < ready; i++) {
                    told.add(epoll.key(i));
                    var _ = epoll.read(descriptors.get(epoll.key(i)), text);
                }
            }

            assertThat(told).hasSize(200).doesNotHaveDuplicates();
            descriptors.forEach(epoll::close);
        }
    }

    @Test
    void errorsAreTheJdks() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "text");
        try (Epoll epoll = new Epoll()) {
            assertErrno(() -> epoll.open(directory.resolve("missing"), false), Errno.NOENT);
            assertErrno(() -> epoll.open(directory.resolve("file/below"), false), Errno.NOTDIR);
            int descriptor = epoll.open(file, false);
            assertErrno(() -> epoll.add(descriptor, 0), Errno.PERM);
            assertThatThrownBy(() -> epoll.write(descriptor, "text")).hasMessage("write: Bad file descriptor");
            assertThatThrownBy(() -> epoll.remove(descriptor)).isInstanceOf(IllegalStateException.class);
            epoll.close(descriptor);
        }
    }

    private static void assertErrno(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Errno expected) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        IOException.class, e -> assertThat(Errno.of(e)).isEqualTo(expected));
    }

    @Test
    void written_isWhatIsThere() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        try (Epoll epoll = new Epoll()) {
            int descriptor = epoll.open(file, true);
            epoll.write(descriptor, "some 150000 1000000\0");
            epoll.close(descriptor);
        }

        assertThat(Files.readString(file)).isEqualTo("some 150000 1000000\0");
    }

    @Test
    void closed_nothingIsLeftOpen() throws Exception {
        new Epoll().close();
        List<String> before = Descriptors.ofPushes();
        for (int i = 0; i < 100; i++) {
            try (Epoll epoll = new Epoll()) {
                epoll.wake();
            }
        }

        assertThat(Descriptors.ofPushes()).isEqualTo(before);
    }

    /** Should a wake-up be lost, whoever waits for it waits for ever. */
    @Test
    void manySubscribersAtOnce_everyoneIsHeard() throws Exception {
        List<String> before = Descriptors.ofPushes();
        Pushes pushes = new Pushes(
                Epoll::new,
                new PushOpener(new CgroupFs(), directory, new HostFacts(directory), _ -> {}),
                8,
                System::nanoTime);
        List<Thread> threads = new ArrayList<>();
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            Cgroup mine = new Cgroup(i, "" + i);
            CompletableFuture<Void> all = new CompletableFuture<>();
            ended.add(all);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int round = 0; round < 1_000; round++) {
                        Disposable cancelled = pushes.pushes(mine, Set.of()).subscribe();
                        CompletableFuture<Push> completed = new CompletableFuture<>();
                        pushes.pushes(mine, Set.of())
                                .subscribe(
                                        completed::complete,
                                        completed::completeExceptionally,
                                        () -> completed.complete(null));
                        cancelled.dispose();
                        pushes.gone(mine);
                        completed.get(20, TimeUnit.SECONDS);
                    }
                    all.complete(null);
                } catch (Exception e) {
                    all.completeExceptionally(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (CompletableFuture<Void> all : ended) {
            all.get(0, TimeUnit.SECONDS);
        }
        pushes.close(Duration.ofSeconds(20));

        assertThat(Descriptors.ofPushes()).isEqualTo(before);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("tidemark-push");
    }

    /** Closing while others come and go: every stream ends, and nobody writes to a descriptor that is closed. */
    @Test
    void closingWhileSubscribersCome_allEnd() throws Exception {
        List<String> before = Descriptors.ofPushes();
        for (int round = 0; round < 50; round++) {
            Pushes pushes = new Pushes(
                    Epoll::new,
                    new PushOpener(new CgroupFs(), directory, new HostFacts(directory), _ -> {}),
                    8,
                    System::nanoTime);
            List<CompletableFuture<Push>> streams = new ArrayList<>();
            Thread subscriber = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 200; i++) {
                    CompletableFuture<Push> completed = new CompletableFuture<>();
                    streams.add(completed);
                    pushes.pushes(new Cgroup(i, "" + i), Set.of())
                            .subscribe(
                                    completed::complete,
                                    completed::completeExceptionally,
                                    () -> completed.complete(null));
                }
            });
            pushes.close(Duration.ofSeconds(20));
            subscriber.join();
            for (CompletableFuture<Push> stream : streams) {
                stream.get(20, TimeUnit.SECONDS);
            }
        }

        assertThat(Descriptors.ofPushes()).isEqualTo(before);
    }
}
