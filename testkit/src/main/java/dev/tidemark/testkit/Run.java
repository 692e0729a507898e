package dev.tidemark.testkit;

import dev.tidemark.agent.PolicyChanges;
import dev.tidemark.agent.Simulation;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
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
import dev.tidemark.triggers.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * A scenario being played in virtual time, with an agent on the host or without one. It begins at 0 and goes no further than it is
 * told to.
 *
 * <p>What happens is kept: {@link #timeline} tells it, and assertions fail with it.
 *
 * <p><b>Thread:</b> one at a time. Runs share nothing, so each may have a thread of its own. <b>Time:</b> virtual; the same
 * scenario and policies give the same run, to the last page and decision, however its time is divided. Every {@link #resolution} of it
 * each cgroup is looked at. <b>Failure:</b> a complaint of the agent and an exception out of a hook fail the test as an {@link
 * AssertionError} out of what lets time go by, unless {@link #expectComplaints} was called; a defect of the model is an {@link
 * IllegalStateException}.
 */
public final class Run implements AutoCloseable {

    private static final Duration FINEST = Duration.ofMillis(10);
    private static final int LOOKS = 10_000;
    /** The model's pages, as those of most hosts. */
    private static final int PAGE_SIZE = 4096;

    private final Scenario scenario;
    private final Simulation simulation;
    private final MemoryModel model;
    private final Duration resolution;
    private final HostMemory host;
    private final Timeline timeline = new Timeline();
    private final Map<String, Track> tracks = new LinkedHashMap<>();
    private final List<Decision> decisions = new ArrayList<>();
    private final List<ReclaimEvent> reclaims = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private List<WorkloadReport> workloads;
    private List<String> policies;
    private boolean expectsComplaints;
    private boolean running = true;
    private boolean closed;
    private int complained;
    private long lookedNanos;

    private Run(Scenario scenario, @Nullable Policies policies) {
        this.scenario = scenario;
        this.host = new HostMemory(scenario.host().memoryBytes(), PAGE_SIZE);
        PolicyFile file = policies == null ? null : policies.on(host);
        this.policies = file == null ? List.of() : names(file);
        this.simulation =
                file == null ? Simulation.alone(scenario) : Simulation.withAgent(scenario, file, this::complained);
        this.model = simulation.model();
        Duration fine = scenario.duration().dividedBy(LOOKS);
        this.resolution = fine.compareTo(FINEST) < 0 ? FINEST : Duration.ofMillis(fine.toMillis());
        scenario.cgroups().forEach(cgroup -> follow(cgroup.path()));
        simulation.decisions().subscribe(decision -> {
            decisions.add(decision);
            timeline.decided(decision);
        });
        simulation.reclaims().subscribe(event -> {
            reclaims.add(event);
            timeline.reclaimed(event, model.pageSize());
        });
        workloads = simulation.workloads();
        simulation.start();
        look();
    }

    /** A run of this scenario, once it is said with which policies. */
    public static Plan on(Scenario scenario) {
        return new Plan(scenario, run -> {});
    }

    /** A scenario that is to be run. Immutable; each call begins another run. */
    public static final class Plan {

        private final Scenario scenario;
        private final Consumer<Run> begun;

        Plan(Scenario scenario, Consumer<Run> begun) {
            this.scenario = scenario;
            this.begun = begun;
        }

        /**
         * With an agent that has these policies.
         *
         * @throws IllegalArgumentException with all problems, when the policies are not in order
         */
        public Run with(Policies policies) {
            return begin(policies);
        }

        /** Without an agent: what the kernel does by itself. */
        public Run withoutPolicies() {
            return begin(null);
        }

        private Run begin(@Nullable Policies policies) {
            Run run = new Run(scenario, policies);
            begun.accept(run);
            return run;
        }
    }

    // ---- time ----------------------------------------------------------------------------------------------------

    /** Lets time go by. */
    public Run advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + duration);
        }
        play(now().plus(duration), () -> false);
        return this;
    }

    /**
     * Lets time go by.
     *
     * @param duration such as {@code 500ms}
     */
    public Run advance(String duration) {
        return advance(Times.parse(duration));
    }

    /**
     * Goes on to an instant, counted from the beginning.
     *
     * @throws IllegalArgumentException when it has passed
     */
    public Run until(Duration instant) {
        if (instant.compareTo(now()) < 0) {
            throw new IllegalArgumentException(
                    "it is " + Times.told(now()) + " already, later than " + Times.told(instant));
        }
        play(instant, () -> false);
        return this;
    }

    /**
     * Goes on to an instant, counted from the beginning.
     *
     * @param instant such as {@code 12s}
     * @throws IllegalArgumentException when it has passed
     */
    public Run until(String instant) {
        return until(Times.parse(instant));
    }

    /**
     * Goes on until something holds; it is asked every {@link #resolution}.
     *
     * @param latest by when, counted from the beginning
     * @throws AssertionError when it does not hold by then
     */
    public Run until(BooleanSupplier condition, String latest) {
        play(Times.parse(latest), condition);
        if (!condition.getAsBoolean()) {
            throw Failures.failure(
                    this, "", "what is waited for to come by " + latest, "it has not come", moment -> true);
        }
        return this;
    }

    /** Goes on until the last workload has ended, at the latest to the end of the scenario. */
    public Run toTheEnd() {
        // A model that has come to its duration says that it has finished.
        play(Duration.ofNanos(Long.MAX_VALUE), () -> !running);
        return this;
    }

    /** How much time has gone by. */
    public Duration now() {
        return simulation.now();
    }

    /** Whether workloads still run. */
    public boolean isRunning() {
        return running;
    }

    /** How often cgroups are looked at: each 10 ms, in scenarios above 100 s in ten thousand parts of them. */
    public Duration resolution() {
        return resolution;
    }

    private void play(Duration until, BooleanSupplier enough) {
        if (closed) {
            throw new IllegalStateException("the run is closed");
        }
        long end = until.toNanos();
        long step = resolution.toNanos();
        while (now().toNanos() < end && !enough.getAsBoolean()) {
            long now = now().toNanos();
            // Always at the same instants, so that the same is seen however the time is divided.
            long next = now / step * step + step;
            running = simulation.advance(Duration.ofNanos(Math.min(next, end) - now));
            look();
            requireNoComplaint();
        }
    }

    // ---- what is there -------------------------------------------------------------------------------------------

    /** What is played. */
    public Scenario scenario() {
        return scenario;
    }

    /** The modelled host: to attach hooks, make and remove cgroups, and read anything. */
    public MemoryModel model() {
        return model;
    }

    /** The run's time as a scheduler, for work that hooks hand on and for whatever else is to happen at an instant of it. */
    public Scheduler scheduler() {
        return simulation.scheduler();
    }

    /**
     * A signal of a cgroup, now, without any effect on the host.
     *
     * @param path of the cgroup
     * @param signal by the name that expressions use, such as {@code pgscan}; not one that is computed from others
     * @return in the signal's base unit; NaN when the model does not have it
     * @throws IllegalArgumentException when there is no such cgroup or signal
     */
    public double read(String path, String signal) {
        Cgroup cgroup = cgroup(path);
        Signal named = Signal.named(signal);
        if (named == null || named.derived()) {
            throw new IllegalArgumentException("there is no signal " + signal + " to be read of a cgroup");
        }
        double[] values = new double[1];
        try {
            model.observe(named.scope() == Signal.Scope.HOST ? Cgroup.HOST : cgroup, SignalSet.of(named), values);
        } catch (CgroupGoneException e) {
            throw new IllegalArgumentException("the cgroup " + path + " is gone", e);
        }
        return values[0];
    }

    /**
     * The cgroup at a path, now.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Cgroup cgroup(String path) {
        return model.cgroup(path).orElseThrow(() -> new IllegalArgumentException(unknownCgroup(path)));
    }

    /**
     * How a workload has fared up to now.
     *
     * @throws IllegalArgumentException when the scenario has none of that name
     */
    public WorkloadReport workload(String name) {
        return workloads.stream()
                .filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the scenario has no workload " + name + ", but "
                        + workloads.stream().map(WorkloadReport::name).toList()));
    }

    // ---- the agent -----------------------------------------------------------------------------------------------

    /** All decisions so far, in their order. */
    public List<Decision> decisions() {
        return List.copyOf(decisions);
    }

    /** What reclaim has done so far, in its order. */
    public List<ReclaimEvent> reclaims() {
        return List.copyOf(reclaims);
    }

    /**
     * Gives the agent other policies at this instant, as when its file has changed.
     *
     * @return what that changes
     * @throws IllegalArgumentException with all problems, when the policies are not in order; nothing changes then
     * @throws IllegalStateException when the run has no agent
     */
    public PolicyChanges reload(Policies changed) {
        PolicyFile file = changed.on(host);
        PolicyChanges changes = simulation.reload(file);
        policies = names(file);
        timeline.add(new Moment.Reloaded(now().toNanos(), changes));
        look();
        requireNoComplaint();
        return changes;
    }

    /**
     * The paths of the cgroups that the agent looks at now, sorted.
     *
     * @throws IllegalStateException when the run has no agent
     */
    public List<String> seen() {
        return simulation.seen().stream().map(Cgroup::path).sorted().toList();
    }

    /**
     * Where a policy stands with a cgroup and why; empty when the two have nothing to do with each other.
     *
     * @throws IllegalStateException when the run has no agent
     */
    public Optional<Standing> standing(String path, String policy) {
        return simulation.standing(path, policy);
    }

    /**
     * One of the agent's figures so far, by its key in the line with which {@code tidemark run} ends.
     *
     * @param key such as {@code writes}
     * @throws IllegalStateException when the run has no agent
     */
    public long figure(String key) {
        return simulation.figure(key);
    }

    /** From now on a complaint of the agent does not fail the test; {@link #complaints} has them. */
    public Run expectComplaints() {
        expectsComplaints = true;
        return this;
    }

    /** What the agent has complained of. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    private void complained(String complaint) {
        complaints.add(complaint);
        timeline.add(new Moment.Complained(now().toNanos(), complaint));
    }

    private void requireNoComplaint() {
        if (!expectsComplaints && complaints.size() > complained) {
            List<String> told = complaints.subList(complained, complaints.size());
            complained = complaints.size();
            throw Failures.failure(
                    this,
                    "",
                    "the agent to complain of nothing",
                    "it complained: " + String.join("; ", told),
                    moment -> true);
        }
        model.firstHookFailure().ifPresent(failure -> {
            throw new AssertionError("a hook failed, " + model.hookFailures() + " times in all", failure);
        });
    }

    // ---- what happened -------------------------------------------------------------------------------------------

    /** What has happened so far, a line each: decisions with their values, reclaim, limits that were hit, workloads. */
    public String timeline() {
        return timeline.told(moment -> true).substring(1);
    }

    String timeline(Predicate<Moment> wanted) {
        return timeline.told(wanted);
    }

    List<String> everything() {
        return timeline.lines();
    }

    /** What is followed of a cgroup. */
    Track track(String path) {
        Track track = tracks.get(path);
        if (track == null) {
            // One that was made since the beginning: its counters tell what has happened before.
            cgroup(path);
            track = follow(path);
            track.look(lookedNanos, now().toNanos(), timeline);
        }
        return track;
    }

    List<String> paths() {
        return List.copyOf(tracks.keySet());
    }

    List<WorkloadReport> workloads() {
        return workloads;
    }

    boolean hasAgent() {
        return simulation.hasAgent();
    }

    /** Those the agent has now. */
    List<String> policies() {
        return policies;
    }

    String unknownCgroup(String path) {
        return "there is no cgroup " + path + ", but " + new TreeSet<>(tracks.keySet());
    }

    private Track follow(String path) {
        return tracks.computeIfAbsent(path, it -> new Track(it, model));
    }

    private void look() {
        long now = now().toNanos();
        tracks.values().forEach(track -> track.look(lookedNanos, now, timeline));
        lookedNanos = now;
        List<WorkloadReport> before = workloads;
        workloads = simulation.workloads();
        for (int i = 0; i < workloads.size(); i++) {
            tell(before.get(i), workloads.get(i));
        }
    }

    private void tell(WorkloadReport before, WorkloadReport workload) {
        if (before.started().isEmpty()) {
            workload.started().ifPresent(started -> tell(workload, started, "began"));
        }
        if (before.ended().isEmpty()) {
            String how = workload.oomKilled() ? "was killed for lack of memory" : "ended";
            workload.ended().ifPresent(ended -> tell(workload, ended, how));
        }
    }

    private void tell(WorkloadReport workload, Duration instant, String what) {
        timeline.add(new Moment.Worked(instant.toNanos(), workload.name(), workload.cgroup(), what));
    }

    private static List<String> names(PolicyFile file) {
        return file.policies().stream().map(Policy::name).toList();
    }

    /** Ends the agent and the model. Idempotent. The extension does it for the runs it hands out. */
    @Override
    public void close() {
        closed = true;
        simulation.close();
    }

    /** What it is of, for messages. */
    @Override
    public String toString() {
        return (hasAgent() ? "run with " + policies : "run without policies") + " up to " + Times.told(now());
    }
}
