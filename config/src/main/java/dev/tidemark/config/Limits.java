package dev.tidemark.config;

import java.time.Duration;

/**
 * What a policy may spend.
 *
 * @param budget what its writes may cost, over all its cgroups
 * @param floorBytes usage below which nothing is taken, in bytes
 * @param deadline how long one request may take before it is cut short, 1 ms to 1 min
 */
public record Limits(Budget budget, long floorBytes, Duration deadline) {
    static final Duration DEFAULT_DEADLINE = Duration.ofMillis(500);
    static final Duration MIN_DEADLINE = Duration.ofMillis(1);
    static final Duration MAX_DEADLINE = Duration.ofMinutes(1);

    /** No bound on what it costs, no floor, a deadline of 500 ms. */
    public static final Limits DEFAULT = new Limits(Budget.UNLIMITED, 0, DEFAULT_DEADLINE);

    public Limits {
        if (floorBytes < 0) {
            throw new IllegalArgumentException("floorBytes >= 0 required but it was " + floorBytes);
        }
        if (deadline.compareTo(MIN_DEADLINE) < 0 || deadline.compareTo(MAX_DEADLINE) > 0) {
            throw new IllegalArgumentException("deadline must be 1 ms to 1 min but was " + deadline);
        }
    }
}
