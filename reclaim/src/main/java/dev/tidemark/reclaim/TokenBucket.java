package dev.tidemark.reclaim;

/**
 * An amount per second of something, of which a tenth of a second's worth may be saved up.
 *
 * <p>What something costs is mostly known only afterwards. So it is enough that there is some left to begin, and what it turns out to
 * have cost is owed: nothing begins before a debt is paid off.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> nanoseconds of the core's clock.
 */
final class TokenBucket {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double SAVED_SECONDS = 0.1;

    private final double perSecond;
    private final double capacity;
    private double tokens;
    private long refilledNanos;

    /**
     * @param perSecond above 0; positive infinity for no limit
     * @param least may be saved up even where that is more than a tenth of a second's worth
     */
    TokenBucket(double perSecond, double least, long nowNanos) {
        this.perSecond = perSecond;
        this.capacity = Math.max(least, perSecond * SAVED_SECONDS);
        this.tokens = capacity;
        this.refilledNanos = nowNanos;
    }

    /** How much of what is wanted may be taken at once; the most that can be saved up where that is less. */
    double share(double wanted) {
        return Math.min(wanted, capacity);
    }

    /** Takes that much, be it there or not; a negative amount gives back what was not needed after all. */
    void take(double amount, long nowNanos) {
        refill(nowNanos);
        if (Double.isFinite(capacity)) {
            tokens = Math.min(capacity, tokens - amount);
        }
    }

    /** Nanoseconds until that much is there, or as much as can be saved up; 0 when it is. */
    long nanosUntil(double amount, long nowNanos) {
        refill(nowNanos);
        double missing = share(amount) - tokens;
        // Less than a nanosecond's worth is what is lost in computing, not what is missing.
        return Double.isInfinite(capacity) || missing * NANOS_PER_SECOND <= perSecond
                ? 0
                : (long) Math.ceil(missing / perSecond * NANOS_PER_SECOND);
    }

    private void refill(long nowNanos) {
        long elapsed = nowNanos - refilledNanos;
        if (elapsed > 0) {
            // Infinity times zero is not a number: an unlimited bucket is simply full.
            tokens = Double.isInfinite(capacity)
                    ? capacity
                    : Math.min(capacity, tokens + elapsed / NANOS_PER_SECOND * perSecond);
            refilledNanos = nowNanos;
        }
    }
}
