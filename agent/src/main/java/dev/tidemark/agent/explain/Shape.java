package dev.tidemark.agent.explain;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An expression as people draw it: a chain of {@code and}s is one "all of", and a comparison has no parts.
 *
 * @param label one line of plain text
 * @param expr what it stands for; its value and its text are those of the expression
 */
record Shape(String label, Expr expr, List<Shape> parts) {
    private static final double NANOS_PER_SECOND = 1e9;

    Shape {
        parts = List.copyOf(parts);
    }

    static Shape of(Expr expr) {
        return switch (expr) {
            case Expr.Named it -> {
                Shape body = of(it.body());
                yield new Shape(it.name() + ": " + body.label, it, body.parts);
            }
            case Expr.And it -> new Shape("all of", it, flat(it));
            case Expr.Or it -> new Shape("any of", it, flat(it));
            case Expr.Not it -> new Shape("not", it, List.of(of(it.operand())));
            case Expr.AtLeast it ->
                new Shape(
                        "at least " + it.least() + " of",
                        it,
                        it.conditions().stream().map(Shape::of).toList());
            case Expr.For it -> over("held for %s without a break", it.duration(), it, it.condition());
            case Expr.Hold it -> over("kept for %s after", it.duration(), it, it.condition());
            case Expr.Then it ->
                new Shape(
                        "the first, then the second within " + time(it.within()),
                        it,
                        List.of(of(it.first()), of(it.second())));
            case Expr.Edge it ->
                new Shape(it.rising() ? "comes to hold" : "ceases to hold", it, List.of(of(it.condition())));
            case Expr.Across it
            when it.operand().unit() == Unit.TRUTH && it.unit() == Unit.TRUTH ->
                new Shape(
                        "for " + it.aggregate().name().toLowerCase(Locale.ROOT) + " of the watched cgroups",
                        it,
                        List.of(of(it.operand())));
            default -> new Shape(expr.toString(), expr, List.of());
        };
    }

    private static Shape over(String label, Duration duration, Expr whole, Expr of) {
        return new Shape(label.formatted(time(duration)), whole, List.of(of(of)));
    }

    private static List<Shape> flat(Expr expr) {
        List<Shape> parts = new ArrayList<>();
        for (Expr child : expr.children()) {
            if (child.getClass().equals(expr.getClass())) {
                parts.addAll(flat(child));
            } else {
                parts.add(of(child));
            }
        }
        return parts;
    }

    /** Whether a {@code for} is in it, so that the policy can be pending. */
    static boolean waits(Expr expr) {
        return expr instanceof Expr.For || expr.children().stream().anyMatch(Shape::waits);
    }

    static String time(Duration duration) {
        return Unit.DURATION.format(duration.toNanos() / NANOS_PER_SECOND);
    }
}
