package dev.tidemark.agent.simulate;

import dev.tidemark.config.Policy;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an agent did in one run. Confined to the run's thread, and read only after it. */
final class Work {

    private final int pageSize;
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private final Map<Reason, Long> held = new EnumMap<>(Reason.class);
    private final Set<String> neverStarted = new LinkedHashSet<>();
    private long decisions;
    private long starts;
    private long askedPages;
    private long gotPages;
    private long writingNanos;

    /** @param policies that run, in the order of their file */
    Work(List<Policy> policies, int pageSize) {
        this.pageSize = pageSize;
        policies.forEach(policy -> neverStarted.add(policy.name()));
    }

    void add(Decision decision) {
        decisions++;
        if (decision.to() == TriggerState.ACTIVE) {
            starts++;
            neverStarted.remove(decision.policy().name());
        }
    }

    void add(ReclaimEvent event) {
        switch (event) {
            case Reclaimed reclaimed -> {
                outcomes.merge(reclaimed.result().outcome(), 1L, Long::sum);
                askedPages += reclaimed.askedPages();
                gotPages += reclaimed.result().pagesReclaimed();
                writingNanos += reclaimed.result().tookNanos();
            }
            case Held reason -> held.merge(reason.reason(), 1L, Long::sum);
        }
    }

    long decisions() {
        return decisions;
    }

    long starts() {
        return starts;
    }

    /** The policies that were never active on any cgroup, in the order of their file. */
    List<String> neverStarted() {
        return List.copyOf(neverStarted);
    }

    long writes() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many writes ended so. */
    long ended(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    /** How often an active policy was kept from asking. */
    long held(Reason reason) {
        return held.getOrDefault(reason, 0L);
    }

    double askedBytes() {
        return (double) askedPages * pageSize;
    }

    double gotBytes() {
        return (double) gotPages * pageSize;
    }

    /** Time that writes took, added up also where they ran side by side. */
    double writingSeconds() {
        return writingNanos / 1e9;
    }
}
