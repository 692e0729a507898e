package dev.tidemark.reclaim.model;

import org.jspecify.annotations.Nullable;

/**
 * The charge path ({@code try_charge_memcg} and {@code __mem_cgroup_handle_over_high} in {@code mm/memcontrol.c}), one page
 * at a time, with a stock of pages for each CPU.
 */
final class Charge {

    static final int MEMCG_CHARGE_BATCH = 64;
    static final int MAX_RECLAIM_RETRIES = 16;
    /** {@code MEMCG_MAX_HIGH_DELAY_JIFFIES}. */
    static final long MAX_HIGH_DELAY_JIFFIES = 2 * Costs.HZ;
    /** Delays up to here are not worth a sleep. */
    static final long MIN_DELAY_JIFFIES = Costs.HZ / 100;

    private final Pages pages;
    private final Vmscan vmscan;
    private final @Nullable MemCgroup[] stocked;
    private final int[] stock;

    Charge(Pages pages, Vmscan vmscan, int cpus) {
        this.pages = pages;
        this.vmscan = vmscan;
        stocked = new @Nullable MemCgroup[cpus];
        stock = new int[cpus];
    }

    /** The level that stands in the way, or null when the page is charged. Tells hooks and notes what is over high. */
    @Nullable
    MemCgroup tryCharge(Charger charger, int batch) {
        MemCgroup memcg = charger.memcg;
        int cpu = charger.cpu;
        if (stocked[cpu] == memcg && stock[cpu] > 0) {
            stock[cpu]--;
            return null;
        }
        PageCounter full = memcg.memory.tryCharge(batch);
        if (full != null) {
            return memcg.levelOf(full);
        }
        refillStock(cpu, memcg, batch - 1);
        int delayMs = pages.charged(memcg, batch);
        charger.hookDelayJiffies = Math.max(charger.hookDelayJiffies, delayMs * Costs.HZ / 1000);
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            if (m.memory.usage > m.memory.high) {
                charger.overHigh += batch;
                break;
            }
        }
        return null;
    }

    private void refillStock(int cpu, MemCgroup memcg, int nr) {
        if (nr == 0) {
            return;
        }
        if (stocked[cpu] != memcg) {
            drainStock(cpu);
            stocked[cpu] = memcg;
        }
        stock[cpu] += nr;
        if (stock[cpu] > MEMCG_CHARGE_BATCH) {
            drainStock(cpu);
        }
    }

    private void drainStock(int cpu) {
        MemCgroup memcg = stocked[cpu];
        int nr = stock[cpu];
        stocked[cpu] = null;
        stock[cpu] = 0;
        if (memcg != null) {
            pages.uncharge(memcg, nr);
        }
    }

    /** {@code drain_all_stock}: gives back what CPUs hold for the cgroup and those below. */
    void drainAllStock(MemCgroup root) {
        for (int cpu = 0; cpu < stock.length; cpu++) {
            MemCgroup memcg = stocked[cpu];
            if (memcg != null && memcg.isDescendantOf(root)) {
                drainStock(cpu);
            }
        }
    }

    /** Pages that are charged to the cgroup but in a CPU's stock, this cgroup alone. */
    int stockOf(MemCgroup memcg) {
        int sum = 0;
        for (int cpu = 0; cpu < stock.length; cpu++) {
            sum += stocked[cpu] == memcg ? stock[cpu] : 0;
        }
        return sum;
    }

    /** {@code reclaim_high}: each level over its high mark raises an event and is reclaimed from. */
    Vmscan.Pass reclaimHigh(MemCgroup memcg, long nrPages) {
        long reclaimed = 0;
        long nanos = 0;
        for (MemCgroup m = memcg; m != null && !m.isRoot(); m = m.parent) {
            if (m.memory.usage > m.memory.high) {
                m.event(MemcgEvent.HIGH);
                Vmscan.Pass pass = vmscan.tryToFreeMemCgroupPages(m, nrPages, true, false, -1);
                reclaimed += pass.reclaimed();
                nanos += pass.nanos();
            }
        }
        return new Vmscan.Pass(reclaimed, nanos);
    }

    /** How long a task that charged that many pages is to sleep: {@code calculate_high_delay} over memory and its hook. */
    static long delayJiffies(MemCgroup memcg, long nrPages, long hookDelayJiffies) {
        long overage = 0;
        for (MemCgroup m = memcg; m != null && !m.isRoot(); m = m.parent) {
            overage = Math.max(overage, overage(m.memory.usage, m.memory.high));
        }
        long penalty = Math.min(highDelay(overage, nrPages), MAX_HIGH_DELAY_JIFFIES);
        return Math.min(Math.max(penalty, hookDelayJiffies), MAX_HIGH_DELAY_JIFFIES);
    }

    /** {@code calculate_overage}: by which share usage is over high, in 2^-20. */
    static long overage(long usage, long high) {
        return usage <= high ? 0 : ((usage - high) << 20) / Math.max(high, 1);
    }

    /** {@code calculate_high_delay}: the square of the overage, for each 64 pages. */
    static long highDelay(long overage, long nrPages) {
        // Above 16 times high the square leaves a long; the sleep is at its longest far below.
        long capped = Math.min(overage, 1L << 24);
        return ((capped * capped * Costs.HZ) >> (20 + 14)) * nrPages / MEMCG_CHARGE_BATCH;
    }
}
