package dev.tidemark.reclaim.model;

import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import org.jspecify.annotations.Nullable;

/**
 * The charge path as far as it does not sleep ({@code try_charge_memcg} and {@code memcg_uncharge} in {@code
 * mm/memcontrol.c}): the stock of the CPU, the counters of all levels, the hooks. What follows when a charge does not fit, or
 * is over high, is up to the task.
 *
 * <p><b>Thread:</b> any, each with its own {@link Charger}; no lock, no allocation, no wait. (Cgroups are made and removed,
 * and their lists worked on, by the model's thread alone.)
 */
class Charge {

    static final int MEMCG_CHARGE_BATCH = 64;
    static final int MAX_RECLAIM_RETRIES = 16;
    /** {@code MEMCG_MAX_HIGH_DELAY_JIFFIES}. */
    static final long MAX_HIGH_DELAY_JIFFIES = 2 * Costs.HZ;
    /** Delays up to here are not worth a sleep. */
    static final long MIN_DELAY_JIFFIES = Costs.HZ / 100;

    private final MemcgTree tree;
    private final Stocks stocks;

    Charge(MemcgTree tree, int cpus) {
        this.tree = tree;
        stocks = new Stocks(cpus);
    }

    /** {@link #tryCharge(Charger, int, int)} of one page. */
    @Nullable
    MemCgroup tryCharge(Charger charger, int batch) {
        return tryCharge(charger, 1, batch);
    }

    /**
     * Takes pages from the CPU's stock, or charges a batch to all levels and keeps the rest in stock; then tells hooks and
     * notes in the charger what is over high.
     *
     * @param nrPages what the task needs
     * @param batch what the counters are charged, at least that and at most a batch more; first the larger of a batch and
     *     what is needed, and if that does not fit only what is needed
     * @return the level that stands in the way, or null when the pages are charged
     */
    @Nullable
    MemCgroup tryCharge(Charger charger, int nrPages, int batch) {
        MemCgroup memcg = charger.memcg;
        if (stocks.consume(charger.cpu, memcg.cgroup.id(), nrPages)) {
            return null;
        }
        PageCounter full = memcg.memory.tryCharge(batch);
        if (full != null) {
            return memcg.levelOf(full);
        }
        if (batch > nrPages) {
            giveBack(stocks.refill(charger.cpu, memcg.cgroup.id(), batch - nrPages));
        }
        charged(charger, nrPages, batch);
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            if (m.memory.usage > m.memory.high) {
                charger.overHigh += batch;
                break;
            }
        }
        return null;
    }

    /** Tells the hooks of a charge, and notes in the charger what they ask for. */
    void charged(Charger charger, int nrPages, int batch) {
        MemCgroup memcg = charger.memcg;
        if (memcg.hooks() == null) {
            return;
        }
        HookCalls hooks = memcg.hookCalls;
        int _ = hooks.tryCharge(memcg, Gfp.GFP_KERNEL, nrPages, null, ReclaimOptions.MAY_SWAP, true);
        long delay = hooks.charged(memcg, batch) * Costs.HZ / 1000;
        if (delay > charger.hookDelayJiffies) {
            charger.hookDelayJiffies = delay;
        }
        if (hooks.nrPagesOverHigh(memcg) > MEMCG_CHARGE_BATCH) {
            charger.hookOverHigh = true;
        }
    }

    /**
     * How many pages a round of reclaim goes for when a charge does not fit: as many as are needed, unless a v1 hook has
     * something else in mind.
     */
    static long nrToReclaim(Charger charger, int nrPages, MemCgroup over) {
        MemCgroup memcg = charger.memcg;
        return memcg.hookCalls.tryCharge(memcg, Gfp.GFP_KERNEL, nrPages, over, ReclaimOptions.MAY_SWAP, false);
    }

    /** {@code memcg_uncharge}. */
    void uncharge(MemCgroup memcg, int nrPages) {
        if (nrPages == 0) {
            return;
        }
        memcg.memory.uncharge(nrPages);
        uncharged(memcg, nrPages);
        if (!memcg.online) {
            tree.releaseIfEmpty(memcg);
        }
    }

    /** Tells the hook of what was given back. */
    void uncharged(MemCgroup memcg, int nrPages) {
        if (memcg.hooks() != null) {
            memcg.hookCalls.uncharged(memcg, nrPages);
        }
    }

    /** {@code drain_all_stock}: gives back what CPUs hold for the cgroup and those below. */
    void drainAllStock(MemCgroup root) {
        for (int cpu = 0; cpu < stocks.cpus(); cpu++) {
            long held = stocks.held(cpu);
            while (isOf(root, held)) {
                if (stocks.drain(cpu, held)) {
                    giveBack(held);
                    break;
                }
                held = stocks.held(cpu);
            }
        }
    }

    private boolean isOf(MemCgroup root, long held) {
        MemCgroup memcg = tree.withId(Stocks.idOf(held));
        return memcg != null && memcg.isDescendantOf(root);
    }

    private void giveBack(long held) {
        int nrPages = Stocks.pagesOf(held);
        // While pages are in a stock their cgroup is not released.
        MemCgroup memcg = nrPages == 0 ? null : tree.withId(Stocks.idOf(held));
        if (memcg != null) {
            uncharge(memcg, nrPages);
        }
    }

    /** Pages that are charged to the cgroup but in a CPU's stock, this cgroup alone. */
    int stockOf(MemCgroup memcg) {
        int sum = 0;
        for (int cpu = 0; cpu < stocks.cpus(); cpu++) {
            long held = stocks.held(cpu);
            sum += Stocks.idOf(held) == memcg.cgroup.id() ? Stocks.pagesOf(held) : 0;
        }
        return sum;
    }

    /**
     * {@code reclaim_high}: each level over its high mark, or taken for so by a hook, raises an event and is reclaimed from.
     */
    static Vmscan.Pass reclaimHigh(Vmscan vmscan, MemCgroup memcg, long nrPages) {
        Vmscan.Pass all = Vmscan.Pass.NONE;
        for (MemCgroup m = memcg; m != null && !m.isRoot(); m = m.parent) {
            if (m.memory.usage > m.memory.high || m.hookCalls.nrPagesOverHigh(m) > 0) {
                m.event(MemcgEvent.HIGH);
                all = all.plus(vmscan.tryToFreeMemCgroupPages(m, nrPages, true, Reclaimer.DIRECT, -1));
            }
        }
        return all;
    }

    /** How many pages a task over high reclaims first and is slowed down for: what it charged, or what a hook says. */
    static long nrPagesOverHigh(Charger charger) {
        return Math.max(charger.overHigh, charger.memcg.hookCalls.nrPagesOverHigh(charger.memcg));
    }

    /** How long a task that charged that many pages is to sleep: {@code calculate_high_delay} over memory and its hook. */
    static long delayJiffies(MemCgroup memcg, long nrPages, long hookDelayJiffies) {
        long overage = 0;
        for (MemCgroup m = memcg; m != null && !m.isRoot(); m = m.parent) {
            long level = overage(m.memory.usage, m.memory.high, m.hookCalls.nrPagesOverHigh(m));
            overage = Math.max(overage, level);
        }
        long penalty = Math.min(highDelay(overage, nrPages), MAX_HIGH_DELAY_JIFFIES);
        return Math.min(Math.max(penalty, hookDelayJiffies), MAX_HIGH_DELAY_JIFFIES);
    }

    /** {@code calculate_overage}: by which share usage is over high, in 2^-20. */
    static long overage(long usage, long high) {
        return overage(usage, high, 0);
    }

    /**
     * The same where a hook takes usage as over high by so many pages at least. In v2 of the series the difference wraps round
     * when usage is below high, so that such a hook delayed nobody or everybody; here it counts from high on.
     */
    static long overage(long usage, long high, long hookPages) {
        long over = Math.max(usage - high, hookPages);
        return over <= 0 ? 0 : (over << 20) / Math.max(high, 1);
    }

    /** {@code calculate_high_delay}: the square of the overage, for each 64 pages. */
    static long highDelay(long overage, long nrPages) {
        // Above 16 times high the square leaves a long; the sleep is at its longest far below.
        long capped = Math.min(overage, 1L << 24);
        return ((capped * capped * Costs.HZ) >> (20 + 14)) * nrPages / MEMCG_CHARGE_BATCH;
    }
}
