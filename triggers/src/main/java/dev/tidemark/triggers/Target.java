package dev.tidemark.triggers;

/** A cgroup that a policy acts on while others decide. */
final class Target {

    final Group group;
    final Cgroup cgroup;

    /** What was last told of it. */
    TriggerState state = TriggerState.INACTIVE;

    long since;

    /** Whether nothing is in flight on it any more, while it is STOPPING. */
    boolean drained;

    /** Where the group has it. */
    int at;

    Target(Group group, Cgroup cgroup, long now) {
        this.group = group;
        this.cgroup = cgroup;
        since = now;
    }
}
