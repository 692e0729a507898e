package dev.tidemark.agent;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Expr;
import dev.tidemark.config.HostView;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import dev.tidemark.reclaim.cgroup2.HostLook;
import dev.tidemark.reclaim.cgroup2.HostNeeds;
import dev.tidemark.reclaim.cgroup2.LackingSignal;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * What a host has of what policies name.
 *
 * @param view for {@link dev.tidemark.config.Analysis}
 * @param lacks what would keep an agent from running these policies, those aside that lacking signals disable
 * @param notes what it would do otherwise than they say
 */
record HostComparison(HostView view, List<String> lacks, List<String> notes) {

    /** Blocks. */
    static HostComparison of(@Nullable Path root, List<Policy> policies) throws IOException {
        Path proc = Path.of("/proc");
        HostLook look = HostLook.at(root, proc);
        Map<Policy, SignalSet> reads = new LinkedHashMap<>();
        policies.forEach(policy -> reads.put(policy, signals(policy)));
        Cgroup2Options options = Cgroup2Options.of(Schedulers.immediate(), () -> 0)
                .withRoot(root)
                .withProc(proc);
        List<LackingSignal> lacking = Cgroup2Controller.lackingSignals(options, reads);
        List<Policy> disabled = LackingSignal.disabled(lacking);
        List<Policy> able =
                policies.stream().filter(policy -> !disabled.contains(policy)).toList();
        Map<Signal, String> reasons =
                lacking.stream().collect(Collectors.toMap(LackingSignal::signal, LackingSignal::reason, (a, _) -> a));
        HostNeeds needs = HostPolicies.needs(able);
        List<String> notes = new ArrayList<>(look.notes(needs));
        // The agent's own cgroup is that of whoever starts it; of this command it is known.
        HostPolicies.selectedOfOwn(able, Cgroup2Controller.ownCgroups(options))
                .forEach(sentence -> notes.add("started from here: " + sentence));
        return new HostComparison(new HostView(look.cgroups(named(policies)), reasons), look.lacks(needs), notes);
    }

    private static SignalSet signals(Policy policy) {
        Set<Signal> signals = new HashSet<>();
        collect(policy.start(), signals, new HashSet<>());
        collect(policy.stop(), signals, new HashSet<>());
        return SignalSet.of(signals);
    }

    private static void collect(Expr expr, Set<Signal> signals, Set<String> paths) {
        switch (expr) {
            case Expr.SignalRef it -> signals.add(it.signal());
            case Expr.Elsewhere it -> {
                signals.add(it.signal());
                paths.add(it.path());
            }
            default -> expr.children().forEach(child -> collect(child, signals, paths));
        }
    }

    /** Whatever a policy names in any way, excluded ones too. */
    private static CgroupFilter named(List<Policy> policies) {
        Set<String> paths = new HashSet<>();
        for (Policy policy : policies) {
            collect(policy.start(), new HashSet<>(), paths);
            collect(policy.stop(), new HashSet<>(), paths);
        }
        return new CgroupFilter() {
            @Override
            public boolean selects(String path) {
                return paths.contains(path)
                        || policies.stream()
                                .anyMatch(it -> matches(it.cgroups(), path)
                                        || matches(it.exclude(), path)
                                        || matches(it.watch(), path));
            }

            @Override
            public boolean reaches(String path) {
                String below = path.isEmpty() ? "" : path + "/";
                return paths.stream().anyMatch(it -> it.startsWith(below))
                        || policies.stream()
                                .anyMatch(it -> reach(it.cgroups(), path)
                                        || reach(it.exclude(), path)
                                        || reach(it.watch(), path));
            }
        };
    }

    private static boolean matches(List<CgroupGlob> globs, String path) {
        return globs.stream().anyMatch(glob -> glob.matches(path));
    }

    private static boolean reach(List<CgroupGlob> globs, String path) {
        return globs.stream().anyMatch(glob -> glob.reaches(path));
    }
}
