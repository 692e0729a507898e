package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;

/** How long tasks have been stalled on memory between two looks, by the total of PSI: exact, and without the 2 s of its averages. */
final class Stall {

    private static final double NANOS = 1e-9;

    private double total = Double.NaN;
    private long observed;
    private double seconds = Double.NaN;
    private double span = Double.NaN;

    /** Looks, and measures against the look before. */
    void look(Look look) {
        double totalNow = look.value(Signal.PSI_SOME_TOTAL);
        long observedNow = look.observedNanos(Signal.PSI_SOME_TOTAL);
        double elapsed = (observedNow - observed) * NANOS;
        boolean newer = elapsed > 0 && totalNow >= total;
        seconds = newer ? totalNow - total : Double.NaN;
        span = newer ? elapsed : Double.NaN;
        total = totalNow;
        observed = observedNow;
    }

    /** Stalled between the last two looks; NaN when that is not known. */
    double seconds() {
        return seconds;
    }

    /** As a share of that time, 0 to 1; NaN when that is not known. */
    double share() {
        return Math.min(1, seconds / span);
    }
}
