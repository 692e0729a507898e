package dev.tidemark.config;

import dev.tidemark.config.AnalysisTruth.Mode;
import dev.tidemark.config.Finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be proved of one policy's START and STOP. */
final class AnalysisConditions {
    /** A message names no longer expression than this. */
    private static final int MAX_SHOWN = 60;

    /** What reclaim makes more of. */
    private static final Pattern REFAULTS = Pattern.compile("refault.*|workingset_refault.*");

    private final Policy policy;
    private final AnalysisTruth truth;
    private final List<Finding> findings;

    AnalysisConditions(Policy policy, AnalysisTruth truth, List<Finding> findings) {
        this.policy = policy;
        this.truth = truth;
        this.findings = findings;
    }

    void find() {
        Expr start = policy.start();
        Expr stop = policy.stop();
        boolean starts = !neverHolds("START", start, "the policy does nothing; ");
        boolean stops = !neverHolds("STOP", stop, "reclaim would go on down to limits.floor without an end; ");
        parts(start, starts);
        parts(stop, stops);
        if (starts && stops && !overridden(start, stop)) {
            overriddenParts(start, stop);
            noRoom(start, stop);
        }
        totals(start);
        totals(stop);
        // Protecting a cgroup takes nothing from it.
        if (policy.watch().isEmpty() && !(policy.action() instanceof Protect)) {
            feedsItself(start, true);
        }
    }

    private boolean neverHolds(String name, Expr condition, String result) {
        if (!truth.never(condition, Mode.TRUE)) {
            return false;
        }
        Expr cause = cause(condition, Mode.TRUE);
        error(
                cause.span(),
                "%s can never hold, for %s; %swrite one that can hold"
                        .formatted(name, AnalysisReasons.of(cause, Mode.TRUE), result));
        return true;
    }

    /** The innermost part that makes this one never be what it is asked to be. */
    private Expr cause(Expr expr, Mode mode) {
        for (Expr child : expr.children()) {
            if (child.unit() == Unit.TRUTH) {
                Mode asked = expr instanceof Expr.Not ? mode.inverse() : mode;
                if (truth.never(child, asked)) {
                    return cause(child, asked);
                }
            }
        }
        return expr;
    }

    /**
     * Parts that are always or never true.
     *
     * @param able whether the whole can hold; if not, what prevents it has been told
     */
    private void parts(Expr condition, boolean able) {
        @Nullable Expr told = able ? null : cause(condition, Mode.TRUE);
        parts(condition, told, condition);
    }

    private void parts(Expr expr, @Nullable Expr told, Expr whole) {
        if (expr.unit() != Unit.TRUTH) {
            expr.children().forEach(child -> parts(child, told, whole));
            return;
        }
        boolean cannotHold = truth.never(expr, Mode.TRUE);
        boolean cannotFail = truth.never(expr, Mode.FALSE);
        if ((cannotHold || cannotFail) && causeIsHere(expr) && !expr.equals(told)) {
            Mode mode = cannotHold ? Mode.TRUE : Mode.FALSE;
            warning(
                    expr.span(),
                    "this is %s true, for %s; %s"
                            .formatted(
                                    cannotHold ? "never" : "always",
                                    AnalysisReasons.of(expr, mode),
                                    expr.equals(whole) ? "write one that can change" : "leave it out, or correct it"));
        }
        expr.children().forEach(child -> parts(child, told, whole));
    }

    /** Whether no part of it is constant already. */
    private boolean causeIsHere(Expr expr) {
        if (expr instanceof Expr.Named) {
            return false;
        }
        return expr.children().stream()
                .filter(child -> child.unit() == Unit.TRUTH)
                .noneMatch(child -> truth.never(child, Mode.TRUE) || truth.never(child, Mode.FALSE));
    }

    private boolean overridden(Expr start, Expr stop) {
        if (!overrides(start, stop)) {
            return false;
        }
        error(
                start.span(),
                ("STOP overrides START always: %s holds wherever %s does, and STOP wins; the policy does "
                                + "nothing; let STOP hold only where START does not")
                        .formatted(shown(stop), shown(start)));
        return true;
    }

    private boolean overrides(Expr start, Expr stop) {
        return truth.region(start, Mode.TRUE)
                .and(truth.region(stop, Mode.NOT_TRUE))
                .isNothing();
    }

    /** Alternatives of START that STOP overrides, though not all of them. */
    private void overriddenParts(Expr start, Expr stop) {
        List<Expr> alternatives = new ArrayList<>();
        alternatives(start, alternatives);
        if (alternatives.size() < 2) {
            return;
        }
        for (Expr part : alternatives) {
            if (!truth.never(part, Mode.TRUE) && overrides(part, stop)) {
                warning(
                        part.span(),
                        ("this part of START starts nothing: STOP, %s, holds wherever it does, and STOP wins; leave "
                                        + "it out or correct it")
                                .formatted(shown(stop)));
            }
        }
    }

    private static void alternatives(Expr expr, List<Expr> into) {
        if (AnalysisTerm.plain(expr) instanceof Expr.Or or) {
            alternatives(or.left(), into);
            alternatives(or.right(), into);
        } else {
            into.add(expr);
        }
    }

    /** Nothing between START and STOP: at each instant one of them holds. */
    private void noRoom(Expr start, Expr stop) {
        boolean constant = truth.never(start, Mode.FALSE) || truth.never(stop, Mode.FALSE);
        if (constant
                || remembers(start)
                || remembers(stop)
                || !policy.cooldown().isZero()) {
            return;
        }
        AnalysisRegion neither = truth.region(start, Mode.FALSE).and(truth.region(stop, Mode.FALSE));
        if (!neither.hardlyAnything()) {
            return;
        }
        boolean overlap = !truth.region(start, Mode.TRUE)
                .and(truth.region(stop, Mode.TRUE))
                .isNothing();
        warning(
                stop.span(),
                ("nothing lies between START and STOP: %s the policy starts again as soon as STOP, %s, no "
                                + "longer holds, and goes to and fro; let STOP hold only well away from START, %s")
                        .formatted(
                                overlap
                                        ? "where both hold STOP wins, so"
                                        : "where one does not hold the other does, so",
                                shown(stop),
                                shown(start)));
    }

    /** Whether time or the past is in it: that may be what keeps START and STOP apart. */
    private static boolean remembers(Expr expr) {
        return switch (expr) {
            case Expr.Windowed _, Expr.Quantile _, Expr.Count _, Expr.For _, Expr.Hold _ -> true;
            case Expr.Then _, Expr.Edge _, Expr.Changed _, Expr.Pressure _, Expr.Call _ -> true;
            default -> expr.children().stream().anyMatch(AnalysisConditions::remembers);
        };
    }

    /** A counter's total against a constant: once it is over, it stays over. */
    private void totals(Expr expr) {
        if (expr instanceof Expr.Comparison it) {
            total(it, it.left(), it.right());
            total(it, it.right(), it.left());
        }
        expr.children().forEach(this::totals);
    }

    private void total(Expr.Comparison whole, Expr side, Expr other) {
        if (AnalysisTerm.plain(side) instanceof Expr.SignalRef(Signal signal, var _)
                && signal.counter()
                && !Double.isNaN(AnalysisTerm.constant(other))) {
            warning(
                    whole.span(),
                    ("%1$s counts since the cgroup was made and never falls, so this changes once at most; write "
                                    + "delta(%1$s, 10s) or rate(%1$s, 10s)")
                            .formatted(signal.dotted()));
        }
    }

    /** START that rises with what the policy itself causes. */
    private void feedsItself(Expr expr, boolean positive) {
        if (expr instanceof Expr.Comparison it) {
            boolean left = mentions(it.left()) && !mentions(it.right());
            boolean right = mentions(it.right()) && !mentions(it.left());
            boolean greater = switch (it.relation()) {
                case GREATER, GREATER_OR_EQUAL -> true;
                default -> false;
            };
            boolean less = switch (it.relation()) {
                case LESS, LESS_OR_EQUAL -> true;
                default -> false;
            };
            if ((left && (positive ? greater : less)) || (right && (positive ? less : greater))) {
                String taking = policy.action() instanceof Throttle ? "a throttle" : "reclaim";
                warning(
                        expr.span(),
                        ("this START feeds itself: %1$s makes pages come back, and that they come back starts "
                                        + "%1$s of the same cgroup; watch another cgroup than the policy acts on, or use refaults "
                                        + "in STOP")
                                .formatted(taking));
            }
            return;
        }
        boolean turned = expr instanceof Expr.Not;
        expr.children().forEach(child -> feedsItself(child, positive != turned));
    }

    /** A value that only grows with refaults: of one windowed term, perhaps scaled; of anything else nothing is claimed. */
    private static boolean mentions(Expr expr) {
        return switch (AnalysisTerm.plain(expr)) {
            case Expr.SignalRef it -> REFAULTS.matcher(it.signal().dotted()).matches();
            case Expr.Windowed it -> mentions(it.operand());
            default -> false;
        };
    }

    static String shown(Expr expr) {
        String text = expr.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN - 3) + "...";
    }

    private void error(Span span, String message) {
        findings.add(new Finding(Severity.ERROR, policy.name(), span, message));
    }

    private void warning(Span span, String message) {
        findings.add(new Finding(Severity.WARNING, policy.name(), span, message));
    }
}
