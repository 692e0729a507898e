package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupChange.Appeared;
import dev.tidemark.reclaim.CgroupChange.Gone;
import dev.tidemark.reclaim.CgroupChange.Listed;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against this host's own cgroup2, where there is one in which cgroups may be made. It needs no controller. */
class NativeCgroup2Test {
    private final CgroupFs fs = new CgroupFs();
    private Path mine;

    @BeforeEach
    void makeCgroup() throws IOException {
        Path root = Mount.parse(Files.readString(Path.of("/proc/self/mountinfo"))).stream()
                .filter(mount -> mount.type().equals("cgroup2") && !mount.readOnly())
                .map(mount -> Path.of(mount.point()))
                .filter(Files::isWritable)
                .findFirst()
                .orElse(Path.of("/nowhere"));
        assumeThat(root).as("a writable cgroup2 mount").isNotEqualTo(Path.of("/nowhere"));
        mine = Files.createDirectory(
                root.resolve("tidemark-test-" + ProcessHandle.current().pid()));
    }

    @AfterEach
    void removeCgroup() throws IOException {
        if (mine != null) {
            for (String path : new String[] {"a/b", "a", ""}) {
                Files.deleteIfExists(mine.resolve(path));
            }
        }
    }

    @Test
    void watching() throws Exception {
        BlockingQueue<CgroupChange> changes = new LinkedBlockingQueue<>();
        TreeWatch watch = new TreeWatch(
                fs,
                mine,
                FakeHost.filter("a", "a/*"),
                () -> mine.getFileSystem().newWatchService(),
                System::nanoTime,
                new TreeWatch.Tally(),
                "tidemark-cgroup-watch-native",
                changes::add,
                _ -> {});
        watch.start();
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEqualTo(new Listed());

        Cgroup a = make("a");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEqualTo(new Appeared(a));
        Cgroup b = make("a/b");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEqualTo(new Appeared(b));
        Files.delete(mine.resolve("a/b"));
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEqualTo(new Gone(b));
        Files.delete(mine.resolve("a"));
        Cgroup anew = make("a");
        assertThat(anew.id()).as("an id is not given twice").isNotEqualTo(a.id());
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEqualTo(new Gone(a));
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEqualTo(new Appeared(anew));
        watch.stop();
        watch.awaitEnd(Duration.ofSeconds(20));
    }

    @Test
    void linksTellOfChildren() throws IOException {
        make("a");

        assertThat(fs.facts(mine.resolve("a")).links()).isEqualTo(2);
        make("a/b");
        assertThat(fs.facts(mine.resolve("a")).links()).isEqualTo(3);
    }

    @Test
    void openFileOfARemovedCgroup() throws IOException {
        Cgroup a = make("a");
        assumeThat(mine.resolve("a/memory.pressure")).as("PSI by cgroup").exists();
        DescriptorBudget budget = new DescriptorBudget(8);
        CgroupFiles files = new CgroupFiles(fs, budget, a, new Level("a", new Directory(mine.resolve("a")), null), 0);
        assertThat(files.readAlone(KernelFile.PRESSURE, Scratch.mine())).isPositive();
        assertThat(budget.kept()).as("not yet").isZero();
        files.usedNanos = Duration.ofSeconds(2).toNanos();
        assertThat(files.readAlone(KernelFile.PRESSURE, Scratch.mine())).isPositive();
        assertThat(budget.kept()).isEqualTo(1);

        Files.delete(mine.resolve("a"));
        make("a");

        assertThatThrownBy(() -> files.readAlone(KernelFile.PRESSURE, Scratch.mine()))
                .isInstanceOf(CgroupGoneException.class);
        files.close();
        assertThat(budget.kept()).isZero();
    }

    private Cgroup make(String path) throws IOException {
        Files.createDirectory(mine.resolve(path));
        return new Cgroup(fs.facts(mine.resolve(path)).id(), path);
    }
}
