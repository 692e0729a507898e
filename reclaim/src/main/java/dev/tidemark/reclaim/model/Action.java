package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;

/** How a task does one step: entered, advanced until it is over, and entered again in the next round. */
abstract class Action {

    final Task task;

    Action(Task task) {
        this.task = task;
    }

    static Action of(Task task, Step step) {
        return switch (step) {
            case Step.Write write -> Writing.over(task, write);
            case Step.Append append -> Writing.behind(task, append);
            case Step.Sync sync -> new Syncing(task, sync.file());
            case Step.Read read -> new Reading(task, read);
            case Step.Allocate allocate -> Populating.anew(task, allocate);
            case Step.Grow grow -> Populating.more(task, grow);
            case Step.Touch touch -> new Touching(task, touch);
            case Step.Free free ->
                new Once(task) {
                    @Override
                    void run() {
                        Mapping region = task.regions.remove(free.name());
                        if (region != null) {
                            task.giveBack(region);
                        }
                    }
                };
            case Step.Remove remove ->
                new Once(task) {
                    @Override
                    void run() {
                        Mapping file = task.kernel.files.remove(remove.file());
                        if (file != null) {
                            task.giveBack(file);
                        }
                    }
                };
            case Step.Sleep sleep -> new Sleeping(task, sleep);
            case Step.Reclaim reclaim -> new Reclaiming(task, reclaim);
            case Step.Repeat repeat -> new Repeating(task, repeat);
        };
    }

    /** Begins. */
    abstract void enter();

    /** Goes on a little, or puts the task to sleep; tells whether the step is over. */
    abstract boolean advance();

    /** The task ends in the middle of this, or has come to its end: whatever is held is let go. */
    void leave() {}

    /** Something done at once. */
    private abstract static class Once extends Action {
        Once(Task task) {
            super(task);
        }

        abstract void run();

        @Override
        void enter() {}

        @Override
        boolean advance() {
            run();
            return true;
        }
    }
}
