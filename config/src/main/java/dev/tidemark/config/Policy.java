package dev.tidemark.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When to start and when to stop acting on which cgroups, and how.
 *
 * @param name unique in the file: lower-case letters, digits and hyphens, at most 63
 * @param cgroups what it is for, at least one glob
 * @param exclude what it is not for, even where {@code cgroups} matches
 * @param watch whose signals decide; empty for those of the cgroups it is for, each for itself
 * @param period how often its signals are read, 1 ms to 1 h
 * @param start a truth: reclaim begins when it holds
 * @param stop a truth: reclaim ends when it holds; it wins over {@code start}
 * @param action what is done in between
 * @param limits what it may spend
 * @param priority whose cgroups go first where more wait than can be served, -10 to 10: the higher
 * @param weight share of the writers' time among cgroups of the same priority, 1 to 10,000
 * @param guards what may hold it back while it is active, each kind at most once
 * @param cooldown how long a cgroup is left alone after a stop, 0 to 24 h
 * @param noData what becomes of an active policy when what its conditions need has not been seen for too long
 */
public record Policy(
        String name,
        List<CgroupGlob> cgroups,
        List<CgroupGlob> exclude,
        List<CgroupGlob> watch,
        Duration period,
        Expr start,
        Expr stop,
        Action action,
        Limits limits,
        int priority,
        int weight,
        List<Guard> guards,
        Duration cooldown,
        NoData noData) {
    static final Duration DEFAULT_PERIOD = Duration.ofSeconds(1);
    static final Duration MIN_PERIOD = Duration.ofMillis(1);
    static final Duration MAX_PERIOD = Duration.ofHours(1);
    static final Duration MAX_COOLDOWN = Duration.ofHours(24);
    static final int MIN_PRIORITY = -10;
    static final int MAX_PRIORITY = 10;
    public static final int DEFAULT_PRIORITY = 0;
    static final int MAX_WEIGHT = 10_000;
    public static final int DEFAULT_WEIGHT = 100;

    /** What becomes of an active policy when it is blind. */
    public enum NoData {
        /** It stops, as if STOP held, and cools down. */
        STOP,
        /** It stops and may start again as soon as it sees. */
        INACTIVE,
        /** It goes on as it is until it sees again. */
        HOLD
    }

    public Policy {
        watch = List.copyOf(watch);
        cgroups = List.copyOf(cgroups);
        exclude = List.copyOf(exclude);
        guards = List.copyOf(guards);
        requireTruth(start);
        requireTruth(stop);
        if (priority < MIN_PRIORITY || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority must be -10 to 10 but was " + priority);
        }
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight must be 1 to 10,000 but was " + weight);
        }
    }

    private static void requireTruth(Expr condition) {
        if (condition.unit() != Unit.TRUTH) {
            throw new IllegalArgumentException("start and stop must be truths but one was " + condition);
        }
    }

    /**
     * Whether this policy is for the cgroup at {@code path}.
     *
     * @param path relative to the cgroup root, without a leading slash; the root itself is ""
     */
    public boolean selects(String path) {
        return cgroups.stream().anyMatch(glob -> glob.matches(path))
                && exclude.stream().noneMatch(glob -> glob.matches(path));
    }

    /** The same but for more that it is not for. */
    public Policy excluding(List<CgroupGlob> more) {
        List<CgroupGlob> all = new ArrayList<>(exclude);
        all.addAll(more);
        return new Policy(
                name, cgroups, all, watch, period, start, stop, action, limits, priority, weight, guards, cooldown,
                noData);
    }

    /** Whether the signals of the cgroup at {@code path} decide, see {@link #watch}. */
    public boolean watches(String path) {
        return watch.isEmpty() ? selects(path) : watch.stream().anyMatch(glob -> glob.matches(path));
    }

    /** How memory is taken; empty where the policy does something else. */
    public Optional<Reclaim> reclaim() {
        return action instanceof Reclaim reclaim ? Optional.of(reclaim) : Optional.empty();
    }

    /** Whether this policy could be for or watch something below {@code path}; where not, discovery need not descend. */
    public boolean reaches(String path) {
        return cgroups.stream().anyMatch(glob -> glob.reaches(path))
                || watch.stream().anyMatch(glob -> glob.reaches(path));
    }

    /** Whether the other policy is the same but for the places of its expressions in the file. */
    public boolean sameAs(Policy other) {
        return start.sameAs(other.start)
                && stop.sameAs(other.stop)
                && equals(new Policy(
                        other.name,
                        other.cgroups,
                        other.exclude,
                        other.watch,
                        other.period,
                        start,
                        stop,
                        other.action,
                        other.limits,
                        other.priority,
                        other.weight,
                        other.guards,
                        other.cooldown,
                        other.noData));
    }
}
