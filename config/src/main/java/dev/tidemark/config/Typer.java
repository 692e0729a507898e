package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the nodes of an expression and checks that their operands fit.
 *
 * <p>Null for an operand means that its problem is told; so nothing is told twice.
 */
final class Typer {
    private static final Duration MIN_STALL = Duration.ofNanos(1000);
    private static final Duration MIN_TRIGGER = Duration.ofMillis(500);
    private static final Duration MAX_TRIGGER = Duration.ofSeconds(10);

    private final Problems problems;
    private final Lets lets;
    private final TypeMessages messages;

    Typer(Problems problems, Lets lets) {
        this.problems = problems;
        this.lets = lets;
        this.messages = new TypeMessages(problems.source());
    }

    /** A signal or a name for an expression. */
    @Nullable
    Expr word(Token name) {
        if (lets.contains(name.text())) {
            @Nullable Expr body = lets.use(name, problems);
            return body == null ? null : new Expr.Named(name.text(), body, name.span());
        }
        @Nullable Signal signal = signal(name);
        return signal == null ? null : new Expr.SignalRef(signal, name.span());
    }

    private @Nullable Signal signal(Token name) {
        @Nullable Signal signal = Signal.named(name.text());
        if (signal == null) {
            problems.add(name.span(), Words.unknownSignal(name.text(), lets.names()));
        }
        return signal;
    }

    /**
     * @param path without quotes
     */
    @Nullable
    Expr elsewhere(Token path, Token name, Span start) {
        @Nullable String wrong = GlobSyntax.notOne(path.text());
        if (wrong != null) {
            problems.add(path.span(), wrong);
        }
        @Nullable Signal signal = signal(name);
        if (signal == null || wrong != null) {
            return null;
        }
        if (signal.scope() == Signal.Scope.HOST) {
            problems.add(
                    name.span(), "%s is the host's; write it without cgroup(...)".formatted(Shown.quoted(name.text())));
            return null;
        }
        return new Expr.Elsewhere(path.text(), signal, start.to(name.span()));
    }

    /** The value, unless it has one only over a window and is not given that. */
    @Nullable
    Expr settled(@Nullable Expr value) {
        if (value != null && Traits.isBareShare(value)) {
            problems.add(value.span(), messages.shareOverWindow(value));
            return null;
        }
        return value;
    }

    /**
     * @param least as written
     * @param conditions null for those whose problem is told
     */
    @Nullable
    Expr atLeast(Token least, List<@Nullable Expr> conditions, Span span) {
        List<Expr> truths = new ArrayList<>();
        for (@Nullable Expr condition : conditions) {
            if (conditions.size() == 1 && condition != null && condition.unit() != Unit.TRUTH) {
                problems.add(least.span(), "\"of\" takes a share; write " + least.text() + "% of ...");
                return null;
            }
            @Nullable Expr truth = truth("of", condition);
            if (truth != null) {
                truths.add(truth);
            }
        }
        double wanted = least.value();
        if (wanted < 1 || wanted > conditions.size() || wanted != Math.rint(wanted)) {
            problems.add(
                    least.span(),
                    "%s of %d conditions; a whole number from 1 to %2$d is possible"
                            .formatted(least.text(), conditions.size()));
            return null;
        }
        return truths.size() == conditions.size() ? new Expr.AtLeast((int) wanted, truths, span) : null;
    }

    @Nullable
    Expr then(@Nullable Expr first, @Nullable Expr second, @Nullable Timespan within) {
        @Nullable Expr before = truth("then", first);
        @Nullable Expr after = truth("then", second);
        return before != null && after != null && within != null
                ? new Expr.Then(before, after, within.duration(), before.span().to(within.span()))
                : null;
    }

    @Nullable
    Expr pressure(Token name, @Nullable Timespan stall, @Nullable Timespan window) {
        PressureName.@Nullable Found found = PressureName.find(name, problems);
        if (found == null || stall == null || window == null) {
            return null;
        }
        if (window.duration().compareTo(MIN_TRIGGER) < 0 || window.duration().compareTo(MAX_TRIGGER) > 0) {
            problems.add(window.span(), "a trigger's window is 500ms to 10s, which is the kernel's range");
            return null;
        }
        if (stall.duration().compareTo(MIN_STALL) < 0 || stall.duration().compareTo(window.duration()) > 0) {
            problems.add(stall.span(), "a trigger's stall is 1us to its window");
            return null;
        }
        Span span = name.span().to(window.span());
        return new Expr.Pressure(found.resource(), found.full(), stall.duration(), window.duration(), span);
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
        if (truth == null || time == null) {
            return null;
        }
        Expr bare = Traits.bare(truth);
        if (bare instanceof Expr.Edge || bare instanceof Expr.Changed) {
            problems.add(truth.span(), messages.momentary(truth) + ", and never for a time; leave \"for\" out");
            return null;
        }
        return new Expr.For(truth, time.duration(), truth.span().to(time.span()));
    }

    @Nullable
    Expr hold(@Nullable Expr condition, @Nullable Timespan time) {
        @Nullable Expr truth = truth("hold", condition);
        return truth != null && time != null
                ? new Expr.Hold(truth, time.duration(), truth.span().to(time.span()))
                : null;
    }

    /** The operand if it is a truth. */
    @Nullable
    Expr truth(String word, @Nullable Expr operand) {
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
        if (operator == Operator.DIVIDE && Traits.bare(right) instanceof Expr.Literal literal && literal.value() == 0) {
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
}
