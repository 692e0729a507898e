package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;

/** Steps within steps: over and over, for some rounds or some time, and perhaps at fixed intervals. */
final class Repeating extends Action {

    private final Action[] actions;
    private final int times;
    private final long period;
    private final long duration;

    private long began;
    private int round;
    private int at;
    private boolean entered;

    Repeating(Task task, Step.Repeat step) {
        super(task);
        actions = step.steps().stream().map(each -> of(task, each)).toArray(Action[]::new);
        times = step.times();
        period = step.period().toNanos();
        duration = step.ends() ? step.duration().toNanos() : Long.MAX_VALUE;
    }

    @Override
    void enter() {
        began = task.local();
        round = 0;
        at = 0;
        entered = false;
    }

    @Override
    boolean advance() {
        if (at == actions.length) {
            at = 0;
            round++;
            // The loop itself: a round of nothing takes its time too.
            task.spend(Costs.TOUCH_PAGE);
            if (round < times && waitForNext()) {
                return false;
            }
        }
        if (at == 0 && !entered && (round >= times || task.local() - began >= duration)) {
            return true;
        }
        Action action = actions[at];
        if (!entered) {
            entered = true;
            action.enter();
        }
        if (action.advance() && !task.ended()) {
            at++;
            entered = false;
        }
        return false;
    }

    /** Sleeps until a round may begin, or this is over by time; tells whether that was necessary. */
    private boolean waitForNext() {
        if (period == 0) {
            return false;
        }
        long since = task.local() - began;
        long next = Math.min(Math.ceilDiv(since, period) * period, Math.max(since, duration));
        if (next == since) {
            return false;
        }
        task.sleep(next - since);
        return true;
    }

    @Override
    void leave() {
        if (entered) {
            actions[at].leave();
        }
    }
}
