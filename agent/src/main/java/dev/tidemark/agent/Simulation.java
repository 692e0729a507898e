package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A modelled host in a time of its own, with an agent on it or without.
 *
 * <p><b>Thread:</b> one at a time; everything happens inside {@link #start}, {@link #advance} and {@link #close}, none of which
 * waits for anything. <b>Time:</b> virtual, from 0; the same scenario and policies give the same run, to the last page and decision.
 * <b>Failure:</b> a defect of the model is thrown by {@link #advance} as an {@link IllegalStateException}.
 */
public final class Simulation implements AutoCloseable {

    private static final SignalSet SEEN =
            SignalSet.of(Signal.USAGE, Signal.MAX, Signal.EVENTS_MAX, Signal.EVENTS_OOM_KILL);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Scenario scenario;
    private final MemoryModel model;
    private final Optional<Agent> agent;
    private @Nullable Throwable failure;
    private boolean finished;
    private boolean ended;

    /**
     * What is to be seen of a cgroup of the scenario.
     *
     * @param usageBytes memory.current
     * @param maxBytes memory.max, positive infinity for none
     * @param maxEvents how often the kernel had to reclaim in the allocating task
     * @param oomKills tasks killed for lack of memory
     */
    public record View(String path, double usageBytes, double maxBytes, long maxEvents, long oomKills) {}

    private Simulation(Scenario scenario, @Nullable PolicyFile policies, Consumer<String> complaints) {
        this.scenario = scenario;
        this.model = MemoryModel.of(scenario, time);
        this.agent = Optional.ofNullable(policies)
                .map(file ->
                        new Agent(file, model, AgentSchedulers.all(time), new ModelCharges(model, time), complaints));
    }

    /** No agent: what the kernel does by itself. */
    public static Simulation alone(Scenario scenario) {
        return new Simulation(scenario, null, line -> {});
    }

    /**
     * With an agent that runs these policies.
     *
     * @param complaints takes lines about what went wrong with a cgroup
     */
    public static Simulation withAgent(Scenario scenario, PolicyFile policies, Consumer<String> complaints) {
        return new Simulation(scenario, policies, complaints);
    }

    /** The modelled host. */
    public MemoryModel model() {
        return model;
    }

    Optional<Agent> agent() {
        return agent;
    }

    /** The agent's decisions from now on; none without an agent. */
    public Flux<Decision> decisions() {
        return agent.map(Agent::decisions).orElseGet(Flux::empty);
    }

    /** What the agent's reclaim does from now on; nothing without an agent. */
    public Flux<ReclaimEvent> reclaims() {
        return agent.map(Agent::reclaims).orElseGet(Flux::empty);
    }

    /** Begins: the agent first, as on a host that boots. */
    public void start() {
        agent.ifPresent(started -> started.start().subscribe());
        time.advanceTime();
        Disposable _ = model.finished().subscribe(nothing -> {}, error -> failure = error, () -> finished = true);
        model.start();
    }

    /** Lets time go by. Returns whether the workloads still run. */
    public boolean advance(Duration duration) {
        time.advanceTimeBy(duration);
        if (failure != null) {
            throw new IllegalStateException("the model failed at " + now(), failure);
        }
        return !finished;
    }

    /** Ends the agent and the model. Idempotent. */
    @Override
    public void close() {
        end();
    }

    /** Ends the agent; its figures, the first time. */
    Optional<Figures.Report> end() {
        List<Figures.Report> report = new ArrayList<>(1);
        if (ended) {
            return Optional.empty();
        }
        ended = true;
        agent.ifPresent(ended -> {
            ended.stop().then(ended.report(0)).subscribe(report::add);
            time.advanceTimeBy(Duration.ofSeconds(1));
        });
        model.close();
        return report.stream().findFirst();
    }

    /** Virtual time since it was made. */
    public Duration now() {
        return Duration.ofNanos(time.now(TimeUnit.NANOSECONDS));
    }

    /** How the workloads have fared up to now, in the scenario's order. */
    public List<WorkloadReport> workloads() {
        return model.report();
    }

    /** The scenario's cgroups as they are now, those that are gone left out. */
    public List<View> views() {
        return scenario.cgroups().stream()
                .map(spec -> model.cgroup(spec.path()))
                .flatMap(Optional::stream)
                .flatMap(cgroup -> view(cgroup).stream())
                .toList();
    }

    private Optional<View> view(Cgroup cgroup) {
        double[] values = new double[SEEN.size()];
        try {
            model.read(cgroup, SEEN, values);
        } catch (CgroupGoneException e) {
            return Optional.empty();
        }
        return Optional.of(new View(
                cgroup.path(),
                values[SEEN.slot(Signal.USAGE)],
                values[SEEN.slot(Signal.MAX)],
                (long) values[SEEN.slot(Signal.EVENTS_MAX)],
                (long) values[SEEN.slot(Signal.EVENTS_OOM_KILL)]));
    }
}
