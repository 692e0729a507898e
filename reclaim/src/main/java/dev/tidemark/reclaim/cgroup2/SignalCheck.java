package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.reclaim.cgroup2.KernelFile.Format;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the signals that this host lacks of those that policies read.
 *
 * <p>By looking whether they are there, since distributions bring features to old kernels and build new ones without some; by the
 * version of the kernel only where there is no cgroup to look at. One cgroup that lacks something is no lack of the host: a
 * signal is there when one of those that a policy watches has it.
 *
 * <p><b>Thread:</b> blocks.
 */
final class SignalCheck {
    private static final int ENOUGH_CGROUPS = 8;
    private static final int ENOUGH_DIRECTORIES = 20_000;

    private final CgroupFs fs;
    private final HostFacts host;
    private final Path root;
    private final String release;

    SignalCheck(CgroupFs fs, HostFacts host, Path root) {
        this.fs = fs;
        this.host = host;
        this.root = root;
        this.release = host.kernelRelease();
    }

    List<LackingSignal> lacking(Map<Policy, SignalSet> reads) throws IOException {
        Map<Policy, List<Path>> cgroups = cgroups(List.copyOf(reads.keySet()));
        Map<Signal, List<Policy>> policies = new LinkedHashMap<>();
        for (Map.Entry<Policy, SignalSet> of : reads.entrySet()) {
            List<Path> looked = cgroups.getOrDefault(of.getKey(), List.of());
            for (Signal signal : parts(of.getValue().signals())) {
                if (!isThere(signal, looked)) {
                    policies.computeIfAbsent(signal, _ -> new ArrayList<>()).add(of.getKey());
                }
            }
        }
        List<LackingSignal> lacking = new ArrayList<>();
        policies.forEach((signal, disabled) -> lacking.add(new LackingSignal(signal, reason(signal), disabled)));
        return lacking;
    }

    private static Set<Signal> parts(List<Signal> signals) {
        Set<Signal> parts = new LinkedHashSet<>();
        for (Signal signal : signals) {
            if (signal.derived()) {
                parts.addAll(parts(signal.parts()));
            } else if (!signal.file().isEmpty()) {
                parts.add(signal);
            }
        }
        return parts;
    }

    /** Cgroups with the memory controller that each policy watches; for one that watches none yet, any. */
    private Map<Policy, List<Path>> cgroups(List<Policy> policies) {
        Map<Policy, List<Path>> found = new LinkedHashMap<>();
        List<Path> any = new ArrayList<>();
        policies.forEach(policy -> found.put(policy, new ArrayList<>()));
        Deque<String> paths = new ArrayDeque<>(List.of(""));
        for (int seen = 0; !paths.isEmpty() && seen < ENOUGH_DIRECTORIES; seen++) {
            String path = paths.removeFirst();
            Path directory = root.resolve(path);
            if (!path.isEmpty() && fs.exists(directory.resolve(KernelFile.CURRENT.fileName()))) {
                add(any, directory);
                found.forEach((policy, cgroups) -> {
                    if (policy.watches(path)) {
                        add(cgroups, directory);
                    }
                });
            }
            boolean below = any.isEmpty()
                    || found.entrySet().stream()
                            .anyMatch(of -> of.getValue().size() < ENOUGH_CGROUPS
                                    && of.getKey().reaches(path));
            if (below) {
                paths.addAll(children(path, directory));
            }
        }
        found.replaceAll((_, cgroups) -> cgroups.isEmpty() ? any : cgroups);
        return found;
    }

    private static void add(List<Path> cgroups, Path directory) {
        if (cgroups.size() < ENOUGH_CGROUPS) {
            cgroups.add(directory);
        }
    }

    private List<String> children(String path, Path directory) {
        List<String> children = new ArrayList<>();
        try {
            for (String name : fs.names(directory)) {
                if (fs.facts(directory.resolve(name)).directory()) {
                    children.add(path.isEmpty() ? name : path + "/" + name);
                }
            }
        } catch (IOException _) {
            // Gone meanwhile, or not ours to list: those seen so far will do.
            return children;
        }
        children.sort(null);
        return children;
    }

    private boolean isThere(Signal signal, List<Path> cgroups) throws IOException {
        if (signal.scope() == Scope.HOST) {
            return has(signal, host.proc(), HostFiles.format(signal.file()));
        }
        if (cgroups.isEmpty()) {
            return !before(release, signal.since());
        }
        @Nullable KernelFile file = KernelFile.named(signal.file());
        for (Path cgroup : cgroups) {
            if (has(signal, cgroup, file == null ? Format.NUMBER : file.format())) {
                return true;
            }
        }
        return false;
    }

    private boolean has(Signal signal, Path directory, Format format) throws IOException {
        Scratch scratch = Scratch.mine();
        double[] value = {Double.NaN};
        try {
            int length = fs.readWhole(new Directory(directory), signal.file(), scratch);
            FilePlan plan = new FilePlan(format, 1).add(signal, 0);
            plan.put(plan.find(scratch, length), value);
            return !Double.isNaN(value[0]);
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NOENT, NODEV, NOTDIR, NOTSUP -> false;
                default -> throw e;
            };
        }
    }

    private String reason(Signal signal) {
        String file = signal.scope() == Scope.HOST
                ? host.proc().resolve(signal.file()).toString()
                : signal.file();
        String what = signal.keys().isEmpty() ? file : String.join(" and ", signal.keys()) + " in " + file;
        String lacks = "the kernel (" + release + ") has no " + what;
        if (before(release, signal.since())) {
            return lacks + ", which came with Linux " + signal.since();
        }
        return lacks + cure(signal);
    }

    private static String cure(Signal signal) {
        String name = signal.dotted();
        if (signal.file().equals("irq.pressure") || signal.file().equals("pressure/irq")) {
            return ": one built with CONFIG_IRQ_TIME_ACCOUNTING is needed";
        }
        if (name.contains("psi.")) {
            return ": boot with psi=1 and without cgroup_disable=pressure, and write 1 to the cgroup's cgroup.pressure";
        }
        if (name.contains("hugetlb")) {
            return ": mount cgroup2 with the option memory_hugetlb_accounting";
        }
        if (name.contains("zsw")) {
            return ": one built with CONFIG_ZSWAP is needed";
        }
        if (name.contains("swap") || name.startsWith("swp")) {
            return ": one built with CONFIG_SWAP is needed, booted without swapaccount=0";
        }
        if (name.contains("thp")) {
            return ": one built with CONFIG_TRANSPARENT_HUGEPAGE is needed";
        }
        if (name.contains("numa_") || name.endsWith("pgpromote_success")) {
            return ": one built with CONFIG_NUMA_BALANCING is needed";
        }
        return ": it is built without what this counts, or is newer than this version of Tidemark knows";
    }

    /** Whether a release such as {@code 6.1.0-40-amd64} is older than a version such as {@code 6.15}; one not understood is not. */
    static boolean before(String release, String version) {
        int[] is = numbers(release);
        int[] wanted = numbers(version);
        return is[0] > 0 && (is[0] != wanted[0] ? is[0] < wanted[0] : is[1] < wanted[1]);
    }

    private static int[] numbers(String version) {
        int[] numbers = new int[2];
        int at = 0;
        for (int i = 0; i < numbers.length; i++) {
            int start = at;
            while (at < version.length() && Character.isDigit(version.charAt(at)) && at - start < 6) {
                numbers[i] = numbers[i] * 10 + (version.charAt(at++) - '0');
            }
            if (at == start || at == version.length() || version.charAt(at) != '.') {
                break;
            }
            at++;
        }
        return numbers;
    }
}
