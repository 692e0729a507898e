package dev.tidemark.reclaim;

import dev.tidemark.config.Guard;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.util.concurrent.TimeUnit;

/**
 * {@link Guard.Swap}: whether anonymous memory has somewhere to go. Where it has not, file pages are asked for; once the kernel says that
 * there are none, nothing but anonymous memory is left, and nothing is asked for before some time has gone by.
 *
 * <p>Where there is no swap at all the kernel takes file pages by itself ({@code get_scan_count}, mm/vmscan.c), however it is asked, and
 * nothing needs to be told.
 */
final class LandingPlace {

    static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(64);

    private final long leastBytes;
    private final Backoff noFiles = new Backoff(FIRST_NANOS, LONGEST_NANOS);
    private boolean filesOnly;
    private long observedNanos;
    private long swappedOutPages;

    LandingPlace(long leastBytes) {
        this.leastBytes = leastBytes;
    }

    Ruling rule(Look look, long pages, boolean anonOnly) {
        double headroom = headroom(look);
        filesOnly = headroom < leastBytes;
        if (!filesOnly) {
            noFiles.forget();
            return new Ruling.Go(pages, null);
        }
        long left = anonOnly ? 0 : noFiles.leftNanos(look.now());
        Ruling.Held held = new Ruling.Held(Reason.SWAP, headroom, leastBytes, left);
        return anonOnly || left > 0 ? held : new Ruling.Go(pages, headroom > 0 ? held : null);
    }

    /** Less what has gone out since it was seen. */
    private double headroom(Look look) {
        long observed = look.observedNanos(Signal.SWAP_HEADROOM);
        if (observed != observedNanos) {
            observedNanos = observed;
            swappedOutPages = 0;
        }
        return Math.max(0, look.value(Signal.SWAP_HEADROOM) - (double) swappedOutPages * look.pageSize());
    }

    void reclaimed(Look look, ReclaimResult result) {
        swappedOutPages += result.swappedOutPages();
        if (!filesOnly) {
            return;
        }
        if (result.pagesReclaimed() > 0 || result.outcome() == Outcome.SUCCESS) {
            noFiles.forget();
        } else if (result.outcome() == Outcome.AGAIN || result.outcome() == Outcome.REFUSED) {
            noFiles.begin(look.now());
        }
    }
}
