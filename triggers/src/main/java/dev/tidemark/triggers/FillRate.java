package dev.tidemark.triggers;

/**
 * How fast usage fills: the fastest seen lately, forgotten by half in about {@value #HALF_LIFE_MILLIS} ms. Usage that falls, because it is
 * being reclaimed, says nothing of how fast it will fill.
 *
 * <p><b>Thread:</b> any; guarded by itself, for arithmetic only. <b>Time:</b> nanoseconds of one clock.
 */
final class FillRate {
    static final long HALF_LIFE_MILLIS = 500;

    private static final double HALF_LIFE_NANOS = HALF_LIFE_MILLIS * 1e6;

    private long lastNanos;
    private double lastUsage = Double.NaN;
    /** Bytes a nanosecond. */
    private double rate;

    /**
     * Takes a value of usage. One that is not known forgets the rate; one from before the last is passed over.
     *
     * @param usage bytes, NaN where unknown
     * @return whether it has reached the watermark and the one before had not
     */
    synchronized boolean observe(long nanos, double usage, double watermark) {
        double before = lastUsage;
        if (Double.isNaN(before) || Double.isNaN(usage)) {
            rate = 0;
        } else if (nanos <= lastNanos) {
            return false;
        } else {
            double elapsed = nanos - lastNanos;
            double seen = (usage - before) / elapsed;
            // What has been still stays so without a power to be taken.
            rate = rate == 0 ? Math.max(seen, 0) : Math.max(seen, rate * Math.pow(0.5, elapsed / HALF_LIFE_NANOS));
        }
        lastNanos = nanos;
        lastUsage = usage;
        return usage >= watermark && !(before >= watermark);
    }

    /**
     * Halfway from the last value to the instant at which the watermark is reached.
     *
     * @return {@link Evaluation#NEVER} when usage does not fill, or half the way takes so long or longer
     */
    synchronized long halfwayNanos(double watermark, long atMostNanos) {
        if (!(rate > 0)) {
            return Evaluation.NEVER;
        }
        double half = Math.max(0, watermark - lastUsage) / rate / 2;
        return half >= atMostNanos ? Evaluation.NEVER : lastNanos + (long) half;
    }
}
