package dev.tidemark.reclaim;

/**
 * What has been learnt of a cgroup and is worth keeping for the next run of the agent.
 *
 * @param path where the cgroup is
 * @param id of the cgroup; another that comes to its path has another id, and nothing has been learnt of it
 * @param bytesPerNano how fast it is reclaimed from, bytes per nanosecond; NaN when that is not known
 * @param circuitFailures how many requests in a row were in vain at last
 */
public record Learnt(String path, long id, double bytesPerNano, int circuitFailures) {}
