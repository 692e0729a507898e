package dev.tidemark.config;

import dev.tidemark.config.Expr.Aggregate;
import dev.tidemark.config.Expr.Window;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part of {@link Typer} that is about windows and functions; null for an operand means the same here. */
final class CallTyper {
    /** What of a counter is meaningless: it is the level of something that only grows. */
    private static final Set<Operation> OF_LEVELS =
            Set.of(Operation.DERIV, Operation.EWMA, Operation.MIN, Operation.MAX, Operation.MEAN, Operation.QUANTILE);

    private static final Set<Operation> SLIDING = Set.of(Operation.DERIV, Operation.EWMA, Operation.QUANTILE);

    private final Problems problems;
    private final Typer typer;
    private final TypeMessages messages;

    CallTyper(Problems problems, Typer typer) {
        this.problems = problems;
        this.typer = typer;
        this.messages = new TypeMessages(problems.source());
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
        Window kind = kind(value);
        if (kind == Window.SHARE && window.tumbling()) {
            problems.add(window.span(), "shares have no tumbling windows; leave \"tumbling\" out");
            return null;
        }
        Unit unit = kind == Window.RATE ? Unit.RATIO : value.unit();
        return new Expr.Windowed(kind, value, window.duration(), window.tumbling(), unit, span);
    }

    private static Window kind(Expr value) {
        if (Traits.isBareShare(value)) {
            return Window.SHARE;
        }
        if (!Traits.accumulates(value)) {
            return Window.MEAN;
        }
        return value.unit() == Unit.DURATION ? Window.RATE : Window.DELTA;
    }

    /** A function of a value's course. */
    @Nullable
    Expr course(Operation operation, @Nullable Expr operand, @Nullable Timespan window, Span span) {
        if (operation == Operation.COUNT) {
            @Nullable Expr truth = typer.truth("count", operand);
            return truth == null || window == null
                    ? null
                    : new Expr.Count(truth, window.duration(), window.tumbling(), span);
        }
        if (operand == null || window == null || !fits(operation, operand, window, span)) {
            return null;
        }
        boolean perSecond = operation == Operation.RATE || operation == Operation.DERIV;
        @Nullable Unit unit = perSecond ? Units.perSecond(operand.unit()) : operand.unit();
        if (unit == null) {
            problems.add(operand.span(), messages.noRate(operand));
            return null;
        }
        Window kind = Window.valueOf(operation.name());
        return new Expr.Windowed(kind, operand, window.duration(), window.tumbling(), unit, span);
    }

    @Nullable
    Expr quantile(@Nullable Expr operand, @Nullable Token share, @Nullable Timespan window, Span span) {
        if (share != null && share.unit() != Unit.RATIO) {
            String cure = share.unit() == Unit.COUNT
                    ? "; write " + LiteralText.of(share.value() > 1 ? share.value() / 100 : share.value(), Unit.RATIO)
                    : "";
            problems.add(
                    share.span(),
                    "%s is %s but a share is needed%s"
                            .formatted(share.text(), share.unit().description(), cure));
            return null;
        }
        if (share != null && share.value() > 1) {
            problems.add(share.span(), share.text() + " is out of range; 0% to 100% are possible");
            return null;
        }
        if (operand == null || share == null || window == null || !fits(Operation.QUANTILE, operand, window, span)) {
            return null;
        }
        return new Expr.Quantile(share.value(), operand, window.duration(), span);
    }

    private boolean fits(Operation operation, Expr operand, Timespan window, Span span) {
        if (operand.unit() == Unit.TRUTH) {
            problems.add(operand.span(), "%s takes a value but this is a truth".formatted(operation.word()));
            return false;
        }
        if (!changes(operand, span)) {
            return false;
        }
        if (OF_LEVELS.contains(operation) && Traits.accumulates(operand)) {
            problems.add(operand.span(), messages.onlyGrows(operation.word(), operand));
            return false;
        }
        if (SLIDING.contains(operation) && window.tumbling()) {
            problems.add(window.span(), operation.word() + " has no tumbling windows; leave \"tumbling\" out");
            return false;
        }
        return true;
    }

    /** Whether a value's course means something. */
    private boolean changes(Expr operand, Span span) {
        if (Traits.isConstant(operand)) {
            problems.add(span, "a constant does not change over time; leave the window out");
            return false;
        }
        if (Traits.find(operand, Traits::isUnsteadyTotal) instanceof Expr.Across total) {
            problems.add(total.span(), messages.unsteadyTotal(total));
            return false;
        }
        return true;
    }

    /** What happens at an instant. */
    @Nullable
    Expr instant(Operation operation, @Nullable Expr operand, Span span) {
        if (operation != Operation.CHANGED) {
            @Nullable Expr truth = typer.truth(operation.word(), operand);
            return truth == null ? null : new Expr.Edge(operation == Operation.RISING, truth, span);
        }
        if (operand == null) {
            return null;
        }
        if (operand.unit() == Unit.TRUTH) {
            problems.add(
                    operand.span(), "changed takes a value but this is a truth; write rising(...) or falling(...)");
            return null;
        }
        if (Traits.isConstant(operand)) {
            problems.add(operand.span(), "a constant never changes");
            return null;
        }
        return new Expr.Changed(operand, span);
    }

    /** One value of all watched cgroups. */
    @Nullable
    Expr across(Operation operation, @Nullable Expr operand, Span span) {
        Aggregate aggregate = Aggregate.valueOf(operation.name());
        boolean ofTruth = switch (aggregate) {
            case COUNT, ANY, ALL -> true;
            case SUM, MIN, MAX, MEAN -> false;
        };
        if (operand != null && !ofTruth && operand.unit() == Unit.TRUTH) {
            problems.add(
                    operand.span(),
                    "%s takes a value but this is a truth; for how many cgroups it holds write count(...)"
                            .formatted(operation.word()));
            return null;
        }
        @Nullable Expr fitting = ofTruth ? typer.truth(operation.word(), operand) : operand;
        if (fitting == null) {
            return null;
        }
        Expr.Across across = new Expr.Across(aggregate, fitting, span);
        return isOfEach(across) ? across : null;
    }

    private boolean isOfEach(Expr.Across across) {
        Expr operand = across.operand();
        String word = across.aggregate().name().toLowerCase(Locale.ROOT);
        @Nullable Expr inner = Traits.find(operand, part -> part instanceof Expr.Across);
        if (inner != null) {
            problems.add(
                    inner.span(),
                    "an aggregate within %s(...) has no meaning; it is of all cgroups already".formatted(word));
            return false;
        }
        if (!Traits.looksAtCgroup(operand)) {
            @Nullable Expr shared = Traits.find(operand, Traits::isShared);
            problems.add(
                    operand.span(),
                    shared != null
                            ? messages.shared(word, shared)
                            : "%s(...) is of the cgroups' signals, but here is none".formatted(word));
            return false;
        }
        @Nullable Expr momentary = Traits.momentary(operand);
        if (momentary != null) {
            problems.add(momentary.span(), messages.momentaryInside(word, momentary));
            return false;
        }
        return true;
    }

    /** A function that was added. */
    @Nullable
    Expr added(ExprFunction function, List<@Nullable Expr> arguments, Span span) {
        List<Expr> known = arguments.stream()
                .<Expr>mapMulti((argument, into) -> {
                    if (argument != null) {
                        into.accept(argument);
                    }
                })
                .toList();
        if (known.size() < arguments.size()) {
            return null;
        }
        try {
            @Nullable Unit unit = function.check(known.stream().map(Expr::unit).toList());
            if (unit != null) {
                return new Expr.Call(function, known, unit, span);
            }
            problems.add(span, function.name() + " does not say of what unit its result is; that is a mistake in it");
        } catch (IllegalArgumentException e) {
            problems.add(span, function.name() + ": " + Shown.line(String.valueOf(e.getMessage())));
        } catch (RuntimeException | LinkageError e) {
            String failure = Shown.line(e.toString());
            problems.add(span, "%s failed to check its arguments: %s".formatted(function.name(), failure));
        }
        return null;
    }
}
