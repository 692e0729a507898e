package dev.tidemark.config;

import dev.tidemark.config.AnalysisTruth.Mode;
import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Finding.Severity;
import java.util.List;

/** What can be proved of one policy's guards: that one refuses whatever START asks for, or can never refuse anything. */
final class AnalysisGuards {
    private final Policy policy;
    private final AnalysisTruth truth;
    private final List<Finding> findings;

    AnalysisGuards(Policy policy, AnalysisTruth truth, List<Finding> findings) {
        this.policy = policy;
        this.truth = truth;
        this.findings = findings;
    }

    void find() {
        if (policy.reclaim().isEmpty()) {
            return;
        }
        Span place = policy.start().span();
        if (policy.limits().floorBytes() > 0) {
            Expr floor = new Expr.Literal(policy.limits().floorBytes(), Unit.BYTES, place);
            floor(floor, "limits.floor, " + Unit.BYTES.format(floorBytes()));
        }
        for (Guard guard : policy.guards()) {
            switch (guard) {
                case Guard.Ratio(double share) -> {
                    Expr limit = new Expr.SignalRef(Signal.LIMIT, place);
                    Expr part = new Expr.Literal(share, Unit.RATIO, place);
                    floor(
                            new Expr.Arithmetic(Operator.MULTIPLY, part, limit, Unit.BYTES, place),
                            "guards.ratio, " + Unit.RATIO.format(share) + " of the limit");
                }
                case Guard.Psi(double share) -> share(guard, share);
                case Guard.IoPsi(double share) -> share(guard, share);
                default -> {}
            }
        }
    }

    private double floorBytes() {
        return policy.limits().floorBytes();
    }

    /** Usage that START asks for is that of what is acted on only where it is that which decides. */
    private void floor(Expr floor, String name) {
        Expr start = policy.start();
        Expr above = new Expr.Comparison(
                Relation.GREATER, new Expr.SignalRef(Signal.USAGE, start.span()), floor, start.span());
        if (policy.watch().isEmpty()
                && !truth.never(start, Mode.TRUE)
                && truth.region(start, Mode.TRUE)
                        .and(truth.region(above, Mode.TRUE))
                        .isNothing()) {
            warn(
                    "wherever START holds usage is not above %s: nothing is taken then; lower it, or let START hold only above it"
                            .formatted(name));
        }
    }

    private void share(Guard guard, double share) {
        if (share >= 1) {
            warn(
                    "guards.%s is 100%% of the time, which is never exceeded: it holds nothing back; lower it, or leave it out"
                            .formatted(guard.word()));
        }
    }

    private void warn(String message) {
        findings.add(new Finding(Severity.WARNING, policy.name(), policy.start().span(), message));
    }
}
