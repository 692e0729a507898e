package dev.tidemark.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Something that a policy test expects, with the time and the cgroups it is about.
 *
 * @param place in the file
 * @param mode how time is meant
 * @param from the instant, or the first one of an interval
 * @param to the last instant of an interval; empty for the end of the test
 * @param pairs the policies and cgroups of which all claims but those on signals must hold, each by itself
 * @param cgroups paths of the cgroups of which claims on signals must hold, each by itself
 * @param claims at least one
 */
public record Expectation(
        Span place,
        Mode mode,
        Duration from,
        Optional<Duration> to,
        List<Pair> pairs,
        List<String> cgroups,
        List<Claim> claims) {

    public Expectation {
        pairs = List.copyOf(pairs);
        cgroups = List.copyOf(cgroups);
        claims = List.copyOf(claims);
    }

    /** How the time of an expectation is meant. */
    public enum Mode {
        /** At one instant, after all that happens then. */
        AT,
        /** In an interval, taken as a whole. */
        WITHIN,
        /** At each instant of an interval. */
        ALWAYS,
        /** At no instant of an interval. */
        NEVER
    }

    /**
     * A policy and a cgroup that it acts on.
     *
     * @param policy its name
     * @param cgroup its path
     */
    public record Pair(String policy, String cgroup) {}

    /** Where a policy stands with a cgroup, in the words of docs/language.md. */
    public enum State {
        INACTIVE,
        PENDING,
        ACTIVE,
        STOPPING,
        COOLDOWN
    }

    /** Why a policy changed its state. */
    public enum Cause {
        START,
        STOP,
        START_LAPSED,
        NO_DATA,
        DRAINED,
        COOLDOWN_OVER,
        GONE
    }

    /** What became of a request to reclaim. */
    public enum Outcome {
        SUCCESS,
        AGAIN,
        INTERRUPTED,
        GONE,
        REFUSED
    }

    /** Why the kernel is not asked although the policy is active. */
    public enum Reason {
        FLOOR,
        PROTECTION,
        MARGIN,
        RATIO,
        SWAP,
        PSI,
        IO_PSI,
        REFAULT_RATIO,
        MAJOR_FAULTS,
        LIVELOCK,
        KSWAPD,
        BUDGET,
        QUEUE_FULL,
        NO_PROGRESS,
        STUCK,
        TIME_BUDGET,
        SWAP_BUDGET,
        AGENT_BUDGET,
        AGENT_TIME_BUDGET,
        AGENT_SWAP_BUDGET,
        REFUSED,
        NO_EFFECT,
        CIRCUIT_OPEN
    }

    /** What is expected. */
    public sealed interface Claim {
        /** In the file. */
        Span place();

        /** The policy is in this state. */
        record InState(Span place, State state) implements Claim {}

        /**
         * Decisions of this kind.
         *
         * @param watched path of the cgroup that decided
         * @param count how many of them
         */
        record Decided(
                Span place,
                Optional<State> from,
                Optional<State> to,
                Optional<Cause> cause,
                Optional<String> watched,
                Range count)
                implements Claim {}

        /**
         * Requests to reclaim that have been answered, all together.
         *
         * @param outcome only those that ended like this
         * @param count how many
         * @param asked bytes that were asked for
         * @param moved bytes that were taken
         */
        record Reclaims(
                Span place,
                Optional<Outcome> outcome,
                Optional<Range> count,
                Optional<Range> asked,
                Optional<Range> moved)
                implements Claim {}

        /**
         * A request to reclaim that has been answered, each by itself.
         *
         * @param asked bytes that were asked for
         * @param moved bytes that were taken
         * @param took how long the kernel took
         */
        record Reclaim(
                Span place,
                Optional<Outcome> outcome,
                Optional<Range> asked,
                Optional<Range> moved,
                Optional<Range> took)
                implements Claim {}

        /** The kernel was not asked, for this reason. */
        record Held(Span place, Reason reason) implements Claim {}

        /**
         * How a workload of a scenario fares.
         *
         * @param name in the scenario
         * @param ended when it has ended or was killed, since the start; one that still runs has not
         * @param stalled how long it has waited for memory
         */
        record Workload(Span place, String name, Optional<Range> ended, Optional<Range> stalled) implements Claim {}

        /** A signal has such a value; of a counter over an interval, has grown by so much. */
        record Value(Span place, Signal signal, Range range) implements Claim {}
    }
}
