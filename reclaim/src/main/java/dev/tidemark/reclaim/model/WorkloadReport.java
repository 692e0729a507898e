package dev.tidemark.reclaim.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How one workload fared. Times are counted from the start of the model.
 *
 * @param name of the workload
 * @param cgroup path it ran in
 * @param started when it began; empty when the model ended before
 * @param ended when it was through or was killed; empty when it still ran at the end
 * @param oomKilled whether the kernel killed it for lack of memory
 * @param rounds how many times its steps were done completely
 * @param steps time spent in each step, summed over all rounds
 * @param stalled time in which it waited for memory (what PSI counts)
 * @param throttled time in which it waited for dirty pages to be written
 */
public record WorkloadReport(
        String name,
        String cgroup,
        Optional<Duration> started,
        Optional<Duration> ended,
        boolean oomKilled,
        int rounds,
        List<Duration> steps,
        Duration stalled,
        Duration throttled) {
    public WorkloadReport {
        steps = List.copyOf(steps);
    }
}
