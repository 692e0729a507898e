package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What policies need of a host.
 *
 * @param signals all signals that any policy reads
 * @param cgroups all globs of all policies
 * @param swappiness all values that any policy reclaims with; below 0 is the kernel's default and needs nothing
 * @param pushes all that any policy wants to be told of by the kernel itself
 * @param pushed the globs of the cgroups that it is to tell this of
 */
public record HostNeeds(
        SignalSet signals,
        List<CgroupGlob> cgroups,
        Set<Integer> swappiness,
        Set<PushRequest> pushes,
        List<CgroupGlob> pushed) {
    public HostNeeds {
        cgroups = List.copyOf(cgroups);
        swappiness = Set.copyOf(swappiness);
        pushes = Set.copyOf(pushes);
        pushed = List.copyOf(pushed);
    }

    /**
     * Of these policies, without pushes.
     *
     * @param signals all that they read, which their expressions tell
     */
    public static HostNeeds of(List<Policy> policies, SignalSet signals) {
        return new HostNeeds(
                signals,
                policies.stream().flatMap(policy -> policy.cgroups().stream()).toList(),
                policies.stream()
                        .flatMap(policy -> policy.reclaim().stream())
                        .map(Reclaim::swappiness)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** Without pushes. */
    public HostNeeds(SignalSet signals, List<CgroupGlob> cgroups, Set<Integer> swappiness) {
        this(signals, cgroups, swappiness, Set.of(), List.of());
    }

    /** Of policies that reclaim with the kernel's default swappiness. */
    public HostNeeds(SignalSet signals, List<CgroupGlob> cgroups) {
        this(signals, cgroups, Set.of());
    }

    /** These and to be told of {@code pushes} in the cgroups of {@code pushed}. */
    public HostNeeds withPushes(Set<PushRequest> pushes, List<CgroupGlob> pushed) {
        return new HostNeeds(signals, cgroups, swappiness, pushes, pushed);
    }
}
