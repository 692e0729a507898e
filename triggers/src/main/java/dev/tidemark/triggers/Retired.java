package dev.tidemark.triggers;

import dev.tidemark.config.Policy;

/**
 * What is left of a policy that a reload took away while it was active on a cgroup: it is STOPPING until nothing is in flight, and
 * until then none of the same name starts there.
 *
 * @param watched whose signals had decided
 */
record Retired(Policy policy, Cgroup watched) {}
