package dev.tidemark.config;

import java.time.Duration;

/** How much one write to the kernel asks for at most. */
public sealed interface Batch {

    /** As much as takes about this long, which is learnt for each cgroup; 1 ms to 1 s. */
    record Time(Duration target) implements Batch {
        static final Duration MIN_TARGET = Duration.ofMillis(1);
        static final Duration MAX_TARGET = Duration.ofSeconds(1);

        public Time {
            if (target.compareTo(MIN_TARGET) < 0 || target.compareTo(MAX_TARGET) > 0) {
                throw new IllegalArgumentException("target must be 1 ms to 1 s but was " + target);
            }
        }
    }

    /** Always this many bytes, one page to 1 GiB. */
    record Size(long bytes) implements Batch {
        static final long MAX_BYTES = 1L << 30;

        public Size {
            if (bytes < 1 || bytes > MAX_BYTES) {
                throw new IllegalArgumentException("bytes must be 1 to 1 GiB but was " + bytes);
            }
        }
    }
}
