package dev.tidemark.triggers;

/** Where a policy stands with a cgroup. */
public enum TriggerState {
    /** START does not hold, or STOP overrides it. */
    INACTIVE,
    /** START would hold but for a {@code for} that is still counting. */
    PENDING,
    /** START held and STOP has not since: memory is taken. */
    ACTIVE,
    /** STOP held; work in flight is being let go of. */
    STOPPING,
    /** Left alone until the policy's cooldown is over. */
    COOLDOWN
}
