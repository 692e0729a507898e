package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.MemoryController;
import dev.tidemark.reclaim.ReclaimEngine;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.WritebackStarter;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Ingress;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.Sampler;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.util.HashSet;
import java.util.Set;
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
 * <p><b>Thread:</b> {@link #start} and {@link #stop} from any thread; its state is owned by the core
 * thread, where its streams are emitted. Nothing blocks. <b>Back-pressure:</b> of each cgroup only the latest sample that
 * the core has not looked at is kept. <b>Failure:</b> what goes wrong with one cgroup is told to the listener and leaves
 * the others alone; when watching the cgroup tree fails, {@link #failure} ends with that error.
 */
final class Agent {

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    private final MemoryController controller;
    private final CgroupFilter filter;
    private final Scheduler core;
    private final TriggerEngine triggers;
    private final ReclaimEngine reclaim;
    private final WritebackStarter writeback;
    private final Sampler sampler;
    private final ChargeFeed charges;
    private final Consumer<String> complaints;
    private final Figures figures;

    private final Ingress<Sample.Key, Sample> samples;

    private final Set<Cgroup> cgroups = new HashSet<>();
    private final Sinks.One<Integer> listed = Sinks.one();
    private final Sinks.Empty<Void> failure = Sinks.empty();
    private final Disposable.Composite subscriptions = Disposables.composite();

    /**
     * @param charges tells of crossings before sampling finds them, where the kernel lets it
     * @param complaints takes lines about what went wrong with a cgroup; must not block
     */
    Agent(
            PolicyFile policies,
            MemoryController controller,
            AgentSchedulers schedulers,
            ChargeFeed charges,
            Consumer<String> complaints) {
        this.charges = charges;
        this.controller = controller;
        this.filter = CgroupFilter.of(policies.policies());
        this.core = schedulers.core();
        this.complaints = complaints;
        this.figures = new Figures(controller.pageSize());
        this.triggers = new TriggerEngine(policies.policies(), core, this::complain);
        this.reclaim = new ReclaimEngine(triggers, controller, policies.workqueue(), core);
        this.writeback = new WritebackStarter(
                policies.policies(), controller, core, policies.workqueue().workers(), figures::add);
        this.samples = new Ingress<>(core, (_, sample) -> sampled(sample), this::complain);
        this.sampler = new Sampler(
                controller, schedulers.files(), schedulers.usage(), this::offer, this::gone, this::complain);
        charges.connect(cgroup -> sampler.poke(cgroup.id()));
        // Before anybody else can: what listens to decisions must not hold up their being carried out.
        subscriptions.add(triggers.decisions().subscribe(this::decided));
        subscriptions.add(reclaim.events().subscribe(figures::add));
    }

    /** Decisions from now on, hot, on the core thread. */
    Flux<Decision> decisions() {
        return triggers.decisions();
    }

    /** What reclaim does from now on, hot, on the core thread. */
    Flux<ReclaimEvent> reclaims() {
        return reclaim.events();
    }

    /** Ends with an error when the agent cannot go on; never completes otherwise. */
    Mono<Void> failure() {
        return failure.asMono();
    }

    /** Begins; tells how many cgroups there are once all have been found. */
    Mono<Integer> start() {
        subscriptions.add(controller.watch(filter).publishOn(core).subscribe(this::changed, failure::tryEmitError));
        return listed.asMono();
    }

    /** Stops looking, cancels writes in flight, and completes when none is left. Sets nothing, so leaves nothing set. */
    Mono<Void> stop() {
        return Mono.defer(() -> {
                    subscriptions.dispose();
                    sampler.close();
                    triggers.close();
                    return reclaim.close();
                })
                .subscribeOn(core);
    }

    /** The figures so far, read on the core thread. */
    Mono<Figures.Report> report() {
        return Mono.fromCallable(figures::report).subscribeOn(core);
    }

    private void changed(CgroupChange change) {
        switch (change) {
            case CgroupChange.Appeared(Cgroup cgroup) -> appeared(cgroup);
            case CgroupChange.Gone(Cgroup cgroup) -> letGo(cgroup);
            case CgroupChange.Listed() -> listed.tryEmitValue(cgroups.size());
        }
    }

    private void appeared(Cgroup cgroup) {
        if (cgroups.add(cgroup)) {
            triggers.appeared(cgroup);
            writeback.appeared(cgroup);
            charges.appeared(cgroup);
            // Usage even where no condition asks for it: the laws and the floor do.
            sampler.add(cgroup, triggers.signals(cgroup).plus(USAGE), triggers.period(cgroup));
        }
    }

    private void letGo(Cgroup cgroup) {
        if (cgroups.remove(cgroup)) {
            sampler.remove(cgroup);
            charges.gone(cgroup);
            writeback.gone(cgroup);
            triggers.gone(cgroup);
            reclaim.gone(cgroup);
        }
    }

    /** From a file thread: a read found the cgroup gone, sooner perhaps than the tree told. */
    private void gone(Cgroup cgroup) {
        core.schedule(() -> letGo(cgroup));
    }

    private void offer(Sample sample) {
        samples.offer(sample.key(), sample);
    }

    private void sampled(Sample sample) {
        triggers.sample(sample);
        reclaim.sampled(sample);
        writeback.sampled(sample);
        aim(sample.cgroup());
    }

    private void decided(Decision decision) {
        reclaim.decided(decision);
        figures.add(decision);
        aim(decision.cgroup());
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
