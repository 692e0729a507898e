package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.Decision.Reading;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Samples in, decisions out: one state machine for each policy and cgroup.
 *
 * <p>STOP wins over START at once. START is a level, not an edge: what still holds when a cooldown is over starts again.
 * PENDING is where START would hold but for a {@code for} that is counting.
 *
 * <p><b>No data.</b> A value is unknown from {@link #staleAfter} (three periods, at least 3 s) after it was observed, and a
 * gap of that length between two samples of a cgroup is acted on even when it is seen only afterwards (a suspended
 * machine): {@code for} begins anew, windows forget what was before. An unknown START does not start and an unknown STOP does
 * not stop; but a policy that is active stops, with {@link Cause#NO_DATA}, when for that long no sample has shown STOP not
 * to hold, or START still to hold.
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
    private final SignalSet layout;
    private final List<Compiled> policies = new ArrayList<>();
    private final Map<Cgroup, Watch> watches = new HashMap<>();
    // The cgroups that time alone may change.
    private final DueHeap<Watch> deadlines = new DueHeap<>();
    private final Evaluation evaluation = new Evaluation();

    private final Sinks.Many<Decision> decisions =
            Sinks.unsafe().many().multicast().directBestEffort();
    private final ArrayDeque<Decision> outbox = new ArrayDeque<>();
    private boolean emitting;

    private final Disposable.Swap timer = Disposables.swap();
    private final Runnable onTimer = this::onTimer;
    private long armedFor = Evaluation.NEVER;

    private long ignored;
    private long failures;
    private long dropped;

    private record Compiled(Policy policy, Program program, SignalSet signals) {}

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
        SignalSet all = SignalSet.EMPTY;
        for (Policy policy : policies) {
            all = all.plus(Program.signals(policy));
        }
        layout = all;
        for (Policy policy : policies) {
            this.policies.add(new Compiled(policy, compiler.apply(policy, all), Program.signals(policy)));
        }
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
        return Flux.create(sink -> {
            TriggerEngine engine = new TriggerEngine(policies, core);
            Disposable.Composite all = Disposables.composite();
            sink.onDispose(all);
            all.add(engine::close);
            all.add(engine.decisions()
                    .subscribe(
                            decision -> {
                                sink.next(decision);
                                if (decision.to() == TriggerState.STOPPING) {
                                    engine.drained(decision.cgroup(), decision.policy());
                                }
                            },
                            sink::error));
            all.add(samples.publishOn(core)
                    .subscribe(
                            sample -> {
                                engine.appeared(sample.cgroup(), sample.nanos());
                                engine.sample(sample);
                            },
                            sink::error,
                            sink::complete));
        });
    }

    /** Begins to watch a cgroup, if a policy is for it; nothing happens when it is known already. */
    public void appeared(Cgroup cgroup) {
        appeared(cgroup, now());
    }

    private void appeared(Cgroup cgroup, long since) {
        if (watches.containsKey(cgroup)) {
            return;
        }
        List<Compiled> selecting = new ArrayList<>();
        for (Compiled compiled : policies) {
            if (compiled.policy.selects(cgroup.path())) {
                selecting.add(compiled);
            }
        }
        if (!selecting.isEmpty()) {
            watches.put(cgroup, new Watch(cgroup, selecting, layout, since));
        }
    }

    /** Lets go of a cgroup; a policy that was not inactive for it tells so with {@link Cause#GONE}. */
    public void gone(Cgroup cgroup) {
        Watch watch = watches.remove(cgroup);
        if (watch == null) {
            return;
        }
        deadlines.remove(watch);
        long now = Math.max(now(), watch.lastEvaluation);
        for (Trigger trigger : watch.triggers) {
            if (trigger.state != TriggerState.INACTIVE) {
                move(watch, trigger, TriggerState.INACTIVE, Cause.GONE, now, List.of());
            }
        }
        emit();
    }

    /** Takes in what was seen of a cgroup. */
    public void sample(Sample sample) {
        Watch watch = watches.get(sample.cgroup());
        long nanos = sample.nanos();
        if (watch == null || nanos > now()) {
            ignored++;
            return;
        }
        try {
            if (nanos - watch.lastSample >= watch.staleAfter) {
                // Nobody looked for too long: this must be seen before the new values make it look as if all were well.
                evaluate(watch, Math.max(nanos, watch.lastEvaluation), false);
            } else {
                while (watch.due() <= nanos) {
                    evaluate(watch, watch.due(), false);
                }
            }
            if (watch.observe(sample)) {
                evaluate(watch, Math.max(nanos, watch.lastEvaluation), true);
            } else {
                ignored++;
            }
        } catch (Throwable t) {
            fail(watch.cgroup, t);
        }
        emit();
        arm();
    }

    /** Nothing of this policy is in flight on this cgroup any more: STOPPING is over. */
    public void drained(Cgroup cgroup, Policy policy) {
        Watch watch = watches.get(cgroup);
        Trigger trigger = watch == null ? null : watch.trigger(policy);
        if (watch == null || trigger == null || trigger.state != TriggerState.STOPPING) {
            return;
        }
        long now = Math.max(now(), watch.lastEvaluation);
        long cooldown = policy.cooldown().toNanos();
        trigger.cooldownUntil = Evaluation.after(now, cooldown);
        trigger.ableSince = now;
        move(
                watch,
                trigger,
                cooldown > 0 ? TriggerState.COOLDOWN : TriggerState.INACTIVE,
                Cause.DRAINED,
                now,
                List.of());
        evaluate(watch, now, false);
        emit();
        arm();
    }

    /** Decisions from now on. Hot: without a subscriber they are made all the same. Emitted on the core thread. */
    public Flux<Decision> decisions() {
        return decisions.asFlux();
    }

    /** Where a policy stands with a cgroup; INACTIVE when it has nothing to do with it. */
    public TriggerState state(Cgroup cgroup, Policy policy) {
        Watch watch = watches.get(cgroup);
        Trigger trigger = watch == null ? null : watch.trigger(policy);
        return trigger == null ? TriggerState.INACTIVE : trigger.state;
    }

    /** What to read of a cgroup, for all policies that are for it; empty when none is. */
    public SignalSet signals(Cgroup cgroup) {
        SignalSet signals = SignalSet.EMPTY;
        for (Compiled compiled : policies) {
            if (compiled.policy.selects(cgroup.path())) {
                signals = signals.plus(compiled.signals);
            }
        }
        return signals;
    }

    /** What any of these policies reads. */
    public static SignalSet signals(List<Policy> policies) {
        SignalSet signals = SignalSet.EMPTY;
        for (Policy policy : policies) {
            signals = signals.plus(Program.signals(policy));
        }
        return signals;
    }

    /**
     * How often to read a cgroup: the shortest period of the policies that are for it.
     *
     * @throws IllegalArgumentException when none is
     */
    public Duration period(Cgroup cgroup) {
        return policies.stream()
                .map(Compiled::policy)
                .filter(policy -> policy.selects(cgroup.path()))
                .map(Policy::period)
                .min(Duration::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("no policy is for " + cgroup));
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
        double nearest = Double.POSITIVE_INFINITY;
        Watch watch = watches.get(cgroup);
        if (watch != null) {
            double usage = watch.usage(layout);
            for (Trigger trigger : watch.triggers) {
                if (trigger.state != TriggerState.ACTIVE && trigger.state != TriggerState.STOPPING) {
                    bind(watch, trigger, watch.lastEvaluation);
                    nearest = Math.min(nearest, trigger.start().levelAbove(evaluation, usage));
                }
            }
        }
        return nearest;
    }

    /**
     * The usage in bytes at which this policy's STOP may change next as usage falls, for a law that aims at it. NaN when its
     * STOP does not compare {@code usage} with a level below the latest usage, or when the policy is not for the cgroup.
     */
    public double stopWatermark(Cgroup cgroup, Policy policy) {
        Watch watch = watches.get(cgroup);
        Trigger trigger = watch == null ? null : watch.trigger(policy);
        if (watch == null || trigger == null) {
            return Double.NaN;
        }
        bind(watch, trigger, watch.lastEvaluation);
        double level = trigger.stop().levelBelow(evaluation, watch.usage(layout));
        return level == Double.NEGATIVE_INFINITY ? Double.NaN : level;
    }

    /** Samples that changed nothing: of an unknown cgroup, not newer than what is known, or from the future. */
    public long ignored() {
        return ignored;
    }

    /** Failures that the listener was told of. */
    public long failures() {
        return failures;
    }

    /** Decisions that no subscriber could take for want of requests. */
    public long dropped() {
        return dropped;
    }

    /** Ends the timer. Idempotent, from any thread. Decisions do not complete: streams made of them end elsewhere. */
    @Override
    public void close() {
        timer.dispose();
    }

    private long now() {
        return core.now(TimeUnit.NANOSECONDS);
    }

    private void bind(Watch watch, Trigger trigger, long now) {
        evaluation.values = watch.values;
        evaluation.observed = watch.observed;
        evaluation.staleAfter = watch.staleAfter;
        evaluation.doubles = trigger.doubles;
        evaluation.longs = trigger.longs;
        evaluation.at(now);
    }

    /** @param sampled whether this is for a new sample; otherwise only time has gone by */
    private void evaluate(Watch watch, long now, boolean sampled) {
        watch.lastEvaluation = now;
        long next = Evaluation.NEVER;
        for (Trigger trigger : watch.triggers) {
            next = Math.min(next, step(watch, trigger, now, sampled));
        }
        // A deadline is always ahead: what is due now has been dealt with, and time must go on.
        deadlines.set(watch, Math.max(next, now + 1));
    }

    /** Brings one trigger to {@code now}; returns when it must be looked at again without a sample. */
    private long step(Watch watch, Trigger trigger, long now, boolean sampled) {
        bind(watch, trigger, now);
        double start = Node.UNKNOWN;
        double stop = Node.UNKNOWN;
        double wouldStart = Node.UNKNOWN;
        try {
            start = trigger.start().step(evaluation);
            stop = trigger.stop().step(evaluation);
            wouldStart = trigger.start().peek(evaluation);
        } catch (Throwable t) {
            fail(watch.cgroup, t);
        }
        if (sampled && (start == Node.TRUE || stop == Node.FALSE)) {
            trigger.lastSupported = now;
        }
        transit(watch, trigger, now, start, wouldStart, stop);
        if (sampled && start != Node.TRUE) {
            trigger.lastNotHolding = now;
        }
        return Math.min(
                evaluation.nextChange,
                switch (trigger.state) {
                    case PENDING -> trigger.start().goesStaleAt(evaluation);
                    case ACTIVE -> {
                        long unsupported = Evaluation.after(trigger.lastSupported, watch.staleAfter);
                        // Once that is past, what keeps it active has a deadline of its own (a hold) or is a new
                        // sample.
                        yield unsupported > now ? unsupported : Evaluation.NEVER;
                    }
                    case COOLDOWN -> trigger.cooldownUntil;
                    case INACTIVE, STOPPING -> Evaluation.NEVER;
                });
    }

    private void transit(Watch watch, Trigger trigger, long now, double start, double wouldStart, double stop) {
        if (trigger.state == TriggerState.COOLDOWN && now >= trigger.cooldownUntil) {
            trigger.ableSince = now;
            move(watch, trigger, TriggerState.INACTIVE, Cause.COOLDOWN_OVER, now, List.of());
        }
        switch (trigger.state) {
            case INACTIVE -> {
                if (stop == Node.TRUE) {
                    return;
                }
                if (start == Node.TRUE) {
                    activate(watch, trigger, now);
                } else if (wouldStart == Node.TRUE) {
                    move(watch, trigger, TriggerState.PENDING, Cause.START, now, startReadings(trigger));
                }
            }
            case PENDING -> {
                if (stop == Node.TRUE) {
                    move(watch, trigger, TriggerState.INACTIVE, Cause.STOP, now, stopReadings(trigger));
                } else if (start == Node.TRUE) {
                    activate(watch, trigger, now);
                } else if (wouldStart != Node.TRUE) {
                    Cause cause = wouldStart == Node.FALSE ? Cause.START_LAPSED : Cause.NO_DATA;
                    move(watch, trigger, TriggerState.INACTIVE, cause, now, startReadings(trigger));
                }
            }
            case ACTIVE -> {
                if (stop == Node.TRUE) {
                    move(watch, trigger, TriggerState.STOPPING, Cause.STOP, now, stopReadings(trigger));
                } else if (start != Node.TRUE
                        && stop != Node.FALSE
                        && now >= Evaluation.after(trigger.lastSupported, watch.staleAfter)) {
                    move(watch, trigger, TriggerState.STOPPING, Cause.NO_DATA, now, stopReadings(trigger));
                }
            }
            case STOPPING, COOLDOWN -> {}
        }
    }

    private void activate(Watch watch, Trigger trigger, long now) {
        trigger.lastSupported = now;
        long notBefore = Math.min(now, Math.max(trigger.lastNotHolding, trigger.ableSince));
        TriggerState from = trigger.state;
        trigger.state = TriggerState.ACTIVE;
        outbox.add(new Decision(
                watch.cgroup,
                trigger.compiled.policy,
                from,
                TriggerState.ACTIVE,
                Cause.START,
                now,
                notBefore,
                startReadings(trigger)));
    }

    private void move(Watch watch, Trigger trigger, TriggerState to, Cause cause, long now, List<Reading> readings) {
        TriggerState from = trigger.state;
        trigger.state = to;
        outbox.add(new Decision(watch.cgroup, trigger.compiled.policy, from, to, cause, now, now, readings));
    }

    private List<Reading> startReadings(Trigger trigger) {
        return trigger.start().readings(evaluation);
    }

    private List<Reading> stopReadings(Trigger trigger) {
        return trigger.stop().readings(evaluation);
    }

    /**
     * Emits what was decided, after all state is consistent again: a subscriber may call back, and what that decides goes to
     * the tail.
     */
    private void emit() {
        if (emitting) {
            return;
        }
        emitting = true;
        try {
            for (Decision decision = outbox.poll(); decision != null; decision = outbox.poll()) {
                if (decisions.tryEmitNext(decision) == Sinks.EmitResult.FAIL_OVERFLOW) {
                    dropped++;
                }
            }
        } finally {
            emitting = false;
        }
    }

    private void arm() {
        Watch first = deadlines.first();
        if (first == null || first.due() >= armedFor || timer.isDisposed()) {
            // A timer that is too early is left: it finds nothing due and is set again.
            return;
        }
        armedFor = first.due();
        try {
            timer.update(core.schedule(onTimer, Math.max(0, armedFor - now()), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            armedFor = Evaluation.NEVER;
            fail(first.cgroup, e);
        }
    }

    private void onTimer() {
        if (timer.isDisposed()) {
            return;
        }
        armedFor = Evaluation.NEVER;
        long now = now();
        for (Watch first = deadlines.first(); first != null && first.due() <= now; first = deadlines.first()) {
            try {
                evaluate(first, Math.max(now, first.lastEvaluation), false);
            } catch (Throwable t) {
                deadlines.remove(first);
                fail(first.cgroup, t);
            }
        }
        emit();
        arm();
    }

    private void fail(Cgroup cgroup, Throwable t) {
        Failures.rethrowIfFatal(t);
        failures++;
        failed.accept(cgroup, t);
    }

    /** What is known of one cgroup. */
    private static final class Watch extends DueHeap.Entry {
        final Cgroup cgroup;
        final Trigger[] triggers;
        final double[] values;
        final long[] observed;
        final long staleAfter;
        private final SignalSet layout;
        long lastSample;
        long lastEvaluation;

        Watch(Cgroup cgroup, List<Compiled> policies, SignalSet layout, long now) {
            this.cgroup = cgroup;
            this.layout = layout;
            triggers = policies.stream()
                    .map(compiled -> new Trigger(compiled, now))
                    .toArray(Trigger[]::new);
            values = new double[layout.size()];
            Arrays.fill(values, Double.NaN);
            observed = new long[layout.size()];
            Arrays.fill(observed, Evaluation.NONE);
            Duration shortest = policies.stream()
                    .map(compiled -> compiled.policy.period())
                    .min(Duration::compareTo)
                    .orElseThrow();
            staleAfter = TriggerEngine.staleAfter(shortest).toNanos();
            lastSample = now;
            lastEvaluation = now;
        }

        /** Takes over what is news; tells whether anything was. */
        boolean observe(Sample sample) {
            SignalSet signals = sample.signals();
            long nanos = sample.nanos();
            boolean news = false;
            for (int from = 0; from < signals.size(); from++) {
                int to = layout.slot(signals.signal(from));
                if (to >= 0 && nanos > observed[to]) {
                    values[to] = sample.values()[from];
                    observed[to] = nanos;
                    news = true;
                }
            }
            if (news) {
                lastSample = Math.max(lastSample, nanos);
            }
            return news;
        }

        double usage(SignalSet layout) {
            int slot = layout.slot(Signal.USAGE);
            return slot < 0 ? Double.NaN : values[slot];
        }

        @Nullable
        Trigger trigger(Policy policy) {
            for (Trigger trigger : triggers) {
                // Names are unique in a file; comparing whole policies would walk their expressions.
                if (trigger.compiled.policy.name().equals(policy.name())) {
                    return trigger;
                }
            }
            return null;
        }
    }

    /** One policy for one cgroup. */
    private static final class Trigger {
        private final Compiled compiled;
        private final double[] doubles;
        private final long[] longs;
        private TriggerState state = TriggerState.INACTIVE;
        private long lastNotHolding;
        private long ableSince;
        private long lastSupported;
        private long cooldownUntil = Evaluation.NEVER;

        private Trigger(Compiled compiled, long now) {
            this.compiled = compiled;
            doubles = compiled.program.newDoubles();
            longs = compiled.program.newLongs();
            lastNotHolding = now;
            ableSince = now;
            lastSupported = now;
        }

        private Program.Condition start() {
            return compiled.program.start();
        }

        private Program.Condition stop() {
            return compiled.program.stop();
        }
    }
}
