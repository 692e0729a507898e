package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Policy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes {@link Standing}s: asks every part of a condition, on a copy of what its operators remember. */
final class Standings {

    private final Roster roster;

    Standings(Roster roster) {
        this.roster = roster;
    }

    @Nullable
    Standing of(Cgroup cgroup, Policy policy, long now) {
        Subject subject = roster.subject(cgroup);
        if (subject == null) {
            return null;
        }
        Target target = subject.target(policy);
        Subject watched = target == null ? subject : decider(target);
        Trigger trigger = watched == null ? null : watched.trigger(policy);
        if (watched == null || trigger == null) {
            return null;
        }
        Group group = trigger.rule.group;
        return new Standing(
                cgroup,
                watched.cgroup,
                trigger.rule.policy(),
                target == null ? trigger.state : target.state,
                target == null ? trigger.since : target.since,
                trigger.state,
                now,
                group != null
                        ? group.cooldownUntil()
                        : trigger.state == TriggerState.COOLDOWN ? trigger.cooldownUntil() : Standing.NEVER,
                part(watched, trigger, trigger.rule.program().start(), now),
                part(watched, trigger, trigger.rule.program().stop(), now));
    }

    /** The watched cgroup behind what a target was last told, or any other while there is none. */
    private @Nullable Subject decider(Target target) {
        Subject decider = roster.subject(target.group.decider());
        if (decider != null && decider.trigger(target.group.rule()) != null) {
            return decider;
        }
        return roster.subjects().stream()
                .filter(subject -> subject.trigger(target.group.rule()) != null)
                .findFirst()
                .orElse(null);
    }

    private static Standing.Part part(Subject subject, Trigger trigger, Program.Condition condition, long now) {
        Evaluation evaluation = new Evaluation();
        long instant = subject.forward(now);
        Machine.bind(evaluation, subject, trigger, instant);
        evaluation.doubles = trigger.doubles.clone();
        evaluation.longs = trigger.longs.clone();
        condition.step(evaluation);
        return part(condition.part(), evaluation);
    }

    private static Standing.Part part(Program.Part part, Evaluation evaluation) {
        List<Standing.Part> parts = new ArrayList<>(part.parts().size());
        for (Program.Part child : part.parts()) {
            parts.add(part(child, evaluation));
        }
        evaluation.at(evaluation.now);
        double value = part.node().step(evaluation);
        Standing.Margin margin = part.expr() instanceof Expr.Comparison comparison && parts.size() == 2
                ? margin(comparison, parts.getFirst(), parts.getLast())
                : null;
        return new Standing.Part(part.expr(), value, margin, evaluation.nextChange, parts);
    }

    private static Standing.Margin margin(Expr.Comparison comparison, Standing.Part left, Standing.Part right) {
        boolean turned = isConstant(comparison.left()) && !isConstant(comparison.right());
        double value = turned ? right.value() : left.value();
        double threshold = turned ? left.value() : right.value();
        Relation relation = turned ? turned(comparison.relation()) : comparison.relation();
        return new Standing.Margin(
                relation, comparison.left().unit(), value, threshold, distance(relation, value, threshold));
    }

    private static boolean isConstant(Expr expr) {
        return expr instanceof Expr.Literal
                || (!expr.children().isEmpty() && expr.children().stream().allMatch(Standings::isConstant));
    }

    private static Relation turned(Relation relation) {
        return switch (relation) {
            case LESS -> Relation.GREATER;
            case LESS_OR_EQUAL -> Relation.GREATER_OR_EQUAL;
            case GREATER -> Relation.LESS;
            case GREATER_OR_EQUAL -> Relation.LESS_OR_EQUAL;
            case EQUAL, NOT_EQUAL -> relation;
        };
    }

    private static double distance(Relation relation, double value, double threshold) {
        return switch (relation) {
            case LESS, LESS_OR_EQUAL -> value - threshold;
            case GREATER, GREATER_OR_EQUAL -> threshold - value;
            case EQUAL -> Math.abs(value - threshold);
            case NOT_EQUAL -> -Math.abs(value - threshold);
        };
    }
}
