package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import java.util.List;

/** Which cgroups are of interest. Paths are relative to the cgroup root, without a leading slash; the root is "". */
public interface CgroupFilter {

    /** Whether the cgroup at this path is wanted. */
    boolean selects(String path);

    /** Whether a cgroup below this path may be wanted, so that it is worth descending. */
    boolean reaches(String path);

    /** Whatever any of the policies selects. */
    static CgroupFilter of(List<Policy> policies) {
        List<Policy> all = List.copyOf(policies);
        return new CgroupFilter() {
            @Override
            public boolean selects(String path) {
                return all.stream().anyMatch(policy -> policy.selects(path));
            }

            @Override
            public boolean reaches(String path) {
                return all.stream().anyMatch(policy -> policy.reaches(path));
            }
        };
    }
}
