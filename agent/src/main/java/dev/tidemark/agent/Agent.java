package dev.tidemark.agent;

import dev.tidemark.agent.explain.Explain;
import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.Learnt;
import dev.tidemark.reclaim.LimitEngine;
import dev.tidemark.reclaim.LimitEvent;
import dev.tidemark.reclaim.LimitJournal;
import dev.tidemark.reclaim.LimitStanding;
import dev.tidemark.reclaim.MemoryController;
import dev.tidemark.reclaim.ReclaimEngine;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.WritebackStarter;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Ingress;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SampleSink;
import dev.tidemark.triggers.Sampler;
import dev.tidemark.triggers.Standing;
import dev.tidemark.triggers.TriggerEngine;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * One running agent: policies, a kernel, and the way of a sample from the one through the other.
 *
 * <p>It does not know whether its kernel is a host or the model, nor whether its time is real.
 *
 * <p><b>Thread:</b> all methods from any thread; its state is owned by the core thread, where its streams are emitted.
 * Nothing blocks. <b>Back-pressure:</b> of each cgroup only the latest sample that the core has not looked at is kept, and of
 * each push request the latest push. <b>Failure:</b> what goes wrong with one cgroup is told to the listener and leaves
 * the others alone; when watching the cgroup tree fails, {@link #failure} ends with that error.
 */
final class Agent {

    private static final long NO_PUSH = Long.MIN_VALUE;

    private final MemoryController controller;
    private final Scheduler core;
    private final TriggerEngine triggers;
    private final ReclaimEngine reclaim;
    private final LimitEngine limits;
    private final WritebackStarter writeback;
    private final Sampler sampler;
    private final PushFeed pushes;
    private final Attention attention;
    private final ChargeFeed charges;
    private final Consumer<String> complaints;
    private final Figures figures;

    private final Ingress<Sample.Key, Sample> samples;

    private final Sinks.One<Integer> listed = Sinks.one();
    private final Sinks.Empty<Void> failure = Sinks.empty();
    private final Disposable.Composite subscriptions = Disposables.composite();
    private final Disposable.Swap watching = Disposables.swap();

    // Owned by the core thread.
    private final Set<Cgroup> cgroups = new HashSet<>();
    private PolicyFile policies;
    private Selection selection;
    private long pushNanos = NO_PUSH;

    /** What decides which cgroups are of interest. */
    private record Selection(List<List<CgroupGlob>> globs, Set<String> elsewhere, CgroupFilter filter) {

        static Selection of(List<Policy> policies, Set<String> elsewhere) {
            return new Selection(
                    policies.stream()
                            .flatMap(policy -> List.of(policy.cgroups(), policy.exclude(), policy.watch()).stream())
                            .toList(),
                    Set.copyOf(elsewhere),
                    CgroupFilter.of(policies, elsewhere));
        }

        boolean sameAs(Selection other) {
            return globs.equals(other.globs) && elsewhere.equals(other.elsewhere);
        }
    }

    /** What there is to be asked about: the policies that run and the cgroups that are known, at one instant. */
    record View(List<Policy> policies, List<Cgroup> cgroups) {
        View {
            policies = List.copyOf(policies);
            cgroups = List.copyOf(cgroups);
        }
    }

    /** On a kernel that ends with the agent: nothing has to outlive it. */
    Agent(
            PolicyFile policies,
            MemoryController controller,
            AgentSchedulers schedulers,
            ChargeFeed charges,
            Consumer<String> complaints) {
        this(policies, controller, schedulers, charges, LimitJournal.NONE, List.of(), complaints);
    }

    /**
     * @param charges tells of crossings before sampling finds them, where the kernel lets it
     * @param journal keeps what has to be put back should the agent not live to do it
     * @param leftBehind what an earlier agent has set and could not be put back yet
     * @param complaints takes lines about what went wrong with a cgroup; must not block
     */
    Agent(
            PolicyFile policies,
            MemoryController controller,
            AgentSchedulers schedulers,
            ChargeFeed charges,
            LimitJournal journal,
            List<LimitJournal.Entry> leftBehind,
            Consumer<String> complaints) {
        this.policies = policies;
        this.charges = charges;
        this.controller = controller;
        this.core = schedulers.core();
        this.complaints = complaints;
        this.figures = new Figures(controller.pageSize());
        this.triggers = new TriggerEngine(policies.policies(), core, this::complain);
        this.selection = Selection.of(policies.policies(), triggers.elsewhere());
        this.reclaim = new ReclaimEngine(triggers, controller, policies, core);
        this.limits = new LimitEngine(
                triggers, controller, journal, leftBehind, policies.workqueue().workers(), core);
        this.writeback = new WritebackStarter(
                policies.policies(), controller, core, policies.workqueue().workers(), figures::add);
        this.samples = new Ingress<>(core, (_, sample) -> sampled(sample), this::complain);
        this.sampler = new Sampler(
                controller, schedulers.files(), schedulers.usage(), new Samples(), this::gone, this::complain);
        this.pushes = new PushFeed(controller, core, this::pushed, this::refused);
        this.attention = new Attention(triggers, sampler, pushes);
        charges.connect(cgroup -> sampler.poke(cgroup.id()));
        // Before anybody else can: what listens to decisions must not hold up their being carried out.
        subscriptions.add(triggers.decisions().subscribe(this::decided));
        subscriptions.add(reclaim.events().subscribe(figures::add));
        // Until the end: then what is set is put back.
        Disposable _ = limits.events().subscribe(figures::add);
        subscriptions.add(watching);
    }

    /** Decisions from now on, hot, on the core thread. */
    Flux<Decision> decisions() {
        return triggers.decisions();
    }

    /** What reclaim does from now on, hot, on the core thread. */
    Flux<ReclaimEvent> reclaims() {
        return reclaim.events();
    }

    /** What is set and put back from now on, hot, on the core thread. */
    Flux<LimitEvent> limits() {
        return limits.events();
    }

    /** Ends with an error when the agent cannot go on; never completes otherwise. */
    Mono<Void> failure() {
        return failure.asMono();
    }

    /** Goes by what an earlier agent has learnt; to be called before {@link #start}. */
    void remember(List<Learnt> learnt) {
        core.schedule(() -> reclaim.remember(learnt));
    }

    /** What has been learnt of cgroups so far. Lazy. */
    Mono<List<Learnt>> learnt() {
        return Mono.fromCallable(reclaim::learnt).subscribeOn(core);
    }

    /** Begins; tells how many cgroups there are to be acted on once all have been found. */
    Mono<Integer> start() {
        core.schedule(this::watch);
        return listed.asMono();
    }

    /** Stops looking, cancels writes in flight, puts back what is set, and completes when nothing is left. */
    Mono<Void> stop() {
        return Mono.defer(() -> {
                    subscriptions.dispose();
                    pushes.dispose();
                    sampler.close();
                    triggers.close();
                    return Mono.when(limits.close(), reclaim.close());
                })
                .subscribeOn(core);
    }

    /**
     * Puts other policies in place of those that run, all at one instant. Those that are the same keep their state; one that is
     * active and is the same no more has its work cancelled. Lazy; what follows of it for discovery takes its time. The number
     * of workers stays.
     */
    Mono<PolicyChanges> reload(PolicyFile file) {
        return Mono.fromCallable(() -> reloaded(file)).subscribeOn(core);
    }

    /** What there is to be asked about, now. Lazy. */
    Mono<View> view() {
        return Mono.fromCallable(() -> new View(policies.policies(), List.copyOf(cgroups)))
                .subscribeOn(core);
    }

    /**
     * Where a policy stands with a cgroup.
     *
     * @param held what holds it back although it is active
     * @param limit how what it sets is set now
     */
    record Stand(Standing standing, Optional<ReclaimEvent.Held> held, Optional<LimitStanding> limit) {
        /** In words, with the values of its conditions; lines each ended by a line break. */
        String told() {
            return Explain.live(standing, held, limit);
        }
    }

    /** Where a policy stands with a cgroup, now; empty when it has nothing to do with it. Lazy. */
    Mono<Standing> standing(Cgroup cgroup, Policy policy) {
        return stand(cgroup, policy).map(Stand::standing);
    }

    /** As {@link #standing}, with what is done about it. */
    Mono<Stand> stand(Cgroup cgroup, Policy policy) {
        return Mono.fromCallable(() -> triggers.standing(cgroup, policy))
                .map(standing -> new Stand(standing, reclaim.held(cgroup, policy), limits.standing(cgroup, policy)))
                .subscribeOn(core);
    }

    /**
     * The figures so far, read on the core thread.
     *
     * @param falsePushes pushes that turned out to be none
     */
    Mono<Figures.Report> report(long falsePushes) {
        return Mono.fromCallable(() -> figures.report(
                        new Figures.Reads(sampler.reads(), sampler.fastReads(), sampler.missedTicks(), falsePushes)))
                .subscribeOn(core);
    }

    private void watch() {
        // Whoever was known before and is not there at the end of the list has gone unseen.
        Set<Cgroup> unseen = new HashSet<>(cgroups);
        attention.attend(Cgroup.HOST);
        watching.update(controller
                .watch(selection.filter)
                .publishOn(core)
                .subscribe(change -> changed(change, unseen), failure::tryEmitError));
    }

    private void changed(CgroupChange change, Set<Cgroup> unseen) {
        switch (change) {
            case CgroupChange.Appeared(Cgroup cgroup) -> {
                unseen.remove(cgroup);
                appeared(cgroup);
            }
            case CgroupChange.Gone(Cgroup cgroup) -> {
                unseen.remove(cgroup);
                letGo(cgroup);
            }
            case CgroupChange.Listed() -> {
                unseen.forEach(this::letGo);
                unseen.clear();
                listed.tryEmitValue(
                        (int) cgroups.stream().filter(this::isActedOn).count());
            }
        }
    }

    private void appeared(Cgroup cgroup) {
        if (cgroups.add(cgroup)) {
            triggers.appeared(cgroup);
            writeback.appeared(cgroup);
            charges.appeared(cgroup);
            attention.attend(cgroup);
        }
    }

    private boolean isActedOn(Cgroup cgroup) {
        return policies.policies().stream().anyMatch(policy -> policy.selects(cgroup.path()));
    }

    private void letGo(Cgroup cgroup) {
        if (disregard(cgroup)) {
            triggers.gone(cgroup);
            reclaim.gone(cgroup);
            limits.gone(cgroup);
        }
    }

    /** Looks at it no more, without saying that it is gone. */
    private boolean disregard(Cgroup cgroup) {
        boolean known = cgroups.remove(cgroup);
        if (known) {
            attention.ignore(cgroup);
            charges.gone(cgroup);
            writeback.gone(cgroup);
        }
        return known;
    }

    /** From a file thread: a read found the cgroup gone, sooner perhaps than the tree told. */
    private void gone(Cgroup cgroup) {
        core.schedule(() -> letGo(cgroup));
    }

    private PolicyChanges reloaded(PolicyFile file) {
        PolicyChanges changes = PolicyChanges.between(policies, file);
        if (changes.none()) {
            return changes;
        }
        policies = file;
        triggers.reload(file.policies());
        reclaim.reload(file);
        Selection before = selection;
        selection = Selection.of(file.policies(), triggers.elsewhere());
        boolean others = !selection.sameAs(before);
        if (others) {
            // The triggers have let go of these already, and stop what was active.
            List.copyOf(cgroups).stream()
                    .filter(cgroup -> !selection.filter.selects(cgroup.path()))
                    .forEach(this::disregard);
        }
        writeback.reload(file.policies(), cgroups);
        cgroups.forEach(attention::attend);
        cgroups.forEach(this::aim);
        if (others) {
            watch();
        } else {
            attention.attend(Cgroup.HOST);
        }
        return changes;
    }

    /** From the file threads to the core. */
    private final class Samples implements SampleSink {
        @Override
        public void accept(Sample sample) {
            samples.put(sample.key(), sample);
        }

        @Override
        public void flush() {
            samples.flush();
        }
    }

    private void sampled(Sample sample) {
        triggers.sample(sample);
        reclaim.sampled(sample);
        limits.sampled(sample);
        writeback.sampled(sample);
        aim(sample.cgroup());
    }

    private void pushed(Push push) {
        pushNanos = push.nanos();
        figures.addPush();
        try {
            triggers.pushed(push);
        } finally {
            pushNanos = NO_PUSH;
        }
        // What the kernel told of is about to be seen: close up for as long as it speaks of.
        sampler.pushed(push);
    }

    private void refused(Cgroup cgroup, Throwable failure) {
        figures.addRefusedPush();
        complain(cgroup, failure);
    }

    private void decided(Decision decision) {
        reclaim.decided(decision);
        limits.decided(decision);
        figures.add(decision);
        if (pushNanos != NO_PUSH) {
            figures.addPushToDecision(core.now(TimeUnit.NANOSECONDS) - pushNanos);
        }
        aim(decision.watched());
    }

    /** Says which crossings are of interest now. */
    private void aim(Cgroup cgroup) {
        double start = triggers.startWatermark(cgroup);
        sampler.watermark(cgroup, start);
        charges.arm(cgroup, start);
    }

    private void complain(Throwable failure) {
        complaints.accept("failed: " + failure);
    }

    private void complain(Cgroup cgroup, Throwable failure) {
        complaints.accept("failed cgroup=" + cgroup.path() + " reason=\"" + failure.getMessage() + '"');
    }
}
