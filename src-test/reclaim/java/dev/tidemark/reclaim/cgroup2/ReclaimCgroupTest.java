package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the writers run, on a host of plain files; {@link NativeReclaimCgroupTest} is about the kernel. */
class ReclaimCgroupTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String OWN = "system.slice/tidemark.service";

    @TempDir
    Path directory;

    private FakeHost host;
    private final List<String> notices = new CopyOnWriteArrayList<>();

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
        host.cgroup(OWN);
        host.set(OWN, "cgroup.subtree_control", "\n");
        host.set(OWN, "cgroup.controllers", "cpu memory\n");
        FakeHost.write(host.proc.resolve("self/cgroup"), "0::/" + OWN + "\n");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    /** The kernel's part: files in a cgroup that is made, and the threads that were moved. */
    private static final class Kernel extends CgroupFs {
        final Set<Thread> moved = ConcurrentHashMap.newKeySet();
        String refusedFile = "";
        String words = "";

        @Override
        void makeDirectory(Path path) throws IOException {
            refuse(path);
            super.makeDirectory(path);
            Files.writeString(path.resolve("cgroup.type"), "domain\n");
            Files.writeString(path.resolve("cgroup.threads"), "");
        }

        @Override
        FileChannel openForWriting(Path file) throws IOException {
            refuse(file);
            return super.openForWriting(file);
        }

        @Override
        int write(FileChannel channel, ByteBuffer request) throws IOException {
            if (StandardCharsets.US_ASCII.decode(request.duplicate()).toString().equals("0")) {
                moved.add(Thread.currentThread());
            }
            return super.write(channel, request);
        }

        private void refuse(Path file) throws IOException {
            if (!refusedFile.isEmpty() && file.endsWith(refusedFile)) {
                throw new FileSystemException(file.toString(), null, words);
            }
        }
    }

    private Cgroup2Controller open(Kernel kernel, String path) throws IOException {
        return host.open(host.options().withReclaimCgroup(path).withNotices(notices::add), kernel);
    }

    @ParameterizedTest
    @CsvSource({"reclaim", "/system.slice/tidemark.service/reclaim"})
    void isMadeAndThreadedAndGetsTheCpuController(String path) throws IOException {
        Kernel kernel = new Kernel();

        try (Cgroup2Controller controller = open(kernel, path)) {
            assertThat(host.text(OWN + "/reclaim", "cgroup.type")).isEqualTo("threaded");
            assertThat(host.text(OWN, "cgroup.subtree_control")).startsWith("+cpu");
            assertThat(kernel.moved).as("it has been tried").hasSize(1);
            assertThat(controller.counts().inFlight()).isZero();
        }
        assertThat(notices).isEmpty();
    }

    @Test
    void eachWriterMovesItselfOnce() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = open(kernel, "reclaim")) {
            controller.settleWriters(3).block(SOON);
            assertThat(kernel.moved)
                    .as("three, and the one that tried")
                    .hasSize(4)
                    .filteredOn(thread -> thread.getName().matches("tidemark-reclaim-[0-9]+"))
                    .hasSize(3);

            for (int i = 0; i < 10; i++) {
                controller
                        .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, ReclaimOptions.PROACTIVE, -1)
                        .block(SOON);
            }
            assertThat(kernel.moved).as("settled ones write").hasSizeBetween(4, 5);
        }
    }

    @Test
    void anOptionThatIsNotGivenMovesNobody() throws IOException {
        Kernel kernel = new Kernel();

        try (Cgroup2Controller controller = host.open(kernel)) {
            controller.settleWriters(3).block(SOON);
            assertThat(kernel.moved).isEmpty();
        }
        try (Cgroup2Controller controller =
                host.open(host.options().withReclaimCgroup("reclaim").withDryRun(true), kernel)) {
            controller.settleWriters(3).block(SOON);
            assertThat(kernel.moved).isEmpty();
            assertThat(host.root.resolve(OWN).resolve("reclaim")).doesNotExist();
        }
    }

    @Test
    void aWriterThatCannotEnterWritesAllTheSame_toldOnce() throws IOException {
        Kernel kernel = new Kernel();
        Cgroup cgroup = host.cgroup("a");

        try (Cgroup2Controller controller = open(kernel, "reclaim")) {
            kernel.refusedFile = "cgroup.threads";
            kernel.words = "No such device";
            controller.settleWriters(3).block(SOON);
            assertThat(controller
                            .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, ReclaimOptions.PROACTIVE, -1)
                            .map(result -> result.outcome())
                            .block(SOON))
                    .isEqualTo(Outcome.SUCCESS);
        }
        assertThat(notices)
                .containsExactly(
                        "a writer could not enter " + host.root.resolve(OWN).resolve("reclaim")
                                + " (NODEV): what it costs counts for the agent's own cgroup");
    }

    @Test
    void withoutTheCpuController_thereIsOnlyCpuStat() throws IOException {
        host.set(OWN, "cgroup.controllers", "memory\n");

        open(new Kernel(), "reclaim").close();

        assertThat(notices)
                .containsExactly("the cgroup of the writers, "
                        + host.root.resolve(OWN).resolve("reclaim")
                        + ", has no cpu.max: the cpu controller is not enabled for "
                        + host.root.resolve(OWN) + " (systemd: Delegate=cpu); its cpu.stat counts all the same");
    }

    @ParameterizedTest
    @CsvSource({
        "/elsewhere, ROOT/elsewhere is not below the agent's own cgroup",
        "., is not below the agent's own cgroup",
        "../db.service, is not below the agent's own cgroup",
        "gone/reclaim, is no cgroup and the cgroup above it is not there: make it first",
    })
    void pathsThatCannotBe(String path, String why) {
        assertThatThrownBy(() -> open(new Kernel(), path))
                .isInstanceOf(HostLacksException.class)
                .hasMessageStartingWith("The writers cannot run in the cgroup " + path + ": ")
                .message()
                .satisfies(message ->
                        assertThat(message.replace(",", "")).contains(why.replace("ROOT", host.root.toString())));
    }

    @ParameterizedTest
    @CsvSource({
        "cgroup.type, Operation not supported, 'cannot become threaded: it must have no tasks yet'",
        "cgroup.type, Permission denied, '(ACCES): run the agent as root, or have its cgroup delegated (systemd: Delegate=cpu)'",
        "reclaim, Permission denied, 'cannot be made or written to (ACCES)'",
        "cgroup.threads, Operation not supported, 'takes no threads of this process, which is of another resource domain'",
        "cgroup.threads, Operation not permitted, '(PERM): run the agent as root'",
    })
    void whatTheKernelRefuses_isOneErrorWithTheRemedy(String file, String words, String message) {
        Kernel kernel = new Kernel();
        kernel.refusedFile = file;
        kernel.words = words;

        assertThatThrownBy(() -> open(kernel, "reclaim"))
                .isInstanceOfSatisfying(
                        HostLacksException.class, e -> assertThat(e.lacks()).hasSize(1))
                .hasMessageStartingWith("The writers cannot run in the cgroup reclaim: ")
                .hasMessageContaining(message);
    }

    @Test
    void withoutAnOwnCgroup() {
        FakeHost.remove(host.proc.resolve("self/cgroup"));

        assertThatThrownBy(() -> open(new Kernel(), "reclaim"))
                .hasMessage("The writers cannot run in the cgroup reclaim: the agent's own cgroup cannot be told from "
                        + host.proc.resolve("self/cgroup") + " (in a container: run it with --cgroupns=host).");
    }
}
