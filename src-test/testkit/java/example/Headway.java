package example;

import dev.tidemark.config.ExprFunction;
import dev.tidemark.config.Unit;
import java.util.List;

/** {@code headway(x)}: by how much {@code x} is above the least that it has been. */
public final class Headway implements ExprFunction {
    @Override
    public String name() {
        return "headway";
    }

    @Override
    public String description() {
        return "by how much a level is above the least that it has been";
    }

    @Override
    public Unit check(List<Unit> arguments) {
        if (arguments.size() != 1 || arguments.getFirst() == Unit.TRUTH) {
            throw new IllegalArgumentException("one value is needed, as in headway(usage)");
        }
        return arguments.getFirst();
    }

    @Override
    public int doubles() {
        return 1; // the least so far
    }

    @Override
    public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
        double value = arguments[0];
        if (Double.isNaN(value)) {
            return Double.NaN;
        }
        doubles[0] = Double.isNaN(doubles[0]) ? value : Math.min(doubles[0], value);
        return value - doubles[0];
    }
}
