package dev.tidemark.config;

import java.time.Duration;

/**
 * What a policy may spend on one cgroup.
 *
 * @param bytesPerSecond the most to reclaim, bytes per second; positive infinity for no bound
 * @param floorBytes usage below which nothing is taken, in bytes
 * @param deadline how long one request may take before it is cut short, 1 ms to 1 min
 */
public record Limits(double bytesPerSecond, long floorBytes, Duration deadline) {
    static final Duration DEFAULT_DEADLINE = Duration.ofMillis(500);
    static final Duration MIN_DEADLINE = Duration.ofMillis(1);
    static final Duration MAX_DEADLINE = Duration.ofMinutes(1);

    /** No bound on the rate, no floor, a deadline of 500 ms. */
    public static final Limits DEFAULT = new Limits(Double.POSITIVE_INFINITY, 0, DEFAULT_DEADLINE);

    public Limits {
        if (!(bytesPerSecond > 0)) {
            throw new IllegalArgumentException("bytesPerSecond > 0 required but it was " + bytesPerSecond);
        }
        if (floorBytes < 0) {
            throw new IllegalArgumentException("floorBytes >= 0 required but it was " + floorBytes);
        }
        if (deadline.compareTo(MIN_DEADLINE) < 0 || deadline.compareTo(MAX_DEADLINE) > 0) {
            throw new IllegalArgumentException("deadline must be 1 ms to 1 min but was " + deadline);
        }
    }
}
