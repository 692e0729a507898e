package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.reclaim.model.DirectReclaim.Charged;

/** Writes a file ({@code generic_perform_write}), from its start or from its end on; a page is dirtied by each piece written into it. */
final class Writing extends Action {

    private final String name;
    private final long bytes;
    private final long chunkBytes;
    private final boolean append;
    private final Pace pace;

    private Mapping file;
    private long offset;
    private long done;
    private int dirtied;

    private Writing(Task task, String name, long bytes, double bytesPerSecond, long chunkBytes, boolean append) {
        super(task);
        this.name = name;
        this.bytes = bytes;
        this.chunkBytes = chunkBytes;
        this.append = append;
        pace = new Pace(task, bytesPerSecond);
        file = new Mapping(task.kernel.pages.folios, false, task.memcg);
    }

    static Writing over(Task task, Step.Write step) {
        return new Writing(task, step.file(), step.bytes(), step.bytesPerSecond(), step.chunkBytes(), false);
    }

    static Writing behind(Task task, Step.Append step) {
        return new Writing(task, step.file(), step.bytes(), step.bytesPerSecond(), step.chunkBytes(), true);
    }

    @Override
    void enter() {
        file = task.kernel.files.open(task.memcg, name);
        offset = append ? file.bytes() : 0;
        done = 0;
        pace.begin();
    }

    @Override
    boolean advance() {
        if (done >= bytes) {
            return true;
        }
        long at = offset + done;
        int index = Math.toIntExact(at >> Folios.PAGE_SHIFT);
        long untilPage = Folios.PAGE_SIZE - (at & Folios.PAGE_SIZE - 1);
        long untilChunk = chunkBytes - done % chunkBytes;
        long n = Math.min(Math.min(untilPage, untilChunk), bytes - done);
        int folio = index < file.pages() ? file.folio(index) : Folios.NONE;
        if (folio == Folios.NONE) {
            if (task.charging.charge(false) != Charged.YES) {
                return false;
            }
            file.extendTo(index + 1);
            folio = task.kernel.pages.add(file, index, task.memcg, 0);
        } else {
            task.charging.giveUp();
        }
        file.extendToBytes(at + n);
        task.kernel.pages.setDirty(folio, task.local());
        done += n;
        task.inSyscall = n != untilChunk && done < bytes;
        task.spend(Costs.WRITE_PAGE * n / Folios.PAGE_SIZE);
        if (n == untilChunk) {
            task.spend(Costs.SYSCALL);
        }
        pace.done(n);
        if (++dirtied >= Writeback.RATELIMIT_PAGES) {
            dirtied = 0;
            long pause = task.kernel.writeback.balanceDirtyPages(task.memcg);
            if (pause > 0) {
                task.throttle(pause);
            }
        }
        return false;
    }
}
