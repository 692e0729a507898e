package dev.tidemark.testkit;

import dev.tidemark.config.Unit;
import java.time.Duration;
import java.util.Locale;

/** Times as texts, both ways. */
final class Times {

    private static final double NANOS = 1e9;

    private Times() {}

    /**
     * @param text as in policy files, such as {@code 1500ms}
     * @throws IllegalArgumentException when it is none
     */
    static Duration parse(String text) {
        return Duration.ofNanos(Math.round(Unit.DURATION.parse(text) * NANOS));
    }

    /** As in policy files, to four digits. */
    static String told(Duration duration) {
        return Unit.DURATION.format(duration.toNanos() / NANOS);
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }

    /** An instant of virtual time, to the millisecond. */
    static String instant(long nanos) {
        return String.format(Locale.ROOT, "%.3fs", nanos / NANOS);
    }
}
