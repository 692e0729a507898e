package dev.tidemark.reclaim;

/**
 * A budget of bytes per second. A tenth of a second's worth may be saved up, or one batch where that is more, so that
 * a small rate still lets whole batches through.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> nanoseconds of the core's clock.
 */
final class TokenBucket {

    private static final double NANOS_PER_SECOND = 1e9;

    private final double bytesPerSecond;
    private final double capacity;
    private double tokens;
    private long refilledNanos;

    /** @param bytesPerSecond positive infinity for no limit */
    TokenBucket(double bytesPerSecond, long batchBytes, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.capacity = Math.max((double) batchBytes, bytesPerSecond / 10);
        this.tokens = capacity;
        this.refilledNanos = nowNanos;
    }

    /** Whether it has just this rate and holds just this much. */
    boolean isOf(double rate, long batchBytes) {
        return bytesPerSecond == rate && capacity == new TokenBucket(rate, batchBytes, 0).capacity;
    }

    /** Takes as many of the wanted bytes as there are, but none when there are fewer than the least that is of use. */
    long take(long wantedBytes, long leastBytes, long nowNanos) {
        refill(nowNanos);
        if (tokens < Math.min(wantedBytes, leastBytes)) {
            return 0;
        }
        long taken = (long) Math.min((double) wantedBytes, tokens);
        tokens -= taken;
        return taken;
    }

    /** Gives back what was taken but not used; a negative amount takes what was used beyond it, as a debt. */
    void giveBack(long bytes) {
        tokens = Math.min(capacity, tokens + bytes);
    }

    /** Nanoseconds until that many bytes may be taken. */
    long nanosUntil(long bytes, long nowNanos) {
        refill(nowNanos);
        double missing = Math.min((double) bytes, capacity) - tokens;
        return missing <= 0 ? 0 : (long) Math.ceil(missing / bytesPerSecond * NANOS_PER_SECOND);
    }

    private void refill(long nowNanos) {
        long elapsed = nowNanos - refilledNanos;
        if (elapsed > 0) {
            // Infinity times zero is not a number: an unlimited bucket is simply full.
            tokens = Double.isInfinite(capacity)
                    ? capacity
                    : Math.min(capacity, tokens + elapsed / NANOS_PER_SECOND * bytesPerSecond);
            refilledNanos = nowNanos;
        }
    }
}
