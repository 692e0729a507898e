package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.List;

/**
 * What an expression means, written down as plainly as possible: it keeps every instant that was looked at and what was
 * seen, and works each value out anew from the whole past. Of usage and pgscan only.
 */
final class Reference {

    private static final double UNKNOWN = Double.NaN;

    /** An instant that was looked at; {@code sampled} when both signals were read at it. */
    private record Moment(long nanos, boolean sampled, double usage, double pgscan) {}

    private final long stale;
    private final List<Moment> past = new ArrayList<>();

    Reference(long stale) {
        this.stale = stale;
    }

    void see(long nanos, double usage, double pgscan) {
        past.add(new Moment(nanos, true, usage, pgscan));
    }

    void look(long nanos) {
        past.add(new Moment(nanos, false, UNKNOWN, UNKNOWN));
    }

    double value(Expr expr) {
        return value(expr, past.size() - 1);
    }

    /** The value at one of the moments. */
    private double value(Expr expr, int at) {
        return switch (expr) {
            case Expr.Literal literal -> literal.value();
            case Expr.SignalRef(Signal signal, var _) -> signal(signal, at);
            case Expr.Negate negate -> -value(negate.operand(), at);
            case Expr.Arithmetic(var operator, var left, var right, var _, var _) ->
                switch (operator) {
                    case ADD -> value(left, at) + value(right, at);
                    case SUBTRACT -> value(left, at) - value(right, at);
                    case MULTIPLY -> value(left, at) * value(right, at);
                    case DIVIDE -> value(left, at) / value(right, at);
                };
            case Expr.Comparison(var relation, var left, var right, var _) ->
                compare(relation, value(left, at), value(right, at));
            case Expr.Not not -> 1 - value(not.operand(), at);
            case Expr.And and -> {
                double left = value(and.left(), at);
                double right = value(and.right(), at);
                yield left == 0 || right == 0 ? 0 : left == 1 && right == 1 ? 1 : UNKNOWN;
            }
            case Expr.Or or -> {
                double left = value(or.left(), at);
                double right = value(or.right(), at);
                yield left == 1 || right == 1 ? 1 : left == 0 && right == 0 ? 0 : UNKNOWN;
            }
            case Expr.For(var condition, var duration, var _) -> sustained(condition, duration.toNanos(), at);
            case Expr.Hold(var condition, var duration, var _) -> kept(condition, duration.toNanos(), at);
            case Expr.Windowed(var window, var operand, var over, var _, var _) ->
                course(window, operand, over.toNanos(), at);
        };
    }

    private double signal(Signal signal, int at) {
        int sampled = at;
        while (sampled >= 0 && !past.get(sampled).sampled) {
            sampled--;
        }
        if (sampled < 0 || past.get(at).nanos - past.get(sampled).nanos >= stale) {
            return UNKNOWN;
        }
        return signal == Signal.USAGE ? past.get(sampled).usage : past.get(sampled).pgscan;
    }

    private static double compare(Expr.Relation relation, double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return UNKNOWN;
        }
        boolean holds = switch (relation) {
            case LESS -> a < b;
            case LESS_OR_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_OR_EQUAL -> a >= b;
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
        };
        return holds ? 1 : 0;
    }

    private double sustained(Expr condition, long duration, int at) {
        double truth = value(condition, at);
        if (truth != 1) {
            return truth;
        }
        // Back to where it began, or to where nobody had looked for too long.
        int since = at;
        while (since > 0
                && past.get(since).nanos - past.get(since - 1).nanos < stale
                && value(condition, since - 1) == 1) {
            since--;
        }
        return past.get(at).nanos - past.get(since).nanos >= duration ? 1 : 0;
    }

    private double kept(Expr condition, long duration, int at) {
        double truth = value(condition, at);
        if (truth == 1) {
            return 1;
        }
        int last = at;
        while (last >= 0 && value(condition, last) != 1) {
            last--;
        }
        if (last < 0) {
            return truth;
        }
        // It was last seen to hold when it was last sampled; unless it came to hold after that, by a timer.
        int seen = last;
        while (seen > 0 && !past.get(seen).sampled && value(condition, seen - 1) == 1) {
            seen--;
        }
        return past.get(at).nanos < past.get(seen).nanos + duration ? 1 : truth;
    }

    private double course(Expr.Window window, Expr operand, long over, int at) {
        if (Double.isNaN(value(operand, at))) {
            return UNKNOWN;
        }
        // The points since the last gap, the newest last.
        List<Long> times = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int i = 0; i <= at; i++) {
            double value = past.get(i).sampled ? value(operand, i) : UNKNOWN;
            if (Double.isNaN(value)) {
                continue;
            }
            if (!times.isEmpty() && past.get(i).nanos - times.getLast() >= stale) {
                times.clear();
                values.clear();
            }
            times.add(past.get(i).nanos);
            values.add(value);
        }
        if (times.size() < 2) {
            return UNKNOWN;
        }
        boolean counter = operand instanceof Expr.SignalRef(Signal signal, var _) && signal.counter();
        List<Double> sums = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            double before = i == 0 ? 0 : sums.get(i - 1);
            double from = i == 0 ? values.get(i) : values.get(i - 1);
            double elapsed = i == 0 ? 0 : (times.get(i) - times.get(i - 1)) / 1e9;
            sums.add(
                    switch (window) {
                        case MEAN -> before + (from + values.get(i)) / 2 * elapsed;
                        case RATE, DELTA -> counter ? before + Math.max(0, values.get(i) - from) : values.get(i);
                    });
        }
        long end = times.getLast();
        long start = Math.max(times.getFirst(), end - over);
        int next = 1;
        while (times.get(next) <= start) {
            next++;
        }
        double share = (double) (start - times.get(next - 1)) / (times.get(next) - times.get(next - 1));
        double atStart = sums.get(next - 1) + (sums.get(next) - sums.get(next - 1)) * share;
        double change = sums.getLast() - atStart;
        return window == Expr.Window.DELTA ? change : change / ((end - start) / 1e9);
    }
}
