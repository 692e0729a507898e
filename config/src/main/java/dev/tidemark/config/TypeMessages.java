package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says what is wrong when operands do not fit, and what was probably meant. */
final class TypeMessages {
    private final SourceText source;

    TypeMessages(SourceText source) {
        this.source = source;
    }

    String truthWanted(String who, Expr operand) {
        String cure = operand.unit() == Unit.BYTES
                ? "compare it, as in usage > 80% of limit"
                : "compare it with something of its kind";
        return "%s needs a truth but %s is %s; %s"
                .formatted(who, text(operand), operand.unit().description(), cure);
    }

    String shareWanted(Expr left) {
        return left instanceof Expr.Literal && left.unit() == Unit.COUNT
                ? "\"of\" takes a share; write %s%% of ...".formatted(quote(left))
                : "\"of\" takes a share such as 80%% on its left but %s is %s"
                        .formatted(text(left), left.unit().description());
    }

    String shareOverWindow(Expr value) {
        return "%s has a value only over a window; write %s over 10s".formatted(text(value), quote(value));
    }

    /** The start of a sentence. */
    String momentary(Expr part) {
        return text(part) + " holds for an instant only";
    }

    String onlyGrows(String function, Expr operand) {
        return "%s only grows, so %s of it tells nothing; write %s"
                .formatted(text(operand), function, rateInside(function, operand));
    }

    private String rateInside(String function, Expr operand) {
        String rate = "rate(" + quote(operand) + ", 5s)";
        return switch (function) {
            case "deriv" -> rate;
            case "quantile" -> "quantile(" + rate + ", 95%, 1m)";
            default -> function + "(" + rate + ", 1m)";
        };
    }

    /** Cgroups come and go, and the sum of their counters with them. */
    String unsteadyTotal(Expr.Across total) {
        String name = total.aggregate().name().toLowerCase(Locale.ROOT);
        return "%s drops whenever a cgroup goes; write %s(rate(%s, 5s))"
                .formatted(text(total), name, quote(total.operand()));
    }

    String shared(String aggregate, Expr part) {
        return "%s is one value, the same for all cgroups; write it without %s(...)".formatted(text(part), aggregate);
    }

    String momentaryInside(String aggregate, Expr part) {
        return "%s, in which nobody looks at all cgroups; write %s(%s hold 1s)"
                .formatted(momentary(part), aggregate, quote(part));
    }

    String noRate(Expr operand) {
        return "%s is %s, and a rate of that has no unit; write delta(...) for its change or over for its mean"
                .formatted(text(operand), operand.unit().description());
    }

    String incomparable(Relation relation, Expr left, Expr right) {
        if (left.unit() == Unit.TRUTH || right.unit() == Unit.TRUTH) {
            Expr truth = left.unit() == Unit.TRUTH ? left : right;
            return "%s is a truth already and cannot be compared; combine truths with and, or, not"
                    .formatted(text(truth));
        }
        @Nullable String cure = bareNumber(left, right.unit());
        if (cure == null) {
            cure = bareNumber(right, left.unit());
        }
        if (cure == null) {
            cure = windowed(
                    left, right.unit(), quote(left) + " over 2s", " " + relation.symbol() + " " + quote(right), true);
        }
        if (cure == null) {
            cure = windowed(
                    right, left.unit(), quote(right) + " over 2s", quote(left) + " " + relation.symbol() + " ", false);
        }
        if (cure == null && left.unit() == Unit.BYTES && right.unit() == Unit.RATIO) {
            cure = "; write %s %s %s of limit".formatted(quote(left), relation.symbol(), quote(right));
        }
        return "cannot compare " + pair(left, "with", right) + (cure == null ? "" : cure);
    }

    String uncombinable(Operator operator, Expr left, Expr right) {
        String verb = switch (operator) {
            case ADD -> "add";
            case SUBTRACT -> "subtract";
            case MULTIPLY -> "multiply";
            case DIVIDE -> "divide";
        };
        if (left.unit() == Unit.TRUTH || right.unit() == Unit.TRUTH) {
            return "cannot %s truths: %s".formatted(verb, text(left.unit() == Unit.TRUTH ? left : right));
        }
        @Nullable String cure = null;
        if (operator == Operator.ADD || operator == Operator.SUBTRACT) {
            cure = bareNumber(left, right.unit());
            cure = cure == null ? bareNumber(right, left.unit()) : cure;
            if (cure == null && left.unit() == Unit.BYTES && right.unit() == Unit.RATIO) {
                cure = "; write %s of %s".formatted(quote(right), quote(left));
            }
        }
        return "cannot " + verb + " " + pair(left, "and", right) + (cure == null ? "" : cure);
    }

    private String pair(Expr left, String with, Expr right) {
        return "%s %s %s: %s, %s"
                .formatted(left.unit().description(), with, right.unit().description(), is(left), is(right));
    }

    private static @Nullable String bareNumber(Expr expr, Unit wanted) {
        boolean bare = expr instanceof Expr.Literal && expr.unit() == Unit.COUNT;
        return bare && wanted != Unit.COUNT
                ? "; give the number a unit: " + Units.example(expr.toString(), wanted)
                : null;
    }

    /** A counter beside a rate: its change per time was meant. */
    private static @Nullable String windowed(Expr expr, Unit other, String over, String rest, boolean first) {
        if (expr instanceof Expr.Literal || Units.perSecond(expr.unit()) != other) {
            return null;
        }
        if (expr.unit() == Unit.DURATION && !Traits.accumulates(expr)) {
            return null;
        }
        String value = over.substring(0, over.length() - " over 2s".length());
        String meant = expr.unit() == Unit.DURATION ? over : "rate(" + value + ", 5s)";
        return "; write " + (first ? meant + rest : rest + meant);
    }

    private String is(Expr expr) {
        boolean counter = !(expr instanceof Expr.Arithmetic) && Traits.accumulates(expr);
        String grows = counter ? " that only grows" : "";
        return text(expr) + " is " + expr.unit().description() + grows;
    }

    private String text(Expr expr) {
        return Shown.quoted(quote(expr));
    }

    private String quote(Expr expr) {
        return source.quote(expr.span());
    }
}
