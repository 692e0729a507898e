package dev.tidemark.config;

import java.time.Duration;

/**
 * Lowers {@code memory.high}, so that whoever charges more has to reclaim it first, and sleeps where that gives nothing.
 *
 * @param by how far below usage
 * @param leastBytes below which it is never put, in bytes: one page to 1 TiB
 * @param longest after which the old value is put back whatever still holds, 10 ms to 24 h
 */
public record Throttle(By by, long leastBytes, Duration longest) implements Action {
    static final long DEFAULT_LEAST_BYTES = 16L << 20;
    static final Duration DEFAULT_LONGEST = Duration.ofSeconds(10);
    static final long MAX_BYTES = 1L << 40;
    static final Duration MIN_LONGEST = Duration.ofMillis(10);
    static final Duration MAX_LONGEST = Duration.ofHours(24);

    /** Two ticks of the slowest clock that kernels are built with: up to a tick of it they do not sleep at all. */
    static final Duration MIN_DELAY = Duration.ofMillis(20);

    /** {@code MEMCG_MAX_HIGH_DELAY_JIFFIES}: a task is never put to sleep for longer at a time. */
    static final Duration MAX_DELAY = Duration.ofSeconds(2);

    /** How far below usage {@code memory.high} is put. */
    public sealed interface By {}

    /**
     * By so much.
     *
     * @param bytes one page to 1 TiB
     */
    public record Over(long bytes) implements By {
        public Over {
            if (bytes < 1 || bytes > MAX_BYTES) {
                throw new IllegalArgumentException("over must be 1 byte to 1 TiB but was " + bytes);
            }
        }
    }

    /**
     * By as much as makes a charge of 64 pages sleep that long, where nothing can be reclaimed.
     *
     * @param time 20 ms to 2 s
     */
    public record Delay(Duration time) implements By {
        public Delay {
            if (time.compareTo(MIN_DELAY) < 0 || time.compareTo(MAX_DELAY) > 0) {
                throw new IllegalArgumentException("delay must be 20 ms to 2 s but was " + time);
            }
        }
    }

    public Throttle {
        if (leastBytes < 1 || leastBytes > MAX_BYTES) {
            throw new IllegalArgumentException("leastBytes must be 1 to 1 TiB but was " + leastBytes);
        }
        requireLongest(longest);
    }

    static void requireLongest(Duration longest) {
        if (longest.compareTo(MIN_LONGEST) < 0 || longest.compareTo(MAX_LONGEST) > 0) {
            throw new IllegalArgumentException("longest must be 10 ms to 24 h but was " + longest);
        }
    }
}
