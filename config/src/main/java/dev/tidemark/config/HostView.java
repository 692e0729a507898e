package dev.tidemark.config;

import java.util.List;
import java.util.Map;

/**
 * What is known of the host that policies are to run on.
 *
 * @param cgroups the paths of those that exist, relative to the cgroup root, without a leading slash; at least all that any of the
 *     policies' globs matches
 * @param lacking signals that the host does not have, with the reason and the remedy: a clause that ends a sentence
 */
public record HostView(List<String> cgroups, Map<Signal, String> lacking) {
    public HostView {
        cgroups = List.copyOf(cgroups);
        lacking = Map.copyOf(lacking);
    }
}
