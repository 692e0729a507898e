package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plain files that look like a cgroup2 hierarchy: slices of {@value #SERVICES_A_SLICE} services each. Nothing changes in it: it is
 * for the cost of looking.
 *
 * <p>What is read each second is a file of its own in each cgroup, as long as a kernel makes it. The rest, which is the same in
 * all, is one file under many names, so that ten thousand cgroups take 150 MiB of a tmpfs and not 600.
 */
final class CgroupTree implements AutoCloseable {

    private static final int SERVICES_A_SLICE = 100;
    private static final long LIMIT = 64L << 20;

    /** Between the START and the STOP of every policy. */
    private static final long USAGE = LIMIT / 100 * 75;

    /** What is the same in all cgroups, by file. */
    private static final Map<String, String> SHARED = Map.of(
            "cgroup.controllers", "memory\n",
            "cgroup.events", "populated 1\nfrozen 0\n",
            "cgroup.procs", "",
            "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n",
            "memory.high", "max\n",
            "memory.max", LIMIT + "\n",
            "memory.reclaim", "",
            "memory.swap.current", "0\n",
            "memory.swap.max", "max\n");

    /** As 6.12 has them; what follows each is a plausible value. */
    private static final String STAT = """
            anon 37486592
            file 11276288
            kernel 1589248
            kernel_stack 65536
            pagetables 430080
            sec_pagetables 0
            percpu 1440
            sock 4096
            vmalloc 12288
            shmem 0
            zswap 0
            zswapped 0
            file_mapped 6754304
            file_dirty 135168
            file_writeback 0
            swapcached 0
            anon_thp 8388608
            file_thp 0
            shmem_thp 0
            inactive_anon 33206272
            active_anon 4280320
            inactive_file 7073792
            active_file 4202496
            unevictable 0
            slab_reclaimable 737280
            slab_unreclaimable 314888
            slab 1052168
            workingset_refault_anon 0
            workingset_refault_file 41877
            workingset_activate_anon 0
            workingset_activate_file 9914
            workingset_restore_anon 0
            workingset_restore_file 2213
            workingset_nodereclaim 0
            pswpin 0
            pswpout 0
            pgscan 183204
            pgsteal 176551
            pgscan_kswapd 0
            pgscan_direct 183204
            pgscan_khugepaged 0
            pgsteal_kswapd 0
            pgsteal_direct 176551
            pgsteal_khugepaged 0
            pgfault 3145728
            pgmajfault 1207
            pgrefill 20733
            pgactivate 14206
            pgdeactivate 17720
            pglazyfree 0
            pglazyfreed 0
            swpin_zero 0
            swpout_zero 0
            zswpin 0
            zswpout 0
            zswpwb 0
            thp_fault_alloc 4
            thp_collapse_alloc 0
            thp_swpout 0
            thp_swpout_fallback 0
            """;

    private final Path root;
    private final List<Path> readEachTick = new ArrayList<>();

    private CgroupTree(Path root) {
        this.root = root;
    }

    /** Makes it in a new folder below {@code parent}. */
    static CgroupTree make(Path parent, int cgroups) throws IOException {
        CgroupTree tree = new CgroupTree(Files.createTempDirectory(parent, "tidemark-bench-"));
        // Should the benchmark be broken off: what lies in a tmpfs is memory.
        Runtime.getRuntime().addShutdownHook(new Thread(tree::remove));
        try {
            tree.fill(cgroups);
        } catch (IOException e) {
            tree.close();
            throw e;
        }
        return tree;
    }

    Path root() {
        return root;
    }

    /** The files that the policies want of every cgroup at every tick. */
    List<Path> readEachTick() {
        return readEachTick;
    }

    private void fill(int cgroups) throws IOException {
        Path shared = Files.createDirectory(root.resolve(".shared"));
        for (Map.Entry<String, String> file : SHARED.entrySet()) {
            Files.writeString(shared.resolve(file.getKey()), file.getValue());
        }
        inner(root);
        int slices = (cgroups + SERVICES_A_SLICE - 1) / SERVICES_A_SLICE;
        Files.writeString(
                root.resolve("cgroup.stat"), "nr_descendants " + (cgroups + slices) + "\nnr_dying_descendants 0\n");
        Path slice = root;
        for (int number = 0; number < cgroups; number++) {
            if (number % SERVICES_A_SLICE == 0) {
                slice = Files.createDirectory(root.resolve("bench-" + number / SERVICES_A_SLICE + ".slice"));
                inner(slice);
                link(slice, shared);
                own(slice, number);
            }
            Path service = Files.createDirectory(slice.resolve("work-" + number + ".service"));
            link(service, shared);
            Files.writeString(service.resolve("cgroup.subtree_control"), "");
            readEachTick.addAll(own(service, number));
        }
    }

    private void inner(Path directory) throws IOException {
        Files.writeString(directory.resolve("cgroup.subtree_control"), "memory\n");
        if (directory.equals(root)) {
            Files.writeString(directory.resolve("cgroup.controllers"), "memory\n");
            Files.writeString(directory.resolve("memory.reclaim"), "");
        }
    }

    private static void link(Path directory, Path shared) throws IOException {
        for (String name : SHARED.keySet()) {
            Files.createLink(directory.resolve(name), shared.resolve(name));
        }
    }

    private static List<Path> own(Path directory, int number) throws IOException {
        String waited = "avg10=0.00 avg60=0.00 avg300=0.00 total=" + (1_000_000 + 37L * number) + "\n";
        return List.of(
                Files.writeString(directory.resolve("memory.current"), USAGE + 4096L * (number % 64) + "\n"),
                Files.writeString(directory.resolve("memory.pressure"), "some " + waited + "full " + waited),
                Files.writeString(directory.resolve("memory.stat"), STAT));
    }

    private void remove() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("bench: " + root + " is left: " + e.getMessage());
        }
    }

    /** Removes all of it. Idempotent, from any thread. */
    @Override
    public synchronized void close() throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
