package dev.tidemark.reclaim;

import dev.tidemark.config.Guard;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import org.jspecify.annotations.Nullable;

/**
 * {@link Guard.Livelock}: over a window at least a tenth of usage was taken, usage has not fallen by a tenth of that, and half of it was
 * read back. The cgroup needs what is taken from it: nothing is taken for as long as the window, and twice as long each time in a
 * row, at most {@value #LONGEST_WINDOWS} windows.
 */
final class LivelockGuard implements HarmGuard {

    static final int LONGEST_WINDOWS = 16;

    /** Of what was taken, that is read back. */
    static final double BACK = 0.5;

    private static final double TAKEN_OF_USAGE = 0.1;
    private static final double FALLEN_OF_TAKEN = 0.1;

    private final long windowNanos;
    private final Backoff backoff;
    private double usageBytes = Double.NaN;
    private double refaults;
    private long fromNanos;
    private long takenPages;
    private double ratio;

    LivelockGuard(Guard.Livelock guard) {
        this.windowNanos = guard.window().toNanos();
        this.backoff = new Backoff(windowNanos, LONGEST_WINDOWS * windowNanos);
    }

    @Override
    public Ruling.@Nullable Held rule(Look look) {
        long now = look.now();
        if (backoff.leftNanos(now) == 0) {
            double refaultsNow = look.value(Signal.REFAULT);
            long observed = look.observedNanos(Signal.REFAULT);
            if (Double.isNaN(usageBytes) || Double.isNaN(refaultsNow)) {
                begin(look.usageBytes(), refaultsNow, observed);
            } else if (observed - fromNanos >= windowNanos) {
                if (isLivelock(look, refaultsNow)) {
                    backoff.begin(now);
                    usageBytes = Double.NaN;
                } else {
                    backoff.forget();
                    begin(look.usageBytes(), refaultsNow, observed);
                }
            }
        }
        long left = backoff.leftNanos(now);
        return left > 0 ? new Ruling.Held(Reason.LIVELOCK, ratio, BACK, left) : null;
    }

    private void begin(double usage, double refaultsNow, long nanos) {
        usageBytes = Double.isNaN(refaultsNow) ? Double.NaN : usage;
        refaults = refaultsNow;
        fromNanos = nanos;
        takenPages = 0;
    }

    private boolean isLivelock(Look look, double refaultsNow) {
        double takenBytes = (double) takenPages * look.pageSize();
        ratio = (refaultsNow - refaults) / takenPages;
        return takenBytes >= TAKEN_OF_USAGE * usageBytes
                && usageBytes - look.usageBytes() < FALLEN_OF_TAKEN * takenBytes
                && ratio >= BACK;
    }

    @Override
    public void taken(long pages) {
        takenPages += pages;
    }
}
