package dev.tidemark.config;

/** Gives an expression another place: that of the parentheses around it. */
final class Respan {
    private Respan() {}

    static Expr at(Expr expr, Span span) {
        return switch (expr) {
            case Expr.Literal(double value, Unit unit, Span was) -> new Expr.Literal(value, unit, span);
            case Expr.SignalRef(Signal signal, Span was) -> new Expr.SignalRef(signal, span);
            case Expr.Negate(Expr operand, Span was) -> new Expr.Negate(operand, span);
            case Expr.Arithmetic it -> new Expr.Arithmetic(it.operator(), it.left(), it.right(), it.unit(), span);
            case Expr.Comparison it -> new Expr.Comparison(it.relation(), it.left(), it.right(), span);
            case Expr.Not(Expr operand, Span was) -> new Expr.Not(operand, span);
            case Expr.And(Expr left, Expr right, Span was) -> new Expr.And(left, right, span);
            case Expr.Or(Expr left, Expr right, Span was) -> new Expr.Or(left, right, span);
            case Expr.For it -> new Expr.For(it.condition(), it.duration(), span);
            case Expr.Hold it -> new Expr.Hold(it.condition(), it.duration(), span);
            case Expr.Windowed it -> new Expr.Windowed(it.window(), it.operand(), it.over(), it.unit(), span);
        };
    }
}
