package dev.tidemark.reclaim;

/** A time to leave a cgroup alone, twice as long each time in a row that it is found to be for nothing. Confined to the core thread. */
final class Backoff {

    private final long firstNanos;
    private final long longestNanos;
    private long nextNanos;
    private long untilNanos = Long.MIN_VALUE;

    Backoff(long firstNanos, long longestNanos) {
        this.firstNanos = firstNanos;
        this.longestNanos = longestNanos;
        this.nextNanos = firstNanos;
    }

    /** Begins such a time. */
    void begin(long now) {
        untilNanos = now + nextNanos;
        nextNanos = Math.min(longestNanos, 2 * nextNanos);
    }

    /** It was for something: the next is a short one again. */
    void forget() {
        nextNanos = firstNanos;
    }

    /** Nanoseconds that are left of it; 0 when none runs. */
    long leftNanos(long now) {
        return now < untilNanos ? untilNanos - now : 0;
    }
}
