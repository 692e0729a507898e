package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Unit;
import java.util.List;

/**
 * A policy changed its state for a cgroup.
 *
 * @param cgroup what the policy acts on
 * @param watched whose signals decided; the same cgroup unless the policy has a {@code watch}
 * @param nanos the instant of the change: the time of the sample that made it, or of the timer
 * @param notBeforeNanos for a START: the last instant at which START was seen not to hold, or at which the policy became
 *     able to start, whichever is later; what crossed the threshold did so in ({@code notBeforeNanos}, {@code nanos}].
 *     Otherwise equal to {@code nanos}
 * @param readings the values it was made from, each part of the expression once; empty when no expression was asked
 */
public record Decision(
        Cgroup cgroup,
        Cgroup watched,
        Policy policy,
        TriggerState from,
        TriggerState to,
        Cause cause,
        long nanos,
        long notBeforeNanos,
        List<Reading> readings) {

    /** Why. */
    public enum Cause {
        /** START holds, or (to PENDING) would but for its {@code for}. */
        START,
        /** STOP holds. */
        STOP,
        /** START stopped holding before its {@code for} was over. */
        START_LAPSED,
        /** What the conditions need has not been seen for too long. */
        NO_DATA,
        /** Nothing is in flight any more. */
        DRAINED,
        /** The cooldown is over. */
        COOLDOWN_OVER,
        /** The cgroup is gone. */
        GONE,
        /** A new policy file has no such policy, or has it otherwise. */
        RELOADED
    }

    /**
     * A measured value in an expression.
     *
     * @param text the part of the expression, such as {@code usage} or {@code rate(pgscan, 5s)}
     * @param value in the unit's base; NaN when unknown
     */
    public record Reading(String text, Unit unit, double value) {

        @Override
        public String toString() {
            return text + "=" + unit.format(value);
        }
    }

    public Decision {
        readings = List.copyOf(readings);
    }
}
