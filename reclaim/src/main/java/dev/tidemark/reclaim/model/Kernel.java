package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.HostSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The parts of the modelled kernel, put together, and the tasks it runs. Confined to the clock's thread. */
final class Kernel {

    final KernelSeries series;
    final ModelClock clock;
    final MemcgTree tree;
    final Charge charge;
    final Pages pages;
    final Disk disk;
    final Swap swap;
    final Writeback writeback;
    final Vmscan vmscan;
    final Rstat rstat;
    final Cpus cpus;
    final Files files;
    final List<Task> tasks = new ArrayList<>();
    /** What became of the requests to reclaim that tasks made, in the order in which they ended. */
    final List<MemoryModel.Request> requests = new ArrayList<>();

    private final Runnable taskEnded;

    /** @param seed of what is chance in it */
    Kernel(HostSpec host, long seed, ModelClock clock, Runnable taskEnded) {
        this.clock = clock;
        series = host.kernel();
        this.taskEnded = taskEnded;
        long hostPages = host.memoryBytes() >> Folios.PAGE_SHIFT;
        boolean lateStats = series.isAtLeast(KernelSeries.LINUX_6_12);
        tree = new MemcgTree(clock, host.cpus(), hostPages, host.swap().bytes() >> Folios.PAGE_SHIFT, lateStats);
        rstat = new Rstat(tree, clock, host.cpus(), new SplittableRandom(~seed).nextLong(Rstat.FLUSH_NANOS));
        Folios folios = new Folios();
        LruLists lists = switch (host.lru()) {
            case CLASSIC -> new ClassicLists(tree, folios, host.kernel());
            case MGLRU -> new GenLists(tree, folios, host.kernel());
        };
        cpus = new Cpus(host.cpus());
        charge = new Charge(tree, host.cpus());
        pages = new Pages(folios, lists, charge);
        files = new Files(folios);
        disk = new Disk(host.disk(), clock);
        writeback = new Writeback(tree, pages, clock, disk);
        swap = new Swap(host.swap(), hostPages, tree, pages, writeback, disk);
        ShrinkFolios shrink = new ShrinkFolios(pages, swap);
        LruShrinker shrinker = switch (lists) {
            case ClassicLists classic -> new ClassicShrinker(folios, classic, shrink, writeback);
            case GenLists gens -> new GenShrinker(folios, gens, shrink, writeback, tree.root, host.kernel());
        };
        vmscan = new Vmscan(tree, shrinker, host.swappiness(), host.kernel());
    }

    /**
     * {@code mem_cgroup_out_of_memory}: kills the task of the subtree that holds most; the first of those that hold alike.
     *
     * @param charging the task that asks for memory, which as the victim ends only when its charge has failed once more
     * @return the victim, null when there was none
     */
    @Nullable
    Task oomKill(MemCgroup over, @Nullable Task charging) {
        Task victim = null;
        long worst = -1;
        for (Task task : tasks) {
            if (!task.ended() && task.memcg.isDescendantOf(over)) {
                if (task.isVictim()) {
                    // oom_evaluate_task: one at a time.
                    return task;
                }
                long badness = task.badness();
                if (badness > worst) {
                    worst = badness;
                    victim = task;
                }
            }
        }
        if (victim != null) {
            victim.oomKilled();
            if (victim != charging) {
                victim.end();
            }
        }
        return victim;
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
