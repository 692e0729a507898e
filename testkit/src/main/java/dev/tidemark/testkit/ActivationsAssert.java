package dev.tidemark.testkit;

import dev.tidemark.testkit.PolicyAssert.Activation;
import dev.tidemark.triggers.Decision;
import java.time.Duration;
import java.util.List;

/**
 * What can be said of the times at which a policy became active. Where one of them is meant, it is the first; each method goes on with the
 * same ones, {@link #on} with some of them, {@link #and} with the policy.
 */
public final class ActivationsAssert {

    private final PolicyAssert policy;
    private final Claims claims;
    private final List<Activation> activations;
    private final String where;

    ActivationsAssert(PolicyAssert policy, Claims claims, List<Activation> activations, String where) {
        this.policy = policy;
        this.claims = claims;
        this.activations = activations;
        this.where = where;
    }

    /** Some of them were on this cgroup; goes on with those. */
    public ActivationsAssert on(String path) {
        List<Activation> there = activations.stream()
                .filter(activation -> activation.cgroup().equals(path))
                .toList();
        if (there.isEmpty()) {
            throw claims.fails(
                    "to become active on " + path,
                    "it did only on "
                            + activations.stream()
                                    .map(Activation::cgroup)
                                    .distinct()
                                    .toList());
        }
        return new ActivationsAssert(policy, claims, there, " on " + path);
    }

    /** So many there were. */
    public ActivationsAssert times(int times) {
        if (activations.size() != times) {
            throw claims.fails(
                    expecting(times == 1 ? "once" : times + " times"), "it did " + Claims.times(activations.size()));
        }
        return this;
    }

    /** The first was between these instants, both included. */
    public ActivationsAssert between(String from, String to) {
        return require(first() >= nanos(from) && first() <= nanos(to), "between " + from + " and " + to);
    }

    /** The first was at this instant or before. */
    public ActivationsAssert by(String instant) {
        return require(first() <= nanos(instant), "by " + instant);
    }

    /** The first was at this instant or later. */
    public ActivationsAssert notBefore(String instant) {
        return require(first() >= nanos(instant), "not before " + instant);
    }

    /** Each ended, and lasted no longer than this. */
    public ActivationsAssert stoppedWithin(String duration) {
        Duration most = Times.parse(duration);
        long now = claims.run().now().toNanos();
        for (Activation activation : activations) {
            boolean ended = activation.endNanos() != Activation.NOT_YET;
            long nanos =
                    (ended ? activation.endNanos() : now) - activation.started().nanos();
            if (!ended || nanos > most.toNanos()) {
                throw claims.fails(
                        "to stop within " + duration + " each time it becomes active" + where,
                        "what began at %s on %s %s %s"
                                .formatted(
                                        Times.instant(activation.started().nanos()),
                                        activation.cgroup(),
                                        ended ? "took" : "still goes on after",
                                        Times.told(Duration.ofNanos(nanos))));
            }
        }
        return this;
    }

    /**
     * The first was decided from this value, among others.
     *
     * @param part of START as it is told, such as {@code usage} or {@code rate(pgscan, 5s)}
     */
    public AmountAssert<ActivationsAssert> seeing(String part) {
        List<Decision.Reading> readings = activations.getFirst().started().readings();
        Decision.Reading reading = readings.stream()
                .filter(it -> it.text().equals(part))
                .findFirst()
                .orElseThrow(() -> claims.fails(
                        expecting("seeing " + part),
                        "it saw only " + readings.stream().map(it -> it.text()).toList()));
        return new AmountAssert<>(
                this, claims, expecting("seeing " + part + " at"), "it was", reading.unit(), reading.value());
    }

    /** Goes on with the policy. */
    public PolicyAssert and() {
        return policy;
    }

    private ActivationsAssert require(boolean holds, String when) {
        if (!holds) {
            throw claims.fails(expecting(when), "it first did at " + Times.instant(first()));
        }
        return this;
    }

    private String expecting(String how) {
        return "to become active" + where + " " + how;
    }

    private long first() {
        return activations.getFirst().started().nanos();
    }

    private static long nanos(String instant) {
        return Times.parse(instant).toNanos();
    }
}
