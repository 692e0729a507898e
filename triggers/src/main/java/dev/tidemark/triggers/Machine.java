package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.Decision.Reading;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The state machine of one policy and one cgroup whose signals decide: truth in, changes of state out. It has no state of its own
 * but the {@link Evaluation} that serves all in turn. Confined to the core thread.
 */
final class Machine {

    private final Evaluation evaluation = new Evaluation();
    private final Outbox outbox;
    private final BiConsumer<? super Cgroup, ? super Throwable> failed;

    /** @param failed told what an expression throws; its conditions count as unknown for that step */
    Machine(Outbox outbox, BiConsumer<? super Cgroup, ? super Throwable> failed) {
        this.outbox = outbox;
        this.failed = failed;
    }

    /** Everything that an expression asks of a cgroup, ready to be asked. */
    Evaluation bind(Subject subject, Trigger trigger, long now) {
        bind(evaluation, subject, trigger, now);
        evaluation.doubles = trigger.doubles;
        evaluation.longs = trigger.longs;
        return evaluation;
    }

    /** As {@link #bind(Subject, Trigger, long)}, but for what the operators remember. */
    static void bind(Evaluation evaluation, Subject subject, Trigger trigger, long now) {
        evaluation.values = subject.known.values;
        evaluation.observed = subject.known.observed;
        evaluation.staleAfter = subject.known.staleAfter;
        evaluation.host = trigger.rule.host;
        evaluation.elsewhere = trigger.rule.elsewhere;
        evaluation.across = trigger.rule.across;
        evaluation.at(now);
    }

    /**
     * Brings one trigger to {@code now}.
     *
     * @param sampled whether this is for something observed; otherwise only time has gone by
     * @return when it must be looked at again without a sample
     */
    long step(Subject subject, Trigger trigger, long now, boolean sampled) {
        bind(subject, trigger, now);
        double start = Node.UNKNOWN;
        double stop = Node.UNKNOWN;
        double wouldStart = Node.UNKNOWN;
        try {
            combine(trigger);
            start = trigger.rule.program().start().step(evaluation);
            stop = trigger.rule.program().stop().step(evaluation);
            wouldStart = trigger.rule.program().start().peek(evaluation);
        } catch (Throwable t) {
            Failures.rethrowIfFatal(t);
            failed.accept(subject.cgroup, t);
        }
        if (sampled && (start == Node.TRUE || stop == Node.FALSE)) {
            trigger.lastSupported = now;
        }
        transit(subject, trigger, now, start, wouldStart, stop);
        if (sampled && start != Node.TRUE) {
            trigger.notBefore = now;
        }
        return Math.min(evaluation.nextChange, ownDeadline(subject, trigger, now));
    }

    /** Whether START holds at {@code now}, before a reload gives it other durations. */
    boolean startHolds(Subject subject, Trigger trigger, long now) {
        bind(subject, trigger, now);
        try {
            combine(trigger);
            return trigger.rule.program().start().step(evaluation) == Node.TRUE;
        } catch (Throwable t) {
            Failures.rethrowIfFatal(t);
            failed.accept(subject.cgroup, t);
            return false;
        }
    }

    /** As {@link #step}, after a reload: what no longer holds because a {@code for} became longer has to wait again. */
    long stepReloaded(Subject subject, Trigger trigger, long now, boolean startHeld) {
        long next = step(subject, trigger, now, false);
        if (!startHeld || trigger.state != TriggerState.ACTIVE) {
            return next;
        }
        bind(subject, trigger, now);
        Program.Condition start = trigger.rule.program().start();
        if (start.step(evaluation) != Node.TRUE && start.peek(evaluation) == Node.TRUE) {
            move(subject, trigger, TriggerState.STOPPING, Cause.RELOADED, now, startReadings(trigger));
        }
        return next;
    }

    /** The values of START, of a cgroup that is not being stepped. */
    List<Reading> startReadings(Subject subject, Trigger trigger) {
        bind(subject, trigger, subject.lastEvaluation);
        return startReadings(trigger);
    }

    /** What it is ready to do when nothing is in flight any more. */
    void drained(Subject subject, Trigger trigger, long now) {
        boolean cools = !trigger.rule.policy().cooldown().isZero() && !trigger.withoutCooldown;
        TriggerState to = cools ? TriggerState.COOLDOWN : TriggerState.INACTIVE;
        trigger.notBefore = Math.max(trigger.notBefore, now);
        move(subject, trigger, to, Cause.DRAINED, now, List.of());
    }

    /** The values of all watched cgroups that the program combines: this one's part in them. */
    private void combine(Trigger trigger) {
        if (!trigger.rule.combines()) {
            return;
        }
        List<Program.Across> across = trigger.rule.program().across();
        for (int k = 0; k < across.size(); k++) {
            Program.Condition operand = across.get(k).operand();
            trigger.rule.combine(k, trigger.member, operand.step(evaluation));
            // Others see this value: it must be taken out when it goes stale, whether or not it matters here.
            evaluation.mayChangeAt(operand.goesStaleAt(evaluation));
        }
    }

    private long ownDeadline(Subject subject, Trigger trigger, long now) {
        return switch (trigger.state) {
            case PENDING -> trigger.rule.program().start().goesStaleAt(evaluation);
            case ACTIVE -> {
                long blind = blindAt(subject, trigger);
                // Once that is past, what keeps it active may lie elsewhere, which makes nobody look: so this looks
                // again.
                yield blind > now ? blind : Evaluation.after(now, subject.known.staleAfter);
            }
            case COOLDOWN -> trigger.cooldownUntil();
            case INACTIVE, STOPPING -> Evaluation.NEVER;
        };
    }

    private static long blindAt(Subject subject, Trigger trigger) {
        return trigger.rule.policy().noData() == Policy.NoData.HOLD
                ? Evaluation.NEVER
                : Evaluation.after(trigger.lastSupported, subject.known.staleAfter);
    }

    private void transit(Subject subject, Trigger trigger, long now, double start, double wouldStart, double stop) {
        if (trigger.state == TriggerState.COOLDOWN && now >= trigger.cooldownUntil()) {
            trigger.notBefore = Math.max(trigger.notBefore, now);
            move(subject, trigger, TriggerState.INACTIVE, Cause.COOLDOWN_OVER, now, List.of());
        }
        switch (trigger.state) {
            case INACTIVE -> {
                if (stop == Node.TRUE) {
                    return;
                }
                if (start == Node.TRUE) {
                    activate(subject, trigger, now);
                } else if (wouldStart == Node.TRUE) {
                    move(subject, trigger, TriggerState.PENDING, Cause.START, now, startReadings(trigger));
                }
            }
            case PENDING -> {
                if (stop == Node.TRUE) {
                    move(subject, trigger, TriggerState.INACTIVE, Cause.STOP, now, stopReadings(trigger));
                } else if (start == Node.TRUE) {
                    activate(subject, trigger, now);
                } else if (wouldStart != Node.TRUE) {
                    Cause cause = wouldStart == Node.FALSE ? Cause.START_LAPSED : Cause.NO_DATA;
                    move(subject, trigger, TriggerState.INACTIVE, cause, now, startReadings(trigger));
                }
            }
            case ACTIVE -> {
                if (stop == Node.TRUE) {
                    trigger.withoutCooldown = false;
                    move(subject, trigger, TriggerState.STOPPING, Cause.STOP, now, stopReadings(trigger));
                } else if (start != Node.TRUE && stop != Node.FALSE && now >= blindAt(subject, trigger)) {
                    trigger.withoutCooldown = trigger.rule.policy().noData() == Policy.NoData.INACTIVE;
                    move(subject, trigger, TriggerState.STOPPING, Cause.NO_DATA, now, stopReadings(trigger));
                }
            }
            case STOPPING, COOLDOWN -> {}
        }
    }

    private void activate(Subject subject, Trigger trigger, long now) {
        if (!able(subject, trigger)) {
            if (trigger.state == TriggerState.PENDING) {
                // It is not a for that it waits for now.
                move(subject, trigger, TriggerState.INACTIVE, Cause.START_LAPSED, now, List.of());
            }
            return;
        }
        trigger.lastSupported = now;
        trigger.withoutCooldown = false;
        Group group = trigger.rule.group;
        long able = group == null ? Evaluation.NONE : group.ableSince();
        long notBefore = Math.min(now, Math.max(able, trigger.notBefore));
        enter(subject, trigger, TriggerState.ACTIVE, Cause.START, now, notBefore, startReadings(trigger));
    }

    /** Whether what it acts on is free to be acted on. */
    private static boolean able(Subject subject, Trigger trigger) {
        Group group = trigger.rule.group;
        return group == null ? !subject.retiring(trigger.rule.policy().name()) : group.able();
    }

    /** It is not there any more. */
    void leave(Subject subject, Trigger trigger, long now) {
        boolean decided = trigger.rule.group != null && trigger.state == TriggerState.ACTIVE;
        trigger.withoutCooldown = false;
        move(subject, trigger, decided ? TriggerState.STOPPING : TriggerState.INACTIVE, Cause.GONE, now, List.of());
    }

    /** Notes a push; tells whether a policy asks for it. */
    boolean pushed(Subject subject, Push push, long now) {
        boolean asked = false;
        for (Trigger trigger : subject.triggers) {
            asked |= trigger.rule.program().pushed(bind(subject, trigger, now), push);
        }
        return asked;
    }

    double startWatermark(Subject subject) {
        double nearest = Double.POSITIVE_INFINITY;
        for (Trigger trigger : subject.triggers) {
            if (trigger.state != TriggerState.ACTIVE && trigger.state != TriggerState.STOPPING) {
                Evaluation bound = bind(subject, trigger, subject.lastEvaluation);
                nearest = Math.min(nearest, trigger.rule.program().start().levelAbove(bound, subject.usage));
            }
        }
        return nearest;
    }

    double stopWatermark(Subject subject, Trigger trigger) {
        Evaluation bound = bind(subject, trigger, subject.lastEvaluation);
        double level = trigger.rule.program().stop().levelBelow(bound, subject.usage);
        return level == Double.NEGATIVE_INFINITY ? Double.NaN : level;
    }

    /** A change of state that says nothing of when START began to hold. */
    void move(Subject subject, Trigger trigger, TriggerState to, Cause cause, long now, List<Reading> readings) {
        enter(subject, trigger, to, cause, now, now, readings);
    }

    private void enter(
            Subject subject,
            Trigger trigger,
            TriggerState to,
            Cause cause,
            long now,
            long notBefore,
            List<Reading> readings) {
        Group group = trigger.rule.group;
        if (group != null) {
            group.moved(subject, trigger, to, cause, now, notBefore, readings);
            return;
        }
        TriggerState from = trigger.state;
        trigger.enter(to, now);
        outbox.add(new Decision(
                subject.cgroup, subject.cgroup, trigger.rule.policy(), from, to, cause, now, notBefore, readings));
    }

    private List<Reading> startReadings(Trigger trigger) {
        return trigger.rule.program().start().readings(evaluation);
    }

    private List<Reading> stopReadings(Trigger trigger) {
        return trigger.rule.program().stop().readings(evaluation);
    }
}
