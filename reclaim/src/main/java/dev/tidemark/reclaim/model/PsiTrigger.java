package dev.tidemark.reclaim.model;

/**
 * When a stall is worth telling ({@code struct psi_trigger}): a sliding window, approximated by the present one and what is left of
 * the one before it.
 */
final class PsiTrigger {

    final int state;
    final long windowNanos;
    private final long thresholdNanos;

    private long startNanos;
    private long startTotal;
    private long previousGrowth;
    private long lastEventNanos;
    private boolean told;
    private boolean pending;

    /** @param state {@link PsiGroup#SOME} or {@link PsiGroup#FULL} */
    PsiTrigger(int state, long thresholdNanos, long windowNanos) {
        this.state = state;
        this.thresholdNanos = thresholdNanos;
        this.windowNanos = windowNanos;
    }

    /** {@code window_reset}. */
    void reset(long nowNanos, long total, long growth) {
        startNanos = nowNanos;
        startTotal = total;
        previousGrowth = growth;
    }

    /**
     * {@code update_triggers}, for one: whether to tell now. At most once a window; what comes too early is told when it may be.
     *
     * @param stalled whether the total has grown since it was looked at last
     */
    boolean update(long nowNanos, long total, boolean stalled) {
        if (stalled && window(nowNanos, total) >= thresholdNanos) {
            pending = true;
        }
        if (!pending || (told && nowNanos < lastEventNanos + windowNanos)) {
            return false;
        }
        lastEventNanos = nowNanos;
        told = true;
        pending = false;
        return true;
    }

    /** {@code window_update}. */
    private long window(long nowNanos, long total) {
        long elapsed = nowNanos - startNanos;
        long growth = total - startTotal;
        if (elapsed > windowNanos) {
            reset(nowNanos, total, growth);
            return growth;
        }
        return growth + scaled(previousGrowth, windowNanos - elapsed);
    }

    /** As a double: the product of two times in nanoseconds does not fit otherwise. */
    private long scaled(long growth, long part) {
        return (long) ((double) growth * part / windowNanos);
    }
}
