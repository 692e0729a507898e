package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.CgroupFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look at a host without an agent: which cgroups there are, and what policies would lack.
 *
 * <p><b>Thread:</b> blocks. <b>Failure:</b> what cannot be read of one cgroup hides what is below it, as it does from an agent.
 */
public final class HostLook {
    private final CgroupFs fs;
    private final HostFacts host;
    private final Path root;

    private HostLook(CgroupFs fs, HostFacts host, Path root) {
        this.fs = fs;
        this.host = host;
        this.root = root;
    }

    /**
     * Finds the cgroup2 hierarchy.
     *
     * @param root of it, or null to find it where it is mounted
     * @param proc where procfs is
     * @throws HostLacksException when there is none
     */
    public static HostLook at(@Nullable Path root, Path proc) throws IOException {
        CgroupFs fs = new CgroupFs();
        HostFacts host = new HostFacts(proc);
        return new HostLook(fs, host, new HostCheck(fs, host).root(root));
    }

    /** What is missing for these needs, each in a sentence with its remedy; empty when nothing is. */
    public List<String> lacks(HostNeeds needs) throws IOException {
        return look(needs).lacks();
    }

    /** What an agent would do otherwise than these needs ask, each in a sentence. */
    public List<String> notes(HostNeeds needs) throws IOException {
        return look(needs).notes();
    }

    private HostCheck.Finding look(HostNeeds needs) throws IOException {
        return new HostCheck(fs, host).look(root, needs, new SwappinessKey(fs, host, true));
    }

    /** The paths that the filter selects, sorted. */
    public List<String> cgroups(CgroupFilter filter) {
        List<String> found = new ArrayList<>();
        Deque<String> open = new ArrayDeque<>(List.of(""));
        while (!open.isEmpty()) {
            String path = open.removeFirst();
            if (filter.selects(path)) {
                found.add(path);
            }
            if (filter.reaches(path)) {
                open.addAll(children(path));
            }
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }

    private List<String> children(String path) {
        List<String> children = new ArrayList<>();
        try {
            Path directory = root.resolve(path);
            for (String name : fs.names(directory)) {
                if (isDirectory(directory.resolve(name))) {
                    children.add(path.isEmpty() ? name : path + "/" + name);
                }
            }
        } catch (IOException _) {
            // Gone meanwhile, or not ours to list.
            return List.of();
        }
        return children;
    }

    private boolean isDirectory(Path path) {
        try {
            return fs.facts(path).directory();
        } catch (IOException _) {
            return false;
        }
    }
}
