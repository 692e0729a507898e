package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.SwapSpec;

/**
 * Compressed pages in front of a disk ({@code mm/zswap.c}), in memory that is charged to the cgroup they are of. What does not fit
 * below {@code max_pool_percent} goes to the disk. Nothing is moved from the pool to the disk later.
 */
final class Zswap implements SwapDevice {

    private final Pages pages;
    private final long pageBytes;
    private final long outNanos;
    private final long inNanos;
    private final long maxBytes;
    private final MemCgroup root;

    Zswap(SwapSpec spec, Pages pages, MemCgroup root, long hostPages) {
        this.pages = pages;
        this.root = root;
        pageBytes = (long) Math.ceil(Folios.PAGE_SIZE / spec.ratio());
        outNanos = spec.out().toNanos();
        inNanos = spec.in().toNanos();
        long maxPages = (long) (hostPages * spec.pool());
        maxBytes = maxPages * Folios.PAGE_SIZE;
    }

    @Override
    public boolean store(MemCgroup memcg) {
        if (root.stat[Stat.ZSWAP] + pageBytes > maxBytes) {
            return false;
        }
        memcg.mod(Stat.ZSWAP, pageBytes);
        memcg.mod(Stat.ZSWAPPED, 1);
        memcg.mod(Stat.ZSWPOUT, 1);
        return true;
    }

    @Override
    public long load(MemCgroup memcg) {
        memcg.mod(Stat.ZSWPIN, 1);
        return inNanos;
    }

    @Override
    public void free(MemCgroup memcg) {
        memcg.mod(Stat.ZSWAP, -pageBytes);
        memcg.mod(Stat.ZSWAPPED, -1);
        settle(memcg);
    }

    /** {@code obj_cgroup_charge_zswap} and {@code obj_cgroup_uncharge_zswap}, in whole pages. */
    @Override
    public void settle(MemCgroup memcg) {
        long wanted = Math.ceilDiv(memcg.local[Stat.ZSWAP], Folios.PAGE_SIZE);
        int grown = Math.toIntExact(wanted - memcg.zswapPages);
        memcg.zswapPages = wanted;
        if (grown > 0) {
            // Reclaim runs with PF_MEMALLOC: it is let through if need be, and then no hook is told.
            if (memcg.memory.tryCharge(grown) == null) {
                if (memcg.hooks() != null) {
                    memcg.hookCalls.charged(memcg, grown);
                }
            } else {
                memcg.memory.charge(grown);
            }
        } else {
            pages.uncharge(memcg, -grown);
        }
    }

    @Override
    public long outNanos() {
        return outNanos;
    }
}
