package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.HostSpec;
import java.util.ArrayList;
import java.util.List;

/** The parts of the modelled kernel, put together, and the tasks it runs. Confined to the clock's thread. */
final class Kernel {

    final ModelClock clock;
    final MemcgTree tree;
    final Charge charge;
    final Pages pages;
    final Workingset workingset;
    final Writeback writeback;
    final Vmscan vmscan;
    final Files files = new Files();
    final List<Task> tasks = new ArrayList<>();

    private final Runnable taskEnded;

    Kernel(HostSpec host, ModelClock clock, Runnable taskEnded) {
        this.clock = clock;
        this.taskEnded = taskEnded;
        tree = new MemcgTree(clock, host.memoryBytes() >> Folios.PAGE_SHIFT, host.swap().bytes() >> Folios.PAGE_SHIFT);
        charge = new Charge(tree, host.cpus());
        pages = new Pages(tree, charge);
        workingset = new Workingset(tree, pages.folios);
        writeback = new Writeback(tree, pages, clock);
        vmscan = new Vmscan(tree, pages, workingset, writeback);
    }

    /** {@code mem_cgroup_out_of_memory}: kills the task of the subtree that holds most; the first of those that hold alike. */
    void oomKill(MemCgroup over) {
        Task victim = null;
        for (Task task : tasks) {
            if (!task.ended()
                    && task.memcg.isDescendantOf(over)
                    && (victim == null || task.badness() > victim.badness())) {
                victim = task;
            }
        }
        if (victim != null) {
            victim.oomKill();
        }
    }

    void taskEnded() {
        taskEnded.run();
    }

    boolean allEnded() {
        for (Task task : tasks) {
            if (!task.ended()) {
                return false;
            }
        }
        return true;
    }
}
