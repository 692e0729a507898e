package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import java.util.List;
import java.util.Set;

/** Which cgroups are of interest. Paths are relative to the cgroup root, without a leading slash; the root is "". */
public interface CgroupFilter {

    /** Whether the cgroup at this path is wanted. */
    boolean selects(String path);

    /** Whether a cgroup below this path may be wanted, so that it is worth descending. */
    boolean reaches(String path);

    /** Whatever any of the policies acts on or watches. */
    static CgroupFilter of(List<Policy> policies) {
        return of(policies, Set.of());
    }

    /**
     * Whatever any of the policies acts on or watches, and the cgroups at these paths.
     *
     * @param elsewhere paths that expressions name
     */
    static CgroupFilter of(List<Policy> policies, Set<String> elsewhere) {
        List<Policy> all = List.copyOf(policies);
        Set<String> named = Set.copyOf(elsewhere);
        return new CgroupFilter() {
            @Override
            public boolean selects(String path) {
                return named.contains(path)
                        || all.stream().anyMatch(policy -> policy.selects(path) || policy.watches(path));
            }

            @Override
            public boolean reaches(String path) {
                return all.stream().anyMatch(policy -> policy.reaches(path))
                        || named.stream().anyMatch(name -> path.isEmpty() || name.startsWith(path + '/'));
            }
        };
    }
}
