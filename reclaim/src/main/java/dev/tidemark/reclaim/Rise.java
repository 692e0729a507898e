package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;
import java.util.concurrent.TimeUnit;

/**
 * How fast a counter has grown lately: over the time between two looks at least {@link #LEAST_NANOS} apart, which the next two follow.
 * Confined to the core thread.
 */
final class Rise {

    /** Short of the shortest period that is usual, so that each of its samples counts. */
    static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

    private static final double NANOS_PER_SECOND = 1e9;

    private final Signal counter;
    private double from = Double.NaN;
    private long fromNanos;
    private double perSecond = Double.NaN;

    Rise(Signal counter) {
        this.counter = counter;
    }

    /** Looks at the counter; how much it grows in a second, NaN when that is not known yet or any more. */
    double perSecond(Look look) {
        double value = look.value(counter);
        long nanos = look.observedNanos(counter);
        // Not comparable (NaN): it begins anew, as after a counter that fell.
        if (!(value >= from)) {
            from = value;
            fromNanos = nanos;
            perSecond = Double.NaN;
        } else if (nanos - fromNanos >= LEAST_NANOS) {
            perSecond = (value - from) / (nanos - fromNanos) * NANOS_PER_SECOND;
            from = value;
            fromNanos = nanos;
        }
        return perSecond;
    }
}
