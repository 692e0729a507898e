package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;
import org.jspecify.annotations.Nullable;

/** Touches anonymous memory that is there already. */
final class Touching extends Action {

    private final String name;
    private final Walk walk;
    private final Pace pace;
    private final Anonymous memory;
    private @Nullable Mapping region;

    Touching(Task task, Step.Touch step) {
        super(task);
        name = step.name();
        walk = new Walk(task, step.access());
        pace = new Pace(task, step.access().bytesPerSecond());
        memory = new Anonymous(task);
    }

    @Override
    void enter() {
        region = task.regions.get(name);
        walk.begin(region == null ? 0 : region.pages());
        pace.begin();
    }

    @Override
    boolean advance() {
        Mapping touched = region;
        if (touched == null) {
            return true;
        }
        do {
            int page = walk.page();
            if (page == Walk.OVER) {
                return true;
            }
            if (!memory.access(touched, page)) {
                return false;
            }
            walk.done();
            pace.done(Folios.PAGE_SIZE);
        } while (task.goesOn());
        return false;
    }
}
