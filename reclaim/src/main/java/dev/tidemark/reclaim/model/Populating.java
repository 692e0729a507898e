package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;

/** Gets anonymous memory, anew or more of it, and touches each new page once. */
final class Populating extends Action {

    private final String name;
    private final int pages;
    private final boolean more;
    private final Pace pace;
    private final Anonymous memory;
    private Mapping region;
    private int next;
    private int end;

    private Populating(Task task, String name, long bytes, boolean more, double bytesPerSecond) {
        super(task);
        this.name = name;
        this.pages = Mapping.pagesOf(bytes);
        this.more = more;
        pace = new Pace(task, bytesPerSecond);
        memory = new Anonymous(task);
        region = new Mapping(task.kernel.pages.folios, true, task.memcg);
    }

    static Populating anew(Task task, Step.Allocate step) {
        return new Populating(task, step.name(), step.bytes(), false, step.bytesPerSecond());
    }

    static Populating more(Task task, Step.Grow step) {
        return new Populating(task, step.name(), step.bytes(), true, step.bytesPerSecond());
    }

    @Override
    void enter() {
        Mapping there = task.regions.get(name);
        if (there == null || !more) {
            if (there != null) {
                task.giveBack(there);
            }
            there = new Mapping(task.kernel.pages.folios, true, task.memcg);
            task.regions.put(name, there);
        }
        region = there;
        next = there.pages();
        end = Math.addExact(next, pages);
        there.extendTo(end);
        pace.begin();
    }

    @Override
    boolean advance() {
        if (next >= end) {
            return true;
        }
        if (memory.access(region, next)) {
            next++;
            pace.done(Folios.PAGE_SIZE);
        }
        return false;
    }
}
