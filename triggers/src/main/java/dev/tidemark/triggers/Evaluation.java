package dev.tidemark.triggers;

/**
 * What the nodes of a {@link Program} work on: one cgroup's values and one policy's state, at one instant. One object serves
 * all cgroups in turn, so that a step allocates nothing; it is confined to the core thread.
 */
final class Evaluation {

    /** A time that has not come yet. */
    static final long NEVER = Long.MAX_VALUE;

    /** A time that never was. */
    static final long NONE = Long.MIN_VALUE;

    private static final double[] NO_DOUBLES = {};
    private static final long[] NO_LONGS = {};
    private static final Known NOTHING = new Known(SignalSet.EMPTY, NEVER);

    /** The values last observed, in the layout the program was compiled for; NaN when unknown. */
    double[] values = NO_DOUBLES;

    /** When each was observed; {@link #NONE} when it has not been. */
    long[] observed = NO_LONGS;

    /** What is known of the host, and of the cgroups that the program names, in the order of {@link Program#elsewhere}. */
    Known host = NOTHING;

    Known[] elsewhere = {};

    /** The combined values of all watched cgroups, in the order of {@link Program#across}. */
    double[] across = NO_DOUBLES;

    /** The state of the program's operators for this cgroup. */
    double[] doubles = NO_DOUBLES;

    long[] longs = NO_LONGS;

    /** For sorting the points of one window. */
    final double[] scratch = new double[Points.capacity(Program.MAX_SPACINGS) + 1];

    /** The instant. Never goes back for one cgroup. */
    long now;

    /** A value is unknown from this long after it was observed. */
    long staleAfter = NEVER;

    /** The earliest instant after {@link #now} at which some truth may change without a new sample. */
    long nextChange = NEVER;

    void at(long instant) {
        now = instant;
        nextChange = NEVER;
    }

    void mayChangeAt(long instant) {
        if (instant < nextChange) {
            nextChange = instant;
        }
    }

    double value(int slot) {
        double value = values[slot];
        // A NaN may never have been observed at all: asked first, the difference below cannot overflow.
        return !Double.isNaN(value) && now - observed[slot] >= staleAfter ? Double.NaN : value;
    }

    /** The instant that comes {@code duration} after {@code from}; {@link #NEVER} when that is out of range. */
    static long after(long from, long duration) {
        long sum = from + duration;
        return sum < from ? NEVER : sum;
    }
}
