package dev.tidemark.config;

import dev.tidemark.config.Expr.Across;
import dev.tidemark.config.Expr.And;
import dev.tidemark.config.Expr.Arithmetic;
import dev.tidemark.config.Expr.AtLeast;
import dev.tidemark.config.Expr.Call;
import dev.tidemark.config.Expr.Changed;
import dev.tidemark.config.Expr.Comparison;
import dev.tidemark.config.Expr.Count;
import dev.tidemark.config.Expr.Edge;
import dev.tidemark.config.Expr.Elsewhere;
import dev.tidemark.config.Expr.For;
import dev.tidemark.config.Expr.Hold;
import dev.tidemark.config.Expr.Literal;
import dev.tidemark.config.Expr.Named;
import dev.tidemark.config.Expr.Negate;
import dev.tidemark.config.Expr.Not;
import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Or;
import dev.tidemark.config.Expr.Pressure;
import dev.tidemark.config.Expr.Quantile;
import dev.tidemark.config.Expr.SignalRef;
import dev.tidemark.config.Expr.Then;
import dev.tidemark.config.Expr.Windowed;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The canonical text of an expression, with parentheses only where the grammar needs them. */
final class ExprText {
    private static final int PRIMARY = 10;

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
            case Or _ -> 0;
            case And _ -> 1;
            case Then _ -> 2;
            case Not _ -> 3;
            case For _ -> 4;
            case Hold _ -> 4;
            case Comparison _ -> 5;
            case Arithmetic sum when sum.operator() == Operator.ADD || sum.operator() == Operator.SUBTRACT -> 6;
            case Arithmetic _ -> 7;
            case Negate _ -> 8;
            case Windowed windowed when postfix(windowed) -> 9;
            case Named named -> binding(named.body());
            case Pressure _ -> 9;
            case Windowed _ -> PRIMARY;
            case Literal _ -> PRIMARY;
            case SignalRef _ -> PRIMARY;
            case Elsewhere _ -> PRIMARY;
            case Quantile _ -> PRIMARY;
            case Count _ -> PRIMARY;
            case Edge _ -> PRIMARY;
            case Changed _ -> PRIMARY;
            case AtLeast _ -> PRIMARY;
            case Across _ -> PRIMARY;
            case Call _ -> PRIMARY;
        };
    }

    private static boolean postfix(Windowed windowed) {
        return windowed.window() == Expr.Window.MEAN || windowed.window() == Expr.Window.SHARE;
    }

    private void write(Expr expr) {
        int own = binding(expr);
        switch (expr) {
            case Literal literal -> out.append(LiteralText.of(literal.value(), literal.unit()));
            case SignalRef ref -> out.append(ref.signal().dotted());
            case Elsewhere it ->
                out.append("cgroup(\"")
                        .append(it.path().replace("\\", "\\\\").replace("\"", "\\\""))
                        .append("\").")
                        .append(it.signal().dotted());
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
            case Then then -> {
                binary(then.first(), own, "then", then.second(), own + 1);
                out.append(" within ").append(LiteralText.of(then.within()));
            }
            case AtLeast it -> call(it.least() + " of ", it.conditions());
            case For timed -> {
                operand(timed.condition(), own);
                out.append(" for ").append(LiteralText.of(timed.duration()));
            }
            case Hold timed -> {
                operand(timed.condition(), own);
                out.append(" hold ").append(LiteralText.of(timed.duration()));
            }
            case Pressure it ->
                out.append(it.resource() == Expr.Resource.MEMORY ? "psi." : "psi." + word(it.resource()) + '.')
                        .append(it.full() ? "full" : "some")
                        .append(" trigger ")
                        .append(LiteralText.of(it.stall()))
                        .append('/')
                        .append(LiteralText.of(it.window()));
            case Edge it -> call(it.rising() ? "rising" : "falling", List.of(it.condition()));
            case Changed it -> call("changed", List.of(it.operand()));
            case Across it -> call(word(it.aggregate()), List.of(it.operand()));
            case Call it -> call(it.function().name(), it.arguments());
            case Named it -> write(it.body());
            case Quantile it -> {
                out.append("quantile(");
                write(it.operand());
                out.append(", ").append(LiteralText.of(it.share(), Unit.RATIO));
                window(it.over(), false);
            }
            case Count it -> {
                out.append("count(");
                write(it.condition());
                window(it.over(), it.tumbling());
            }
            case Windowed it
            when postfix(it) -> {
                operand(it.operand(), own);
                out.append(" over ").append(LiteralText.of(it.over())).append(it.tumbling() ? " tumbling" : "");
            }
            case Windowed it -> {
                out.append(word(it.window())).append('(');
                write(it.operand());
                window(it.over(), it.tumbling());
            }
        }
    }

    /** The last argument of a call. */
    private void window(Duration over, boolean tumbling) {
        out.append(", ").append(LiteralText.of(over)).append(tumbling ? " tumbling)" : ")");
    }

    private void call(String name, List<Expr> arguments) {
        out.append(name).append('(');
        for (int i = 0; i < arguments.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            write(arguments.get(i));
        }
        out.append(')');
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** A share of something reads as people say it: 80% of limit. */
    private static String symbol(Arithmetic arithmetic) {
        boolean share = arithmetic.operator() == Operator.MULTIPLY
                && Traits.bare(arithmetic.left()) instanceof Literal literal
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
