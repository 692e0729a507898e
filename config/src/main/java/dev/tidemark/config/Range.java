package dev.tidemark.config;

/**
 * Which values are expected of something.
 *
 * @param unit of the bounds
 * @param least in the unit's base; negative infinity for none
 * @param open whether {@code least} itself is left out
 * @param most in the unit's base; positive infinity for none
 * @param below whether {@code most} itself is left out
 * @param text as written: {@code >= 4MiB}
 */
public record Range(Unit unit, double least, boolean open, double most, boolean below, String text) {
    /** Values are sums of what kernels count, in decimals: closer than that they are the same. */
    private static final double SAME = 1e-9;

    /** Exactly this many. */
    public static Range count(long count) {
        return new Range(Unit.COUNT, count, false, count, false, Long.toString(count));
    }

    /** This many and more. */
    public static Range atLeast(long count) {
        return new Range(Unit.COUNT, count, false, Double.POSITIVE_INFINITY, false, ">= " + count);
    }

    /** Whether a value is expected; what is unknown (NaN) never is. */
    public boolean contains(double value) {
        return (open ? value > least && !same(value, least) : value >= least || same(value, least))
                && (below ? value < most && !same(value, most) : value <= most || same(value, most));
    }

    private static boolean same(double a, double b) {
        // Of an infinite one everything is within any share.
        return a == b
                || (Double.isFinite(a)
                        && Double.isFinite(b)
                        && Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b)));
    }

    @Override
    public String toString() {
        return text;
    }
}
