package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Workqueue;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Carries decisions out: an active cgroup is reclaimed from batch by batch until its policy says STOP.
 *
 * <p>Each batch takes one place in the workqueue and goes to its tail afterwards, so that cgroups share the workers
 * evenly; at most one batch of a cgroup waits or runs. After each batch the usage it left is handed to the triggers,
 * and only then is it decided whether there is a next one: STOP is never further away than one batch, and that one is
 * cancelled.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> the core scheduler's. <b>Back-pressure:</b> a full
 * workqueue refuses; a cgroup that is still active asks again with its next sample. <b>Failure:</b> the kernel's
 * refusals delay that cgroup's next batch, from a millisecond doubling to a second, and touch no other cgroup.
 */
public final class ReclaimEngine {

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);
    private static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_DELAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * How often in a row the kernel may say yes while usage does not fall before it is not believed any more. Usage
     * stands still when the workload charges as fast as we reclaim; and kernels 6.17 and 6.18 without NUMA say yes and
     * do nothing.
     */
    private static final int UNSEEN_SUCCESSES = 8;

    /** Instead of how long to wait: there is nothing to wait for. */
    private static final long BEGUN = -1;

    private final TriggerEngine triggers;
    private final MemoryController controller;
    private final Scheduler core;
    private final int workers;
    private final ReclaimWorkqueue<Target> queue;
    private final Map<Long, Target> targets = new HashMap<>();
    private final Map<String, TokenBucket> budgets = new HashMap<>();
    private final Sinks.Many<ReclaimEvent> events =
            Sinks.unsafe().many().multicast().directBestEffort();
    private final Sinks.Empty<Void> idle = Sinks.empty();
    private int running;
    private int stuck;
    private long dropped;
    private boolean closed;

    /** @param triggers whose decisions are carried out, on the same core thread */
    public ReclaimEngine(TriggerEngine triggers, MemoryController controller, Workqueue workqueue, Scheduler core) {
        this.triggers = triggers;
        this.controller = controller;
        this.core = core;
        this.workers = workqueue.workers();
        this.queue = new ReclaimWorkqueue<>(workqueue.length());
    }

    /** Everything it does, hot, emitted on the core thread; a reader that does not keep up misses events. */
    public Flux<ReclaimEvent> events() {
        return events.asFlux();
    }

    /** Events that no reader could take for want of requests. */
    public long dropped() {
        return dropped;
    }

    /**
     * Goes by these policies from now on where they have the names of active ones: their limits and the way of reclaim hold from
     * the next batch on. To be called after the triggers have reloaded, which stops what is not to go on.
     */
    public void reload(List<Policy> policies) {
        Map<String, Policy> byName = new HashMap<>();
        policies.forEach(policy -> byName.put(policy.name(), policy));
        for (Target target : targets.values()) {
            for (Activation activation : target.activations) {
                Policy policy = byName.getOrDefault(activation.policy.name(), activation.policy);
                policy.reclaim().ifPresent(reclaim -> activation.become(policy, reclaim));
            }
        }
        // A budget that is the same goes on: reloading must not fill it.
        budgets.entrySet().removeIf(entry -> {
            Policy policy = byName.get(entry.getKey());
            return policy == null
                    || policy.reclaim()
                            .filter(reclaim ->
                                    entry.getValue().isOf(policy.limits().bytesPerSecond(), reclaim.batchBytes()))
                            .isEmpty();
        });
    }

    /** Takes a decision of the triggers. */
    public void decided(Decision decision) {
        switch (decision.to()) {
            case ACTIVE -> decision.policy().reclaim().ifPresent(reclaim -> start(decision, reclaim));
            case STOPPING -> decision.policy().reclaim().ifPresent(_ -> stop(decision.cgroup(), decision.policy()));
            case INACTIVE, PENDING, COOLDOWN -> {}
        }
    }

    /** Takes a sample, after the triggers have: news of usage, and for a cgroup that was refused the next chance. */
    public void sampled(Sample sample) {
        Target target = targets.get(sample.cgroup().id());
        if (target == null) {
            return;
        }
        int slot = sample.signals().slot(Signal.USAGE);
        if (slot >= 0) {
            target.usageBytes = sample.values()[slot];
        }
        if (target.mayRun()) {
            enqueue(target);
        }
    }

    /** Lets go of a cgroup that is not there any more. */
    public void gone(Cgroup cgroup) {
        Target target = targets.remove(cgroup.id());
        if (target != null) {
            target.activations.clear();
            withdraw(target);
        }
    }

    /** How many cgroups wait for a worker. */
    public int waiting() {
        return queue.size();
    }

    /** From now on so many cgroups may wait; none that waits already is turned away. */
    public void length(int cgroups) {
        queue.length(cgroups);
    }

    /** Starts no further batch, cancels those in flight, and completes when none is left. */
    public Mono<Void> close() {
        closed = true;
        List.copyOf(targets.values()).forEach(target -> gone(target.cgroup));
        completeWhenIdle();
        return idle.asMono();
    }

    private void start(Decision decision, Reclaim reclaim) {
        if (closed) {
            return;
        }
        Target target = targets.computeIfAbsent(decision.cgroup().id(), id -> new Target(decision.cgroup()));
        // The sample that made this decision has not come here yet, and the floor holds from the first batch on.
        target.usageBytes = triggers.usage(decision.cgroup());
        target.activations.add(new Activation(decision, reclaim));
        if (target.delayedByPolicies) {
            // Those that are waited for are others.
            target.endDelay();
        }
        if (target.mayRun()) {
            enqueue(target);
        }
    }

    private void stop(Cgroup cgroup, Policy policy) {
        Target target = targets.get(cgroup.id());
        Activation activation = target == null ? null : target.activationOf(policy);
        if (target == null || activation == null) {
            drained(cgroup, policy);
            return;
        }
        // What has drained is what was told to stop: after a reload another policy may have its name.
        activation.policy = policy;
        target.activations.remove(activation);
        if (target.activations.isEmpty()) {
            withdraw(target);
        } else if (target.batchOf == activation) {
            controller.cancel(cgroup);
        }
        if (target.batchOf != activation) {
            drained(cgroup, policy);
            forgetWhenDone(target);
        }
    }

    /** Takes back what is under way for the target, as far as it can be. */
    private void withdraw(Target target) {
        queue.remove(target);
        target.endDelay();
        if (target.batchOf != null) {
            controller.cancel(target.cgroup);
        }
    }

    private void forgetWhenDone(Target target) {
        if (target.activations.isEmpty() && target.batchOf == null) {
            targets.remove(target.cgroup.id(), target);
        }
    }

    private void enqueue(Target target) {
        if (queue.offer(target) == ReclaimWorkqueue.Offer.REJECTED) {
            hold(target, target.activations.getFirst(), Reason.QUEUE_FULL, 0);
        }
        pump();
    }

    private void pump() {
        while (running < workers && !closed) {
            Target target = queue.poll();
            if (target == null) {
                return;
            }
            run(target);
        }
    }

    /** The policies that are active for it take turns; one that may take nothing now does not hold up the others. */
    private void run(Target target) {
        long soonest = 0;
        for (int i = 0; i < target.activations.size(); i++) {
            Activation activation = target.activations.get(i);
            long wait = begin(target, activation);
            if (wait == BEGUN) {
                target.activations.add(target.activations.remove(i));
                return;
            }
            if (wait > 0 && (soonest == 0 || wait < soonest)) {
                soonest = wait;
            }
        }
        delay(target, soonest);
        target.delayedByPolicies = soonest > 0;
    }

    /** Asks for a batch if the policy may have one: {@link #BEGUN}, or how long it is to wait, 0 for its next sample. */
    private long begin(Target target, Activation activation) {
        Policy policy = activation.policy;
        int pageSize = controller.pageSize();
        long batch = Math.max(ControlLaw.SWAP_CLUSTER_MAX, activation.reclaim.batchBytes() / pageSize);
        long lawful = activation.law.nrPages(new View(target, policy), batch);
        if (lawful == 0) {
            return activation.law.nanosUntilMore(now());
        }
        long wanted = Math.min(
                lawful,
                ControlLaw.pagesAboveFloor(target.usageBytes, policy.limits().floorBytes(), pageSize));
        if (wanted < ControlLaw.SWAP_CLUSTER_MAX) {
            tellOnce(target, activation, Reason.FLOOR, 0);
            return 0;
        }
        TokenBucket budget = budgetOf(activation);
        long least = ControlLaw.SWAP_CLUSTER_MAX * pageSize;
        long granted = budget.take(wanted * pageSize, least, now()) / pageSize;
        if (granted == 0) {
            long wait = Math.max(1, budget.nanosUntil(least, now()));
            tellOnce(target, activation, Reason.BUDGET, wait);
            return wait;
        }
        activation.law.asked(granted, pageSize);
        ask(target, activation, granted);
        return BEGUN;
    }

    /** What a law sees. */
    private final class View implements ControlLaw.Look {
        private final Target target;
        private final Policy policy;

        View(Target target, Policy policy) {
            this.target = target;
            this.policy = policy;
        }

        @Override
        public long now() {
            return ReclaimEngine.this.now();
        }

        @Override
        public double usageBytes() {
            return target.usageBytes;
        }

        @Override
        public double stopBytes() {
            return triggers.stopWatermark(target.cgroup, policy);
        }

        @Override
        public double value(Signal signal) {
            return triggers.value(target.cgroup, signal);
        }

        @Override
        public long observedNanos(Signal signal) {
            return triggers.observedNanos(target.cgroup, signal);
        }

        @Override
        public int pageSize() {
            return controller.pageSize();
        }
    }

    private void ask(Target target, Activation activation, long nrPages) {
        Policy policy = activation.policy;
        running++;
        target.batchOf = activation;
        target.deadline = after(policy.limits().deadline().toNanos(), () -> overdue(target));
        controller
                .tryToFreeMemCgroupPages(
                        target.cgroup,
                        nrPages,
                        Gfp.GFP_KERNEL,
                        ReclaimOptions.PROACTIVE | (activation.reclaim.mayTakeAnon() ? ReclaimOptions.MAY_SWAP : 0),
                        activation.reclaim.swappiness())
                .onErrorResume(error -> Mono.just(failed(error)))
                .publishOn(core)
                .subscribe(result -> finished(target, activation, nrPages, result));
    }

    private ReclaimResult failed(Throwable error) {
        return ReclaimResult.none(Outcome.REFUSED, String.valueOf(error.getMessage()), Double.NaN, now());
    }

    private void overdue(Target target) {
        controller.cancel(target.cgroup);
        Activation activation = target.batchOf;
        if (activation != null) {
            target.deadline = after(activation.policy.limits().deadline().toNanos(), () -> abandon(target, activation));
        }
    }

    /**
     * The write does not come back. Its worker is given up for it, so that other cgroups are served, as long as there
     * are not as many stuck as there are workers: beyond that the bound on writes in flight would be a lie.
     */
    private void abandon(Target target, Activation activation) {
        if (stuck < workers) {
            stuck++;
            running--;
            target.abandoned = true;
            tellOnce(target, activation, Reason.STUCK, 0);
            pump();
        }
    }

    private void finished(Target target, Activation activation, long askedPages, ReclaimResult result) {
        release(target);
        settle(activation, askedPages, result);
        Optional<Decision> first = activation.takeFirst();
        tell(new Reclaimed(target.cgroup, activation.policy, now(), askedPages, result, first));

        if (result.outcome() == Outcome.GONE) {
            triggers.gone(target.cgroup);
            gone(target.cgroup);
        }
        if (!target.activations.contains(activation)) {
            drained(target.cgroup, activation.policy);
        }
        if (!Double.isNaN(result.usageBytes())) {
            target.usageBytes = result.usageBytes();
            triggers.sample(
                    new Sample(target.cgroup, result.finishedNanos(), USAGE, new double[] {result.usageBytes()}));
        }
        // Whoever waits goes first: only then is there sure to be a place at the tail.
        pump();
        if (!target.activations.isEmpty()) {
            next(target, result);
        }
        forgetWhenDone(target);
        completeWhenIdle();
    }

    private void release(Target target) {
        if (target.deadline != null) {
            target.deadline.dispose();
        }
        target.batchOf = null;
        if (target.abandoned) {
            target.abandoned = false;
            stuck--;
        } else {
            running--;
        }
    }

    /** The budget pays for what was taken, not for what was asked. */
    private void settle(Activation activation, long askedPages, ReclaimResult result) {
        budgetOf(activation).giveBack((askedPages - result.pagesReclaimed()) * controller.pageSize());
    }

    private void next(Target target, ReclaimResult result) {
        boolean moved = result.pagesReclaimed() > 0;
        target.unseenSuccesses = moved || result.outcome() != Outcome.SUCCESS ? 0 : target.unseenSuccesses + 1;
        boolean progress = moved || (result.outcome() == Outcome.SUCCESS && target.unseenSuccesses < UNSEEN_SUCCESSES);
        if (progress) {
            target.delayNanos = 0;
            enqueue(target);
        } else {
            target.delayNanos = result.outcome() == Outcome.REFUSED
                    ? LONGEST_DELAY_NANOS
                    : Math.clamp(2 * target.delayNanos, FIRST_DELAY_NANOS, LONGEST_DELAY_NANOS);
            hold(target, target.activations.getFirst(), Reason.NO_PROGRESS, target.delayNanos);
        }
    }

    /** Leaves the target alone for a time, or with no time until its next sample. */
    private void hold(Target target, Activation activation, Reason reason, long delayNanos) {
        delay(target, delayNanos);
        tellOnce(target, activation, reason, delayNanos);
    }

    private void delay(Target target, long nanos) {
        if (nanos > 0) {
            target.delay = after(nanos, () -> {
                target.delay = null;
                target.delayedByPolicies = false;
                if (target.mayRun()) {
                    enqueue(target);
                }
            });
        }
    }

    private void tellOnce(Target target, Activation activation, Reason reason, long delayNanos) {
        if (activation.held.add(reason)) {
            tell(new Held(target.cgroup, activation.policy, now(), reason, now() + delayNanos));
        }
    }

    private TokenBucket budgetOf(Activation activation) {
        return budgets.computeIfAbsent(
                activation.policy.name(),
                _ -> new TokenBucket(
                        activation.policy.limits().bytesPerSecond(), activation.reclaim.batchBytes(), now()));
    }

    /** Told in a task of its own: the triggers may be in the middle of telling us. */
    private void drained(Cgroup cgroup, Policy policy) {
        core.schedule(() -> triggers.drained(cgroup, policy));
    }

    private void completeWhenIdle() {
        if (closed && running + stuck == 0) {
            idle.tryEmitEmpty();
        }
    }

    private void tell(ReclaimEvent event) {
        if (events.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
            dropped++;
        }
    }

    private Disposable after(long nanos, Runnable task) {
        return core.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private long now() {
        return core.now(TimeUnit.NANOSECONDS);
    }

    /** A policy that is active for a cgroup. */
    private static final class Activation {
        Policy policy;
        Reclaim reclaim;
        final EnumSet<Reason> held = EnumSet.noneOf(Reason.class);
        private Optional<Decision> first;
        ControlLaw law;

        Activation(Decision start, Reclaim reclaim) {
            this.policy = start.policy();
            this.reclaim = reclaim;
            this.first = Optional.of(start);
            this.law = ControlLaw.of(reclaim.law());
        }

        /** A law that is the same goes on with what it has learnt. */
        void become(Policy other, Reclaim otherReclaim) {
            if (!otherReclaim.law().equals(reclaim.law())) {
                law = ControlLaw.of(otherReclaim.law());
            }
            policy = other;
            reclaim = otherReclaim;
        }

        /** What started it, but only to the first who asks. */
        Optional<Decision> takeFirst() {
            Optional<Decision> taken = first;
            first = Optional.empty();
            return taken;
        }
    }

    /** A cgroup that at least one policy is active for, or that has a batch in flight. */
    private static final class Target {
        final Cgroup cgroup;
        final List<Activation> activations = new ArrayList<>(1);
        double usageBytes = Double.NaN;
        int unseenSuccesses;
        long delayNanos;
        boolean abandoned;

        @Nullable
        Activation batchOf;

        @Nullable
        Disposable deadline;

        @Nullable
        Disposable delay;

        /** What it waits for is that its policies may have more, not that the kernel gives more. */
        boolean delayedByPolicies;

        Target(Cgroup cgroup) {
            this.cgroup = cgroup;
        }

        boolean mayRun() {
            return !activations.isEmpty() && batchOf == null && delay == null;
        }

        @Nullable
        Activation activationOf(Policy policy) {
            for (Activation activation : activations) {
                // Names are unique among policies that are active; of others a reload may have left some content the
                // same.
                if (activation.policy.name().equals(policy.name())) {
                    return activation;
                }
            }
            return null;
        }

        void endDelay() {
            if (delay != null) {
                delay.dispose();
                delay = null;
                delayedByPolicies = false;
            }
        }
    }
}
