package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Window;
import dev.tidemark.config.Signal;
import java.time.Duration;

/** Makes the nodes that look at a value's course, each with as much memory as it needs. */
final class Windows {
    private static final Duration LEAST_FILL = Duration.ofSeconds(1);

    private final Sources sources;
    private final Program.State state;
    private final Duration period;

    Windows(Sources sources, Program.State state, Duration period) {
        this.sources = sources;
        this.state = state;
        this.period = period;
    }

    Node window(Expr.Windowed it, Node node) {
        Expr value = it.operand();
        long over = it.over().toNanos();
        Window window = it.window();
        if (it.tumbling()) {
            state.begin("tumbling " + window + over);
            return new TumblingNode(
                    window,
                    WindowNode.Sum.of(window, isCounter(value)),
                    operand(value, node),
                    over,
                    state.longs(TumblingNode.LONGS),
                    state.doubles(TumblingNode.DOUBLES));
        }
        return switch (window) {
            case RATE, DELTA, MEAN -> change(window, value, node, it.over());
            case DERIV -> slope(value, node, it.over());
            case EWMA -> decaying(value, node, over);
            case MIN, MAX -> extreme(window == Window.MAX, value, node, over);
            case SHARE -> throw new IllegalArgumentException("a share is made of two windows: " + it);
        };
    }

    /** The change of a counter or a gauge. */
    Node change(Expr value, Node node, Duration over) {
        return change(Window.DELTA, value, node, over);
    }

    private Node change(Window window, Expr value, Node node, Duration over) {
        Points points = points("change " + window, value, over.toNanos());
        return new ChangeNode(
                window, isCounter(value), operand(value, node), points, state.doubles(ChangeNode.DOUBLES));
    }

    private Node slope(Expr value, Node node, Duration over) {
        Points points = points("slope", value, over.toNanos());
        return new SampleNode.Slope(operand(value, node), points, state.doubles(SampleNode.Slope.DOUBLES));
    }

    /** How fast usage grows: over as short a time as can tell a trend from a jump. */
    Node fillRate(Expr usage, Node node) {
        Duration twice = period.multipliedBy(2);
        return slope(usage, node, twice.compareTo(LEAST_FILL) < 0 ? LEAST_FILL : twice);
    }

    Node quantile(Expr.Quantile it, Node node) {
        Points points = points("rank" + it.share(), it.operand(), it.over().toNanos());
        return new SampleNode.Rank(
                it.share(), operand(it.operand(), node), points, state.doubles(SampleNode.Rank.DOUBLES));
    }

    private Node decaying(Expr value, Node node, long over) {
        state.begin("decaying " + over);
        return new SampleNode.Decaying(
                operand(value, node),
                over,
                state.longs(SampleNode.Decaying.LONGS),
                state.doubles(SampleNode.Decaying.DOUBLES));
    }

    private Node extreme(boolean greatest, Expr value, Node node, long over) {
        int spacings = spacings(value, over);
        int capacity = SampleNode.Extreme.capacity(spacings);
        state.begin("extreme " + greatest + over + "/" + spacings);
        return new SampleNode.Extreme(
                greatest,
                operand(value, node),
                over,
                Math.ceilDiv(over, spacings),
                capacity,
                state.longs(SampleNode.Extreme.longs(capacity)),
                state.doubles(SampleNode.Extreme.doubles(capacity)));
    }

    private Points points(String of, Expr value, long over) {
        int spacings = spacings(value, over);
        int capacity = Points.capacity(spacings);
        state.begin(of + over + "/" + spacings);
        return new Points(
                over,
                Math.ceilDiv(over, spacings),
                capacity,
                state.longs(Points.longs(capacity)),
                state.doubles(Points.doubles(capacity)));
    }

    private Operand operand(Expr value, Node node) {
        return new Operand(node, sources.inputs(value), node instanceof ValueNode.Own(int slot) ? slot : -1);
    }

    /** What comes once a period needs no more; twice the periods leave room for pokes. */
    private int spacings(Expr value, long over) {
        return Reads.of(value).isPeriodic()
                ? Math.clamp(2 * Math.ceilDiv(over, period.toNanos()), 4, Program.MAX_SPACINGS)
                : Program.MAX_SPACINGS;
    }

    /** Whether a fall can only be a reset: a counter, a sum of counters, a share or a multiple of one. */
    private static boolean isCounter(Expr expr) {
        return switch (expr) {
            case Expr.SignalRef(Signal signal, var _) -> signal.counter();
            case Expr.Elsewhere(var _, Signal signal, var _) -> signal.counter();
            case Expr.Named named -> isCounter(named.body());
            case Expr.Arithmetic(var operator, var left, var right, var _, var _) ->
                switch (operator) {
                    case ADD -> isCounter(left) && isCounter(right);
                    case MULTIPLY ->
                        (isCounter(left) && Sources.bare(right) instanceof Expr.Literal)
                                || (Sources.bare(left) instanceof Expr.Literal && isCounter(right));
                    case DIVIDE -> isCounter(left) && Sources.bare(right) instanceof Expr.Literal;
                    case SUBTRACT -> false;
                };
            default -> false;
        };
    }
}
