package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup that this process runs in, and those above it: to take memory from one of these is to take it from ourselves.
 *
 * @param directory of the cgroup, wherever it is mounted; null when that cannot be told
 * @param upwards the cgroup and those above it up to the root of what we look at, the root last; none when it is not below that
 */
record OwnCgroup(@Nullable Path directory, List<Cgroup> upwards) {
    static final OwnCgroup UNKNOWN = new OwnCgroup(null, List.of());

    private static final String UNIFIED = "0::";

    OwnCgroup {
        upwards = List.copyOf(upwards);
    }

    /** As of now: a process can be moved. Blocks. */
    static OwnCgroup find(CgroupFs fs, HostFacts host, Path root) throws IOException {
        Optional<Path> directory = directory(fs, host, root);
        if (directory.isEmpty()) {
            return UNKNOWN;
        }
        List<Cgroup> upwards = new ArrayList<>();
        if (directory.get().startsWith(root)) {
            String path = root.relativize(directory.get()).toString();
            while (true) {
                upwards.add(new Cgroup(fs.facts(root.resolve(path)).id(), path));
                if (path.isEmpty()) {
                    break;
                }
                path = LimitCache.parent(path);
            }
        }
        return new OwnCgroup(directory.get(), upwards);
    }

    /** Where the cgroup is that the process has in the hierarchy of version 2. */
    private static Optional<Path> directory(CgroupFs fs, HostFacts host, Path root) throws IOException {
        String text;
        try {
            text = fs.text(host.proc().resolve("self/cgroup"));
        } catch (IOException e) {
            if (Errno.of(e) == Errno.NOENT) {
                return Optional.empty();
            }
            throw e;
        }
        Optional<String> path = text.lines()
                .filter(line -> line.startsWith(UNIFIED))
                .map(line -> line.substring(UNIFIED.length()))
                .findFirst();
        Optional<Mount> mount = Mount.parse(host.mountInfo()).stream()
                .filter(it -> it.type().equals("cgroup2") && root.startsWith(it.point()))
                .max(Comparator.comparingInt(it -> it.point().length()));
        if (path.isEmpty() || mount.isEmpty()) {
            return Optional.empty();
        }
        // Both are told from the root of our cgroup namespace; what lies above it begins with /.. and has no name here.
        Path own = Path.of(path.get());
        Path mounted = Path.of(mount.get().root());
        return own.startsWith(mounted) && !path.get().startsWith("/..")
                ? Optional.of(Path.of(mount.get().point())
                        .resolve(mounted.relativize(own).toString()))
                : Optional.empty();
    }

    /** The paths of the cgroup and those above it, without the root, from which no glob takes. */
    List<String> paths() {
        return upwards.stream()
                .map(Cgroup::path)
                .filter(path -> !path.isEmpty())
                .toList();
    }

    /** Why nothing is to be taken from this cgroup; null when that is not so. */
    @Nullable
    String whyNot(Cgroup cgroup) {
        for (Cgroup own : upwards) {
            if (own.id() == cgroup.id()) {
                return own.equals(upwards.getFirst())
                        ? "it is the agent's own cgroup"
                        : "the agent itself runs below it, in "
                                + upwards.getFirst().path();
            }
        }
        return null;
    }
}
