package dev.tidemark.reclaim.model;

/**
 * What a task pays for being over {@code memory.high}, or as a hook asks ({@code __mem_cgroup_handle_over_high} in {@code
 * mm/memcontrol.c}): it reclaims while that helps, then sleeps for what is still due.
 */
final class OverHigh {

    private final Task task;

    private boolean active;
    private boolean reclaimed;
    private boolean inRetry;
    private boolean slept;
    private int retries;
    private long pages;
    private long delayJiffies;
    private long progress;

    OverHigh(Task task) {
        this.task = task;
    }

    /** Whether there is anything to pay, now that the charge is through. */
    boolean due() {
        return active
                || (!task.charging.charging() && (task.overHighNow() || (task.overHighAtReturn() && !task.inSyscall)));
    }

    /** Goes on; to be called until nothing is due. */
    void handle() {
        if (!active) {
            if (!task.synced()) {
                return;
            }
            active = true;
            pages = Charge.nrPagesOverHigh(task);
            delayJiffies = task.hookDelayJiffies;
            retries = Charge.MAX_RECLAIM_RETRIES;
            inRetry = false;
            reclaimed = false;
            slept = false;
            task.overHigh = 0;
            task.hookDelayJiffies = 0;
            task.hookOverHigh = false;
        }
        while (!slept) {
            if (!reclaimed) {
                reclaimed = true;
                Vmscan.Pass pass =
                        Charge.reclaimHigh(task.kernel.vmscan, task.memcg, inRetry ? Vmscan.SWAP_CLUSTER_MAX : pages);
                progress = pass.reclaimed();
                if (pass.nanos() > 0) {
                    task.stall(pass.nanos());
                    return;
                }
            }
            long penalty = Charge.delayJiffies(task.memcg, pages, delayJiffies);
            if (penalty <= Charge.MIN_DELAY_JIFFIES) {
                break;
            }
            if (progress > 0 || retries-- > 0) {
                inRetry = true;
                reclaimed = false;
                continue;
            }
            slept = true;
            task.stall(penalty * Costs.JIFFY);
            return;
        }
        active = false;
    }
}
