package dev.tidemark.reclaim.model;

import org.jspecify.annotations.Nullable;

/**
 * A task's charge of one page, with the reclaim it does itself when there is no room ({@code try_charge_memcg} in {@code
 * mm/memcontrol.c}): left and entered again at each sleep.
 */
final class DirectReclaim {

    enum Charged {
        YES,
        /** The task has been put to sleep, or was killed: come back later with the same. */
        WAIT,
        /** Not to be had without trying hard, and this one does not try hard. */
        NO
    }

    private final Task task;
    private final Kernel kernel;

    private boolean charging;
    /** {@code passed_oom} and {@code task_is_dying}: the victim is this task itself. */
    private boolean dying;

    private int retries;
    private boolean drained;
    private long reclaimed;
    private @Nullable MemCgroup overLimit;

    DirectReclaim(Task task) {
        this.task = task;
        this.kernel = task.kernel;
    }

    /** Whether a charge has been begun and neither got nor given up. */
    boolean charging() {
        return charging;
    }

    /** The page is there meanwhile: another task brought it in while this one waited for its charge. */
    void giveUp() {
        charging = false;
    }

    /**
     * Charges one page.
     *
     * @param noRetry {@code __GFP_NORETRY}, as readahead asks
     */
    Charged charge(boolean noRetry) {
        Charge charge = kernel.charge;
        MemCgroup over = overLimit;
        long killNanos = 0;
        if (!charging || over == null) {
            over = charge.tryCharge(task, Charge.MEMCG_CHARGE_BATCH);
            if (over != null) {
                over = charge.tryCharge(task, 1);
            }
            if (over == null) {
                return Charged.YES;
            }
            if (!task.synced()) {
                return Charged.WAIT;
            }
            charging = true;
            retries = Charge.MAX_RECLAIM_RETRIES;
            drained = false;
        } else {
            if (over.memory.margin() < 1) {
                if (!drained) {
                    charge.drainAllStock(over);
                    drained = true;
                } else if (noRetry) {
                    charging = false;
                    return Charged.NO;
                } else if (reclaimed == 0 && retries-- == 0) {
                    if (dying) {
                        task.end();
                        return Charged.WAIT;
                    }
                    over.event(MemcgEvent.OOM);
                    dying = task.equals(kernel.oomKill(over, task));
                    retries = Charge.MAX_RECLAIM_RETRIES;
                    killNanos = Costs.OOM_KILL;
                }
            }
            over = charge.tryCharge(task, 1);
            if (over == null) {
                charging = false;
                task.spend(killNanos);
                return Charged.YES;
            }
        }
        overLimit = over;
        over.event(MemcgEvent.MAX);
        Vmscan.Pass pass = kernel.vmscan.tryToFreeMemCgroupPages(
                over, Charge.nrToReclaim(task, 1, over), true, Reclaimer.DIRECT, -1);
        reclaimed = pass.reclaimed();
        task.stall(killNanos + pass.nanos());
        return Charged.WAIT;
    }
}
