package dev.tidemark.agent.simulate;

import dev.tidemark.agent.simulate.Course.Merge;
import java.time.Duration;
import java.util.Arrays;

/**
 * Puts the bins of courses into equal slots of one axis of time, all of them, so that no spike is lost: a slot is at least as wide as
 * the widest bin.
 */
final class Slots {

    private static final double NANOS = 1e9;

    private final double endSeconds;
    private final double stepSeconds;
    private final double seconds;
    private final int count;

    private Slots(double endSeconds, double stepSeconds, double seconds) {
        this.endSeconds = endSeconds;
        this.stepSeconds = stepSeconds;
        this.seconds = seconds;
        // A run that is a rounding error longer than its slots gets no further one.
        this.count = Math.max(1, (int) Math.ceil(endSeconds / seconds - 1e-9));
    }

    /**
     * @param end of the longest run
     * @param widestBin in steps
     * @param most slots of the whole axis
     */
    static Slots of(Duration end, Duration step, int widestBin, int most) {
        double endSeconds = Math.max(end.toNanos(), step.toNanos()) / NANOS;
        double stepSeconds = step.toNanos() / NANOS;
        return new Slots(endSeconds, stepSeconds, Math.max(endSeconds / most, widestBin * stepSeconds));
    }

    /** The same axis in slots that are so many times as wide. */
    Slots wider(int times) {
        return new Slots(endSeconds, stepSeconds, seconds * times);
    }

    int count() {
        return count;
    }

    double seconds() {
        return seconds;
    }

    double endSeconds() {
        return endSeconds;
    }

    /** A channel's value of each slot; NaN, or of a sum 0, where there is none. */
    float[] values(Course course, int channel, Merge merge) {
        float[] values = new float[count];
        Arrays.fill(values, merge == Merge.SUM ? 0 : Float.NaN);
        for (int bin = 0; bin < course.bins(); bin++) {
            int slot = slot(course, bin);
            values[slot] = Course.merged(merge, values[slot], course.value(channel, bin));
        }
        return values;
    }

    float[] values(Course course, Channel channel) {
        return values(course, channel.index(), channel.merge());
    }

    /** How much of a run fell into each slot, in seconds: the end of a run may lie within one. */
    double[] covered(Course course, Duration ran) {
        double[] covered = new double[count];
        double bin = course.stepsPerBin() * stepSeconds;
        for (int i = 0; i < course.bins(); i++) {
            covered[slot(course, i)] += Math.min(bin, ran.toNanos() / NANOS - i * bin);
        }
        return covered;
    }

    private int slot(Course course, int bin) {
        double middle = (bin + 0.5) * course.stepsPerBin() * stepSeconds;
        return Math.min(count - 1, (int) (middle / seconds));
    }
}
