package dev.tidemark.triggers;

import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.Decision.Reading;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the cgroups that a policy watches decide together for those it acts on.
 *
 * <p>While one of the watched is ACTIVE the policy is active on every target. When the last of them stops, all targets are STOPPING
 * until nothing is in flight on any, and then cool down together; until that is over none of the watched starts anything anew,
 * since the cooldown is the targets' rest. Targets are told only when what they are told changes, all at one instant, beginning
 * with another one each time so that none is always first.
 *
 * <p>Confined to the core thread. As an entry of a {@link DueHeap} it is due when its cooldown is over.
 */
final class Group extends DueHeap.Entry {

    private final Rule rule;
    private final Outbox outbox;
    private final Consumer<? super Group> changed;
    private final List<Target> targets = new ArrayList<>();

    // In the order in which they came to be so: which of them is named in decisions must not depend on chance.
    private final LinkedHashSet<Subject> active = new LinkedHashSet<>();
    private final LinkedHashSet<Subject> pending = new LinkedHashSet<>();

    private TriggerState phase = TriggerState.INACTIVE;
    private Cgroup decider = Cgroup.HOST;
    private long since;
    private long ableSince = Evaluation.NONE;
    private long latest = Evaluation.NONE;
    private boolean withoutCooldown;
    private int draining;
    private int held;
    private int begin;

    /** @param changed told when a cooldown begins or is over, and when those watched may start again; must only take note */
    Group(Rule rule, Outbox outbox, Consumer<? super Group> changed) {
        this.rule = rule;
        this.outbox = outbox;
        this.changed = changed;
    }

    Rule rule() {
        return rule;
    }

    /** What the watched cgroups have come to together. */
    TriggerState phase() {
        return phase;
    }

    /** Whose signals made it so. */
    Cgroup decider() {
        return decider;
    }

    /** When {@link #phase} last changed. */
    long since() {
        return since;
    }

    /** Whether a watched cgroup may start now. */
    boolean able() {
        return phase != TriggerState.STOPPING && phase != TriggerState.COOLDOWN && held == 0;
    }

    /** Since when that has been so, if it has not always been. */
    long ableSince() {
        return ableSince;
    }

    /** Nothing starts until what a reload took away has ended: one {@link #release} for each call. */
    void hold() {
        held++;
    }

    void release(long now) {
        held--;
        if (held == 0) {
            rest(Cause.DRAINED, forward(now));
        }
    }

    /** What a reload takes away: every target, the active ones to be drained one by one. */
    List<Target> disband() {
        List<Target> all = List.copyOf(targets);
        targets.clear();
        return all;
    }

    /** When its cooldown is over; {@link Evaluation#NEVER} when it does not run. */
    long cooldownUntil() {
        return phase == TriggerState.COOLDOWN
                ? Evaluation.after(since, rule.policy().cooldown().toNanos())
                : Evaluation.NEVER;
    }

    /** A watched cgroup that is active: the one that has been for longest. */
    @Nullable
    Subject firstActive() {
        return active.isEmpty() ? null : active.getFirst();
    }

    /** A further target; while the policy is active it is told so at once. */
    Target join(Cgroup cgroup, long now, List<Reading> readings) {
        Target target = new Target(this, cgroup, now);
        target.at = targets.size();
        targets.add(target);
        if (phase == TriggerState.ACTIVE || phase == TriggerState.PENDING) {
            nameOneThatIsSo();
            tell(target, phase, Cause.START, forward(now), now, readings);
        }
        return target;
    }

    /** A target is not there any more. */
    void leave(Target target, Cause cause, long now) {
        Target last = targets.removeLast();
        if (last != target) {
            targets.set(target.at, last);
            last.at = target.at;
        }
        boolean waited = target.state == TriggerState.STOPPING && !target.drained;
        if (target.state != TriggerState.INACTIVE) {
            long instant = forward(now);
            tell(target, TriggerState.INACTIVE, cause, instant, instant, List.of());
        }
        if (waited) {
            drainedOne(now);
        }
    }

    /** Nothing is in flight on a target any more. */
    void drained(Target target, long now) {
        if (target.state == TriggerState.STOPPING && !target.drained) {
            target.drained = true;
            drainedOne(now);
        }
    }

    /** A watched cgroup changes its state; STOPPING is what it asks for, INACTIVE what it then is: targets drain, it does not. */
    void moved(
            Subject by,
            Trigger trigger,
            TriggerState to,
            Cause cause,
            long now,
            long notBefore,
            List<Reading> readings) {
        active.remove(by);
        pending.remove(by);
        trigger.enter(to == TriggerState.STOPPING ? TriggerState.INACTIVE : to, now);
        switch (trigger.state) {
            case ACTIVE -> active.add(by);
            case PENDING -> pending.add(by);
            case INACTIVE, STOPPING, COOLDOWN -> {}
        }
        TriggerState next = combined();
        if (next != phase) {
            withoutCooldown = next == TriggerState.STOPPING && trigger.withoutCooldown;
            decider = by.cgroup;
            long instant = forward(now);
            enter(next, cause, instant, to == TriggerState.ACTIVE ? notBefore : instant, readings);
        } else if (able()) {
            nameOneThatIsSo();
        }
    }

    /** The one that made it so may not be any more while others are. */
    private void nameOneThatIsSo() {
        LinkedHashSet<Subject> those = phase == TriggerState.ACTIVE ? active : pending;
        if (!those.isEmpty()) {
            decider = those.getFirst().cgroup;
        }
    }

    private TriggerState combined() {
        if (!able()) {
            return phase;
        }
        if (!active.isEmpty()) {
            return TriggerState.ACTIVE;
        }
        if (phase == TriggerState.ACTIVE) {
            return TriggerState.STOPPING;
        }
        return pending.isEmpty() ? TriggerState.INACTIVE : TriggerState.PENDING;
    }

    /** The cooldown is over: those watched are to be asked again. */
    void cooldownOver(long now) {
        rest(Cause.COOLDOWN_OVER, forward(now));
    }

    private void drainedOne(long now) {
        draining--;
        if (draining == 0) {
            allDrained(forward(now));
        }
    }

    private void allDrained(long now) {
        if (rule.policy().cooldown().isZero() || withoutCooldown) {
            rest(Cause.DRAINED, now);
        } else {
            enter(TriggerState.COOLDOWN, Cause.DRAINED, now, now, List.of());
            changed.accept(this);
        }
    }

    private void rest(Cause cause, long now) {
        ableSince = now;
        enter(TriggerState.INACTIVE, cause, now, now, List.of());
        if (!pending.isEmpty()) {
            decider = pending.getFirst().cgroup;
            enter(TriggerState.PENDING, Cause.START, now, now, List.of());
        }
        changed.accept(this);
    }

    private void enter(TriggerState to, Cause cause, long now, long notBefore, List<Reading> readings) {
        phase = to;
        since = now;
        if (to == TriggerState.STOPPING) {
            draining = 0;
        }
        int size = targets.size();
        begin = size == 0 || to != TriggerState.ACTIVE ? begin : (begin + 1) % size;
        for (int i = 0; i < size; i++) {
            Target target = targets.get((begin + i) % size);
            if (follows(target.state, to)) {
                tell(target, to, cause, now, notBefore, readings);
            }
        }
        if (to == TriggerState.STOPPING && draining == 0) {
            allDrained(now);
        }
    }

    /** A target that came while others drained or cooled down has nothing to do with that. */
    private static boolean follows(TriggerState from, TriggerState to) {
        return switch (to) {
            case INACTIVE -> from != TriggerState.INACTIVE;
            case PENDING, ACTIVE -> true;
            case STOPPING -> from == TriggerState.ACTIVE;
            case COOLDOWN -> from == TriggerState.STOPPING;
        };
    }

    private void tell(Target target, TriggerState to, Cause cause, long now, long notBefore, List<Reading> readings) {
        TriggerState from = target.state;
        target.state = to;
        target.since = now;
        target.drained = false;
        if (to == TriggerState.STOPPING) {
            draining++;
        }
        outbox.add(new Decision(
                target.cgroup, decider, rule.policy(), from, to, cause, now, Math.min(now, notBefore), readings));
    }

    /** Watched cgroups are looked at each in its own time, which may lie a little back; what targets are told never does. */
    private long forward(long now) {
        latest = Math.max(latest, now);
        return latest;
    }
}
