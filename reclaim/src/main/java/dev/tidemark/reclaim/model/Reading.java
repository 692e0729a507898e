package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.reclaim.model.DirectReclaim.Charged;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file, through a mapping that lives as long as the step ({@code filemap_fault}) or by system calls ({@code
 * filemap_read}).
 */
final class Reading extends Action {

    /** {@code fault_around_bytes} 64 KiB. */
    static final int FAULT_AROUND_PAGES = 16;

    /** What is being done about the page at hand. */
    private enum Stage {
        ACCESS,
        /** Pages of a window are brought in, to be read from the disk. */
        POPULATE,
        /** The page itself, which no window brought in. */
        SINGLE
    }

    private final String name;
    private final boolean mapped;
    private final Walk walk;
    private final Pace pace;
    private final Folios folios;
    private final Pages pages;
    private final Disk disk;
    private final Readahead readahead;
    /** Flags of a page that is about to be read. */
    private final int brought;

    private @Nullable Mapping file;
    private Stage stage = Stage.ACCESS;
    /** The fault at hand has been counted already; its page has come from the disk meanwhile. */
    private boolean missed;
    /** The window that is being brought in, as far as it is. */
    private int from;

    private int next;
    private int end;

    Reading(Task task, Step.Read step) {
        super(task);
        name = step.file();
        mapped = step.via() == Step.Read.Via.MMAP;
        walk = new Walk(task, step.access());
        pace = new Pace(task, step.access().bytesPerSecond());
        pages = task.kernel.pages;
        folios = pages.folios;
        disk = task.kernel.disk;
        readahead = new Readahead(disk.readaheadPages());
        brought = Folios.LOCKED | (mapped ? Folios.FAULT : 0);
    }

    @Override
    void enter() {
        file = task.kernel.files.find(name);
        walk.begin(file == null ? 0 : file.pages());
        pace.begin();
        readahead.open();
        stage = Stage.ACCESS;
        missed = false;
    }

    @Override
    boolean advance() {
        Mapping read = file;
        while (read != null) {
            int page = walk.page();
            if (page == Walk.OVER) {
                break;
            }
            boolean accessed = false;
            switch (stage) {
                case ACCESS -> accessed = access(read, page);
                case POPULATE -> populate(read, page);
                case SINGLE -> single(read, page);
            }
            if (!accessed || !task.goesOn()) {
                return false;
            }
        }
        leave();
        return true;
    }

    /** Accesses a page if that can be done at once, and tells whether it was; else does what it takes next. */
    private boolean access(Mapping read, int page) {
        int folio = read.folio(page);
        if (folio == Folios.NONE) {
            miss(read, page);
        } else if (readahead.isMarker(page) && !(mapped && folios.is(folio, Folios.MAPPED))) {
            readahead.advance();
            window(read);
        } else if (folios.is(folio, Folios.LOCKED)) {
            awaitRead(read, folio);
        } else {
            if (mapped) {
                map(read, page, folio);
            } else {
                pages.markAccessed(folio);
                readahead.read(page);
                task.spend(Costs.SYSCALL + Costs.WRITE_PAGE);
            }
            missed = false;
            walk.done();
            pace.done(Folios.PAGE_SIZE);
            return true;
        }
        return false;
    }

    private void miss(Mapping read, int page) {
        if (mapped) {
            if (!missed) {
                task.memcg.mod(Stat.PGFAULT, 1);
                task.memcg.mod(Stat.PGMAJFAULT, 1);
                // do_read_fault tries the neighbours first.
                mapAround(read, page);
            }
            readahead.faultMissed(page);
        } else {
            readahead.readMissed(page);
        }
        missed = true;
        if (readahead.size() > 0) {
            window(read);
        } else {
            stage = Stage.SINGLE;
        }
    }

    private void window(Mapping read) {
        from = Math.min(readahead.start(), read.pages());
        next = from;
        end = Math.min(from + readahead.size(), read.pages());
        stage = Stage.POPULATE;
    }

    /** {@code page_cache_ra_unbounded}: charges the pages of a window as long as that is easy, then reads those that were not there. */
    private void populate(Mapping read, int page) {
        while (next < end) {
            if (read.folio(next) == Folios.NONE) {
                Charged charged = task.charging.charge(true);
                if (charged == Charged.WAIT) {
                    return;
                }
                if (charged == Charged.NO) {
                    end = next;
                    break;
                }
                pages.add(read, next, task.memcg, brought);
            } else {
                task.charging.giveUp();
            }
            next++;
        }
        if (!task.synced()) {
            return;
        }
        submit(read);
        stage = read.folio(page) == Folios.NONE ? Stage.SINGLE : Stage.ACCESS;
    }

    private void single(Mapping read, int page) {
        if (read.folio(page) == Folios.NONE) {
            if (task.charging.charge(false) != Charged.YES) {
                return;
            }
            pages.add(read, page, task.memcg, brought);
            from = page;
            end = page + 1;
            next = end;
        } else {
            task.charging.giveUp();
        }
        if (task.synced()) {
            submit(read);
            stage = Stage.ACCESS;
        }
    }

    /** One request to the disk for what has been brought in. */
    private void submit(Mapping read) {
        int first = from;
        int behind = end;
        int locked = 0;
        for (int i = first; i < behind; i++) {
            locked += isLocked(read, i) ? 1 : 0;
        }
        from = behind;
        if (locked > 0) {
            long usual = disk.latencyNanos();
            long latency = usual * 3 / 4 + (usual < 2 ? 0 : task.latencies.nextLong(usual / 2));
            long until = disk.read(locked, latency);
            read.readUntilNanos = Math.max(read.readUntilNanos, until);
            task.kernel.clock.after(until - task.kernel.clock.now(), () -> unlock(read, first, behind));
        }
    }

    private boolean isLocked(Mapping read, int page) {
        int folio = read.folio(page);
        return folio != Folios.NONE && folios.is(folio, Folios.LOCKED);
    }

    private void unlock(Mapping read, int first, int behind) {
        for (int i = first; i < behind; i++) {
            int folio = read.folio(i);
            if (folio != Folios.NONE) {
                folios.clear(folio, Folios.LOCKED);
            }
        }
    }

    /** {@code folio_wait_bit_common}: until a read that is under way is through; for a page that had been in use that is pressure. */
    private void awaitRead(Mapping read, int folio) {
        if (task.synced()) {
            long left = read.readUntilNanos - task.local();
            // Another task may not have sent its request yet.
            long nanos = left > 0 ? left : Math.max(1, disk.latencyNanos());
            if (folios.is(folio, Folios.WORKINGSET)) {
                task.stall(nanos);
            } else {
                task.sleep(nanos);
            }
        }
    }

    private void map(Mapping read, int page, int folio) {
        if (folios.is(folio, Folios.MAPPED)) {
            folios.set(folio, Folios.YOUNG);
            task.spend(Costs.TOUCH_PAGE);
            return;
        }
        if (!missed) {
            task.memcg.mod(Stat.PGFAULT, 1);
            mapAround(read, page);
        }
        folios.set(folio, Folios.MAPPED | Folios.YOUNG);
        task.spend(Costs.MINOR_FAULT);
    }

    /** {@code filemap_map_pages}: a fault maps what is resident around, but for the marker, whose fault is wanted. */
    private void mapAround(Mapping read, int page) {
        int first = page & -FAULT_AROUND_PAGES;
        int last = Math.min(first + FAULT_AROUND_PAGES, read.pages());
        int hit = 0;
        for (int i = first; i < last; i++) {
            int folio = read.folio(i);
            if (folio != Folios.NONE && !folios.is(folio, Folios.LOCKED) && !readahead.isMarker(i)) {
                folios.set(folio, Folios.MAPPED | Folios.YOUNG);
                hit += folios.is(folio, Folios.WORKINGSET) ? 0 : 1;
            }
        }
        readahead.faultsHit(hit);
    }

    /** The mapping ends ({@code zap_pte_range}): what was accessed through it is marked so. What is still to be read is. */
    @Override
    void leave() {
        Mapping read = file;
        if (read == null) {
            return;
        }
        file = null;
        unlock(read, from, next);
        for (int i = 0; mapped && i < read.pages(); i++) {
            int folio = read.folio(i);
            if (folio != Folios.NONE && folios.testClear(folio, Folios.MAPPED)) {
                if (folios.testClear(folio, Folios.YOUNG)) {
                    pages.markAccessed(folio);
                }
            }
        }
    }
}
