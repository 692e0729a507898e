package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.scheduler.Scheduler;

/** A host made of plain files: a /proc and a cgroup2 tree, as a kernel with everything has them. */
final class FakeHost implements AutoCloseable {
    static final int PAGE = 4096;
    static final long MIB = 1L << 20;
    static final double TOTAL = 16.0 * 1024 * MIB;

    final Path directory;
    final Path proc;
    final Path root;
    final AtomicLong nanos = new AtomicLong(1_000);
    private final AtomicInteger removed = new AtomicInteger();
    final Scheduler scheduler = Cgroup2Options.reclaimThreads(4);

    FakeHost(Path directory) {
        this.directory = directory;
        this.proc = directory.resolve("proc");
        this.root = directory.resolve("cgroup with blank");
        write(proc.resolve("self/mountinfo"), mount(root, "rw", "cgroup2", "rw,nsdelegate"));
        write(proc.resolve("self/limits"), """
                Limit                     Soft Limit           Hard Limit           Units
                Max open files            1024                 524288               files
                """);
        write(proc.resolve("self/auxv"), auxv());
        write(proc.resolve("sys/kernel/osrelease"), "6.16.3-amd64\n");
        write(
                proc.resolve("meminfo"),
                "MemTotal:       16777216 kB\nMemFree:         1000 kB\nSwapFree:        2048 kB\n");
        write(proc.resolve("pressure/memory"), "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
        write(root.resolve("cgroup.controllers"), "cpu io memory pids\n");
        write(root.resolve("cgroup.subtree_control"), "cpu memory\n");
        write(root.resolve("memory.reclaim"), "");
        write(root.resolve("memory.pressure"), pressure(0, 0));
    }

    static String mount(Path point, String options, String type, String superOptions) {
        return "30 1 0:26 / " + point.toString().replace(" ", "\\040") + " " + options + " shared:4 - " + type + " "
                + type + " " + superOptions + "\n";
    }

    private static byte[] auxv() {
        ByteBuffer vector = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
        vector.putLong(33).putLong(0x7fff).putLong(6).putLong(PAGE).putLong(0).putLong(0);
        return vector.array();
    }

    static String pressure(double some, long total) {
        return "some avg10=" + some + " avg60=2.00 avg300=3.00 total=" + total
                + "\nfull avg10=4.00 avg60=5.00 avg300=6.00 total=7000000\n";
    }

    /** Makes a cgroup with every file, 100 MiB in use, no limits. */
    Cgroup cgroup(String path) {
        Path at = root.resolve(path);
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            Path above = root.resolve(path.substring(0, slash));
            if (!Files.exists(above)) {
                write(above.resolve("cgroup.subtree_control"), "memory\n");
            }
        }
        write(at.resolve("cgroup.controllers"), "memory\n");
        write(at.resolve("cgroup.subtree_control"), "memory\n");
        write(at.resolve("memory.current"), 100 * MIB + "\n");
        write(at.resolve("memory.max"), "max\n");
        write(at.resolve("memory.high"), "max\n");
        write(at.resolve("memory.swap.current"), "4096\n");
        write(at.resolve("memory.swap.max"), "max\n");
        write(at.resolve("memory.pressure"), pressure(1.5, 2_500_000));
        write(at.resolve("memory.events"), "low 0\nhigh 5\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n");
        write(at.resolve("memory.stat"), """
                anon 1
                file 2
                file_dirty 8192
                file_writeback 4096
                workingset_refault_anon 10
                workingset_refault_file 20
                pgscan 400
                pgsteal 300
                pgfault 1000
                pgmajfault 50
                """);
        write(at.resolve("memory.reclaim"), "");
        return known(path);
    }

    Cgroup known(String path) {
        try {
            return new Cgroup(new CgroupFs().facts(root.resolve(path)).id(), path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As rmdir and mkdir of the same path would. The old directory lives on elsewhere so that its id is not given again. */
    Cgroup madeAnew(String path) {
        try {
            Files.createDirectories(directory.resolve("removed"));
            Files.move(root.resolve(path), directory.resolve("removed").resolve("" + removed.incrementAndGet()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cgroup(path);
    }

    void remove(String path) {
        remove(root.resolve(path));
    }

    static void remove(Path at) {
        try (var all = Files.walk(at)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void set(String path, String file, String text) {
        write(root.resolve(path).resolve(file), text);
    }

    void drop(String path, String file) {
        remove(root.resolve(path).resolve(file));
    }

    String text(String path, String file) {
        try {
            return Files.readString(root.resolve(path).resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Cgroup2Options options() {
        return Cgroup2Options.of(scheduler, nanos::get).withProc(proc);
    }

    Cgroup2Controller open() throws IOException {
        return open(new CgroupFs());
    }

    Cgroup2Controller open(CgroupFs fs) throws IOException {
        return open(options(), fs);
    }

    Cgroup2Controller open(Cgroup2Options options, CgroupFs fs) throws IOException {
        return Cgroup2Controller.open(
                options, needs(), fs, () -> FileSystems.getDefault().newWatchService());
    }

    static HostNeeds needs(String... globs) {
        return new HostNeeds(SignalSet.EMPTY, globs(globs));
    }

    static List<CgroupGlob> globs(String... globs) {
        return Arrays.stream(globs).map(CgroupGlob::new).toList();
    }

    static CgroupFilter filter(String... globs) {
        List<CgroupGlob> all = globs(globs);
        return new CgroupFilter() {
            @Override
            public boolean selects(String path) {
                return all.stream().anyMatch(glob -> glob.matches(path));
            }

            @Override
            public boolean reaches(String path) {
                return all.stream().anyMatch(glob -> glob.reaches(path));
            }
        };
    }

    @Override
    public void close() {
        scheduler.dispose();
    }
}
