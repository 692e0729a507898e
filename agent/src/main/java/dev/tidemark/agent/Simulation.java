package dev.tidemark.agent;

import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.LimitEvent;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.reclaim.model.VirtualTime;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A modelled host in a time of its own, with an agent on it or without.
 *
 * <p><b>Thread:</b> one at a time; everything happens inside {@link #start}, {@link #advance} and {@link #close}, none of which
 * waits for anything. <b>Time:</b> virtual, from 0; the same scenario and policies give the same run, to the last page and decision.
 * <b>Failure:</b> a defect of the model or of the agent is thrown by {@link #advance} as an {@link IllegalStateException}.
 */
public final class Simulation implements AutoCloseable {

    private static final SignalSet SEEN =
            SignalSet.of(Signal.USAGE, Signal.MAX, Signal.EVENTS_MAX, Signal.EVENTS_OOM_KILL);

    private final VirtualTime time = new VirtualTime();
    private final Scenario scenario;
    private final MemoryModel model;
    private final Optional<Agent> agent;
    private @Nullable Throwable failure;
    private boolean finished;
    private boolean ended;
    private Figures.@Nullable Report figures;

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

    /** The simulation's time, for work that is to be done in it, such as what hooks hand on. */
    public Scheduler scheduler() {
        return time;
    }

    Optional<Agent> agent() {
        return agent;
    }

    /** Whether there is an agent on the host. */
    public boolean hasAgent() {
        return agent.isPresent();
    }

    /** The agent's decisions from now on; none without an agent. */
    public Flux<Decision> decisions() {
        return agent.map(Agent::decisions).orElseGet(Flux::empty);
    }

    /** What the agent's reclaim does from now on; nothing without an agent. */
    public Flux<ReclaimEvent> reclaims() {
        return agent.map(Agent::reclaims).orElseGet(Flux::empty);
    }

    /** What the agent sets and puts back from now on; nothing without an agent. */
    public Flux<LimitEvent> limits() {
        return agent.map(Agent::limits).orElseGet(Flux::empty);
    }

    /** Begins: the agent first, as on a host that boots. */
    public void start() {
        agent.ifPresent(started -> {
            // Only the first can be told; either way the run is no good.
            Disposable _ = started.failure().subscribe(nothing -> {}, this::failed);
            Disposable _ = started.start().subscribe();
        });
        time.advance(Duration.ZERO);
        Disposable _ = model.finished().subscribe(nothing -> {}, this::failed, () -> finished = true);
        model.start();
    }

    /** Lets time go by. Returns whether the workloads still run. */
    public boolean advance(Duration duration) {
        time.advance(duration);
        if (failure != null) {
            throw new IllegalStateException("the simulation failed at " + now(), failure);
        }
        return !finished;
    }

    private void failed(Throwable error) {
        if (failure == null) {
            failure = error;
        }
    }

    /** Ends the agent and the model. Idempotent. */
    @Override
    public void close() {
        end();
    }

    /** Ends the agent and the model; the agent's figures, which stay what they were at the end. Idempotent. */
    Optional<Figures.Report> end() {
        if (!ended) {
            ended = true;
            agent.ifPresent(ending -> {
                ending.stop().then(ending.report(0)).subscribe(report -> figures = report);
                time.advance(Duration.ofSeconds(1));
            });
            model.close();
        }
        return Optional.ofNullable(figures);
    }

    /** Virtual time since it was made. */
    public Duration now() {
        return Duration.ofNanos(time.now(TimeUnit.NANOSECONDS));
    }

    /**
     * Puts other policies in place of those that run, at this instant, as a running agent does when its file has changed.
     *
     * @throws IllegalStateException when there is no agent
     */
    public PolicyChanges reload(PolicyFile policies) {
        return asked(required().reload(policies));
    }

    /**
     * The cgroups that the agent looks at now, in no particular order.
     *
     * @throws IllegalStateException when there is no agent
     */
    public List<Cgroup> seen() {
        return asked(required().view()).cgroups();
    }

    /**
     * Where a policy stands with a cgroup now; empty when there is no such cgroup, or it has nothing to do with the policy.
     *
     * @throws IllegalStateException when there is no agent
     * @throws IllegalArgumentException when the agent has no such policy
     */
    public Optional<Standing> standing(String path, String policy) {
        Agent asked = required();
        List<Policy> policies = asked(asked.view()).policies();
        Policy named = policies.stream()
                .filter(it -> it.name().equals(policy))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the agent has no policy " + policy + ", but "
                        + policies.stream().map(Policy::name).toList()));
        return model.cgroup(path)
                .flatMap(cgroup -> asked(asked.standing(cgroup, named).singleOptional()));
    }

    /**
     * One of the agent's figures so far, those of the line {@code summary:} with which {@code tidemark run} ends.
     *
     * @param key such as {@code writes}
     * @throws IllegalStateException when there is no agent
     * @throws IllegalArgumentException when there is no such figure
     */
    public long figure(String key) {
        String summary = asked(required().report(0)).summary();
        Matcher matcher =
                Pattern.compile(" " + Pattern.quote(key) + "=([0-9]+)(?= |$)").matcher(summary);
        if (!matcher.find()) {
            throw new IllegalArgumentException("there is no figure " + key + " in: " + summary);
        }
        return Long.parseLong(matcher.group(1));
    }

    private Agent required() {
        return agent.orElseThrow(() -> new IllegalStateException("there is no agent on this host"));
    }

    /** What the core answers at this instant; what it has to do by then is done on the way. */
    private <T> T asked(Mono<T> question) {
        List<T> answers = new ArrayList<>(1);
        List<Throwable> errors = new ArrayList<>(1);
        question.subscribe(answers::add, errors::add);
        time.advance(Duration.ZERO);
        if (answers.isEmpty()) {
            throw new IllegalStateException(
                    "the agent did not answer at " + now(), errors.isEmpty() ? null : errors.getFirst());
        }
        return answers.getFirst();
    }

    /** How many events there have been: what a run costs. */
    public long events() {
        return time.scheduled();
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
            model.observe(cgroup, SEEN, values);
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
