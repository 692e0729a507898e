package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The values an expression can have when it is known: all lie in this closed interval.
 *
 * <p>Rounding is monotone, so working the ends out in doubles gives ends that hold for all values worked out in doubles.
 *
 * @param low not above {@code high}; negative infinity where there is no end
 * @param high positive infinity where there is no end, and where the value itself may be infinite
 */
record AnalysisRange(double low, double high) {
    static final AnalysisRange ANY = new AnalysisRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    static final AnalysisRange FROM_ZERO = new AnalysisRange(0, Double.POSITIVE_INFINITY);
    private static final AnalysisRange SHARE = new AnalysisRange(0, 1);

    private static final Pattern PRESSURE = Pattern.compile("(host\\.)?psi\\..+");
    private static final Pattern AVERAGE = Pattern.compile("(host\\.)?psi\\..+\\.avg\\d+");

    /** Differences, or counters off which the agent's own work is taken by estimate. */
    private static final Set<String> SIGNED =
            Set.of("headroom", "swap.headroom", "fill_rate", "time_to_limit", "reclaimable");

    private static final Pattern WITHOUT_OWN = Pattern.compile("pg(scan|steal).*");

    static AnalysisRange of(Expr expr) {
        return switch (expr) {
            case Expr.Literal it -> new AnalysisRange(it.value(), it.value());
            case Expr.SignalRef it -> of(it.signal());
            case Expr.Elsewhere it -> of(it.signal());
            case Expr.Named it -> of(it.body());
            case Expr.Negate it -> of(it.operand()).negated();
            case Expr.Arithmetic it -> of(it.left()).apply(it.operator(), of(it.right()));
            case Expr.Windowed it -> windowed(it);
            case Expr.Quantile it -> of(it.operand());
            case Expr.Count _ -> FROM_ZERO;
            case Expr.Across it -> across(it);
            default -> ANY;
        };
    }

    private static AnalysisRange of(Signal signal) {
        String name = signal.dotted();
        if (AVERAGE.matcher(name).matches()) {
            return SHARE;
        }
        return switch (signal.unit()) {
            case BYTES, COUNT, DURATION, RATIO ->
                SIGNED.contains(name) || WITHOUT_OWN.matcher(name).matches() ? ANY : FROM_ZERO;
            case BYTE_RATE, RATE, TRUTH -> ANY;
        };
    }

    private static AnalysisRange windowed(Expr.Windowed it) {
        return switch (it.window()) {
            case MEAN, EWMA, MIN, MAX -> of(it.operand());
            case SHARE -> FROM_ZERO;
            case DERIV -> ANY;
            case DELTA -> isCounter(it.operand()) ? FROM_ZERO : ANY;
            case RATE -> !isCounter(it.operand()) ? ANY : isPressure(it.operand()) ? SHARE : FROM_ZERO;
        };
    }

    private static boolean isPressure(Expr expr) {
        return AnalysisTerm.plain(expr) instanceof Expr.SignalRef ref
                && PRESSURE.matcher(ref.signal().dotted()).matches();
    }

    /** Whether a fall can only be a reset, which counts as no change: then the change over a window is never below 0. */
    private static boolean isCounter(Expr expr) {
        return switch (expr) {
            case Expr.SignalRef it -> it.signal().counter();
            case Expr.Named it -> isCounter(it.body());
            case Expr.Arithmetic it ->
                switch (it.operator()) {
                    case ADD -> isCounter(it.left()) && isCounter(it.right());
                    case MULTIPLY ->
                        (isCounter(it.left()) && it.right() instanceof Expr.Literal)
                                || (it.left() instanceof Expr.Literal && isCounter(it.right()));
                    case DIVIDE -> isCounter(it.left()) && it.right() instanceof Expr.Literal;
                    case SUBTRACT -> false;
                };
            default -> false;
        };
    }

    private static AnalysisRange across(Expr.Across it) {
        AnalysisRange of = of(it.operand());
        return switch (it.aggregate()) {
            case MIN, MAX, MEAN -> of;
            case SUM -> of.low >= 0 ? new AnalysisRange(of.low, Double.POSITIVE_INFINITY) : ANY;
            case COUNT -> FROM_ZERO;
            case ANY, ALL -> ANY;
        };
    }

    private AnalysisRange negated() {
        return new AnalysisRange(-high, -low);
    }

    private AnalysisRange apply(Operator operator, AnalysisRange other) {
        return switch (operator) {
            case ADD -> between(low + other.low, high + other.high);
            case SUBTRACT -> between(low - other.high, high - other.low);
            case MULTIPLY -> product(other);
            // A divisor that may be 0 from either side makes anything.
            case DIVIDE ->
                other.low > 0 ? quotient(other) : low >= 0 && Double.compare(other.low, 0.0) >= 0 ? FROM_ZERO : ANY;
        };
    }

    private AnalysisRange product(AnalysisRange other) {
        if (low >= 0 && other.low >= 0) {
            return between(low * other.low, high * other.high);
        }
        return corners(low * other.low, low * other.high, high * other.low, high * other.high);
    }

    private AnalysisRange quotient(AnalysisRange other) {
        if (low >= 0) {
            return between(low / other.high, high / other.low);
        }
        return corners(low / other.low, low / other.high, high / other.low, high / other.high);
    }

    private static AnalysisRange corners(double a, double b, double c, double d) {
        return between(Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
    }

    /** An end that is not a number (0 times infinity) is no end. */
    private static AnalysisRange between(double low, double high) {
        return new AnalysisRange(
                Double.isNaN(low) ? Double.NEGATIVE_INFINITY : low,
                Double.isNaN(high) ? Double.POSITIVE_INFINITY : high);
    }
}
