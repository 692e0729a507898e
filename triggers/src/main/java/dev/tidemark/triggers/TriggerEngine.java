package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Decision.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * Samples in, decisions out: one state machine for each policy and each cgroup whose signals decide.
 *
 * <p>STOP wins over START at once. START is a level, not an edge: what still holds when a cooldown is over starts again.
 * PENDING is where START would hold but for a {@code for} that is counting.
 *
 * <p><b>Watched cgroups.</b> A policy with a {@code watch} has a state machine for each watched cgroup, and is active on every
 * cgroup it acts on while one of them is. Decisions are made for the cgroups acted on, when what they come to together
 * changes, and name the watched one behind it. When the last one stops, all that are acted on drain, then cool down, together;
 * until that is over none of the watched starts anything. A cgroup that comes to be acted on while the policy is active is
 * told so at once.
 *
 * <p><b>No data.</b> A value is unknown from {@link #staleAfter} (three periods, at least 3 s) after it was observed, and a
 * gap of that length between two samples of a cgroup is acted on even when it is seen only afterwards (a suspended
 * machine): {@code for} begins anew, windows forget what was before. An unknown START does not start and an unknown STOP does
 * not stop; but a policy that is active and for that long has seen no sample that shows STOP not to hold, or START still to
 * hold, does what its {@link Policy#noData} says: it stops, with {@link Cause#NO_DATA}, with or without a cooldown after it, or
 * goes on.
 *
 * <p><b>Elsewhere.</b> Values of the host, of other cgroups and of all watched ones together are looked at when the cgroup whose
 * turn it is is looked at; their changing makes nobody look.
 *
 * <p><b>Thread:</b> confined to the core scheduler's; only {@link #decisions} and {@link #close} may be called elsewhere.
 * <b>Back-pressure:</b> none towards samples; a subscriber of decisions that does not request misses some, counted in
 * {@link #dropped} when nobody could take one: request without bound. <b>Time:</b> the core scheduler's nanoseconds. A
 * sample that is not newer than what is known of a signal does not change it, one from the future is refused; both are
 * counted in {@link #ignored}. One timer serves everything that time alone changes. A timer that fires early is set again;
 * the instants that a late one missed are caught up with before the next sample counts. <b>Failure:</b> what goes wrong with
 * one cgroup is told to the listener and leaves the others alone; its conditions count as unknown for that step.
 */
public final class TriggerEngine implements AutoCloseable {

    private static final long MIN_STALE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final int STALE_PERIODS = 3;

    private final Scheduler core;
    private final BiConsumer<? super Cgroup, ? super Throwable> failed;
    private final BiFunction<Policy, SignalSet, Program> compiler;
    private final Outbox outbox = new Outbox();
    private final Roster roster = new Roster();
    private final Machine machine = new Machine(outbox, this::fail);
    private final Turns turns;

    private long ignored;
    private long pushes;
    private long failures;

    public TriggerEngine(List<Policy> policies, Scheduler core) {
        this(policies, core, (_, _) -> {});
    }

    /**
     * @param core owns this engine: every call must come from its thread, and its timer runs there
     * @param failed told what goes wrong with a cgroup, on the core thread; must not throw
     */
    public TriggerEngine(List<Policy> policies, Scheduler core, BiConsumer<? super Cgroup, ? super Throwable> failed) {
        this(policies, core, failed, Program::compile);
    }

    TriggerEngine(
            List<Policy> policies,
            Scheduler core,
            BiConsumer<? super Cgroup, ? super Throwable> failed,
            BiFunction<Policy, SignalSet, Program> compiler) {
        this.core = core;
        this.failed = failed;
        this.compiler = compiler;
        Deadlines deadlines = new Deadlines(core, this::onTimer, refusal -> fail(Cgroup.HOST, refusal));
        turns = new Turns(roster, machine, deadlines, this::fail);
        SignalSet layout = Program.layout(policies);
        List<Rule> rules = new ArrayList<>();
        for (Policy policy : policies) {
            rules.add(rule(policy, layout));
        }
        roster.rules(rules, layout, now());
    }

    private Rule rule(Policy policy, SignalSet layout) {
        return new Rule(policy, layout, compiler, outbox, turns::groupChanged);
    }

    /**
     * The decisions on samples, for programs that have no use for the rest: a cgroup appears with its first sample, and
     * nothing is ever in flight, so that STOPPING is left at once.
     *
     * <p><b>Thread:</b> samples may come on any; they are moved to {@code core} and the decisions are emitted there.
     * <b>Back-pressure:</b> decisions are buffered without bound. <b>Time:</b> samples must carry times of {@code core}.
     * <b>Failure:</b> an error of {@code samples} ends the decisions with it. They complete with the samples: what only
     * time would still change is not waited for.
     */
    public static Flux<Decision> decide(List<Policy> policies, Flux<Sample> samples, Scheduler core) {
        return Embedded.decide(policies, samples, core);
    }

    /** Begins to look at a cgroup, if a policy has to do with it; nothing happens when it is known already. */
    public void appeared(Cgroup cgroup) {
        appeared(cgroup, now());
    }

    void appeared(Cgroup cgroup, long since) {
        Subject subject = roster.add(cgroup, since);
        if (subject == null) {
            return;
        }
        subject.triggers = roster.triggers(subject, since);
        subject.targets = roster.targets(subject, group -> join(group, cgroup, since));
        finish();
    }

    private Target join(Group group, Cgroup cgroup, long now) {
        Subject active = group.firstActive();
        Trigger trigger = active == null ? null : active.trigger(group.rule());
        return group.join(
                cgroup, now, active == null || trigger == null ? List.of() : machine.startReadings(active, trigger));
    }

    /** Lets go of a cgroup; a policy that was not inactive for it tells so with {@link Cause#GONE}. */
    public void gone(Cgroup cgroup) {
        Subject subject = roster.remove(cgroup);
        if (subject == null) {
            return;
        }
        turns.forget(subject);
        long now = subject.forward(now());
        for (Retired retired : subject.retired()) {
            retiredEnded(subject, retired, Cause.GONE, now);
        }
        for (Target target : subject.targets) {
            target.group.leave(target, Cause.GONE, now);
        }
        for (Trigger trigger : subject.triggers) {
            trigger.rule.leave(trigger);
            if (trigger.state != TriggerState.INACTIVE) {
                machine.leave(subject, trigger, now);
            }
        }
        finish();
    }

    /** Takes in what was seen of a cgroup. */
    public void sample(Sample sample) {
        Subject subject = roster.subject(sample.cgroup());
        long nanos = sample.nanos();
        if (subject == null || nanos > now()) {
            ignored++;
            return;
        }
        try {
            turns.catchUp(subject, nanos);
            if (subject.observe(sample, roster.layout())) {
                turns.evaluate(subject, subject.forward(nanos), true);
            } else if (subject.triggers.length > 0) {
                ignored++;
            }
        } catch (Throwable t) {
            fail(subject.cgroup, t);
        }
        finish();
    }

    /** Takes in what a kernel told by itself, confirmed; what policies ask for it is in {@link #pushes(Cgroup)}. */
    public void pushed(Push push) {
        Subject subject = roster.subject(push.cgroup());
        long nanos = push.nanos();
        if (subject == null || nanos > now()) {
            ignored++;
            return;
        }
        pushes++;
        try {
            turns.catchUp(subject, nanos);
            if (machine.pushed(subject, push, subject.forward(nanos))) {
                turns.evaluate(subject, subject.forward(nanos), true);
            }
        } catch (Throwable t) {
            fail(subject.cgroup, t);
        }
        finish();
    }

    /**
     * Nothing of this policy is in flight on this cgroup any more: STOPPING is over for it.
     *
     * @param policy the one of the decision that said STOPPING, itself
     */
    public void drained(Cgroup cgroup, Policy policy) {
        Subject subject = roster.subject(cgroup);
        if (subject == null) {
            return;
        }
        long now = subject.forward(now());
        Retired retired = subject.takeRetired(policy);
        Target target = subject.target(policy);
        Trigger trigger = subject.trigger(policy);
        if (retired != null) {
            retiredEnded(subject, retired, Cause.DRAINED, now);
            turns.evaluate(subject, now, false);
        } else if (target != null) {
            target.group.drained(target, now);
        } else if (trigger != null && trigger.state == TriggerState.STOPPING) {
            machine.drained(subject, trigger, now);
            turns.evaluate(subject, now, false);
        }
        finish();
    }

    private void retiredEnded(Subject subject, Retired retired, Cause cause, long now) {
        outbox.add(new Decision(
                subject.cgroup,
                retired.watched(),
                retired.policy(),
                TriggerState.STOPPING,
                TriggerState.INACTIVE,
                cause,
                now,
                now,
                List.of()));
        for (Rule rule : roster.rules()) {
            Group group = rule.group;
            if (group != null && rule.policy().name().equals(retired.policy().name())) {
                group.release(now);
            }
        }
    }

    /**
     * Goes on with other policies. One that is the same but for places in the file keeps everything, as if nothing had happened.
     * One of which only the lengths of {@code for}, {@code hold} and cooldown, the limits or the way of reclaim differ keeps what
     * it has seen; when a longer {@code for} is not over yet an active one goes back, with {@link Cause#RELOADED}, by STOPPING to
     * PENDING. Any other, and one that is not there any more, is STOPPING with that cause where it was active, until what is in
     * flight has ended; one of its name begins anew, and starts on a cgroup only after that.
     *
     * <p>Cgroups that only the other policies have to do with must {@link #appeared} again; those that none has to do with any
     * more are let go of, and have empty {@link #signals(Cgroup)}.
     */
    public void reload(List<Policy> policies) {
        long now = now();
        turns.serve(now);
        Reload reload = new Reload(roster, machine, outbox, now);
        List<Subject> changed = reload.apply(
                policies,
                Program.layout(policies),
                this::rule,
                (group, cgroup) -> join(group, cgroup, now),
                turns::forget);
        for (Subject subject : changed) {
            try {
                turns.evaluate(subject, subject.forward(now), reload);
            } catch (Throwable t) {
                fail(subject.cgroup, t);
            }
        }
        turns.retime();
        roster.tidy(turns::forget);
        finish();
    }

    /** Decisions from now on. Hot: without a subscriber they are made all the same. Emitted on the core thread. */
    public Flux<Decision> decisions() {
        return outbox.decisions();
    }

    /**
     * Where a policy stands with a cgroup: what it was last told if it is acted on, otherwise what its signals have come to if it
     * is watched; INACTIVE when the policy has nothing to do with it.
     */
    public TriggerState state(Cgroup cgroup, Policy policy) {
        Subject subject = roster.subject(cgroup);
        Target target = subject == null ? null : subject.target(policy);
        Trigger trigger = subject == null ? null : subject.trigger(policy);
        return target != null ? target.state : trigger != null ? trigger.state : TriggerState.INACTIVE;
    }

    /**
     * All there is to say of why a policy does what it does with a cgroup, as of now.
     *
     * @param cgroup one whose signals decide, or one that is acted on: then the watched cgroup is shown that made it so
     * @return null when the policy has nothing to do with it
     */
    public @Nullable Standing standing(Cgroup cgroup, Policy policy) {
        return new Standings(roster).of(cgroup, policy, now());
    }

    /**
     * What to read of a cgroup, or of {@link Cgroup#HOST}, for all policies: what decides, and the usage of what is acted on.
     * Empty when no policy has to do with it.
     */
    public SignalSet signals(Cgroup cgroup) {
        return roster.signals(cgroup);
    }

    /** What any of these policies reads, of whatever. */
    public static SignalSet signals(List<Policy> policies) {
        return Program.layout(policies);
    }

    /** Paths of the cgroups that policies read of by name; they need neither be watched nor acted on. */
    public Set<String> elsewhere() {
        return roster.elsewhere();
    }

    /** What the kernel should tell of a cgroup by itself, for all policies that its signals decide. */
    public Set<PushRequest> pushes(Cgroup cgroup) {
        return roster.pushes(cgroup);
    }

    /**
     * How often to read a cgroup or the host: the shortest period of the policies that have to do with it.
     *
     * @throws IllegalArgumentException when none has
     */
    public Duration period(Cgroup cgroup) {
        return roster.period(cgroup);
    }

    /** How long after it was observed a value of a cgroup read with this period becomes unknown. */
    public static Duration staleAfter(Duration period) {
        return Duration.ofNanos(Math.max(MIN_STALE_NANOS, STALE_PERIODS * period.toNanos()));
    }

    /**
     * The usage in bytes at which some policy's START may change next as usage rises: the nearest value above the latest
     * usage that a START compares {@code usage} with, among the policies that are not active. Positive infinity when there
     * is none.
     */
    public double startWatermark(Cgroup cgroup) {
        Subject subject = roster.subject(cgroup);
        return subject == null ? Double.POSITIVE_INFINITY : machine.startWatermark(subject);
    }

    /**
     * The usage in bytes at which this policy's STOP may change next as usage falls, for a law that aims at it. NaN when its
     * STOP does not compare {@code usage} with a level below the latest usage, when the policy is not for the cgroup, or when
     * others decide than those it acts on.
     */
    public double stopWatermark(Cgroup cgroup, Policy policy) {
        Subject subject = roster.subject(cgroup);
        Trigger trigger = subject == null ? null : subject.trigger(policy);
        return subject == null || trigger == null || trigger.rule.group != null
                ? Double.NaN
                : machine.stopWatermark(subject, trigger);
    }

    /** The usage in bytes that was last seen of a cgroup, however long ago; NaN when none has been. */
    public double usage(Cgroup cgroup) {
        Subject subject = roster.subject(cgroup);
        return subject == null ? Double.NaN : subject.usage;
    }

    /**
     * The latest value of a signal of a cgroup.
     *
     * @param signal one of {@link #signals(Cgroup)}
     * @return NaN when it is not known, or has been seen too long ago
     */
    public double value(Cgroup cgroup, Signal signal) {
        Subject subject = roster.subject(cgroup);
        int slot = roster.layout().slot(signal);
        return subject == null || slot < 0 ? Double.NaN : subject.known.value(slot, now());
    }

    /** When the latest {@link #value} was observed; it means nothing where that is NaN. */
    public long observedNanos(Cgroup cgroup, Signal signal) {
        Subject subject = roster.subject(cgroup);
        int slot = roster.layout().slot(signal);
        return subject == null || slot < 0 ? Evaluation.NONE : subject.known.observed[slot];
    }

    /** Samples and pushes that changed nothing: of an unknown cgroup, not newer than what is known, or from the future. */
    public long ignored() {
        return ignored;
    }

    /** Pushes taken in. */
    public long pushes() {
        return pushes;
    }

    /** Failures that the listener was told of. */
    public long failures() {
        return failures;
    }

    /** Decisions that no subscriber could take for want of requests. */
    public long dropped() {
        return outbox.dropped();
    }

    /** Ends the timer. Idempotent, from any thread. Decisions do not complete: streams made of them end elsewhere. */
    @Override
    public void close() {
        turns.close();
    }

    private long now() {
        return core.now(TimeUnit.NANOSECONDS);
    }

    /** After each call: all that follows of itself, then telling it. */
    private void finish() {
        turns.settle();
        outbox.emit();
        turns.arm();
    }

    private void onTimer() {
        turns.serve(now());
        finish();
    }

    private void fail(Cgroup cgroup, Throwable t) {
        Failures.rethrowIfFatal(t);
        failures++;
        failed.accept(cgroup, t);
    }
}
