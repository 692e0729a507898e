package dev.tidemark.reclaim.model;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Dirty file pages on their way to the disk ({@code mm/page-writeback.c}, {@code fs/fs-writeback.c}).
 *
 * <p>Each cgroup has a flusher; all share one {@link Disk}. A flusher is
 * woken by reclaim that meets dirty pages (it then writes all there are), by the background threshold (it then writes down
 * to it) and by age. Thresholds are those of the cgroup's own domain and of the host.
 *
 * <p>Simplified: one request at a time a flusher; throttling waits for the excess over the set point to be written instead
 * of following the kernel's rate estimate.
 */
final class Writeback {

    /** {@code vm.dirty_background_ratio} and {@code vm.dirty_ratio}, per cent of what may be dirtied. */
    static final int BACKGROUND_RATIO = 10;

    static final int DIRTY_RATIO = 20;
    /** {@code vm.dirty_expire_centisecs} and {@code vm.dirty_writeback_centisecs}. */
    static final long EXPIRE_NANOS = 30_000_000_000L;

    static final long PERIODIC_NANOS = 5_000_000_000L;
    /** How many pages a task dirties between two looks at the thresholds. */
    static final int RATELIMIT_PAGES = 32;

    private static final int REQUEST_PAGES = 128;
    private static final long MAX_PAUSE = 200_000_000L;

    private final MemcgTree tree;
    private final Pages pages;
    private final Folios folios;
    private final ModelClock clock;
    private final Disk disk;
    private boolean periodicArmed;

    Writeback(MemcgTree tree, Pages pages, ModelClock clock, Disk disk) {
        this.tree = tree;
        this.pages = pages;
        this.folios = pages.folios;
        this.clock = clock;
        this.disk = disk;
    }

    /** {@code wakeup_flusher_threads}: whatever is dirty now is to be written. */
    void wakeupFlushers() {
        if (tree.root.stat[Stat.FILE_DIRTY] > 0) {
            flushAll(tree.root);
        }
    }

    private void flushAll(MemCgroup memcg) {
        for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
            if (m.dirty.size > 0) {
                m.flushAll = m.dirty.size;
                wake(m);
            }
        }
    }

    /** Has all written that is dirty now in the cgroup and below; returns of how many files that is. */
    int writeAll(MemCgroup memcg) {
        Set<Mapping> files = new HashSet<>();
        for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
            for (int folio = m.dirty.tail; folio != Folios.NONE; folio = folios.dirtyPrev[folio]) {
                files.add(folios.mapping(folio));
            }
        }
        flushAll(memcg);
        return files.size();
    }

    /**
     * {@code balance_dirty_pages}: wakes the flusher above the background threshold, and says for how long the task that
     * dirtied pages has to pause.
     */
    long balanceDirtyPages(MemCgroup memcg) {
        armPeriodic();
        return Math.max(pause(memcg), pause(tree.root));
    }

    private long pause(MemCgroup memcg) {
        long dirty = memcg.flushed[Stat.FILE_DIRTY] + memcg.flushed[Stat.WRITEBACK];
        long dirtyable = dirtyable(memcg);
        long background = dirtyable * BACKGROUND_RATIO / 100;
        if (dirty <= background) {
            return 0;
        }
        for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
            if (m.dirty.size > 0) {
                wake(m);
            }
        }
        long limit = dirtyable * DIRTY_RATIO / 100;
        long setpoint = ((background + limit) / 2 + limit) / 2;
        return Math.clamp((dirty - setpoint) * disk.writePageNanos(), 0, MAX_PAUSE);
    }

    /** What the cgroup has in file pages and could still take. */
    private static long dirtyable(MemCgroup memcg) {
        long headroom = PageCounter.MAX;
        for (PageCounter c = memcg.memory; c != null; c = c.parent) {
            headroom = Math.min(headroom, Math.max(0, Math.min(c.max, c.high) - c.usage));
        }
        return memcg.flushed[Stat.INACTIVE_FILE] + memcg.flushed[Stat.ACTIVE_FILE] + headroom;
    }

    private void wake(MemCgroup memcg) {
        if (!memcg.flushing) {
            memcg.flushing = true;
            clock.after(Costs.FLUSHER_WAKEUP, () -> flush(memcg));
        }
    }

    private void flush(MemCgroup memcg) {
        int request = Math.min(REQUEST_PAGES, Math.max(memcg.flushAll, overBackground(memcg)));
        request = Math.max(request, expired(memcg, REQUEST_PAGES));
        request = Math.min(request, memcg.dirty.size);
        if (request == 0) {
            memcg.flushing = false;
            memcg.flushAll = 0;
            return;
        }
        memcg.flushAll = Math.max(0, memcg.flushAll - request);
        int[] taken = new int[request];
        for (int i = 0; i < request; i++) {
            taken[i] = memcg.dirty.tail;
            pages.clearDirty(taken[i]);
        }
        write(taken, () -> flush(memcg));
    }

    /**
     * {@code file_write_and_wait_range}: has all written that is dirty of a file; returns when that, and what was under way
     * before, is through.
     */
    long sync(Mapping file) {
        int[] batch = new int[REQUEST_PAGES];
        int size = 0;
        boolean wait = false;
        for (int index = 0; index < file.pages(); index++) {
            int folio = file.folio(index);
            if (folio == Folios.NONE) {
                continue;
            }
            wait |= folios.is(folio, Folios.WRITEBACK);
            if (folios.is(folio, Folios.DIRTY)) {
                wait = true;
                pages.clearDirty(folio);
                batch[size++] = folio;
                if (size == REQUEST_PAGES) {
                    write(batch, () -> {});
                    size = 0;
                }
            }
        }
        if (size > 0) {
            write(Arrays.copyOf(batch, size), () -> {});
        }
        return wait ? disk.freeNanos() : clock.now();
    }

    /** One request to the disk, for pages that are dirty no more. */
    void write(int[] request, Runnable then) {
        Mapping[] mappings = new Mapping[request.length];
        int[] indices = new int[request.length];
        for (int i = 0; i < request.length; i++) {
            int folio = request[i];
            if (!folios.is(folio, Folios.WRITEBACK)) {
                folios.set(folio, Folios.WRITEBACK);
                folios.memcg(folio).mod(Stat.WRITEBACK, 1);
            }
            mappings[i] = folios.mapping(folio);
            indices[i] = folios.index(folio);
        }
        disk.write(request.length, () -> {
            for (int i = 0; i < mappings.length; i++) {
                endWriteback(mappings[i].folio(indices[i]));
            }
            then.run();
        });
    }

    /** {@code folio_end_writeback}; the page may have been truncated meanwhile, or another stands in its place. */
    private void endWriteback(int folio) {
        if (folio == Folios.NONE || !folios.testClear(folio, Folios.WRITEBACK)) {
            return;
        }
        folios.memcg(folio).mod(Stat.WRITEBACK, -1);
        if (folios.testClear(folio, Folios.RECLAIM) && !folios.is(folio, Folios.DIRTY)) {
            pages.rotateReclaimable(folio);
        }
    }

    /** By how many pages any domain the cgroup is in is over its background threshold. */
    private static int overBackground(MemCgroup memcg) {
        long over = 0;
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            over = Math.max(over, m.flushed[Stat.FILE_DIRTY] - dirtyable(m) * BACKGROUND_RATIO / 100);
        }
        return (int) Math.min(over, Integer.MAX_VALUE);
    }

    private int expired(MemCgroup memcg, int atMost) {
        long horizon = clock.now() - EXPIRE_NANOS;
        int count = 0;
        for (int folio = memcg.dirty.tail;
                folio != Folios.NONE && count < atMost && folios.dirtiedNanos[folio] <= horizon;
                folio = folios.dirtyPrev[folio]) {
            count++;
        }
        return count;
    }

    /** {@code wb_workfn} by age; it sleeps while nothing is dirty. */
    private void armPeriodic() {
        if (!periodicArmed) {
            periodicArmed = true;
            clock.after(PERIODIC_NANOS, this::periodic);
        }
    }

    private void periodic() {
        periodicArmed = false;
        for (MemCgroup m = tree.root; m != null; m = MemcgTree.preorder(tree.root, m)) {
            if (m.dirty.size > 0) {
                armPeriodic();
                if (expired(m, 1) > 0) {
                    wake(m);
                }
            }
        }
    }
}
