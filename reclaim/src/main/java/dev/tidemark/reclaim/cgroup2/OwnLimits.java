package dev.tidemark.reclaim.cgroup2;

/**
 * memory.max and memory.high of one cgroup, in bytes; +Infinity for none, NaN where the file is not there.
 *
 * @param untilNanos when they have to be read again
 */
record OwnLimits(double max, double high, long untilNanos) {
    double lowest() {
        return Math.min(orNone(max), orNone(high));
    }

    private static double orNone(double limit) {
        return Double.isNaN(limit) ? Double.POSITIVE_INFINITY : limit;
    }
}
