package dev.tidemark.reclaim.model;

/** Who charges: what the kernel keeps of it in {@code task_struct}. */
class Charger {

    final MemCgroup memcg;
    final int cpu;
    /** {@code memcg_nr_pages_over_high}. */
    long overHigh;
    /** What the charge hook asked for and was not given yet. */
    long hookDelayJiffies;

    Charger(MemCgroup memcg, int cpu) {
        this.memcg = memcg;
        this.cpu = cpu;
    }
}
