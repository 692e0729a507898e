package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A modelled host in a time of its own, with an agent on it or without.
 *
 * <p><b>Thread:</b> one at a time; everything happens inside {@link #advance}.
 */
final class ModelHost {

    private static final SignalSet SEEN =
            SignalSet.of(Signal.USAGE, Signal.MAX, Signal.EVENTS_MAX, Signal.EVENTS_OOM_KILL);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Scenario scenario;
    private final MemoryModel model;
    private final Optional<Agent> agent;
    private @Nullable Throwable failure;
    private boolean finished;

    /** What is to be seen of a cgroup of the scenario. */
    record View(String path, double usageBytes, double maxBytes, long maxEvents, long oomKills) {}

    private ModelHost(Scenario scenario, @Nullable PolicyFile policies, Consumer<String> complaints) {
        this.scenario = scenario;
        this.model = MemoryModel.of(scenario, time);
        this.agent = Optional.ofNullable(policies)
                .map(file ->
                        new Agent(file, model, AgentSchedulers.all(time), new ModelCharges(model, time), complaints));
    }

    static ModelHost alone(Scenario scenario) {
        return new ModelHost(scenario, null, line -> {});
    }

    static ModelHost withAgent(Scenario scenario, PolicyFile policies, Consumer<String> complaints) {
        return new ModelHost(scenario, policies, complaints);
    }

    MemoryModel model() {
        return model;
    }

    Optional<Agent> agent() {
        return agent;
    }

    /** Begins: the agent first, as on a host that boots. */
    void start() {
        agent.ifPresent(started -> started.start().subscribe());
        time.advanceTime();
        Disposable _ = model.finished().subscribe(nothing -> {}, error -> failure = error, () -> finished = true);
        model.start();
    }

    /** Lets time go by. Returns whether the workloads still run. */
    boolean advance(Duration duration) {
        time.advanceTimeBy(duration);
        if (failure != null) {
            throw new IllegalStateException("the model failed at " + now(), failure);
        }
        return !finished;
    }

    /** Ends the agent; its figures. */
    Optional<Figures.Report> end() {
        List<Figures.Report> report = new ArrayList<>(1);
        agent.ifPresent(ended -> {
            ended.stop().then(ended.report(0)).subscribe(report::add);
            time.advanceTimeBy(Duration.ofSeconds(1));
        });
        model.close();
        return report.stream().findFirst();
    }

    Duration now() {
        return Duration.ofNanos(time.now(TimeUnit.NANOSECONDS));
    }

    List<WorkloadReport> workloads() {
        return model.report();
    }

    List<View> views() {
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
