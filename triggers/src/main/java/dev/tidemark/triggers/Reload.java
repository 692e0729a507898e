package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.triggers.Decision.Cause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One change from the policies there are to others. What stays the same goes on as if nothing had been; what only got other
 * durations or limits keeps what it has seen; whatever else was active is to be cancelled at once. Confined to the core thread.
 */
final class Reload {

    private final Roster roster;
    private final Machine machine;
    private final Outbox outbox;
    private final long now;

    /** Rules whose durations or limits change, and of those triggers the ones whose START held before. */
    private final Set<Rule> tuned = new HashSet<>();

    private final Set<Trigger> held = new HashSet<>();
    private final Set<Rule> kept = new HashSet<>();

    Reload(Roster roster, Machine machine, Outbox outbox, long now) {
        this.roster = roster;
        this.machine = machine;
        this.outbox = outbox;
        this.now = now;
    }

    /**
     * Puts the other policies in place; what is due must have been dealt with.
     *
     * @param make a rule that begins
     * @param join makes a cgroup a target
     * @param ended told of each rule that is no more, once its targets have been told
     * @return the cgroups to be looked at because of it
     */
    List<Subject> apply(
            List<Policy> policies,
            SignalSet layout,
            BiFunction<Policy, SignalSet, Rule> make,
            BiFunction<Group, Cgroup, Target> join,
            Consumer<Group> ended) {
        List<Rule> before = roster.rules();
        List<Rule> after = rules(policies, layout, make);
        for (Rule rule : before) {
            if (!kept.contains(rule) && rule.group != null) {
                retire(rule.group);
                ended.accept(rule.group);
            }
        }
        for (Subject subject : roster.subjects()) {
            for (Trigger trigger : subject.triggers) {
                if (!kept.contains(trigger.rule) && trigger.rule.group == null) {
                    retire(subject, trigger);
                }
            }
        }
        roster.rules(after, layout, now);
        for (Rule rule : after) {
            holdBack(rule);
        }
        return place(group -> cgroup -> join.apply(group, cgroup));
    }

    /** Whether START of this trigger held before, and must not go on without having waited long enough. */
    boolean heldBefore(Trigger trigger) {
        return held.contains(trigger);
    }

    /** Whether this trigger is new, or has other durations now. */
    boolean changed(Trigger trigger) {
        return !kept.contains(trigger.rule) || tuned.contains(trigger.rule);
    }

    private List<Rule> rules(List<Policy> policies, SignalSet layout, BiFunction<Policy, SignalSet, Rule> make) {
        Map<String, Rule> byName = new HashMap<>();
        roster.rules().forEach(rule -> byName.put(rule.policy().name(), rule));
        List<Rule> rules = new ArrayList<>();
        Map<Rule, Policy> becoming = new LinkedHashMap<>();
        for (Policy policy : policies) {
            Rule rule = byName.get(policy.name());
            PolicyChange change = rule == null ? PolicyChange.OTHER : PolicyChange.between(rule.policy(), policy);
            if (rule == null || change == PolicyChange.OTHER || !rule.fits(policy, layout)) {
                rules.add(make.apply(policy, layout));
                continue;
            }
            if (change == PolicyChange.TUNED) {
                tuned.add(rule);
                becoming.put(rule, policy);
            } else {
                becoming.put(rule, rule.policy());
            }
            kept.add(rule);
            rules.add(rule);
        }
        // All of this while values are still where the old programs look for them.
        seeWhatHeld();
        becoming.forEach((rule, policy) -> rule.become(policy, layout));
        return rules;
    }

    private void seeWhatHeld() {
        if (tuned.isEmpty()) {
            return;
        }
        for (Subject subject : roster.subjects()) {
            for (Trigger trigger : subject.triggers) {
                if (trigger.state == TriggerState.ACTIVE
                        && tuned.contains(trigger.rule)
                        && machine.startHolds(subject, trigger, subject.forward(now))) {
                    held.add(trigger);
                }
            }
        }
    }

    private void retire(Subject subject, Trigger trigger) {
        long instant = subject.forward(now);
        switch (trigger.state) {
            case INACTIVE -> {}
            case PENDING, COOLDOWN ->
                machine.move(subject, trigger, TriggerState.INACTIVE, Cause.RELOADED, instant, List.of());
            case ACTIVE -> {
                machine.move(subject, trigger, TriggerState.STOPPING, Cause.RELOADED, instant, List.of());
                subject.retire(new Retired(trigger.rule.policy(), subject.cgroup));
            }
            case STOPPING -> subject.retire(new Retired(trigger.rule.policy(), subject.cgroup));
        }
    }

    private void retire(Group group) {
        Policy policy = group.rule().policy();
        for (Target target : group.disband()) {
            boolean flying =
                    target.state == TriggerState.ACTIVE || (target.state == TriggerState.STOPPING && !target.drained);
            TriggerState to = flying ? TriggerState.STOPPING : TriggerState.INACTIVE;
            if (to != target.state) {
                outbox.add(new Decision(
                        target.cgroup, group.decider(), policy, target.state, to, Cause.RELOADED, now, now, List.of()));
            }
            Subject subject = roster.subject(target.cgroup);
            if (flying && subject != null) {
                subject.retire(new Retired(policy, group.decider()));
            }
        }
    }

    /** A policy that acts on many at once waits until the one of its name that was taken away has nothing in flight. */
    private void holdBack(Rule rule) {
        Group group = rule.group;
        if (group == null || kept.contains(rule)) {
            return;
        }
        for (Subject subject : roster.subjects()) {
            for (Retired retired : subject.retired()) {
                if (retired.policy().name().equals(rule.policy().name())) {
                    group.hold();
                }
            }
        }
    }

    private List<Subject> place(Function<Group, Function<Cgroup, Target>> join) {
        List<Subject> changed = new ArrayList<>();
        for (Subject subject : roster.subjects()) {
            subject.triggers = roster.triggers(subject, subject.forward(now));
            subject.targets = roster.targets(subject, group -> join.apply(group).apply(subject.cgroup));
            if (Arrays.stream(subject.triggers).anyMatch(this::changed)) {
                changed.add(subject);
            }
        }
        return changed;
    }
}
