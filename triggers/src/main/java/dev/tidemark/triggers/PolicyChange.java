package dev.tidemark.triggers;

import dev.tidemark.config.Action;
import dev.tidemark.config.Expr;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import java.util.List;

/** How a policy differs from the one of the same name before a reload. */
enum PolicyChange {
    /** Nothing but the places in the file. */
    NONE,
    /** The lengths of {@code for}, {@code hold} and cooldown, limits and how memory is taken: what has been seen goes on to count. */
    TUNED,
    /** Anything else: it begins anew. */
    OTHER;

    static PolicyChange between(Policy before, Policy after) {
        if (before.sameAs(after)) {
            return NONE;
        }
        boolean sameReach = before.name().equals(after.name())
                && before.cgroups().equals(after.cgroups())
                && before.exclude().equals(after.exclude())
                && before.watch().equals(after.watch())
                && before.period().equals(after.period())
                && before.noData() == after.noData()
                && sameEffect(before.action(), after.action());
        if (!sameReach || !sameShape(before.start(), after.start()) || !sameShape(before.stop(), after.stop())) {
            return OTHER;
        }
        return TUNED;
    }

    /** Whether what one has set in the kernel is what the other would set; reclaim sets nothing. */
    private static boolean sameEffect(Action before, Action after) {
        return before instanceof Reclaim ? after instanceof Reclaim : before.equals(after);
    }

    /** Whether two expressions are the same but for how long a {@code for} or {@code hold} lasts. */
    private static boolean sameShape(Expr before, Expr after) {
        if (before instanceof Expr.Named(var _, Expr body, var _)) {
            return sameShape(body, after);
        }
        if (after instanceof Expr.Named(var _, Expr body, var _)) {
            return sameShape(before, body);
        }
        if (!isTimed(before)) {
            return before.sameAs(after);
        }
        return before.getClass() == after.getClass()
                && sameSelf(before, after)
                && sameShapes(before.children(), after.children());
    }

    private static boolean sameShapes(List<Expr> before, List<Expr> after) {
        if (before.size() != after.size()) {
            return false;
        }
        for (int i = 0; i < before.size(); i++) {
            if (!sameShape(before.get(i), after.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it has a {@code for} or a {@code hold} in it. */
    private static boolean isTimed(Expr expr) {
        return expr instanceof Expr.For
                || expr instanceof Expr.Hold
                || expr.children().stream().anyMatch(PolicyChange::isTimed);
    }

    /** Whether two of one class are the same but for their children, and for the length of a {@code for} or {@code hold}. */
    private static boolean sameSelf(Expr before, Expr after) {
        return switch (before) {
            case Expr.For _,
                    Expr.Hold _,
                    Expr.Not _,
                    Expr.And _,
                    Expr.Or _,
                    Expr.Negate _,
                    Expr.Changed _,
                    Expr.Named _ -> true;
            case Expr.Arithmetic a -> after instanceof Expr.Arithmetic b && a.operator() == b.operator();
            case Expr.Comparison a -> after instanceof Expr.Comparison b && a.relation() == b.relation();
            case Expr.Windowed a ->
                after instanceof Expr.Windowed b
                        && a.window() == b.window()
                        && a.over().equals(b.over())
                        && a.tumbling() == b.tumbling();
            case Expr.Quantile a ->
                after instanceof Expr.Quantile b
                        && a.share() == b.share()
                        && a.over().equals(b.over());
            case Expr.Count a ->
                after instanceof Expr.Count b && a.over().equals(b.over()) && a.tumbling() == b.tumbling();
            case Expr.Edge a -> after instanceof Expr.Edge b && a.rising() == b.rising();
            case Expr.AtLeast a -> after instanceof Expr.AtLeast b && a.least() == b.least();
            case Expr.Then a -> after instanceof Expr.Then b && a.within().equals(b.within());
            case Expr.Across a -> after instanceof Expr.Across b && a.aggregate() == b.aggregate();
            case Expr.Call a -> after instanceof Expr.Call b && a.function().equals(b.function());
            case Expr.Literal _, Expr.SignalRef _, Expr.Elsewhere _, Expr.Pressure _ -> before.sameAs(after);
        };
    }
}
