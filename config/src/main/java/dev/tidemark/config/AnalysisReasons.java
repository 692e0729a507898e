package dev.tidemark.config;

import dev.tidemark.config.AnalysisTruth.Mode;

/** Says in a clause why a truth can never be what it is asked to be. */
final class AnalysisReasons {
    private AnalysisReasons() {}

    /**
     * @param expr can never be {@code mode}, while its parts can
     * @param mode true or false
     */
    static String of(Expr expr, Mode mode) {
        return switch (AnalysisTerm.plain(expr)) {
            case Expr.Comparison it -> comparison(it);
            case Expr.And it
            when mode == Mode.TRUE -> "%s and %s exclude each other".formatted(shown(it.left()), shown(it.right()));
            case Expr.Or it
            when mode == Mode.FALSE -> "where %s does not hold, %s does".formatted(shown(it.left()), shown(it.right()));
            case Expr.AtLeast it when mode == Mode.TRUE -> "%d of these never hold together".formatted(it.least());
            case Expr.AtLeast it -> "%d of these always hold".formatted(it.least());
            case Expr.Edge it -> "%s never changes".formatted(shown(it.condition()));
            case Expr.Then it -> "%s never holds".formatted(shown(it.first()));
            default -> shown(expr) + (mode == Mode.TRUE ? " never holds" : " always holds");
        };
    }

    private static String comparison(Expr.Comparison it) {
        AnalysisTerm term = AnalysisTerm.of(it);
        boolean constantLeft = !Double.isNaN(AnalysisTerm.constant(it.left()));
        boolean constantRight = !Double.isNaN(AnalysisTerm.constant(it.right()));
        if (constantLeft && constantRight) {
            return "both sides are constants";
        }
        if (it.left().sameAs(it.right())) {
            return "both sides are the same";
        }
        if (constantLeft || constantRight) {
            Expr value = constantLeft ? it.right() : it.left();
            return "%s is %s".formatted(shown(value), range(term.range(), value.unit()));
        }
        return "%s is %s and %s is %s"
                .formatted(
                        shown(it.left()),
                        range(AnalysisRange.of(it.left()), it.left().unit()),
                        shown(it.right()),
                        range(AnalysisRange.of(it.right()), it.right().unit()));
    }

    private static String range(AnalysisRange range, Unit unit) {
        boolean below = range.low() != Double.NEGATIVE_INFINITY;
        boolean above = range.high() != Double.POSITIVE_INFINITY;
        String low = unit.format(range.low());
        String high = unit.format(range.high());
        if (below && above) {
            return range.low() == range.high() ? low : low + " to " + high;
        }
        return below ? "never below " + low : above ? "never above " + high : "any value";
    }

    private static String shown(Expr expr) {
        return AnalysisConditions.shown(expr);
    }
}
