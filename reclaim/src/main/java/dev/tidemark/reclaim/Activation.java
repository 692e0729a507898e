package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerEngine;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A policy that is active for a cgroup, from START to STOP; and what its law and its guards see. Confined to the core thread. */
final class Activation implements ControlLaw.Look {

    private final Target target;
    private final TriggerEngine triggers;
    private final int pageSize;
    private final LongSupplier clock;
    private final EnumSet<Reason> told = EnumSet.noneOf(Reason.class);
    private Policy policy;
    private Reclaim reclaim;
    private ControlLaw law;
    private Guards guards;
    private Optional<Decision> first;
    private @Nullable Held held;

    Activation(
            Target target, Decision start, Reclaim reclaim, TriggerEngine triggers, int pageSize, LongSupplier clock) {
        this.target = target;
        this.triggers = triggers;
        this.pageSize = pageSize;
        this.clock = clock;
        this.policy = start.policy();
        this.reclaim = reclaim;
        this.first = Optional.of(start);
        this.law = ControlLaw.of(reclaim.law());
        this.guards = Guards.of(policy);
    }

    Cgroup cgroup() {
        return target.cgroup();
    }

    Policy policy() {
        return policy;
    }

    Reclaim reclaim() {
        return reclaim;
    }

    ControlLaw law() {
        return law;
    }

    Guards guards() {
        return guards;
    }

    /** Goes by another policy of its name from now on. A law and guards that are the same go on with what they have learnt. */
    void become(Policy other, Reclaim otherReclaim) {
        if (!otherReclaim.law().equals(reclaim.law())) {
            law = ControlLaw.of(otherReclaim.law());
        }
        if (!guards.areOf(other)) {
            guards = Guards.of(other);
        }
        policy = other;
        reclaim = otherReclaim;
    }

    /** It stops: what has drained then is what was told to stop, for after a reload another policy may have its name. */
    void stops(Policy stopped) {
        policy = stopped;
    }

    /** What started it, but only to the first who asks. */
    Optional<Decision> takeFirst() {
        Optional<Decision> taken = first;
        first = Optional.empty();
        return taken;
    }

    /** It is held back from now on, until {@link #goesOn}; returns whether that is to be told, for it has not been for this reason. */
    boolean holds(Held why) {
        held = why;
        return told.add(why.reason());
    }

    void goesOn() {
        held = null;
    }

    /** What holds it back, if anything does. */
    Optional<Held> held() {
        return Optional.ofNullable(held);
    }

    @Override
    public long now() {
        return clock.getAsLong();
    }

    @Override
    public double usageBytes() {
        return target.usageBytes();
    }

    @Override
    public double stopBytes() {
        return triggers.stopWatermark(target.cgroup(), policy);
    }

    @Override
    public double value(Signal signal) {
        return triggers.value(whose(signal), signal);
    }

    @Override
    public long observedNanos(Signal signal) {
        return triggers.observedNanos(whose(signal), signal);
    }

    private Cgroup whose(Signal signal) {
        return signal.scope() == Signal.Scope.HOST ? Cgroup.HOST : target.cgroup();
    }

    @Override
    public int pageSize() {
        return pageSize;
    }
}
