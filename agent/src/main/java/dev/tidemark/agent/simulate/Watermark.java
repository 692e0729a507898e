package dev.tidemark.agent.simulate;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A usage at which a condition becomes true whatever else is the case.
 *
 * @param start whether it starts the policy; otherwise it stops it
 * @param bytes above which, or below which
 */
record Watermark(String policy, boolean start, double bytes) {

    /**
     * Those of a policy. A condition has one where usage is compared with what limits and constants make, alone or beside an
     * {@code or}; a condition that needs more than that has none.
     *
     * @param limits the cgroup's, by signal; NaN for what is unknown
     */
    static List<Watermark> of(Policy policy, ToDoubleFunction<Signal> limits) {
        List<Watermark> marks = new ArrayList<>();
        collect(policy.name(), true, policy.start(), limits, marks);
        collect(policy.name(), false, policy.stop(), limits, marks);
        return List.copyOf(marks);
    }

    private static void collect(
            String policy, boolean start, Expr condition, ToDoubleFunction<Signal> limits, List<Watermark> into) {
        switch (condition) {
            case Expr.Or or -> or.children().forEach(side -> collect(policy, start, side, limits, into));
            case Expr.For held -> collect(policy, start, held.condition(), limits, into);
            case Expr.Hold held -> collect(policy, start, held.condition(), limits, into);
            case Expr.Named named -> collect(policy, start, named.body(), limits, into);
            case Expr.Comparison comparison -> {
                boolean left = isUsage(comparison.left());
                if (left != isUsage(comparison.right()) && above(comparison.relation(), left) == start) {
                    double bytes = value(left ? comparison.right() : comparison.left(), limits);
                    if (Double.isFinite(bytes) && isOrder(comparison.relation())) {
                        into.add(new Watermark(policy, start, bytes));
                    }
                }
            }
            default -> {}
        }
    }

    private static boolean isUsage(Expr expr) {
        return switch (expr) {
            case Expr.SignalRef ref -> ref.signal() == Signal.USAGE;
            case Expr.Named named -> isUsage(named.body());
            default -> false;
        };
    }

    private static boolean isOrder(Relation relation) {
        return relation != Relation.EQUAL && relation != Relation.NOT_EQUAL;
    }

    private static boolean above(Relation relation, boolean usageIsLeft) {
        boolean greater = relation == Relation.GREATER || relation == Relation.GREATER_OR_EQUAL;
        return greater == usageIsLeft;
    }

    private static double value(Expr expr, ToDoubleFunction<Signal> limits) {
        return switch (expr) {
            case Expr.Literal literal -> literal.value();
            case Expr.Named named -> value(named.body(), limits);
            case Expr.Negate negate -> -value(negate.operand(), limits);
            case Expr.SignalRef ref when ref.unit() == Unit.BYTES -> limits.applyAsDouble(ref.signal());
            case Expr.Arithmetic sum -> {
                double left = value(sum.left(), limits);
                double right = value(sum.right(), limits);
                yield switch (sum.operator()) {
                    case ADD -> left + right;
                    case SUBTRACT -> left - right;
                    case MULTIPLY -> left * right;
                    case DIVIDE -> left / right;
                };
            }
            default -> Double.NaN;
        };
    }
}
