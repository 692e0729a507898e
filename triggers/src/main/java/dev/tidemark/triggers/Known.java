package dev.tidemark.triggers;

import java.util.Arrays;

/**
 * What is known of one cgroup or of the host: the latest value of each signal of a layout, and when it was observed. Confined to
 * the core thread.
 */
final class Known {

    double[] values;
    long[] observed;

    /** A value is unknown from this long after it was observed. */
    long staleAfter;

    Known(SignalSet layout, long staleAfter) {
        values = new double[layout.size()];
        Arrays.fill(values, Double.NaN);
        observed = new long[layout.size()];
        Arrays.fill(observed, Evaluation.NONE);
        this.staleAfter = staleAfter;
    }

    /** The value at {@code now}; NaN when it is unknown or has gone stale. */
    double value(int slot, long now) {
        double value = values[slot];
        // A NaN may never have been observed at all: asked first, the difference below cannot overflow.
        return !Double.isNaN(value) && now - observed[slot] >= staleAfter ? Double.NaN : value;
    }

    /** Takes over what is newer; tells whether anything was. */
    boolean observe(Sample sample, SignalSet layout) {
        SignalSet signals = sample.signals();
        long nanos = sample.nanos();
        boolean news = false;
        for (int from = 0; from < signals.size(); from++) {
            int to = layout.slot(signals.signal(from));
            if (to >= 0 && nanos > observed[to]) {
                values[to] = sample.values()[from];
                observed[to] = nanos;
                news = true;
            }
        }
        return news;
    }

    /** Moves what is known to where another layout has it. */
    void relayout(SignalSet before, SignalSet after) {
        Known moved = new Known(after, staleAfter);
        for (int to = 0; to < after.size(); to++) {
            int from = before.slot(after.signal(to));
            if (from >= 0) {
                moved.values[to] = values[from];
                moved.observed[to] = observed[from];
            }
        }
        values = moved.values;
        observed = moved.observed;
    }
}
