package dev.tidemark.agent.simulate;

import java.util.Arrays;
import java.util.List;

/**
 * Values over time in bounded memory: a bin a step at first; whenever all bins are full two become one, so that there are always at
 * least half of {@link #CAPACITY} of a long run. A bin has the least, the greatest or the sum of what fell into it, so no spike is lost.
 *
 * <p>Owned by the thread of its run, and read only after it.
 */
final class Course {

    /** More than a plot has columns of pixels even when half of the bins are used. */
    static final int CAPACITY = 2048;

    /** How values of one bin become one. */
    enum Merge {
        LEAST,
        GREATEST,
        SUM
    }

    private final List<Merge> merges;
    private final float[][] values;
    private int full;
    private int steps;
    private int stepsPerBin = 1;

    /** @param merges one a channel */
    Course(List<Merge> merges) {
        this.merges = List.copyOf(merges);
        values = new float[merges.size()][CAPACITY];
        for (int channel = 0; channel < values.length; channel++) {
            clear(channel, 0);
        }
    }

    /** Adds a value to the bin of now; NaN is no value. */
    void put(int channel, double value) {
        if (!Double.isNaN(value)) {
            float[] bins = values[channel];
            bins[full] = merged(merges.get(channel), bins[full], (float) value);
        }
    }

    /** A step of time is over. */
    void step() {
        steps++;
        if (steps == stepsPerBin) {
            steps = 0;
            full++;
            if (full == CAPACITY) {
                halve();
            }
        }
    }

    /** How many bins there are; the last may be shorter than the others. */
    int bins() {
        return full + (steps > 0 ? 1 : 0);
    }

    /** How many steps each bin is long. */
    int stepsPerBin() {
        return stepsPerBin;
    }

    /** NaN when there was no value; of a sum, 0. */
    float value(int channel, int bin) {
        return values[channel][bin];
    }

    private void halve() {
        for (int channel = 0; channel < values.length; channel++) {
            float[] bins = values[channel];
            Merge merge = merges.get(channel);
            for (int bin = 0; bin < CAPACITY / 2; bin++) {
                bins[bin] = merged(merge, bins[2 * bin], bins[2 * bin + 1]);
            }
            clear(channel, CAPACITY / 2);
        }
        full = CAPACITY / 2;
        stepsPerBin *= 2;
    }

    private void clear(int channel, int from) {
        Arrays.fill(values[channel], from, CAPACITY, merges.get(channel) == Merge.SUM ? 0 : Float.NaN);
    }

    /** Of two of which either may be NaN. */
    static float merged(Merge merge, float a, float b) {
        if (Float.isNaN(a)) {
            return b;
        }
        if (Float.isNaN(b)) {
            return a;
        }
        return switch (merge) {
            case LEAST -> Math.min(a, b);
            case GREATEST -> Math.max(a, b);
            case SUM -> a + b;
        };
    }
}
