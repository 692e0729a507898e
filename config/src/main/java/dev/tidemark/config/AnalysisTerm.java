package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A comparison in normal form: the value named {@code key} stands in {@code relation} to {@code bound}.
 *
 * <p>Of {@code usage > 80% of limit} the key is {@code usage per limit}, so that two marks of one limit can be compared without
 * knowing it. Nothing is divided: {@code a > c * t} and {@code a < d * t} exclude each other for {@code c >= d} and {@code t >= 0}
 * because rounding is monotone.
 *
 * @param key equal keys have equal values at one instant
 * @param range what the value can be
 * @param relation of the value to the bound
 * @param bound never NaN
 * @param loose whether the value stands for two, of which the second may be 0: then {@code >= c} and {@code <= d} hold together
 *     even for {@code c > d}
 */
record AnalysisTerm(String key, AnalysisRange range, Relation relation, double bound, boolean loose) {

    /** A factor that is constant, and what it is a factor of. */
    private record Scaled(double factor, Expr of) {}

    static AnalysisTerm of(Expr.Comparison comparison) {
        Expr left = plain(comparison.left());
        Expr right = plain(comparison.right());
        Relation relation = comparison.relation();
        double leftValue = constant(left);
        double rightValue = constant(right);
        if (!Double.isNaN(rightValue)) {
            return new AnalysisTerm(key(left), AnalysisRange.of(left), relation, rightValue, false);
        }
        if (!Double.isNaN(leftValue)) {
            return new AnalysisTerm(key(right), AnalysisRange.of(right), turned(relation), leftValue, false);
        }
        @Nullable Scaled leftScaled = scaled(left);
        @Nullable Scaled rightScaled = scaled(right);
        if (rightScaled != null && leftScaled == null) {
            return ratio(left, relation, rightScaled);
        }
        if (leftScaled != null && rightScaled == null) {
            return ratio(right, turned(relation), leftScaled);
        }
        boolean inOrder = left.toString().compareTo(right.toString()) >= 0;
        return inOrder
                ? ratio(left, relation, new Scaled(1, right))
                : ratio(right, turned(relation), new Scaled(1, left));
    }

    private static AnalysisTerm ratio(Expr value, Relation relation, Scaled mark) {
        AnalysisRange range = AnalysisRange.of(value);
        AnalysisRange of = AnalysisRange.of(mark.of);
        boolean same = key(value).equals(key(mark.of));
        if (!same && range.low() >= 0 && of.low() >= 0) {
            return new AnalysisTerm(
                    key(value) + " per " + key(mark.of), AnalysisRange.FROM_ZERO, relation, mark.factor, true);
        }
        return side(value, relation, mark, same);
    }

    /** Nothing is known but on which side of the mark the value is: -1, 0 or 1. */
    private static AnalysisTerm side(Expr value, Relation relation, Scaled mark, boolean same) {
        String key = "side of " + key(value) + " from " + mark.factor + " of " + key(mark.of);
        if (same && mark.factor == 1) {
            return new AnalysisTerm(key, new AnalysisRange(0, 0), relation, 0, false);
        }
        AnalysisRange range = AnalysisRange.of(value);
        AnalysisRange of = AnalysisRange.of(mark.of);
        double low = range.low() > mark.factor * of.high() ? 1 : range.low() >= mark.factor * of.high() ? 0 : -1;
        double high = range.high() < mark.factor * of.low() ? -1 : range.high() <= mark.factor * of.low() ? 0 : 1;
        boolean monotone = mark.factor > 0;
        return new AnalysisTerm(
                key, monotone ? new AnalysisRange(low, high) : new AnalysisRange(-1, 1), relation, 0, false);
    }

    /** A factor of 0 makes nothing of infinity and is left alone. */
    private static @Nullable Scaled scaled(Expr expr) {
        if (expr instanceof Expr.Arithmetic it && it.operator() == Operator.MULTIPLY) {
            double left = constant(it.left());
            double right = constant(it.right());
            if (!Double.isNaN(left) && left != 0 && !Double.isInfinite(left)) {
                return new Scaled(left, plain(it.right()));
            }
            if (!Double.isNaN(right) && right != 0 && !Double.isInfinite(right)) {
                return new Scaled(right, plain(it.left()));
            }
        }
        return null;
    }

    /** Without the name that it goes by. */
    static Expr plain(Expr expr) {
        Expr body = expr;
        while (body instanceof Expr.Named named) {
            body = named.body();
        }
        return body;
    }

    /** The value of what is made of literals alone, otherwise NaN. */
    static double constant(Expr expr) {
        return switch (plain(expr)) {
            case Expr.Literal it -> it.value();
            case Expr.Negate it -> -constant(it.operand());
            case Expr.Arithmetic it -> {
                double left = constant(it.left());
                double right = constant(it.right());
                yield switch (it.operator()) {
                    case ADD -> left + right;
                    case SUBTRACT -> left - right;
                    case MULTIPLY -> left * right;
                    case DIVIDE -> left / right;
                };
            }
            default -> Double.NaN;
        };
    }

    /** The text; what an added function makes may differ each time, therefore also the place. */
    static String key(Expr expr) {
        String text = plain(expr).toString();
        return calls(expr)
                ? text + " at " + expr.span().line() + ':' + expr.span().column()
                : text;
    }

    private static boolean calls(Expr expr) {
        List<Expr> children = expr.children();
        return expr instanceof Expr.Call || children.stream().anyMatch(AnalysisTerm::calls);
    }

    private static Relation turned(Relation relation) {
        return switch (relation) {
            case LESS -> Relation.GREATER;
            case LESS_OR_EQUAL -> Relation.GREATER_OR_EQUAL;
            case GREATER -> Relation.LESS;
            case GREATER_OR_EQUAL -> Relation.LESS_OR_EQUAL;
            case EQUAL -> Relation.EQUAL;
            case NOT_EQUAL -> Relation.NOT_EQUAL;
        };
    }

    static Relation negated(Relation relation) {
        return switch (relation) {
            case LESS -> Relation.GREATER_OR_EQUAL;
            case LESS_OR_EQUAL -> Relation.GREATER;
            case GREATER -> Relation.LESS_OR_EQUAL;
            case GREATER_OR_EQUAL -> Relation.LESS;
            case EQUAL -> Relation.NOT_EQUAL;
            case NOT_EQUAL -> Relation.EQUAL;
        };
    }
}
