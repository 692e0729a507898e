package dev.tidemark.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** What expressions come to at some moments, worked out anew each time from the whole past, as plainly as possible. */
final class AnalysisMoments {
    private static final double UNKNOWN = Double.NaN;
    private static final double MIB = 1 << 20;

    /** @param seconds since the first one */
    record Moment(double seconds, Map<Signal, Double> values) {}

    private final List<Moment> moments;

    AnalysisMoments(List<Moment> moments) {
        this.moments = moments;
    }

    static List<Moment> random(SplittableRandom random, int size) {
        List<Moment> moments = new ArrayList<>();
        double seconds = 0;
        double scans = 0;
        double some = 0;
        double full = 0;
        for (int i = 0; i <= size; i++) {
            double passed = random.nextInt(1, 5) / 2.0;
            seconds += passed;
            scans = random.nextInt(12) == 0 ? 0 : scans + random.nextInt(3);
            some += passed * random.nextInt(4) / 3.1;
            full += passed * random.nextInt(4) / 3.1;
            Map<Signal, Double> values = new HashMap<>();
            values.put(Signal.USAGE, random.nextInt(9) * MIB);
            values.put(Signal.SWAP_USAGE, random.nextInt(9) * MIB);
            values.put(Signal.LIMIT, limit(random));
            values.put(Signal.PGSCAN, scans);
            values.put(Signal.PSI_SOME_TOTAL, some);
            values.put(Signal.PSI_FULL_TOTAL, full);
            values.put(Signal.PSI_SOME_AVG10, random.nextInt(5) / 4.0);
            values.replaceAll((signal, value) -> random.nextInt(15) == 0 ? UNKNOWN : value);
            moments.add(new Moment(seconds, values));
        }
        return moments;
    }

    private static double limit(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> Double.POSITIVE_INFINITY;
            default -> random.nextInt(1, 9) * MIB;
        };
    }

    List<Double> values(Expr expr) {
        List<Double> values = new ArrayList<>();
        for (int at = 0; at < moments.size(); at++) {
            values.add(value(expr, at));
        }
        return values;
    }

    private double value(Expr expr, int at) {
        return switch (expr) {
            case Expr.Literal it -> it.value();
            case Expr.SignalRef it -> moments.get(at).values.getOrDefault(it.signal(), UNKNOWN);
            case Expr.Negate it -> -value(it.operand(), at);
            case Expr.Arithmetic it -> {
                double left = value(it.left(), at);
                double right = value(it.right(), at);
                yield switch (it.operator()) {
                    case ADD -> left + right;
                    case SUBTRACT -> left - right;
                    case MULTIPLY -> left * right;
                    case DIVIDE -> left / right;
                };
            }
            case Expr.Windowed it -> window(it, at);
            case Expr.Comparison it -> compare(it.relation(), value(it.left(), at), value(it.right(), at));
            case Expr.Not it -> 1 - value(it.operand(), at);
            case Expr.And it -> atLeast(2, it.children(), at);
            case Expr.Or it -> atLeast(1, it.children(), at);
            case Expr.AtLeast it -> atLeast(it.least(), it.conditions(), at);
            case Expr.For it -> held(it, at);
            case Expr.Hold it -> kept(it, at);
            case Expr.Edge it -> edge(it, at);
            case Expr.Then it -> then(it, at);
            default -> throw new IllegalStateException("not needed here: " + expr);
        };
    }

    private double window(Expr.Windowed it, int at) {
        if (Double.isNaN(value(it.operand(), at))) {
            return UNKNOWN;
        }
        double from = moments.get(at).seconds - it.over().toNanos() / 1e9;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double grown = 0;
        double first = UNKNOWN;
        double before = UNKNOWN;
        double since = UNKNOWN;
        for (int i = 0; i <= at; i++) {
            double value = value(it.operand(), i);
            if (moments.get(i).seconds < from || Double.isNaN(value)) {
                continue;
            }
            least = Math.min(least, value);
            most = Math.max(most, value);
            if (Double.isNaN(before)) {
                first = value;
                since = moments.get(i).seconds;
            } else {
                grown += Math.max(0, value - before);
            }
            before = value;
        }
        double elapsed = moments.get(at).seconds - since;
        boolean gauge =
                it.operand() instanceof Expr.SignalRef ref && !ref.signal().counter();
        return switch (it.window()) {
            case MIN -> least;
            case MAX -> most;
            // Somewhere between the two, which is all that is claimed of it.
            case MEAN -> Double.isInfinite(most) ? UNKNOWN : least + (most - least) / 4;
            case DELTA -> elapsed == 0 ? UNKNOWN : gauge ? before - first : grown;
            case RATE -> elapsed == 0 ? UNKNOWN : grown / elapsed;
            default -> throw new IllegalStateException("not needed here: " + it);
        };
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

    private double atLeast(int least, List<Expr> of, int at) {
        long hold = of.stream().filter(it -> value(it, at) == 1).count();
        long fail = of.stream().filter(it -> value(it, at) == 0).count();
        return hold >= least ? 1 : of.size() - fail < least ? 0 : UNKNOWN;
    }

    private double held(Expr.For it, int at) {
        double now = value(it.condition(), at);
        if (now != 1) {
            return now;
        }
        int since = at;
        while (since > 0 && value(it.condition(), since - 1) == 1) {
            since--;
        }
        return moments.get(at).seconds - moments.get(since).seconds
                        >= it.duration().toNanos() / 1e9
                ? 1
                : 0;
    }

    private double kept(Expr.Hold it, int at) {
        for (int i = at; i >= 0; i--) {
            double ago = moments.get(at).seconds - moments.get(i).seconds;
            if (value(it.condition(), i) == 1 && (i == at || ago < it.duration().toNanos() / 1e9)) {
                return 1;
            }
        }
        return value(it.condition(), at);
    }

    private double edge(Expr.Edge it, int at) {
        double now = value(it.condition(), at);
        if (Double.isNaN(now)) {
            return UNKNOWN;
        }
        for (int i = at - 1; i >= 0; i--) {
            double before = value(it.condition(), i);
            if (!Double.isNaN(before)) {
                return before != now && (now == 1) == it.rising() ? 1 : 0;
            }
        }
        return 0;
    }

    /** Any instant before the onset will do: more than the language lets through, so that less may be claimed. */
    private double then(Expr.Then it, int at) {
        if (value(it.second(), at) != 1) {
            return value(it.second(), at);
        }
        for (int i = 0; i < at; i++) {
            if (value(it.first(), i) == 1) {
                return 1;
            }
        }
        return 0;
    }
}
