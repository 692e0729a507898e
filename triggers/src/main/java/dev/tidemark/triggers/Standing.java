package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Why a policy does what it does with a cgroup: a snapshot, immutable, to be read on any thread.
 *
 * @param cgroup what was asked for
 * @param watched whose signals decide; the same but for a policy with a {@code watch}
 * @param state what was last told of {@code cgroup}; of one that is only watched, what it has come to itself
 * @param sinceNanos since when
 * @param watchedState what the signals of {@code watched} have come to
 * @param cooldownUntilNanos {@link #NEVER} while none runs
 * @param start START, from the whole to its leaves
 * @param stop STOP
 */
public record Standing(
        Cgroup cgroup,
        Cgroup watched,
        Policy policy,
        TriggerState state,
        long sinceNanos,
        TriggerState watchedState,
        long nowNanos,
        long cooldownUntilNanos,
        Part start,
        Part stop) {

    /** A time that does not come by itself. */
    public static final long NEVER = Evaluation.NEVER;

    /**
     * A part of a condition.
     *
     * @param value as of {@link #nowNanos}: of a truth 1, 0 or NaN for unknown, otherwise in the unit's base
     * @param margin of a comparison: what is compared with what
     * @param changesAtNanos the earliest instant at which time alone may change it, such as the end of a {@code for} that is
     *     counting; {@link #NEVER} where only a sample can
     * @param parts what it is made of, in the order of the text
     */
    public record Part(Expr expr, double value, @Nullable Margin margin, long changesAtNanos, List<Part> parts) {

        public Part {
            parts = List.copyOf(parts);
        }

        /** The canonical text. */
        public String text() {
            return expr.toString();
        }

        /** Whether it is known to hold. */
        public boolean holds() {
            return value == Node.TRUE;
        }

        /** The value of each part, itself included, by its text. */
        public Map<String, Double> values() {
            Map<String, Double> values = new LinkedHashMap<>();
            visit(part -> values.putIfAbsent(part.text(), part.value));
            return values;
        }

        /** For each part that time alone may change, itself included, by its text: when. */
        public Map<String, Long> timers() {
            Map<String, Long> timers = new LinkedHashMap<>();
            visit(part -> {
                if (part.changesAtNanos != NEVER) {
                    timers.putIfAbsent(part.text(), part.changesAtNanos);
                }
            });
            return timers;
        }

        private void visit(Consumer<Part> visitor) {
            visitor.accept(this);
            parts.forEach(part -> part.visit(visitor));
        }

        /**
         * The least parts for which it is not {@code wanted} now, in the order of the text: of an {@code or} that should hold all
         * sides, each of which would do. A {@code for} is one of them while it is only time that it lacks.
         */
        public List<Part> heldBackBy(boolean wanted) {
            List<Part> leaves = new ArrayList<>();
            collect(wanted, leaves);
            return List.copyOf(leaves);
        }

        private void collect(boolean wanted, List<Part> into) {
            if (value == (wanted ? Node.TRUE : Node.FALSE)) {
                return;
            }
            int before = into.size();
            switch (expr) {
                case Expr.Not _ -> parts.getFirst().collect(!wanted, into);
                case Expr.And _, Expr.Or _, Expr.AtLeast _, Expr.Named _, Expr.For _ ->
                    parts.forEach(part -> part.collect(wanted, into));
                case Expr.Hold _ when wanted -> parts.getFirst().collect(true, into);
                case Expr.Then _ when wanted -> parts.getLast().collect(true, into);
                default -> {}
            }
            if (into.size() == before) {
                into.add(this);
            }
        }
    }

    /**
     * What a comparison compares, told so that the side that moves comes first.
     *
     * @param relation as if {@code value} stood on the left
     * @param distance how far the value is from where the comparison begins to hold: positive while it does not, negative or zero
     *     while it does, by how much; NaN when unknown
     */
    public record Margin(Relation relation, Unit unit, double value, double threshold, double distance) {}

    /** What holds START back, or STOP when that is why it does not start; empty while the policy is active. */
    public List<Part> whyNot() {
        if (state == TriggerState.ACTIVE) {
            return List.of();
        }
        return stop.holds() ? stop.heldBackBy(false) : start.heldBackBy(true);
    }
}
