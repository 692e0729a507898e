package dev.tidemark.agent.simulate;

import dev.tidemark.agent.Simulation;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * One candidate's run through the scenario. It ends at the instant at which the last workload does: what an agent would do to what
 * they leave behind is not counted.
 *
 * <p><b>Thread:</b> everything happens inside {@link #play}. <b>Failure:</b> a defect of the model is thrown as an {@link
 * IllegalStateException}.
 */
final class Run {

    private final Candidate candidate;
    private final Duration step;
    private final Simulation simulation;
    private final Watched host;
    private final List<Watched> cgroups;
    private final Map<String, Watched> byPath = new HashMap<>();
    private final Work work;
    private final List<String> complaints = new ArrayList<>();
    private boolean over;
    private Duration ran = Duration.ZERO;
    private List<WorkloadReport> workloads = List.of();

    private Run(Plan plan, Candidate candidate) {
        this.candidate = candidate;
        this.step = plan.step();
        Scenario scenario = plan.scenario();
        simulation = candidate
                .policies()
                .map(file -> Simulation.withAgent(scenario, file, complaints::add))
                .orElseGet(() -> Simulation.alone(scenario));
        int pageSize = simulation.model().pageSize();
        host = Watched.host(pageSize);
        List<Policy> policies = candidate.policies().map(PolicyFile::policies).orElse(List.of());
        work = new Work(policies, pageSize);
        cgroups = plan.cgroups().stream()
                .map(spec -> Watched.cgroup(spec.path(), policies, pageSize, plan.plotted()))
                .toList();
        cgroups.forEach(cgroup -> byPath.put(cgroup.path(), cgroup));
    }

    static Column of(Plan plan, Candidate candidate) {
        return new Run(plan, candidate).play();
    }

    private Column play() {
        try (simulation) {
            Disposable.Composite subscriptions = Disposables.composite(
                    // A failure of the model is thrown by the simulation.
                    simulation.model().finished().subscribe(_ -> {}, _ -> {}, this::finish),
                    simulation.decisions().subscribe(this::decided),
                    simulation.reclaims().subscribe(this::reclaimed));
            simulation.start();
            while (simulation.advance(step)) {
                look();
            }
            subscriptions.dispose();
        }
        return new Column(
                candidate,
                ran,
                workloads.stream().allMatch(workload -> workload.ended().isPresent()),
                host.subject(ran),
                cgroups.stream().map(cgroup -> cgroup.subject(ran)).toList(),
                workloads,
                candidate.policies().map(_ -> work),
                complaints);
    }

    private void look() {
        ran = simulation.now();
        long now = ran.toNanos();
        host.look(simulation.model(), now);
        cgroups.forEach(cgroup -> cgroup.look(simulation.model(), now));
    }

    private void finish() {
        if (!over) {
            look();
            host.end(simulation.model());
            cgroups.forEach(cgroup -> cgroup.end(simulation.model()));
            workloads = simulation.workloads();
            over = true;
        }
    }

    private void decided(Decision decision) {
        if (!over) {
            work.add(decision);
            Optional.ofNullable(byPath.get(decision.cgroup().path())).ifPresent(cgroup -> cgroup.decided(decision));
        }
    }

    private void reclaimed(ReclaimEvent event) {
        if (!over) {
            work.add(event);
            if (event instanceof Reclaimed reclaimed) {
                Optional.ofNullable(byPath.get(event.cgroup().path())).ifPresent(cgroup -> cgroup.reclaimed(reclaimed));
            }
        }
    }
}
