package dev.tidemark.config;

import dev.tidemark.config.Expr.And;
import dev.tidemark.config.Expr.Arithmetic;
import dev.tidemark.config.Expr.Comparison;
import dev.tidemark.config.Expr.For;
import dev.tidemark.config.Expr.Hold;
import dev.tidemark.config.Expr.Literal;
import dev.tidemark.config.Expr.Negate;
import dev.tidemark.config.Expr.Not;
import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Or;
import dev.tidemark.config.Expr.SignalRef;
import dev.tidemark.config.Expr.Windowed;

/** The canonical text of an expression, with parentheses only where the grammar needs them. */
final class ExprText {
    private final StringBuilder out = new StringBuilder();

    private ExprText() {}

    static String of(Expr expr) {
        ExprText text = new ExprText();
        text.write(expr);
        return text.out.toString();
    }

    /** How tightly the outermost operator binds: the levels of the grammar, loosest first. */
    private static int binding(Expr expr) {
        return switch (expr) {
            case Or or -> 0;
            case And and -> 1;
            case Not not -> 2;
            case For timed -> 3;
            case Hold timed -> 3;
            case Comparison comparison -> 4;
            case Arithmetic sum when sum.operator() == Operator.ADD || sum.operator() == Operator.SUBTRACT -> 5;
            case Arithmetic product -> 6;
            case Negate negate -> 7;
            case Windowed windowed when windowed.window() == Expr.Window.MEAN -> 8;
            case Windowed call -> 9;
            case Literal literal -> 9;
            case SignalRef signal -> 9;
        };
    }

    private void write(Expr expr) {
        int own = binding(expr);
        switch (expr) {
            case Literal literal -> out.append(LiteralText.of(literal.value(), literal.unit()));
            case SignalRef ref -> out.append(ref.signal().dotted());
            case Negate negate -> {
                out.append('-');
                operand(negate.operand(), own);
            }
            case Arithmetic arithmetic ->
                binary(arithmetic.left(), own, symbol(arithmetic), arithmetic.right(), own + 1);
            case Comparison comparison ->
                binary(comparison.left(), own + 1, comparison.relation().symbol(), comparison.right(), own + 1);
            case Not not -> {
                out.append("not ");
                operand(not.operand(), own);
            }
            case And and -> binary(and.left(), own, "and", and.right(), own + 1);
            case Or or -> binary(or.left(), own, "or", or.right(), own + 1);
            case For timed -> {
                operand(timed.condition(), own);
                out.append(" for ").append(LiteralText.of(timed.duration()));
            }
            case Hold timed -> {
                operand(timed.condition(), own);
                out.append(" hold ").append(LiteralText.of(timed.duration()));
            }
            case Windowed windowed -> windowed(windowed, own);
        }
    }

    private void windowed(Windowed windowed, int own) {
        switch (windowed.window()) {
            case MEAN -> {
                operand(windowed.operand(), own);
                out.append(" over ").append(LiteralText.of(windowed.over()));
            }
            case RATE, DELTA -> {
                out.append(windowed.window() == Expr.Window.RATE ? "rate(" : "delta(");
                write(windowed.operand());
                out.append(", ").append(LiteralText.of(windowed.over())).append(')');
            }
        }
    }

    /** A share of something reads as people say it: 80% of limit. */
    private static String symbol(Arithmetic arithmetic) {
        boolean share = arithmetic.operator() == Operator.MULTIPLY
                && arithmetic.left() instanceof Literal literal
                && literal.unit() == Unit.RATIO;
        return share ? "of" : arithmetic.operator().symbol();
    }

    private void binary(Expr left, int leftLevel, String symbol, Expr right, int rightLevel) {
        operand(left, leftLevel);
        out.append(' ').append(symbol).append(' ');
        operand(right, rightLevel);
    }

    private void operand(Expr expr, int level) {
        boolean grouped = binding(expr) < level;
        if (grouped) {
            out.append('(');
        }
        write(expr);
        if (grouped) {
            out.append(')');
        }
    }
}
