package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.ExprParser.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * Builds the nodes of an expression and checks that their operands fit.
 *
 * <p>Null for an operand means that its problem is told; so nothing is told twice.
 */
final class Typer {
    private final Problems problems;
    private final TypeMessages messages;

    Typer(Problems problems) {
        this.problems = problems;
        this.messages = new TypeMessages(problems.source());
    }

    @Nullable
    Expr signal(Token name) {
        @Nullable Signal signal = Signal.named(name.text());
        if (signal == null) {
            problems.add(name.span(), Words.unknownSignal(name.text()));
            return null;
        }
        return new Expr.SignalRef(signal, name.span());
    }

    @Nullable
    Expr or(@Nullable Expr left, @Nullable Expr right) {
        @Nullable Expr first = truth("or", left);
        @Nullable Expr second = truth("or", right);
        return first != null && second != null
                ? new Expr.Or(first, second, first.span().to(second.span()))
                : null;
    }

    @Nullable
    Expr and(@Nullable Expr left, @Nullable Expr right) {
        @Nullable Expr first = truth("and", left);
        @Nullable Expr second = truth("and", right);
        return first != null && second != null
                ? new Expr.And(first, second, first.span().to(second.span()))
                : null;
    }

    @Nullable
    Expr not(@Nullable Expr operand, Span start) {
        @Nullable Expr truth = truth("not", operand);
        return truth != null ? new Expr.Not(truth, start.to(truth.span())) : null;
    }

    @Nullable
    Expr heldFor(@Nullable Expr condition, @Nullable Timespan time) {
        @Nullable Expr truth = truth("for", condition);
        return truth != null && time != null
                ? new Expr.For(truth, time.duration(), truth.span().to(time.span()))
                : null;
    }

    @Nullable
    Expr hold(@Nullable Expr condition, @Nullable Timespan time) {
        @Nullable Expr truth = truth("hold", condition);
        return truth != null && time != null
                ? new Expr.Hold(truth, time.duration(), truth.span().to(time.span()))
                : null;
    }

    /** The operand if it is a truth. */
    private @Nullable Expr truth(String word, @Nullable Expr operand) {
        if (operand != null && operand.unit() != Unit.TRUTH) {
            problems.add(operand.span(), messages.truthWanted("\"" + word + "\"", operand));
            return null;
        }
        return operand;
    }

    @Nullable
    Expr compare(Relation relation, @Nullable Expr left, @Nullable Expr right) {
        if (left == null || right == null) {
            return null;
        }
        Span span = left.span().to(right.span());
        if (left.unit() == right.unit() && left.unit() != Unit.TRUTH) {
            return new Expr.Comparison(relation, left, right, span);
        }
        problems.add(span, messages.incomparable(relation, left, right));
        return null;
    }

    @Nullable
    Expr negate(@Nullable Expr operand, Span start) {
        if (operand == null) {
            return null;
        }
        if (operand.unit() == Unit.TRUTH) {
            problems.add(start.to(operand.span()), "a truth has no sign; write not instead of -");
            return null;
        }
        return new Expr.Negate(operand, start.to(operand.span()));
    }

    @Nullable
    Expr arithmetic(Operator operator, @Nullable Expr left, @Nullable Expr right, Token symbol) {
        if (left == null || right == null) {
            return null;
        }
        Span span = left.span().to(right.span());
        if (symbol.is("of") && left.unit() != Unit.RATIO) {
            problems.add(left.span(), messages.shareWanted(left));
            return null;
        }
        if (operator == Operator.DIVIDE && right instanceof Expr.Literal literal && literal.value() == 0) {
            problems.add(span, "division by zero");
            return null;
        }
        @Nullable Unit unit = Units.of(operator, left.unit(), right.unit());
        if (unit == null) {
            problems.add(span, messages.uncombinable(operator, left, right));
            return null;
        }
        return new Expr.Arithmetic(operator, left, right, unit, span);
    }

    @Nullable
    Expr over(@Nullable Expr value, @Nullable Timespan window) {
        if (value == null || window == null) {
            return null;
        }
        Span span = value.span().to(window.span());
        if (value.unit() == Unit.TRUTH) {
            problems.add(span, "\"over\" takes a value but this is a truth; for how long it held write \"for\"");
            return null;
        }
        if (!changes(value, span)) {
            return null;
        }
        Expr.Window kind = !accumulates(value)
                ? Expr.Window.MEAN
                : value.unit() == Unit.DURATION ? Expr.Window.RATE : Expr.Window.DELTA;
        Unit unit = kind == Expr.Window.RATE ? Unit.RATIO : value.unit();
        return new Expr.Windowed(kind, value, window.duration(), unit, span);
    }

    @Nullable
    Expr call(Token name, @Nullable Expr operand, @Nullable Timespan window, Span end) {
        if (!Words.FUNCTIONS.contains(name.text())) {
            problems.add(name.span(), Words.unknownFunction(name.text()));
            return null;
        }
        if (operand == null || window == null) {
            return null;
        }
        Span span = name.span().to(end);
        if (operand.unit() == Unit.TRUTH) {
            problems.add(operand.span(), "%s takes a value but this is a truth".formatted(name.text()));
            return null;
        }
        if (!changes(operand, span)) {
            return null;
        }
        boolean rate = name.is("rate");
        @Nullable Unit unit = rate ? Units.perSecond(operand.unit()) : operand.unit();
        if (unit == null) {
            problems.add(operand.span(), messages.noRate(operand));
            return null;
        }
        return new Expr.Windowed(rate ? Expr.Window.RATE : Expr.Window.DELTA, operand, window.duration(), unit, span);
    }

    private boolean changes(Expr operand, Span span) {
        if (isConstant(operand)) {
            problems.add(span, "a constant does not change over time; leave the window out");
            return false;
        }
        return true;
    }

    private static boolean isConstant(Expr expr) {
        return switch (expr) {
            case Expr.Literal literal -> true;
            case Expr.Negate negate -> isConstant(negate.operand());
            case Expr.Arithmetic arithmetic -> isConstant(arithmetic.left()) && isConstant(arithmetic.right());
            default -> false;
        };
    }

    /** Whether a value only grows, so that its course is its change: a counter, sums of counters, multiples of one. */
    static boolean accumulates(Expr expr) {
        return switch (expr) {
            case Expr.SignalRef ref -> ref.signal().counter();
            case Expr.Negate negate -> accumulates(negate.operand());
            case Expr.Arithmetic it ->
                switch (it.operator()) {
                    case ADD, SUBTRACT -> accumulates(it.left()) && accumulates(it.right());
                    case MULTIPLY ->
                        (accumulates(it.left()) && isConstant(it.right()))
                                || (isConstant(it.left()) && accumulates(it.right()));
                    case DIVIDE -> accumulates(it.left()) && isConstant(it.right());
                };
            default -> false;
        };
    }
}
