package dev.tidemark.triggers;

/** Where one policy stands with one cgroup whose signals decide: state and nothing else, since there are many of them. */
final class Trigger {

    final Rule rule;

    /** What the operators of the rule's program remember of this cgroup. */
    final double[] doubles;

    final long[] longs;

    /** Its number among the rule's cgroups, for {@link Combiner}s; -1 where the rule has none. */
    final int member;

    TriggerState state = TriggerState.INACTIVE;

    /** When {@link #state} last changed. */
    long since;

    /** The last instant at which START was seen not to hold, or at which it became able to start. */
    long notBefore;

    /** The last sample that showed STOP not to hold, or START to. */
    long lastSupported;

    /** Whether this stop is not followed by a cooldown. */
    boolean withoutCooldown;

    Trigger(Rule rule, long now) {
        this.rule = rule;
        doubles = rule.program().newDoubles();
        longs = rule.program().newLongs();
        member = rule.join();
        since = now;
        notBefore = now;
        lastSupported = now;
    }

    /** When its cooldown is over; only while in COOLDOWN. */
    long cooldownUntil() {
        return Evaluation.after(since, rule.policy().cooldown().toNanos());
    }

    void enter(TriggerState to, long now) {
        state = to;
        since = now;
    }
}
