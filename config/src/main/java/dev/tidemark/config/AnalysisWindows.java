package dev.tidemark.config;

import dev.tidemark.config.Finding.Severity;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds windows, waits and rounds that are over before anything new can be seen. */
final class AnalysisWindows {
    /** How often the kernel works out its averages of pressure: {@code PSI_FREQ}, kernel/sched/psi.c. */
    private static final Duration AVERAGES_MOVE = Duration.ofSeconds(2);

    private static final Pattern AVERAGE = Pattern.compile("(host\\.)?psi\\..+\\.avg\\d+");

    private final Policy policy;
    private final List<Finding> findings;
    private final Set<Span> told = new HashSet<>();

    AnalysisWindows(Policy policy, List<Finding> findings) {
        this.policy = policy;
        this.findings = findings;
    }

    void find() {
        look(policy.start());
        look(policy.stop());
        policy.reclaim().ifPresent(reclaim -> rounds(reclaim.law()));
    }

    private void rounds(Law law) {
        if (law instanceof Law.Paced paced && paced.every().compareTo(policy.period()) < 0) {
            // A law has no place of its own; what makes it active has.
            warn(
                    policy.start(),
                    ("the law %s takes each %s, which is shorter than the period, %s, in which the policy looks once: "
                                    + "the rounds in between go by nothing new; make every %s or more, or the period shorter")
                            .formatted(
                                    paced.word(), text(paced.every()), text(policy.period()), text(policy.period())));
        }
    }

    private void look(Expr expr) {
        switch (expr) {
            case Expr.Windowed it -> window(it, it.operand(), it.over());
            case Expr.Quantile it -> window(it, it.operand(), it.over());
            case Expr.Count it -> window(it, it.condition(), it.over());
            case Expr.For it -> wait(it, it.condition(), it.duration(), "for");
            case Expr.Hold it -> wait(it, it.condition(), it.duration(), "hold");
            default -> {}
        }
        expr.children().forEach(this::look);
    }

    private void window(Expr whole, Expr of, Duration over) {
        Set<Signal> signals = new HashSet<>();
        collect(of, signals);
        boolean average = signals.stream()
                .anyMatch(signal -> AVERAGE.matcher(signal.dotted()).matches());
        if (average && over.compareTo(AVERAGES_MOVE) < 0) {
            warn(
                    whole,
                    ("the kernel moves its averages each 2 s, so in %s nothing changes; take a window of 10s or "
                                    + "more, or psi.some over %s, which moves at once")
                            .formatted(text(over), text(over)));
        } else if (over.compareTo(policy.period()) < 0 && sampledOnceAPeriod(of, signals)) {
            warn(
                    whole,
                    ("the window of %s is shorter than the period, %s, in which the policy looks once; take a "
                                    + "window of %s or more, or a shorter period")
                            .formatted(
                                    text(over),
                                    text(policy.period()),
                                    text(policy.period().multipliedBy(2))));
        }
    }

    private void wait(Expr whole, Expr of, Duration duration, String word) {
        Set<Signal> signals = new HashSet<>();
        collect(of, signals);
        boolean edge = word.equals("hold") && momentary(of);
        if (duration.compareTo(policy.period()) < 0 && !edge && sampledOnceAPeriod(of, signals)) {
            warn(
                    whole,
                    ("%s %s is shorter than the period, %s: nothing is looked at in between, so it only %s; make "
                                    + "it at least %s, or the period shorter")
                            .formatted(
                                    word,
                                    text(duration),
                                    text(policy.period()),
                                    word.equals("for") ? "delays" : "adds that much",
                                    text(policy.period())));
        }
    }

    /** What is true for an instant only is rightly kept for less than a period. */
    private static boolean momentary(Expr expr) {
        return switch (AnalysisTerm.plain(expr)) {
            case Expr.Edge _, Expr.Changed _ -> true;
            default -> false;
        };
    }

    /** Usage is read more often near a watermark, what the kernel pushes comes at once, and an added function may do as it likes. */
    private static boolean sampledOnceAPeriod(Expr expr, Set<Signal> signals) {
        return !signals.isEmpty() && !signals.contains(Signal.USAGE) && !comesByItself(expr);
    }

    private static boolean comesByItself(Expr expr) {
        return expr instanceof Expr.Pressure
                || expr instanceof Expr.Call
                || expr.children().stream().anyMatch(AnalysisWindows::comesByItself);
    }

    private static void collect(Expr expr, Set<Signal> into) {
        switch (expr) {
            case Expr.SignalRef it -> into.add(it.signal());
            case Expr.Elsewhere it -> into.add(it.signal());
            default -> expr.children().forEach(child -> collect(child, into));
        }
    }

    /** A name from {@code let} stands in one place however often it is used. */
    private void warn(Expr whole, String message) {
        if (told.add(whole.span())) {
            findings.add(new Finding(Severity.WARNING, policy.name(), whole.span(), message));
        }
    }

    private static String text(Duration duration) {
        return LiteralText.of(duration);
    }
}
