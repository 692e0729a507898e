package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;
import org.jspecify.annotations.Nullable;

/** Writes to {@code memory.reclaim} of a cgroup, and goes on when the kernel answers, whatever it answers. */
final class Reclaiming extends Action {

    private final Step.Reclaim step;
    private @Nullable ReclaimRequest request;
    private boolean answered;

    Reclaiming(Task task, Step.Reclaim step) {
        super(task);
        this.step = step;
    }

    @Override
    void enter() {
        request = null;
        answered = false;
    }

    @Override
    boolean advance() {
        if (answered || !task.synced()) {
            return answered;
        }
        MemCgroup memcg = task.kernel.tree.at(step.cgroup());
        if (memcg == null) {
            return true;
        }
        long before = memcg.stat[Stat.PGSCAN_PROACTIVE];
        ReclaimRequest asked = new ReclaimRequest(
                task.kernel,
                memcg.cgroup,
                step.bytes() >> Folios.PAGE_SHIFT,
                true,
                true,
                step.swappiness(),
                (done, result) -> {
                    long scanned = memcg.stat[Stat.PGSCAN_PROACTIVE] - before;
                    task.kernel.requests.add(new MemoryModel.Request(step.cgroup(), scanned, result));
                    answered = true;
                    task.unpark();
                });
        request = asked;
        task.park();
        task.kernel.clock.after(0, asked::start);
        return false;
    }

    @Override
    void leave() {
        if (request != null) {
            request.cancel();
        }
    }
}
