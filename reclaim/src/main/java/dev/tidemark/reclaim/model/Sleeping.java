package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;

/** Does nothing, for a fixed time or for one by chance. */
final class Sleeping extends Action {

    private final long least;
    private final long most;
    private boolean slept;

    Sleeping(Task task, Step.Sleep step) {
        super(task);
        least = step.least().toNanos();
        most = step.most().toNanos();
    }

    @Override
    void enter() {
        slept = false;
    }

    @Override
    boolean advance() {
        if (slept) {
            return true;
        }
        slept = true;
        task.sleep(least == most ? least : least + task.random.below(most - least + 1));
        return false;
    }
}
