package dev.tidemark.reclaim.cgroup2;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This process stands for the cgroup's task, with the real /proc. */
class EarlyWritebackTest {
    private static final Path PROC = Path.of("/proc");
    private static final int ONLINE_CPUS = new HostFacts(PROC).onlineCpus();

    @TempDir
    Path directory;

    private FakeHost host;
    private Cgroup cgroup;
    private Path file;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
        cgroup = host.cgroup("a");
        host.cgroup("a/b");
        host.set("a", "cgroup.procs", "0\n");
        host.set("a/b", "cgroup.procs", ProcessHandle.current().pid() + "\n999999999\n");
        file = directory.resolve("written");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void filesOpenForWriting_eachOnce() throws IOException {
        FakeHost.write(directory.resolve("read"), "");
        List<Path> started = new ArrayList<>();

        try (FileChannel first = dirty();
                FileChannel again = FileChannel.open(file, StandardOpenOption.WRITE);
                FileChannel read = FileChannel.open(directory.resolve("read"), StandardOpenOption.READ)) {
            WritebackResult result = start(path -> started.add(Path.of(path).toRealPath()), false);

            assertThat(started).containsOnlyOnce(file.toRealPath());
            assertThat(started).doesNotContain(directory.resolve("read").toRealPath());
            assertThat(result.files()).isEqualTo(started.size());
            assertThat(result.failed()).isZero();
            assertThat(List.of(first, again, read)).allMatch(FileChannel::isOpen);
        }
    }

    @Test
    void filesThatRefuseAreCounted() throws IOException {
        try (FileChannel channel = dirty()) {
            WritebackResult result = start(
                    _ -> {
                        throw new IOException("refused");
                    },
                    false);

            assertThat(result.files()).isZero();
            assertThat(result.failed()).isPositive();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void dryRun_startsNothing() throws IOException {
        try (FileChannel channel = dirty()) {
            WritebackResult result =
                    start(path -> assertThat(path).as("nothing").isEmpty(), true);

            assertThat(result.files()).isPositive();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void goneCgroup_hasNoFiles() throws IOException {
        host.madeAnew("a");

        try (FileChannel channel = dirty()) {
            assertThat(start(new SyncFileRange(), false).files()).isZero();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void theRealCall_startsAndLeavesNothingOpen() throws IOException {
        try (FileChannel channel = dirty()) {
            WritebackCall call = new SyncFileRange();
            call.start(file.toString());
            long before = openDescriptors();
            for (int i = 0; i < 50; i++) {
                call.start(file.toString());
            }
            assertThat(openDescriptors() - before).isBetween(-5L, 5L);
            assertThat(channel.size()).isEqualTo(1 << 20);
            assertThat(start(call, false).files()).isPositive();
        }
    }

    @Test
    void theRealCall_tellsWhatFailed() {
        WritebackCall call = new SyncFileRange();
        Path missing = directory.resolve("missing");

        assertThatThrownBy(() -> call.start(missing.toString()))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + ": No such file or directory");
        assertThatThrownBy(() -> call.start("/dev/null"))
                .isInstanceOf(IOException.class)
                .hasMessage("/dev/null: Illegal seek");
    }

    @Test
    void nothingIsLookedForWhileACgroupOnlyReads() throws IOException {
        long grown = 1L << 40;
        long hardlyAny = grown / 16;

        try (FileChannel channel = dirty()) {
            host.set("a", "memory.stat", "file_dirty 4096\nfile_writeback " + (hardlyAny - 4097) + "\n");
            assertThat(start(new SyncFileRange(), grown).files()).isZero();

            host.set("a", "memory.stat", "file_dirty 4096\nfile_writeback " + (hardlyAny - 4096) + "\n");
            assertThat(start(new SyncFileRange(), grown).files()).isPositive();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void filesAreLookedForWhereTheKernelMayBeTooLateToTell() throws IOException {
        host.set("a", "memory.stat", "file_dirty 0\nfile_writeback 0\n");
        long late = 128L * FakeHost.PAGE * ONLINE_CPUS;

        try (FileChannel channel = dirty()) {
            assertThat(start(new SyncFileRange(), 16 * late / 15).files()).isPositive();
            assertThat(start(new SyncFileRange(), 16 * late / 15 + 16).files()).isZero();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void filesAreLookedForWhereTheKernelDoesNotTell() throws IOException {
        host.set("a", "memory.stat", "file 9999999\n");

        try (FileChannel channel = dirty()) {
            assertThat(start(new SyncFileRange(), 1L << 40).files()).isPositive();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    private FileChannel dirty() throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.write(ByteBuffer.allocate(1 << 20));
        return channel;
    }

    private WritebackResult start(WritebackCall call, boolean dryRun) throws IOException {
        return start(call, dryRun, 0);
    }

    private WritebackResult start(WritebackCall call, long grownBytes) throws IOException {
        return start(call, false, grownBytes);
    }

    private WritebackResult start(WritebackCall call, boolean dryRun, long grownBytes) throws IOException {
        CgroupFs fs = new CgroupFs();
        HostFacts facts = new HostFacts(PROC);
        HeldMount mount = new HeldMount(fs, host.root);
        mount.close();
        LimitCache limits = new LimitCache(fs, host.root, mount, facts, new HostFiles(fs, PROC), host.nanos::get);
        CgroupTable table = new CgroupTable(fs, new DescriptorBudget(0), limits, host.nanos.get());
        EarlyWriteback writeback = new EarlyWriteback(
                fs,
                facts,
                FakeHost.PAGE,
                host.root,
                host.nanos::get,
                dryRun,
                call,
                host.scheduler,
                asked -> table.files(asked, host.nanos.get()));
        return requireNonNull(writeback.startWriteback(cgroup, grownBytes).block(Duration.ofSeconds(20)));
    }

    private static long openDescriptors() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }
}
