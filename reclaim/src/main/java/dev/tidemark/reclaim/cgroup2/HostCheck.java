package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cgroup2 file system and tells what the host lacks of what policies need, each lack in one sentence with its
 * remedy, all of them at once.
 *
 * <p>Where cgroups match already, those are looked at; where none does yet, the path to where they would be. One cgroup
 * that lacks something is no lack of the host: a glob is refused only when nothing that it matches would do.
 *
 * <p><b>Thread:</b> blocks.
 */
final class HostCheck {
    private static final String MEMORY = "memory";

    /** Enough of what a glob matches to know what the others are like. */
    private static final int ENOUGH_MATCHES = 64;

    private static final int ENOUGH_DIRECTORIES = 20_000;

    private final CgroupFs fs;
    private final HostFacts host;

    HostCheck(CgroupFs fs, HostFacts host) {
        this.fs = fs;
        this.host = host;
    }

    /** What is known of what one glob matches. */
    private static final class Matches {
        final CgroupGlob glob;
        int seen;

        @Nullable
        String withoutMemory;

        @Nullable
        String withoutPressure;

        @Nullable
        String unwritable;

        @Nullable
        String writable;

        final List<Path> directories = new ArrayList<>();
        boolean memory;
        boolean pressure;

        Matches(CgroupGlob glob) {
            this.glob = glob;
        }

        boolean open() {
            return seen < ENOUGH_MATCHES;
        }
    }

    /**
     * The root of the cgroup2 hierarchy.
     *
     * @param given by the operator, or null to look for it
     * @throws HostLacksException when there is none
     */
    Path root(@Nullable Path given) throws IOException {
        if (given != null) {
            if (!fs.exists(given.resolve(KernelFile.CONTROLLERS))) {
                throw lacks(given + " is not a cgroup2 directory, for it has no " + KernelFile.CONTROLLERS
                        + ": give the place where cgroup2 is mounted, usually /sys/fs/cgroup.");
            }
            return given;
        }
        List<Mount> mounts = Mount.parse(host.mountInfo());
        List<Path> cgroup2 = mounts.stream()
                .filter(mount -> mount.type().equals("cgroup2"))
                .map(mount -> Path.of(mount.point()))
                .toList();
        if (cgroup2.isEmpty()) {
            throw lacks(memoryV1(mounts)
                    .map(v1 -> "No cgroup2 file system is mounted, and the memory controller is bound to cgroup v1 at "
                            + v1.point() + ": boot with systemd.unified_cgroup_hierarchy=1 (without systemd: "
                            + "cgroup_no_v1=memory, and mount -t cgroup2 none /sys/fs/cgroup).")
                    .orElse("No cgroup2 file system is mounted: mount -t cgroup2 none /sys/fs/cgroup."));
        }
        // Of several, that which has the controller: a hybrid host may have an empty one besides.
        return cgroup2.stream().filter(this::hasMemory).findFirst().orElse(cgroup2.getFirst());
    }

    /**
     * What is missing for these needs.
     *
     * @param lacks without which nothing can be done; empty when nothing is missing
     * @param notes what will be done otherwise than asked
     */
    record Finding(List<String> lacks, List<String> notes) {
        Finding {
            lacks = List.copyOf(lacks);
            notes = List.copyOf(notes);
        }
    }

    Finding look(Path root, HostNeeds needs, SwappinessKey swappinessKey) throws IOException {
        Set<String> lacks = new LinkedHashSet<>();
        Set<String> notes = new LinkedHashSet<>();
        look(root, needs, swappinessKey, lacks, notes);
        return new Finding(List.copyOf(lacks), List.copyOf(notes));
    }

    private void look(
            Path root, HostNeeds needs, SwappinessKey swappinessKey, Collection<String> lacks, Collection<String> notes)
            throws IOException {
        boolean pressureNeeded =
                needs.signals().signals().stream().map(Signal::dotted).anyMatch(name -> name.startsWith("psi."))
                        || PushCheck.ofPressure(needs.pushes());
        boolean pressure = pressureNeeded && pressureOfHost(lacks);
        List<Mount> mounts = Mount.parse(host.mountInfo());
        if (!hasMemory(root)) {
            lacks.add(whyNoMemory(root, mounts));
            return;
        }
        if (!fs.exists(root.resolve(KernelFile.RECLAIM))) {
            lacks.add(
                    "The kernel (" + host.kernelRelease() + ") has no memory.reclaim: Linux 5.19 or newer is needed.");
            return;
        }
        boolean readOnly = mountOf(root, mounts).map(Mount::readOnly).orElse(false);
        if (readOnly) {
            lacks.add(root + " is mounted read-only: mount -o remount,rw " + root
                    + " (in a container: give it the host's " + root + " writable, with --cgroupns=host).");
        }
        List<Matches> matches = needs.cgroups().stream().map(Matches::new).toList();
        List<Matches> pushed = needs.pushed().stream().map(Matches::new).toList();
        walk(root, Stream.concat(matches.stream(), pushed.stream()).toList());
        for (Matches of : matches) {
            if (of.seen == 0) {
                lackOnTheWay(root, of.glob, readOnly, lacks);
            } else {
                lackOfMatches(root, of, pressure, readOnly, lacks);
            }
        }
        PushCheck pushCheck = new PushCheck(fs, pressure, readOnly);
        pushed.forEach(of -> pushCheck.lacks(needs.pushes(), of.directories, lacks));
        if (!readOnly) {
            lackOfSwappiness(root, needs.swappiness(), matches, swappinessKey, lacks, notes);
        }
    }

    static HostLacksException lacks(String lack) {
        return new HostLacksException(List.of(lack));
    }

    private boolean hasMemory(Path directory) {
        return words(directory.resolve(KernelFile.CONTROLLERS)).contains(MEMORY);
    }

    /** The words of a file; none when it cannot be read. */
    private List<String> words(Path file) {
        try {
            return List.of(fs.text(file).strip().split("\\s+", -1));
        } catch (IOException _) {
            // What cannot be read says nothing; that it lacks the word is what is told.
            return List.of();
        }
    }

    private static Optional<Mount> memoryV1(List<Mount> mounts) {
        return mounts.stream()
                .filter(mount ->
                        mount.type().equals("cgroup") && mount.superOptions().contains(MEMORY))
                .findFirst();
    }

    private static Optional<Mount> mountOf(Path root, List<Mount> mounts) {
        return mounts.stream()
                .filter(mount -> mount.type().equals("cgroup2") && root.startsWith(mount.point()))
                .max(Comparator.comparingInt(mount -> mount.point().length()));
    }

    private String whyNoMemory(Path root, List<Mount> mounts) {
        Optional<Mount> v1 = memoryV1(mounts);
        if (v1.isPresent()) {
            return "The memory controller is bound to cgroup v1 at " + v1.get().point() + ", so cgroup2 at " + root
                    + " is without it: boot with systemd.unified_cgroup_hierarchy=1 (without systemd: "
                    + "cgroup_no_v1=memory).";
        }
        switch (ofProcCgroups()) {
            case DISABLED -> {
                return "The memory controller is switched off: boot without cgroup_disable=memory (on a Raspberry Pi: "
                        + "with cgroup_enable=memory).";
            }
            case BOUND -> {
                return "The memory controller is bound to cgroup v1, so cgroup2 at " + root
                        + " is without it: boot with systemd.unified_cgroup_hierarchy=1 (without systemd: "
                        + "cgroup_no_v1=memory).";
            }
            case OTHER -> {}
        }
        if (fs.exists(root.resolve("cgroup.events"))) {
            // Only the true root has no such file.
            return "The memory controller is not delegated to " + root
                    + ": write +memory to cgroup.subtree_control of the cgroup above it (systemd: Delegate=memory).";
        }
        return "The kernel (" + host.kernelRelease()
                + ") has no memory controller: one built with CONFIG_MEMCG is needed.";
    }

    private enum Controller {
        DISABLED,
        BOUND,
        OTHER
    }

    /** From {@code memory <hierarchy> <cgroups> <enabled>}; newer kernels list only what is bound to v1. */
    private Controller ofProcCgroups() {
        String text;
        try {
            text = fs.text(host.proc().resolve("cgroups"));
        } catch (IOException _) {
            return Controller.OTHER;
        }
        return text.lines()
                .map(line -> line.split("\\s+", -1))
                .filter(fields -> fields.length >= 4 && fields[0].equals(MEMORY))
                .map(fields -> fields[3].equals("0")
                        ? Controller.DISABLED
                        : fields[1].equals("0") ? Controller.OTHER : Controller.BOUND)
                .findFirst()
                .orElse(Controller.OTHER);
    }

    /** Whether the host keeps pressure at all. */
    private boolean pressureOfHost(Collection<String> lacks) throws IOException {
        Path file = host.proc().resolve("pressure/memory");
        try {
            fs.text(file);
            return true;
        } catch (IOException e) {
            switch (Errno.of(e)) {
                case NOENT ->
                    lacks.add("The kernel (" + host.kernelRelease()
                            + ") keeps no pressure stall information, which a policy reads (psi): boot with psi=1, or one "
                            + "built with CONFIG_PSI is needed.");
                case NOTSUP ->
                    lacks.add(
                            "Pressure stall information, which a policy reads (psi), is switched off: boot with psi=1.");
                default -> throw e;
            }
            return false;
        }
    }

    private void walk(Path root, List<Matches> matches) throws IOException {
        Deque<String> paths = new ArrayDeque<>(List.of(""));
        int directories = 0;
        while (!paths.isEmpty() && directories++ < ENOUGH_DIRECTORIES) {
            String path = paths.removeFirst();
            Path directory = root.resolve(path);
            for (Matches of : matches) {
                if (of.open() && of.glob.matches(path)) {
                    add(of, path, directory);
                }
            }
            if (matches.stream().anyMatch(of -> of.open() && of.glob.reaches(path))) {
                for (String child : children(path, directory)) {
                    if (matches.stream()
                            .anyMatch(of -> of.open() && (of.glob.matches(child) || of.glob.reaches(child)))) {
                        paths.add(child);
                    }
                }
            }
        }
    }

    private List<String> children(String path, Path directory) {
        List<String> children = new ArrayList<>();
        try {
            if (fs.facts(directory).links() == 2) {
                return children;
            }
            for (String name : fs.names(directory)) {
                if (directory(directory.resolve(name))) {
                    children.add(path.isEmpty() ? name : path + "/" + name);
                }
            }
        } catch (IOException _) {
            // Gone meanwhile, or not ours to list: watching will see the same and count it.
            return children;
        }
        children.sort(Comparator.naturalOrder());
        return children;
    }

    private boolean directory(Path path) {
        try {
            return fs.facts(path).directory();
        } catch (IOException _) {
            return false;
        }
    }

    private void add(Matches of, String path, Path directory) {
        of.seen++;
        of.directories.add(directory);
        if (fs.exists(directory.resolve(KernelFile.CURRENT.fileName()))) {
            of.memory = true;
            if (fs.writable(directory.resolve(KernelFile.RECLAIM))) {
                of.writable = path;
            } else if (of.unwritable == null) {
                of.unwritable = path;
            }
        } else if (of.withoutMemory == null) {
            of.withoutMemory = path;
        }
        if (fs.exists(directory.resolve(KernelFile.PRESSURE.fileName()))) {
            of.pressure = true;
        } else if (of.withoutPressure == null) {
            of.withoutPressure = path;
        }
    }

    private void lackOfMatches(
            Path root, Matches of, boolean pressureNeeded, boolean readOnly, Collection<String> lacks) {
        if (!of.memory && of.withoutMemory != null) {
            lacks.add(notEnabled(root, of.withoutMemory));
        }
        if (of.memory && of.writable == null && of.unwritable != null && !readOnly) {
            lacks.add(notWritable(root.resolve(of.unwritable)));
        }
        if (pressureNeeded && !of.pressure && of.withoutPressure != null) {
            Path directory = root.resolve(of.withoutPressure);
            lacks.add("Pressure stall information, which a policy reads (psi), is not kept for " + directory
                    + ": write 1 to its cgroup.pressure, and boot without cgroup_disable=pressure.");
        }
    }

    private String notEnabled(Path root, String path) {
        Path directory = root;
        for (String name : path.split("/", -1)) {
            if (!words(directory.resolve(KernelFile.SUBTREE_CONTROL)).contains(MEMORY)) {
                return notEnabledBelow(directory);
            }
            directory = directory.resolve(name);
        }
        return directory + " has no memory.current though the memory controller is enabled above it: "
                + "its cgroup.type must be domain.";
    }

    private static String notEnabledBelow(Path directory) {
        return "The memory controller is not enabled for the cgroups in " + directory + ": write +memory to "
                + directory.resolve(KernelFile.SUBTREE_CONTROL) + " (systemd: MemoryAccounting=yes).";
    }

    private static String notWritable(Path directory) {
        return directory.resolve(KernelFile.RECLAIM) + " may not be written by user "
                + System.getProperty("user.name", "unknown")
                + ": run as root, or have the cgroup delegated (systemd: Delegate=memory).";
    }

    /** Nothing matches yet: what there is of the way to where it would be must do. */
    private void lackOnTheWay(Path root, CgroupGlob glob, boolean readOnly, Collection<String> lacks) {
        Path directory = root;
        for (String name : literalStart(glob.pattern())) {
            Path next = directory.resolve(name);
            if (!directory(next)) {
                break;
            }
            if (!words(directory.resolve(KernelFile.SUBTREE_CONTROL)).contains(MEMORY)) {
                lacks.add(notEnabledBelow(directory));
                return;
            }
            directory = next;
        }
        // Whoever may make cgroups here owns what is made, and so its memory.reclaim.
        if (!readOnly && !fs.writable(directory.resolve(KernelFile.RECLAIM)) && !fs.writable(directory)) {
            lacks.add(notWritable(directory));
        }
    }

    private static List<String> literalStart(String pattern) {
        List<String> names = new ArrayList<>();
        for (String name : pattern.split("/", -1)) {
            if (name.isEmpty() || name.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0)) {
                break;
            }
            names.add(name);
        }
        return names;
    }

    private void lackOfSwappiness(
            Path root,
            Set<Integer> values,
            List<Matches> matches,
            SwappinessKey swappinessKey,
            Collection<String> lacks,
            Collection<String> notes)
            throws IOException {
        boolean filesOnly = values.contains(Reclaim.FILES_ONLY);
        if (!filesOnly && values.stream().allMatch(value -> value < 0)) {
            return;
        }
        Optional<Path> file = reclaimFile(root, matches);
        if (file.isEmpty()) {
            // That nothing may be written has been told, or it is asked at the first request.
            return;
        }
        SwappinessKey.Support support = swappinessKey.support(file.get());
        if (values.contains(Reclaim.ANONYMOUS_ONLY) && support != SwappinessKey.Support.MAX) {
            lacks.add(
                    "The kernel (" + host.kernelRelease() + ") takes no swappiness=max, which a policy asks for: Linux "
                            + SwappinessKey.MAX_SINCE + " or newer is needed, or another swappiness in the policy.");
        }
        if (support != SwappinessKey.Support.NONE) {
            return;
        }
        if (filesOnly && host.swapFreeBytes() > 0 && !matches.stream().allMatch(this::swapNothing)) {
            lacks.add("The kernel (" + host.kernelRelease()
                    + ") cannot be asked for file pages only, as a policy does with swappiness: none, and its cgroups can swap: Linux "
                    + SwappinessKey.NUMBERS_SINCE
                    + " or newer is needed, or memory.swap.max of 0 in them, or swappiness: default in the policy.");
        }
        String numbers = values.stream()
                .filter(value -> value >= 0 && value < Reclaim.ANONYMOUS_ONLY)
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
        if (!numbers.isEmpty()) {
            notes.add("the kernel (" + host.kernelRelease()
                    + ") takes no swappiness with memory.reclaim, so policies with swappiness: "
                    + numbers + " go by its own (vm.swappiness): Linux " + SwappinessKey.NUMBERS_SINCE
                    + " or newer takes it; where nothing may be swapped out, write swappiness: none");
        }
    }

    /** Whether no cgroup that the glob matches so far may swap. */
    private boolean swapNothing(Matches of) {
        return of.directories.stream()
                .allMatch(directory ->
                        words(directory.resolve(KernelFile.SWAP_MAX)).equals(List.of("0")));
    }

    private Optional<Path> reclaimFile(Path root, List<Matches> matches) {
        Path ofRoot = root.resolve(KernelFile.RECLAIM);
        if (fs.writable(ofRoot)) {
            return Optional.of(ofRoot);
        }
        for (Matches of : matches) {
            if (of.writable != null) {
                return Optional.of(root.resolve(of.writable).resolve(KernelFile.RECLAIM));
            }
        }
        return Optional.empty();
    }
}
