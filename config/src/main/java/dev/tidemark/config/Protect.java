package dev.tidemark.config;

import java.time.Duration;

/**
 * Raises {@code memory.low}, so that reclaim takes from others as long as they have something. The kernel protects what is used,
 * and at most this.
 *
 * @param lowBytes to what it is raised, in bytes: one page to 1 TiB
 * @param longest after which the old value is put back whatever still holds, 10 ms to 24 h
 */
public record Protect(long lowBytes, Duration longest) implements Action {
    static final Duration DEFAULT_LONGEST = Duration.ofSeconds(30);

    public Protect {
        if (lowBytes < 1 || lowBytes > Throttle.MAX_BYTES) {
            throw new IllegalArgumentException("lowBytes must be 1 to 1 TiB but was " + lowBytes);
        }
        Throttle.requireLongest(longest);
    }

    @Override
    public boolean takes() {
        return false;
    }
}
