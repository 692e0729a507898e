package dev.tidemark.triggers;

import java.util.ArrayDeque;
import java.util.function.BiConsumer;

/**
 * Whose turn it is to be looked at: cgroups that time alone may change, and all that a policy watches once those it acts on have
 * rested. Confined to the core thread, but for {@link #close}.
 */
final class Turns implements AutoCloseable {

    private final Roster roster;
    private final Machine machine;
    private final Deadlines deadlines;
    private final BiConsumer<? super Cgroup, ? super Throwable> failed;

    // Whose watched cgroups are to be asked again, all of them.
    private final ArrayDeque<Group> rested = new ArrayDeque<>();

    Turns(Roster roster, Machine machine, Deadlines deadlines, BiConsumer<? super Cgroup, ? super Throwable> failed) {
        this.roster = roster;
        this.machine = machine;
        this.deadlines = deadlines;
        this.failed = failed;
    }

    /** What time should have changed before {@code nanos}. */
    void catchUp(Subject subject, long nanos) {
        for (Trigger trigger : subject.triggers) {
            Group group = trigger.rule.group;
            if (group != null && group.due() <= nanos) {
                group.cooldownOver(group.due());
            }
        }
        settle();
        if (nanos - subject.lastSample >= subject.known.staleAfter) {
            // Nobody looked for too long: this must be seen before the new values make it look as if all were well.
            evaluate(subject, subject.forward(nanos), false);
        } else {
            while (subject.due() <= nanos) {
                evaluate(subject, subject.due(), false);
            }
        }
    }

    /** @param sampled whether this is for something observed; otherwise only time has gone by */
    void evaluate(Subject subject, long now, boolean sampled) {
        subject.lastEvaluation = now;
        long next = Evaluation.NEVER;
        for (Trigger trigger : subject.triggers) {
            next = Math.min(next, machine.step(subject, trigger, now, sampled));
        }
        dueAt(subject, next, now);
    }

    /** As for time that has gone by, of those triggers only that a reload made or changed. */
    void evaluate(Subject subject, long now, Reload reload) {
        subject.lastEvaluation = now;
        long next = subject.due();
        for (Trigger trigger : subject.triggers) {
            if (reload.changed(trigger)) {
                next = Math.min(next, machine.stepReloaded(subject, trigger, now, reload.heldBefore(trigger)));
            }
        }
        dueAt(subject, next, now);
    }

    private void dueAt(Subject subject, long next, long now) {
        // A deadline is always ahead: what is due now has been dealt with, and time must go on.
        deadlines.set(subject, Math.max(next, now + 1));
    }

    /** A group rests, or may start again. */
    void groupChanged(Group group) {
        deadlines.set(group, group.cooldownUntil());
        if (group.able()) {
            rested.add(group);
        }
    }

    /** START is a level: what held all along starts when the targets have rested. */
    void settle() {
        for (Group group = rested.poll(); group != null; group = rested.poll()) {
            for (Subject subject : roster.subjects()) {
                if (subject.trigger(group.rule()) != null) {
                    evaluateContained(subject, subject.forward(group.since()));
                }
            }
        }
    }

    /** Deals with everything that is due. */
    void serve(long now) {
        for (DueHeap.Entry first = deadlines.due(now); first != null; first = deadlines.due(now)) {
            if (first instanceof Group group) {
                group.cooldownOver(now);
                settle();
            } else if (first instanceof Subject subject) {
                evaluateContained(subject, subject.forward(now));
            }
        }
    }

    private void evaluateContained(Subject subject, long now) {
        try {
            evaluate(subject, now, false);
        } catch (Throwable t) {
            deadlines.remove(subject);
            failed.accept(subject.cgroup, t);
        }
    }

    /** A reload may have changed how long cooldowns last. */
    void retime() {
        for (Rule rule : roster.rules()) {
            if (rule.group != null) {
                deadlines.set(rule.group, rule.group.cooldownUntil());
            }
        }
    }

    void forget(DueHeap.Entry entry) {
        deadlines.remove(entry);
    }

    /** Has the timer fire when the next is due. */
    void arm() {
        deadlines.arm();
    }

    @Override
    public void close() {
        deadlines.close();
    }
}
