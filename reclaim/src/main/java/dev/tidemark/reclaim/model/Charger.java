package dev.tidemark.reclaim.model;

/** Who charges: what the kernel keeps of it in {@code task_struct}. */
class Charger {

    final MemCgroup memcg;
    final int cpu;
    /** {@code memcg_nr_pages_over_high}. */
    long overHigh;
    /** What the charge hook asked for and was not given yet. */
    long hookDelayJiffies;
    /** A hook takes the cgroup as over its high mark by more than a batch. */
    boolean hookOverHigh;
    /** In the middle of a system call: it does not return to user space yet. */
    boolean inSyscall;

    Charger(MemCgroup memcg, int cpu) {
        this.memcg = memcg;
        this.cpu = cpu;
    }

    /** Whether a charge that may sleep has to see to {@code memory.high} before it returns ({@code try_charge_memcg}'s end). */
    boolean overHighNow() {
        return hookDelayJiffies > 0 || overHigh > Charge.MEMCG_CHARGE_BATCH || hookOverHigh;
    }

    /** Whether it is to be seen to when the task returns to user space ({@code resume_user_mode_work}). */
    boolean overHighAtReturn() {
        return overHigh > 0;
    }
}
