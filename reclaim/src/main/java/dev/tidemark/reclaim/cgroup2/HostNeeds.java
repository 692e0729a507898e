package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Policy;
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
 */
public record HostNeeds(SignalSet signals, List<CgroupGlob> cgroups, Set<Integer> swappiness) {
    public HostNeeds {
        cgroups = List.copyOf(cgroups);
        swappiness = Set.copyOf(swappiness);
    }

    /**
     * Of these policies.
     *
     * @param signals all that they read, which their expressions tell
     */
    public static HostNeeds of(List<Policy> policies, SignalSet signals) {
        return new HostNeeds(
                signals,
                policies.stream().flatMap(policy -> policy.cgroups().stream()).toList(),
                policies.stream().map(policy -> policy.reclaim().swappiness()).collect(Collectors.toUnmodifiableSet()));
    }

    /** Of policies that reclaim with the kernel's default swappiness. */
    public HostNeeds(SignalSet signals, List<CgroupGlob> cgroups) {
        this(signals, cgroups, Set.of());
    }
}
