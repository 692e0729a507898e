package example;

import dev.tidemark.config.ExprFunction;
import dev.tidemark.config.Unit;
import java.util.List;

/** {@code smoothed(x, 30s)}: a mean in which what is older counts less, half as much for each 30 s. */
public final class Smoothed implements ExprFunction {
    @Override
    public String name() {
        return "smoothed";
    }

    @Override
    public String description() {
        return "a mean in which what is older counts less, half as much for each such time";
    }

    @Override
    public Unit check(List<Unit> arguments) {
        boolean fits = arguments.size() == 2 && arguments.get(1) == Unit.DURATION;
        if (!fits || arguments.get(0) == Unit.TRUTH) {
            throw new IllegalArgumentException("a value and a time are needed, as in smoothed(usage, 30s)");
        }
        return arguments.get(0);
    }

    @Override
    public int doubles() {
        return 1; // the mean so far; begins as NaN, which is unknown
    }

    @Override
    public int longs() {
        return 1; // when that was
    }

    @Override
    public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
        double value = arguments[0];
        double halfLife = arguments[1];
        if (Double.isNaN(value)) {
            return Double.NaN;
        }
        if (Double.isNaN(doubles[0])) {
            doubles[0] = value;
        } else {
            double seconds = (nanos - longs[0]) / 1e9;
            doubles[0] += (value - doubles[0]) * (1 - Math.pow(2, -seconds / halfLife));
        }
        longs[0] = nanos;
        return doubles[0];
    }
}
