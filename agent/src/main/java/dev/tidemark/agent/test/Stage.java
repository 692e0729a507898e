package dev.tidemark.agent.test;

import dev.tidemark.config.Policy;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.SignalReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;

/**
 * An agent on a kernel, in virtual time from 0.
 *
 * <p><b>Thread:</b> one at a time; everything happens inside {@link #start} and {@link #advanceTo}, and nothing waits.
 */
public interface Stage extends AutoCloseable {

    /** Decisions from now on. */
    Flux<Decision> decisions();

    /** What reclaim does from now on. */
    Flux<ReclaimEvent> reclaims();

    /** Begins. */
    void start();

    /** Lets time go by until all that is due at this time has happened. Does nothing when that is past. */
    void advanceTo(Duration time);

    /** Whether something is under way that ends by itself. */
    boolean running();

    /** The cgroup at a path now. */
    Optional<Cgroup> cgroup(String path);

    /** Reads the kernel as the agent does. */
    SignalReader reader();

    /** Where a policy stands with a cgroup now and why, in words; empty when they have nothing to do with each other. */
    Optional<String> standing(Cgroup cgroup, Policy policy);

    /** Bytes in a page. */
    int pageSize();

    /** How the workloads of the scenario have fared up to now; none where there is no scenario. */
    List<WorkloadReport> workloads();

    /** What the agent has read although nobody has said what it is: for each path the signals. */
    Map<String, Set<String>> unwritten();

    /** Ends the agent. */
    @Override
    void close();
}
