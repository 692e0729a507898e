package dev.tidemark.agent.simulate;

import dev.tidemark.reclaim.model.WorkloadReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One run.
 *
 * @param candidate what ran
 * @param ran virtual time until the last workload had ended, or the scenario was over
 * @param complete whether all workloads had ended by then
 * @param cgroups in the scenario's order
 * @param workloads in the scenario's order
 * @param work what the agent did; empty without one
 * @param complaints what went wrong with a cgroup, in the agent's words
 */
record Column(
        Candidate candidate,
        Duration ran,
        boolean complete,
        Subject host,
        List<Subject> cgroups,
        List<WorkloadReport> workloads,
        Optional<Work> work,
        List<String> complaints) {
    Column {
        cgroups = List.copyOf(cgroups);
        workloads = List.copyOf(workloads);
        complaints = List.copyOf(complaints);
    }

    String name() {
        return candidate.name();
    }
}
