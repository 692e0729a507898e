package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * The mount that the hierarchy is on, held by a descriptor: what is on it is found from there and not from the top of the file system,
 * which spares a tenth of what it costs to open a file. The mount and not the hierarchy's root, for a directory that is held may be removed
 * without that its watch is told.
 *
 * <p><b>Thread:</b> any. <b>Failure:</b> none; without a descriptor to hold it by, as after {@link #close}, paths are absolute. To be closed when
 * nothing new is read: who has asked {@link #from} an instant before finds nothing, or another file's descriptor, which is no directory.
 */
final class HeldMount {
    private final CgroupFs fs;
    private final Path point;
    private volatile int descriptor;

    HeldMount(CgroupFs fs, Path point) {
        this.fs = fs;
        this.point = point;
        this.descriptor = open(fs, point);
    }

    /** Where what is at this path is mounted. */
    static Path pointOf(Path path, List<Mount> mounts) {
        // As text, for of the other mounts some may have names that are no paths in this locale.
        String inside = Directory.withSlash(path);
        return mounts.stream()
                .map(Mount::point)
                .filter(point -> inside.startsWith(point.endsWith("/") ? point : point + "/"))
                .max(Comparator.comparingInt(String::length))
                .map(Path::of)
                .orElse(path.getRoot());
    }

    private static int open(CgroupFs fs, Path point) {
        try {
            return fs.openPath(point);
        } catch (IOException _) {
            // Whoever reads what is below is told why, if that matters.
            return LibC.AT_FDCWD;
        }
    }

    Path point() {
        return point;
    }

    /** What paths on it are relative to just now: a descriptor, or {@link LibC#AT_FDCWD} for those that are absolute. */
    int from() {
        return descriptor;
    }

    /** From now on paths are absolute. Idempotent. */
    synchronized void close() {
        int held = descriptor;
        descriptor = LibC.AT_FDCWD;
        if (held != LibC.AT_FDCWD) {
            fs.close(held);
        }
    }
}
