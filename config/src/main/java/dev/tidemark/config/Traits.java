package dev.tidemark.config;

import dev.tidemark.config.Expr.Across;
import dev.tidemark.config.Expr.Aggregate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What can be said of an expression from its form. */
final class Traits {
    private Traits() {}

    /** The expression behind a name, or behind a name for a name. */
    static Expr bare(Expr expr) {
        Expr bare = expr;
        while (bare instanceof Expr.Named named) {
            bare = named.body();
        }
        return bare;
    }

    /** Whether the value is the same for ever. */
    static boolean isConstant(Expr expr) {
        return switch (expr) {
            case Expr.Literal _ -> true;
            case Expr.Negate negate -> isConstant(negate.operand());
            case Expr.Arithmetic arithmetic -> isConstant(arithmetic.left()) && isConstant(arithmetic.right());
            case Expr.Named named -> isConstant(named.body());
            default -> false;
        };
    }

    /** Whether a value only grows, so that its course is its change: a counter, sums of counters, multiples of one. */
    static boolean accumulates(Expr expr) {
        return switch (expr) {
            case Expr.SignalRef ref -> ref.signal().counter();
            case Expr.Elsewhere it -> it.signal().counter();
            case Expr.Named named -> accumulates(named.body());
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

    /** Whether this is a signal that has a value only over a window. */
    static boolean isBareShare(Expr expr) {
        return switch (bare(expr)) {
            case Expr.SignalRef ref -> ref.signal().kind() == Signal.Kind.SHARE;
            case Expr.Elsewhere it -> it.signal().kind() == Signal.Kind.SHARE;
            default -> false;
        };
    }

    /** The first part, in the order of the text, that is so; null when none is. */
    static @Nullable Expr find(Expr expr, Predicate<Expr> wanted) {
        if (wanted.test(expr)) {
            return expr;
        }
        for (Expr child : expr.children()) {
            @Nullable Expr found = find(child, wanted);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A total of the counters of cgroups, which drops when one of them goes. */
    static boolean isUnsteadyTotal(Expr expr) {
        return expr instanceof Across across && across.aggregate() != Aggregate.COUNT && accumulates(across.operand());
    }

    /** Whether the value is the same for all cgroups: the host's or another cgroup's. */
    static boolean isShared(Expr expr) {
        return switch (expr) {
            case Expr.SignalRef ref -> ref.signal().scope() == Signal.Scope.HOST;
            case Expr.Elsewhere _ -> true;
            default -> false;
        };
    }

    /** Whether a signal of the cgroup itself is in it. */
    static boolean looksAtCgroup(Expr expr) {
        return find(
                        expr,
                        part -> part instanceof Expr.Pressure
                                || (part instanceof Expr.SignalRef ref
                                        && ref.signal().scope() == Signal.Scope.CGROUP))
                != null;
    }

    /** A part that is true for an instant only and is not made to last, or null. */
    static @Nullable Expr momentary(Expr expr) {
        return switch (expr) {
            case Expr.Edge _ -> expr;
            case Expr.Changed _ -> expr;
            case Expr.Hold _ -> null;
            case Expr.Count _ -> null;
            default -> {
                for (Expr child : expr.children()) {
                    @Nullable Expr found = momentary(child);
                    if (found != null) {
                        yield found;
                    }
                }
                yield null;
            }
        };
    }
}
