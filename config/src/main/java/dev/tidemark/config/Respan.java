package dev.tidemark.config;

/** Gives an expression another place: that of the parentheses around it. */
final class Respan {
    private Respan() {}

    static Expr at(Expr expr, Span span) {
        return switch (expr) {
            case Expr.Literal it -> new Expr.Literal(it.value(), it.unit(), span);
            case Expr.SignalRef it -> new Expr.SignalRef(it.signal(), span);
            case Expr.Elsewhere it -> new Expr.Elsewhere(it.path(), it.signal(), span);
            case Expr.Negate it -> new Expr.Negate(it.operand(), span);
            case Expr.Arithmetic it -> new Expr.Arithmetic(it.operator(), it.left(), it.right(), it.unit(), span);
            case Expr.Comparison it -> new Expr.Comparison(it.relation(), it.left(), it.right(), span);
            case Expr.Not it -> new Expr.Not(it.operand(), span);
            case Expr.And it -> new Expr.And(it.left(), it.right(), span);
            case Expr.Or it -> new Expr.Or(it.left(), it.right(), span);
            case Expr.AtLeast it -> new Expr.AtLeast(it.least(), it.conditions(), span);
            case Expr.Then it -> new Expr.Then(it.first(), it.second(), it.within(), span);
            case Expr.For it -> new Expr.For(it.condition(), it.duration(), span);
            case Expr.Hold it -> new Expr.Hold(it.condition(), it.duration(), span);
            case Expr.Edge it -> new Expr.Edge(it.rising(), it.condition(), span);
            case Expr.Changed it -> new Expr.Changed(it.operand(), span);
            case Expr.Pressure it -> new Expr.Pressure(it.resource(), it.full(), it.stall(), it.window(), span);
            case Expr.Windowed it ->
                new Expr.Windowed(it.window(), it.operand(), it.over(), it.tumbling(), it.unit(), span);
            case Expr.Quantile it -> new Expr.Quantile(it.share(), it.operand(), it.over(), span);
            case Expr.Count it -> new Expr.Count(it.condition(), it.over(), it.tumbling(), span);
            case Expr.Across it -> new Expr.Across(it.aggregate(), it.operand(), span);
            case Expr.Call it -> new Expr.Call(it.function(), it.arguments(), it.unit(), span);
            case Expr.Named it -> new Expr.Named(it.name(), it.body(), span);
        };
    }
}
