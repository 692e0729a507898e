package dev.tidemark.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One test of policies: what happens to them, and what is expected of them.
 *
 * @param name unique in its file
 * @param place of the name in the file
 * @param policies that run
 * @param input what happens
 * @param duration how long it lasts, at most 366 days; empty for as long as the input, or the last instant that is spoken of, if
 *     that is later
 * @param expectations at least one, in the file's order, those of {@code always} and {@code never} last
 */
public record PolicyTest(
        String name,
        Span place,
        PolicyFile policies,
        Input input,
        Optional<Duration> duration,
        List<Expectation> expectations) {

    public PolicyTest {
        expectations = List.copyOf(expectations);
    }

    /** What happens to the policies. */
    public sealed interface Input {}

    /** A scenario, played by the model of the kernel. */
    public record Model(Scenario scenario) implements Input {}

    /**
     * Written values, read from a kernel that has nothing else.
     *
     * @param memoryBytes of the host
     * @param interval between two values of a series, 1 ms to 1 h
     * @param cgroups at least one
     * @param host series of the host's signals
     * @param kernel how requests to reclaim are answered; of those for a cgroup and a time the last counts, and without one all that
     *     is asked for is freed
     */
    public record Script(
            long memoryBytes,
            Duration interval,
            List<ScriptedCgroup> cgroups,
            Map<Signal, Series> host,
            List<KernelAnswer> kernel)
            implements Input {
        public Script {
            cgroups = List.copyOf(cgroups);
            kernel = List.copyOf(kernel);
        }
    }

    /**
     * A cgroup of a {@link Script}.
     *
     * @param place of its path in the file
     * @param path relative to the cgroup root
     * @param series of signals that are read, never of those that are computed
     * @param lives at least one, none overlaps the next: when it is there; each time it is another cgroup
     */
    public record ScriptedCgroup(Span place, String path, Map<Signal, Series> series, List<Life> lives) {
        public ScriptedCgroup {
            lives = List.copyOf(lives);
        }
    }

    /**
     * From when until before when a cgroup is there.
     *
     * @param gone empty for one that stays
     */
    public record Life(Duration appears, Optional<Duration> gone) {}

    /** What a kernel says to a request to reclaim. */
    public enum Answer {
        /** It has taken what was asked for. */
        SUCCESS,
        /** EAGAIN: it has not. */
        AGAIN,
        /** It will not do this. */
        REFUSED,
        /** It does not answer, not even when the request is cancelled. */
        STUCK
    }

    /**
     * How requests are answered.
     *
     * @param cgroups whose; empty for all
     * @param from when that begins
     * @param answer what is said
     * @param frees share of what is asked for that is taken, 0 to 1
     * @param takes how long it takes, 10 us to 1 h, cancelled sooner
     * @param cpu how much of that is CPU, none to all of it
     * @param swaps share of what is taken that goes to swap, 0 to 1
     */
    public record KernelAnswer(
            List<CgroupGlob> cgroups,
            Duration from,
            Answer answer,
            double frees,
            Duration takes,
            Duration cpu,
            double swaps) {
        /** A kernel that takes no time could be asked without an end at one instant. */
        static final Duration LEAST = Duration.ofNanos(10_000);

        static final Duration MOST = Duration.ofHours(1);

        private static final Duration USUAL = Duration.ofMillis(1);

        /** All is taken and nothing swapped out, in a millisecond of CPU. */
        public static final KernelAnswer DEFAULT =
                new KernelAnswer(List.of(), Duration.ZERO, Answer.SUCCESS, 1, USUAL, USUAL, 0);

        public KernelAnswer {
            cgroups = List.copyOf(cgroups);
        }

        /** Whether it is for requests of this cgroup at this time. */
        public boolean isFor(String path, Duration at) {
            return at.compareTo(from) >= 0
                    && (cgroups.isEmpty() || cgroups.stream().anyMatch(glob -> glob.matches(path)));
        }
    }
}
