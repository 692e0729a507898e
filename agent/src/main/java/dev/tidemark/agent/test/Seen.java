package dev.tidemark.agent.test;

import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All that was seen of a run. Grows while the run goes on, on its thread; afterwards it does not change. */
final class Seen {

    private final int pageSize;
    private final List<Decision> decisions = new ArrayList<>();
    private final List<ReclaimEvent> reclaims = new ArrayList<>();
    private final Map<Probe, List<Look>> looks = new HashMap<>();
    private final Map<Asked, String> standings = new HashMap<>();
    private Duration end = Duration.ZERO;

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
        decisions.add(decision);
    }

    void add(ReclaimEvent event) {
        reclaims.add(event);
    }

    void add(Probe probe, Look look) {
        looks.computeIfAbsent(probe, _ -> new ArrayList<>()).add(look);
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

    /** Decisions of this policy on this cgroup, in the order in which they were made. */
    List<Decision> decisions(Pair pair) {
        return decisions.stream()
                .filter(decision -> decision.policy().name().equals(pair.policy())
                        && decision.cgroup().path().equals(pair.cgroup()))
                .toList();
    }

    /** Requests of this policy on this cgroup, in the order in which they were answered. */
    List<Reclaimed> reclaimed(Pair pair) {
        return events(pair, Reclaimed.class);
    }

    List<Held> held(Pair pair) {
        return events(pair, Held.class);
    }

    private <E extends ReclaimEvent> List<E> events(Pair pair, Class<E> type) {
        return reclaims.stream()
                .filter(event -> event.policy().name().equals(pair.policy())
                        && event.cgroup().path().equals(pair.cgroup()))
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
        for (Decision decision : decisions) {
            if (decision.nanos() <= nanos
                    && decision.policy().name().equals(pair.policy())
                    && decision.cgroup().path().equals(pair.cgroup())) {
                state = decision.to();
            }
        }
        return state;
    }

    int decisions() {
        return decisions.size();
    }

    long reclaims() {
        return reclaims.stream().filter(Reclaimed.class::isInstance).count();
    }
}
