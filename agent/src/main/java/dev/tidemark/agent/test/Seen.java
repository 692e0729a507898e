package dev.tidemark.agent.test;

import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that was seen of a run. Grows while the run goes on, on its thread; afterwards it does not change. */
final class Seen {

    private final int pageSize;
    private final List<Happening> happenings = new ArrayList<>();
    private final Map<Probe, List<Look>> looks = new HashMap<>();
    private final Map<Asked, String> standings = new HashMap<>();
    private final Map<Long, List<WorkloadReport>> workloads = new HashMap<>();
    private Duration end = Duration.ZERO;

    /** What the agent has done. */
    sealed interface Happening {
        long nanos();

        boolean isOf(Pair pair);

        record Decided(Decision decision) implements Happening {
            @Override
            public long nanos() {
                return decision.nanos();
            }

            @Override
            public boolean isOf(Pair pair) {
                return decision.policy().name().equals(pair.policy())
                        && decision.cgroup().path().equals(pair.cgroup());
            }
        }

        record Told(ReclaimEvent event) implements Happening {
            @Override
            public long nanos() {
                return event.nanos();
            }

            @Override
            public boolean isOf(Pair pair) {
                return event.policy().name().equals(pair.policy())
                        && event.cgroup().path().equals(pair.cgroup());
            }
        }
    }

    /** A signal of a cgroup; of the host's the path is {@code host}. */
    record Probe(String path, Signal signal) {}

    /**
     * What was looked at.
     *
     * @param value in the unit's base; NaN when it was unknown or there was no such cgroup
     */
    record Look(long nanos, double value) {}

    private record Asked(Pair pair, long nanos) {}

    Seen(int pageSize) {
        this.pageSize = pageSize;
    }

    int pageSize() {
        return pageSize;
    }

    void add(Decision decision) {
        happenings.add(new Happening.Decided(decision));
    }

    void add(ReclaimEvent event) {
        happenings.add(new Happening.Told(event));
    }

    void add(Probe probe, Look look) {
        looks.computeIfAbsent(probe, _ -> new ArrayList<>()).add(look);
    }

    void workloads(long nanos, List<WorkloadReport> reports) {
        workloads.put(nanos, reports);
    }

    /** How a workload had fared at an instant at which that was asked. */
    Optional<WorkloadReport> workload(String name, long nanos) {
        return workloads.getOrDefault(nanos, List.of()).stream()
                .filter(report -> report.name().equals(name))
                .findFirst();
    }

    /** Why a policy stood with a cgroup as it did at an instant. */
    void standing(Pair pair, long nanos, String why) {
        standings.put(new Asked(pair, nanos), why);
    }

    void end(Duration time) {
        end = time;
    }

    /** When the run was over. */
    Duration end() {
        return end;
    }

    /** All that a policy has done with a cgroup, in the order in which it came about. */
    List<Happening> happenings(Pair pair) {
        return happenings.stream().filter(happening -> happening.isOf(pair)).toList();
    }

    /** Decisions of this policy on this cgroup, in the order in which they were made. */
    List<Decision> decisions(Pair pair) {
        return happenings(pair).stream()
                .filter(Happening.Decided.class::isInstance)
                .map(happening -> ((Happening.Decided) happening).decision())
                .toList();
    }

    /** Requests of this policy on this cgroup, in the order in which they were answered. */
    List<Reclaimed> reclaimed(Pair pair) {
        return told(pair, Reclaimed.class);
    }

    List<Held> held(Pair pair) {
        return told(pair, Held.class);
    }

    private <E extends ReclaimEvent> List<E> told(Pair pair, Class<E> type) {
        return happenings(pair).stream()
                .filter(Happening.Told.class::isInstance)
                .map(happening -> ((Happening.Told) happening).event())
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** What a signal was, in the order of time. */
    List<Look> looks(Probe probe) {
        return looks.getOrDefault(probe, List.of());
    }

    /** Why a policy stood with a cgroup as it did; empty when nobody asked then. */
    String standing(Pair pair, long nanos) {
        return standings.getOrDefault(new Asked(pair, nanos), "");
    }

    /** The state after all that happened up to an instant. */
    TriggerState state(Pair pair, long nanos) {
        TriggerState state = TriggerState.INACTIVE;
        for (Happening happening : happenings) {
            if (happening instanceof Happening.Decided(Decision decision)
                    && decision.nanos() <= nanos
                    && happening.isOf(pair)) {
                state = decision.to();
            }
        }
        return state;
    }

    /** How many decisions there were, of all policies on all cgroups. */
    long decisions() {
        return happenings.stream().filter(Happening.Decided.class::isInstance).count();
    }

    /** How many requests to reclaim were answered. */
    long reclaims() {
        return happenings.stream()
                .filter(happening -> happening instanceof Happening.Told(Reclaimed _))
                .count();
    }
}
