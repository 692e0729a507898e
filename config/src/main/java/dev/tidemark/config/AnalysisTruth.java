package dev.tidemark.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a truth can be what. Each region holds all instants at which it is so, and perhaps more.
 *
 * <p>What was worked out is kept, so that asking for every part of an expression costs no more than asking for the whole. Confined to
 * one thread.
 */
final class AnalysisTruth {
    /** More conditions to choose from than this are not looked into. */
    private static final int MAX_CHOICES = 64;

    private final IdentityHashMap<Expr, Map<Mode, AnalysisRegion>> known = new IdentityHashMap<>();

    /** What a truth is asked to be, in Kleene's logic: {@code NOT_TRUE} is false or unknown. */
    enum Mode {
        TRUE,
        FALSE,
        NOT_TRUE,
        NOT_FALSE;

        Mode inverse() {
            return switch (this) {
                case TRUE -> FALSE;
                case FALSE -> TRUE;
                case NOT_TRUE -> NOT_FALSE;
                case NOT_FALSE -> NOT_TRUE;
            };
        }

        /** Whether it asks for what {@code and} has of both of its sides. */
        private boolean positive() {
            return this == TRUE || this == NOT_FALSE;
        }

        private boolean strict() {
            return this == TRUE || this == FALSE;
        }
    }

    boolean never(Expr expr, Mode mode) {
        return region(expr, mode).isNothing();
    }

    AnalysisRegion region(Expr expr, Mode mode) {
        Map<Mode, AnalysisRegion> modes = known.computeIfAbsent(expr, _ -> new EnumMap<>(Mode.class));
        @Nullable AnalysisRegion present = modes.get(mode);
        if (present == null) {
            present = made(expr, mode);
            modes.put(mode, present);
        }
        return present;
    }

    private AnalysisRegion made(Expr expr, Mode mode) {
        return switch (AnalysisTerm.plain(expr)) {
            case Expr.Comparison it -> comparison(it, mode);
            case Expr.Not it -> region(it.operand(), mode.inverse());
            case Expr.And it -> join(List.of(it.left(), it.right()), mode.positive() ? 2 : 1, mode);
            case Expr.Or it -> join(List.of(it.left(), it.right()), mode.positive() ? 1 : 2, mode);
            case Expr.AtLeast it -> {
                List<Expr> all = it.conditions();
                yield join(all, mode.positive() ? it.least() : all.size() - it.least() + 1, mode);
            }
            case Expr.For it -> held(it, mode);
            case Expr.Hold it -> kept(it, mode);
            case Expr.Edge it -> edge(it, mode);
            case Expr.Then it -> then(it, mode);
            case Expr.Across it
            when it.operand().unit() == Unit.TRUTH && mode.strict() ->
                never(it.operand(), mode) ? AnalysisRegion.NOTHING : opaque(it, mode);
            case Expr other -> opaque(other, mode);
        };
    }

    private static AnalysisRegion comparison(Expr.Comparison it, Mode mode) {
        AnalysisTerm term = AnalysisTerm.of(it);
        AnalysisRegion known =
                AnalysisRegion.where(term, mode.positive() ? term.relation() : AnalysisTerm.negated(term.relation()));
        return mode.strict() ? known : known.or(AnalysisRegion.unknown(term.key()));
    }

    /** Where at least so many of them are it. */
    private AnalysisRegion join(List<Expr> of, int least, Mode mode) {
        if ((long) least * of.size() > MAX_CHOICES) {
            return AnalysisRegion.EVERYTHING;
        }
        // At index j: where at least j of those looked at so far are it.
        List<AnalysisRegion> reached = new ArrayList<>(Collections.nCopies(least + 1, AnalysisRegion.NOTHING));
        reached.set(0, AnalysisRegion.EVERYTHING);
        for (Expr one : of) {
            AnalysisRegion region = region(one, mode);
            for (int j = least; j > 0; j--) {
                reached.set(j, reached.get(j).or(reached.get(j - 1).and(region)));
            }
        }
        return reached.get(least);
    }

    private AnalysisRegion held(Expr.For it, Mode mode) {
        return switch (mode) {
            case TRUE, NOT_FALSE -> region(it.condition(), mode);
            // It may be counting.
            case FALSE -> region(it.condition(), Mode.FALSE).or(region(it.condition(), Mode.TRUE));
            case NOT_TRUE -> AnalysisRegion.EVERYTHING;
        };
    }

    private AnalysisRegion kept(Expr.Hold it, Mode mode) {
        if (mode == Mode.FALSE || mode == Mode.NOT_TRUE) {
            return region(it.condition(), mode);
        }
        // What once held may be kept at any instant.
        return never(it.condition(), Mode.TRUE) ? region(it.condition(), mode) : AnalysisRegion.EVERYTHING;
    }

    private AnalysisRegion edge(Expr.Edge it, Mode mode) {
        Mode after = it.rising() ? Mode.TRUE : Mode.FALSE;
        return switch (mode) {
            case TRUE ->
                never(it.condition(), after.inverse()) ? AnalysisRegion.NOTHING : region(it.condition(), after);
            case NOT_FALSE -> region(it.condition(), it.rising() ? Mode.NOT_FALSE : Mode.NOT_TRUE);
            case FALSE, NOT_TRUE -> AnalysisRegion.EVERYTHING;
        };
    }

    private AnalysisRegion then(Expr.Then it, Mode mode) {
        if (mode != Mode.TRUE) {
            return AnalysisRegion.EVERYTHING;
        }
        return never(it.first(), Mode.TRUE) ? AnalysisRegion.NOTHING : region(it.second(), Mode.TRUE);
    }

    private static AnalysisRegion opaque(Expr expr, Mode mode) {
        String key = AnalysisTerm.key(expr);
        AnalysisRegion known = AnalysisRegion.where(key, mode.positive());
        return mode.strict() ? known : known.or(AnalysisRegion.unknown(key));
    }
}
