package dev.tidemark.reclaim;

/** One file of one cgroup. */
record LimitKey(long cgroupId, LimitFile file) {}
