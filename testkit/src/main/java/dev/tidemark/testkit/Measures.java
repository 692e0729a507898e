package dev.tidemark.testkit;

import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.time.Duration;
import java.util.Optional;

/** Figures out of a run. */
final class Measures {

    private Measures() {}

    /** What the agent took of a cgroup. */
    static double reclaimedBytes(Run run, String path) {
        long pages = 0;
        for (ReclaimEvent event : run.reclaims()) {
            if (event instanceof ReclaimEvent.Reclaimed reclaimed
                    && event.cgroup().path().equals(path)) {
                pages += reclaimed.result().pagesReclaimed();
            }
        }
        return (double) pages * run.model().pageSize();
    }

    /** From a workload's beginning to its end; empty while it runs, and when it was killed. */
    static Optional<Duration> took(WorkloadReport workload) {
        if (workload.oomKilled()) {
            return Optional.empty();
        }
        return workload.started().flatMap(started -> workload.ended().map(ended -> ended.minus(started)));
    }

    /** Why it has not taken any time. */
    static String unfinished(WorkloadReport workload) {
        if (workload.oomKilled()) {
            return "it was killed for lack of memory"
                    + workload.ended().map(ended -> " at " + Times.told(ended)).orElse("");
        }
        return workload.started().isEmpty() ? "it has not begun" : "it still runs";
    }
}
