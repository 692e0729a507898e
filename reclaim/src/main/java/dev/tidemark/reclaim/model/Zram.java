package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.SwapSpec;

/** Swap on {@code drivers/block/zram}: compressed pages take memory of the host, and of no cgroup. */
final class Zram implements SwapDevice {

    private final MemCgroup root;
    private final long pageBytes;
    private final long outNanos;
    private final long inNanos;
    private long bytes;
    private long chargedPages;

    Zram(SwapSpec spec, MemCgroup root) {
        this.root = root;
        pageBytes = (long) Math.ceil(Folios.PAGE_SIZE / spec.ratio());
        outNanos = spec.out().toNanos();
        inNanos = spec.in().toNanos();
    }

    /** Pages of the host that the compressed ones take. */
    long pages() {
        return chargedPages;
    }

    @Override
    public boolean store(MemCgroup memcg) {
        bytes += pageBytes;
        memcg.mod(Stat.PSWPOUT, 1);
        return true;
    }

    @Override
    public long load(MemCgroup memcg) {
        memcg.mod(Stat.PSWPIN, 1);
        return inNanos;
    }

    @Override
    public void free(MemCgroup memcg) {
        bytes -= pageBytes;
        settle(memcg);
    }

    @Override
    public void settle(MemCgroup memcg) {
        long pages = Math.ceilDiv(bytes, Folios.PAGE_SIZE);
        root.memory.charge(pages - chargedPages);
        chargedPages = pages;
    }

    @Override
    public long outNanos() {
        return outNanos;
    }
}
