package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tree of plain files that looks like a cgroup2 mount with a memory controller. */
final class PlainTree {

    private PlainTree() {}

    /** The root of a tree, with a cgroup {@code job} in it for others to go into. */
    static Path make(Path root) throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "memory\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "memory\n");
        Files.writeString(root.resolve("memory.reclaim"), "");
        Path job = cgroup(root.resolve("job"), 0, -1);
        Files.writeString(job.resolve("cgroup.subtree_control"), "memory\n");
        return root;
    }

    /** @param limitBytes memory.max; below 0 for none */
    static Path cgroup(Path directory, long usageBytes, long limitBytes) throws IOException {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve("cgroup.controllers"), "memory\n");
        Files.writeString(directory.resolve("cgroup.subtree_control"), "");
        Files.writeString(directory.resolve("cgroup.procs"), "");
        Files.writeString(directory.resolve("memory.current"), usageBytes + "\n");
        Files.writeString(directory.resolve("memory.max"), limitBytes < 0 ? "max\n" : limitBytes + "\n");
        Files.writeString(directory.resolve("memory.high"), "max\n");
        Files.writeString(directory.resolve("memory.reclaim"), "");
        return directory;
    }

    static void delete(Path root) throws IOException {
        List<Path> all = new ArrayList<>();
        try (var paths = Files.walk(root)) {
            paths.forEach(all::add);
        }
        for (Path path : all.reversed()) {
            Files.delete(path);
        }
    }
}
