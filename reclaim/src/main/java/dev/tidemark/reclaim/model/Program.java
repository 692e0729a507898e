package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The steps of a task one after the other, as many times as its workload says. */
final class Program {

    private final Task task;
    private final int repeat;
    private final Action[] actions;
    private final long[] nanos;

    private int round;
    private int at;
    private boolean entered;
    private long enteredAt;

    Program(Task task, WorkloadSpec spec) {
        this.task = task;
        repeat = spec.repeat();
        actions = spec.steps().stream().map(step -> Action.of(task, step)).toArray(Action[]::new);
        nanos = new long[actions.length];
    }

    /** How many times all steps were done. */
    int rounds() {
        return round;
    }

    /** Time spent in each step, over all rounds. */
    List<Duration> steps() {
        return Arrays.stream(nanos).mapToObj(Duration::ofNanos).toList();
    }

    void advance() {
        if (at == actions.length) {
            if (round + 1 >= repeat && !task.synced()) {
                return;
            }
            round++;
            at = 0;
            if (round >= repeat) {
                task.end();
            }
            return;
        }
        Action action = actions[at];
        if (!entered) {
            entered = true;
            enteredAt = task.local();
            action.enter();
        }
        if (action.advance() && !task.ended()) {
            nanos[at] += task.local() - enteredAt;
            at++;
            entered = false;
        }
    }

    /** The task has ended. */
    void leave() {
        if (entered) {
            actions[at].leave();
        }
    }
}
