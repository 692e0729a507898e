package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
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
 * <p>Each batch takes one place in the {@link ReclaimWorkqueue}, which says who is next; at most one batch of a cgroup waits or runs.
 * When its turn has come, the cgroup's {@link Circuit} and {@link BatchSize} say how much is worth asking for, the policy's {@link
 * ControlLaw} how much of that it wants, its {@link Guards} whether it may, and the {@link Budgets} whether it can afford it. After
 * each batch the usage it left is handed to the triggers, and only then is it decided whether there is a next one: STOP is never
 * further away than one batch, and that one is cancelled.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> the core scheduler's. <b>Back-pressure:</b> a full workqueue
 * turns away; a cgroup that is still active asks again with its next sample. <b>Failure:</b> what the kernel refuses or lets get stuck
 * delays that cgroup's next batch, and touches no other cgroup.
 */
public final class ReclaimEngine {

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    /** When the queue has no room for who has waited for a budget, the rest is looked after again so much later. */
    private static final long FULL_QUEUE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Instead of how long to wait: there is nothing to wait for. */
    private static final long BEGUN = -1;

    /** Instead of how long to wait: nobody may begin now. */
    private static final long NOBODY = -2;

    /** Instead of how long to wait: only a sample can change it. */
    private static final long NEXT_SAMPLE = 0;

    /** Instead of how long to wait: somebody else minds that. */
    private static final long NO_TIMER = Long.MAX_VALUE;

    private final TriggerEngine triggers;
    private final Scheduler core;
    private final int pageSize;
    private final Writes writes;
    private final ReclaimWorkqueue<Target> queue;
    private final Budgets budgets;
    private final Map<Long, Target> targets = new HashMap<>();
    private final Map<Long, Learnt> remembered = new HashMap<>();
    private final Sinks.Many<ReclaimEvent> events =
            Sinks.unsafe().many().multicast().directBestEffort();
    private final Sinks.Empty<Void> idle = Sinks.empty();
    private @Nullable Disposable agentPause;
    private long dropped;
    private boolean closed;

    /**
     * @param triggers whose decisions are carried out, on the same core thread
     * @param file its policies' limits, the bounds of the workqueue, and what all may spend; the number of workers stays for good
     */
    public ReclaimEngine(TriggerEngine triggers, MemoryController controller, PolicyFile file, Scheduler core) {
        this.triggers = triggers;
        this.core = core;
        this.pageSize = controller.pageSize();
        this.writes = new Writes(file.workqueue().workers(), controller, core, new Answers());
        this.queue = new ReclaimWorkqueue<>(file.workqueue().length());
        this.budgets = new Budgets(file.budget(), pageSize, this::now);
    }

    /** Everything it does, hot, emitted on the core thread; a reader that does not keep up misses events. */
    public Flux<ReclaimEvent> events() {
        return events.asFlux();
    }

    /** Events that no reader could take for want of requests. */
    public long dropped() {
        return dropped;
    }

    /** How many cgroups wait for a worker. */
    public int waiting() {
        return queue.size();
    }

    /** What holds a policy back from a cgroup that it is active for, now. */
    public Optional<Held> held(Cgroup cgroup, Policy policy) {
        Target target = targets.get(cgroup.id());
        Activation activation = target == null ? null : target.activationOf(policy);
        return activation == null ? Optional.empty() : activation.held();
    }

    /** What has been learnt of cgroups, in no particular order. */
    public List<Learnt> learnt() {
        return targets.values().stream()
                .map(Target::learnt)
                .filter(learnt -> !Double.isNaN(learnt.bytesPerNano()) || learnt.circuitFailures() > 0)
                .toList();
    }

    /** Goes by what has been learnt before, of cgroups of which nothing has been since. */
    public void remember(List<Learnt> learnt) {
        learnt.forEach(each -> remembered.put(each.id(), each));
    }

    /**
     * Goes by this file from now on: where its policies have the names of active ones, their limits and way of reclaim hold from the
     * next batch on. To be called after the triggers have reloaded, which stops what is not to go on.
     */
    public void reload(PolicyFile file) {
        Map<String, Policy> byName = new HashMap<>();
        file.policies().forEach(policy -> byName.put(policy.name(), policy));
        queue.length(file.workqueue().length());
        budgets.reload(byName, file.budget()).forEach(Target::waitsNoMore);
        targets.values()
                .removeIf(target -> target.activations().isEmpty()
                        && target.write() == null
                        && file.policies().stream()
                                .noneMatch(
                                        policy -> policy.selects(target.cgroup().path())));
        for (Target target : List.copyOf(targets.values())) {
            reload(target, byName);
        }
        endAgentPause();
        pump();
    }

    private void reload(Target target, Map<String, Policy> byName) {
        boolean changed = false;
        for (Activation activation : target.activations()) {
            Policy policy = byName.getOrDefault(activation.policy().name(), activation.policy());
            Reclaim before = activation.reclaim();
            policy.reclaim().ifPresent(reclaim -> activation.become(policy, reclaim));
            changed |= !activation.reclaim().equals(before);
        }
        if (target.activations().isEmpty()) {
            return;
        }
        target.rank();
        if (changed) {
            // What was refused, or in vain, is not what will be asked for.
            target.circuit().forget();
            target.restsNoMore();
        }
        if (!target.rests()) {
            target.waitsNoMore();
        }
        if (target.mayRun()) {
            queue.offer(target, now());
        }
    }

    /** Takes a decision of the triggers. */
    public void decided(Decision decision) {
        switch (decision.to()) {
            case ACTIVE -> decision.policy().reclaim().ifPresent(reclaim -> start(decision, reclaim));
            case STOPPING -> decision.policy().reclaim().ifPresent(_ -> stop(decision.cgroup(), decision.policy()));
            case INACTIVE, PENDING, COOLDOWN -> {}
        }
    }

    /** Takes a sample, after the triggers have: news of usage, and for a cgroup that was turned away the next chance. */
    public void sampled(Sample sample) {
        Target target = targets.get(sample.cgroup().id());
        if (target == null) {
            return;
        }
        int slot = sample.signals().slot(Signal.USAGE);
        if (slot >= 0) {
            target.usageBytes(sample.values()[slot]);
        }
        if (target.rests() && target.circuit().isOutgrown(target.usageBytes())) {
            target.restsNoMore();
        }
        if (target.heedsSamples()) {
            enqueue(target);
        }
    }

    /** Lets go of a cgroup that is not there any more. */
    public void gone(Cgroup cgroup) {
        remembered.remove(cgroup.id());
        Target target = targets.remove(cgroup.id());
        if (target != null) {
            target.activations().clear();
            withdraw(target);
        }
    }

    /** Starts no further batch, cancels those in flight, and completes when none is left. */
    public Mono<Void> close() {
        closed = true;
        endAgentPause();
        List.copyOf(targets.values()).forEach(target -> gone(target.cgroup()));
        completeWhenIdle();
        return idle.asMono();
    }

    private void start(Decision decision, Reclaim reclaim) {
        if (closed) {
            return;
        }
        Target target = targets.computeIfAbsent(
                decision.cgroup().id(), id -> new Target(decision.cgroup(), remembered.remove(id)));
        // The sample that made this decision has not come here yet, and the floor holds from the first batch on.
        target.usageBytes(triggers.usage(decision.cgroup()));
        Activation activation = new Activation(target, decision, reclaim, triggers, pageSize, this::now);
        target.activations().add(activation);
        target.rank();
        if (target.rests()) {
            rest(target, activation, target.circuit().reason());
        } else {
            // Those that are waited for are others.
            target.waitsNoMore();
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
        activation.stops(policy);
        target.activations().remove(activation);
        boolean inFlight = target.writesFor(activation);
        if (target.activations().isEmpty()) {
            withdraw(target);
        } else {
            target.rank();
            cancel(inFlight ? target.write() : null);
        }
        if (!inFlight) {
            drained(cgroup, policy);
        }
    }

    /** Takes back what is under way for the target, as far as it can be. */
    private void withdraw(Target target) {
        queue.remove(target);
        target.waitsNoMore();
        target.endTimer();
        cancel(target.write());
    }

    private void cancel(@Nullable Write write) {
        if (write != null) {
            writes.cancel(write);
        }
    }

    private void enqueue(Target target) {
        queue.offer(target, now());
        pump();
    }

    /** Has the workers do what waits, and turns away what is too much. */
    private void pump() {
        while (writes.hasRoom() && agentPause == null && !closed) {
            Target next = queue.poll(now());
            if (next == null) {
                break;
            }
            run(next);
        }
        for (Target away = queue.overflow(now()); away != null; away = queue.overflow(now())) {
            hold(away.activations().getFirst(), Reason.QUEUE_FULL, 0);
        }
    }

    /** The policies that are active for it take turns; one that may take nothing now does not hold up the others. */
    private void run(Target target) {
        List<Activation> activations = target.activations();
        long soonest = NO_TIMER;
        boolean sampleMayHelp = false;
        boolean lacksOnlyMeans = false;
        for (int i = 0; i < activations.size(); i++) {
            long wait = begin(target, activations.get(i));
            if (wait == BEGUN) {
                activations.add(activations.remove(i));
                return;
            }
            if (wait == NOBODY) {
                queue.putBack(target);
                return;
            }
            sampleMayHelp |= wait == NEXT_SAMPLE;
            lacksOnlyMeans |= wait == NO_TIMER;
            soonest = wait == NEXT_SAMPLE ? soonest : Math.min(soonest, wait);
        }
        if (!lacksOnlyMeans) {
            // It has had its turn, and did not want it.
            queue.remove(target);
        }
        if (!sampleMayHelp) {
            target.waitsForTime();
        }
        if (soonest != NO_TIMER) {
            target.wakes(after(soonest, () -> wake(target)));
        }
    }

    private void wake(Target target) {
        target.waitsNoMore();
        if (target.mayRun()) {
            enqueue(target);
        }
    }

    /**
     * Asks for a batch if the policy may have one: {@link #BEGUN}, or {@link #NOBODY}, or how long it is to wait, {@link
     * #NEXT_SAMPLE} or {@link #NO_TIMER}.
     */
    private long begin(Target target, Activation activation) {
        long batch = target.circuit().probes()
                ? ControlLaw.SWAP_CLUSTER_MAX
                : Math.max(
                        ControlLaw.SWAP_CLUSTER_MAX,
                        target.batchSize().bytes(activation.reclaim().batch()) / pageSize);
        long lawful = activation.law().nrPages(activation, batch);
        if (lawful == 0) {
            return activation.law().nanosUntilMore(now());
        }
        return switch (activation.guards().rule(activation, lawful)) {
            case Ruling.Held(Reason reason, double value, double mark, long retryNanos) -> {
                hold(activation, reason, retryNanos, value, mark);
                yield retryNanos;
            }
            case Ruling.Go go -> spend(target, activation, go);
        };
    }

    private long spend(Target target, Activation activation, Ruling.Go go) {
        long wantedPages = go.nrPages();
        Purse its = budgets.of(activation.policy());
        Purse all = budgets.agent();
        long nrPages = Math.min(its.share(wantedPages), all.share(wantedPages));
        long wait = its.nanosUntil(nrPages, now());
        if (wait > 0) {
            hold(activation, its.lacks(nrPages, now()), wait);
            if (!its.isAwaited()) {
                after(wait, () -> filled(its));
            }
            its.await(target);
            return NO_TIMER;
        }
        wait = all.nanosUntil(nrPages, now());
        if (wait > 0) {
            hold(activation, all.lacks(nrPages, now()), wait);
            agentPause = after(wait, this::endAgentPause);
            return NOBODY;
        }
        its.ask(nrPages, now());
        all.ask(nrPages, now());
        activation.law().asked(nrPages, pageSize);
        activation.goesOn();
        Ruling.@Nullable Held withoutAnon = go.withoutAnon();
        if (withoutAnon != null) {
            hold(activation, withoutAnon.reason(), 0, withoutAnon.value(), withoutAnon.mark());
        }
        Write write = new Write(target, activation, nrPages, its, all);
        target.writes(write);
        queue.begun(target);
        boolean maySwap = go.mayTakeAnon() && activation.reclaim().mayTakeAnon();
        writes.begin(
                write,
                ReclaimOptions.PROACTIVE | (maySwap ? ReclaimOptions.MAY_SWAP : 0),
                activation.reclaim().swappiness(),
                activation.policy().limits().deadline());
        return BEGUN;
    }

    /** There may be enough again for those that have waited for it; which of them go first the queue says. */
    private void filled(Purse purse) {
        for (Target target : purse.next(queue.room())) {
            target.waitsNoMore();
            if (target.mayRun()) {
                queue.offer(target, now());
            }
        }
        boolean left = purse.isAwaited();
        pump();
        if (left) {
            after(FULL_QUEUE_NANOS, () -> filled(purse));
        }
    }

    private void endAgentPause() {
        if (agentPause != null) {
            agentPause.dispose();
            agentPause = null;
            pump();
        }
    }

    private final class Answers implements Writes.Listener {

        @Override
        public void stuck(Write write) {
            hold(write.activation, Reason.STUCK, 0);
            pump();
        }

        @Override
        public void answered(Write write, ReclaimResult result) {
            Target target = write.target;
            Activation activation = write.activation;
            Policy policy = activation.policy();
            target.wrote();
            write.policys.settle(write.askedPages, result, now());
            write.agents.settle(write.askedPages, result, now());
            queue.done(
                    target,
                    Math.min(result.tookNanos(), policy.limits().deadline().toNanos()));
            target.batchSize().learn(activation.reclaim().batch(), write.askedPages * pageSize, result, pageSize);
            Effect effect = Effect.of(write, result);
            long wait = target.circuit().after(effect, result.usageBytes());
            if (wait > 0) {
                target.restsUntil(now() + wait);
            }
            tell(new Reclaimed(target.cgroup(), policy, now(), write.askedPages, result, activation.takeFirst()));

            if (result.outcome() == Outcome.GONE) {
                triggers.gone(target.cgroup());
                gone(target.cgroup());
            }
            if (!target.activations().contains(activation)) {
                drained(target.cgroup(), policy);
            }
            if (!Double.isNaN(result.usageBytes())) {
                target.usageBytes(result.usageBytes());
            }
            activation.guards().reclaimed(activation, write.askedPages, result);
            if (!Double.isNaN(result.usageBytes())) {
                triggers.sample(
                        new Sample(target.cgroup(), result.finishedNanos(), USAGE, new double[] {result.usageBytes()}));
            }
            if (target.rests() && !target.activations().isEmpty()) {
                Activation of = target.activations().contains(activation)
                        ? activation
                        : target.activations().getFirst();
                rest(target, of, effect.reason());
            }
            if (target.mayRun()) {
                queue.offer(target, now());
            }
            pump();
            completeWhenIdle();
        }
    }

    /** Leaves it alone for as long as its circuit wants. */
    private void rest(Target target, Activation activation, Reason reason) {
        long wait = target.restsUntil() - now();
        if (wait <= 0) {
            target.restsNoMore();
            return;
        }
        hold(activation, reason, wait);
        if (target.circuit().isOpen()) {
            hold(activation, Reason.CIRCUIT_OPEN, wait);
        }
        target.wakes(after(wait, () -> {
            target.restsNoMore();
            if (target.mayRun()) {
                enqueue(target);
            }
        }));
    }

    private void hold(Activation activation, Reason reason, long retryNanos) {
        hold(activation, reason, retryNanos, Double.NaN, Double.NaN);
    }

    private void hold(Activation activation, Reason reason, long retryNanos, double value, double mark) {
        Held held = new Held(activation.cgroup(), activation.policy(), now(), reason, now() + retryNanos, value, mark);
        if (activation.holds(held)) {
            tell(held);
        }
    }

    /** Told in a task of its own: the triggers may be in the middle of telling us. */
    private void drained(Cgroup cgroup, Policy policy) {
        core.schedule(() -> triggers.drained(cgroup, policy));
    }

    private void completeWhenIdle() {
        if (closed && writes.none()) {
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
}
