package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.SwapSpec;
import java.util.Arrays;

/** Slots for swapped-out pages, and their way out and in ({@code mm/swapfile.c}, {@code mm/page_io.c}). */
final class Swap {

    private final MemcgTree tree;
    private final Folios folios;
    private final Writeback writeback;
    private final Disk disk;
    final SwapDevice device;

    Swap(SwapSpec spec, long hostPages, MemcgTree tree, Pages pages, Writeback writeback, Disk disk) {
        this.tree = tree;
        this.folios = pages.folios;
        this.writeback = writeback;
        this.disk = disk;
        device = switch (spec.kind()) {
            case ZRAM -> new Zram(spec, tree.root);
            case ZSWAP -> new Zswap(spec, pages, tree.root, hostPages);
            case DISK -> new SwapDisk();
        };
    }

    /** {@code mem_cgroup_get_nr_swap_pages}: slots left at the tightest level; the root's limit is the host's swap. */
    static long left(MemCgroup memcg) {
        long left = PageCounter.MAX;
        for (PageCounter c = memcg.swap; c != null; c = c.parent) {
            left = Math.min(left, c.margin());
        }
        return left;
    }

    /** {@code folio_alloc_swap}: takes a slot from the host and every level, or none. */
    boolean alloc(MemCgroup memcg) {
        PageCounter full = memcg.swap.tryCharge(1);
        if (full != null) {
            memcg.levelOf(full).event(MemcgEvent.SWAP_MAX);
            memcg.event(MemcgEvent.SWAP_FAIL);
            return false;
        }
        memcg.mod(Stat.SWAP, 1);
        return true;
    }

    /**
     * {@code swap_writepage} without a device that could compress: hands pages to the disk. They stay where they are until they are
     * written, and are next in line to be freed then.
     */
    void write(int[] batch, int size) {
        for (int i = 0; i < size; i++) {
            int folio = batch[i];
            folios.clear(folio, Folios.MAPPED | Folios.YOUNG);
            folios.set(folio, Folios.SWAPCACHE | Folios.RECLAIM);
            folios.memcg(folio).mod(Stat.PSWPOUT, 1);
        }
        writeback.write(Arrays.copyOf(batch, size), () -> {});
    }

    /** {@code do_swap_page}: a page is read back and its slot is free again; returns how long that takes. */
    long in(MemCgroup memcg, long shadow) {
        long nanos;
        if (Shadow.isCompressed(shadow)) {
            nanos = device.load(memcg);
        } else {
            memcg.mod(Stat.PSWPIN, 1);
            nanos = disk.latencyNanos() + disk.readPageNanos();
        }
        free(memcg, shadow);
        return nanos;
    }

    /** Lets go of a slot. */
    void free(MemCgroup memcg, long shadow) {
        if (Shadow.isCompressed(shadow)) {
            device.free(memcg);
        }
        freeSlot(memcg);
    }

    /**
     * A page that has been handed to the disk, or is there, was not freed yet and is used again: its slot is of no use any more. Does
     * nothing to other pages.
     *
     * @return whether that was so, which is a fault
     */
    boolean reuse(int folio) {
        if (!folios.testClear(folio, Folios.SWAPCACHE)) {
            return false;
        }
        folios.clear(folio, Folios.RECLAIM);
        folios.set(folio, Folios.MAPPED);
        freeSlot(folios.memcg(folio));
        return true;
    }

    private void freeSlot(MemCgroup memcg) {
        memcg.swap.uncharge(1);
        memcg.mod(Stat.SWAP, -1);
        tree.releaseIfEmpty(memcg);
    }
}
