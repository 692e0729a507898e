package dev.tidemark.testkit;

import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What can be said of a policy of a run. */
public final class PolicyAssert {

    private final Run run;
    private final String name;
    private final Claims claims;

    PolicyAssert(Run run, String description, String name) {
        this.run = run;
        this.name = name;
        claims = new Claims(run, description, "policy " + name, moment -> isOf(moment, name));
        List<Decision> its = decisions();
        if (its.isEmpty() && !run.policies().contains(name)) {
            throw new IllegalArgumentException(
                    "there is no policy " + name + (run.hasAgent() ? ", but " + run.policies() : " in a " + run));
        }
    }

    /** One time of being active on one cgroup. */
    record Activation(Decision started, long endNanos) {
        static final long NOT_YET = Long.MAX_VALUE;

        String cgroup() {
            return started.cgroup().path();
        }
    }

    /** It became active at least once; when, how often, where and for how long is what follows, if anything. */
    public ActivationsAssert becameActive() {
        List<Activation> activations = activations();
        if (activations.isEmpty()) {
            throw claims.fails("to become active", "it never did");
        }
        return new ActivationsAssert(this, claims, activations, "");
    }

    /** It never became active, on no cgroup. */
    public PolicyAssert neverBecameActive() {
        List<Activation> activations = activations();
        if (!activations.isEmpty()) {
            throw claims.fails(
                    "never to become active",
                    "it did " + Claims.times(activations.size()) + ", first at "
                            + Times.instant(activations.getFirst().started().nanos()) + " on "
                            + activations.getFirst().cgroup());
        }
        return this;
    }

    /** It is active on some cgroup now. */
    public PolicyAssert isActive() {
        Map<String, TriggerState> states = states();
        if (!states.containsValue(TriggerState.ACTIVE)) {
            throw claims.fails("to be active", states.isEmpty() ? "it never was" : "it is " + told(states));
        }
        return this;
    }

    /** It is active on no cgroup now. */
    public PolicyAssert isNotActive() {
        Map<String, TriggerState> states = states();
        if (states.containsValue(TriggerState.ACTIVE)) {
            throw claims.fails("not to be active", "it is " + told(states));
        }
        return this;
    }

    /** It changed to nothing but what it began with and asked the kernel for nothing. */
    public PolicyAssert didNothing() {
        long writes = run.reclaims().stream()
                .filter(event -> event instanceof ReclaimEvent.Reclaimed)
                .filter(event -> event.policy().name().equals(name))
                .count();
        if (!decisions().isEmpty() || writes > 0) {
            throw claims.fails(
                    "to do nothing", "it made " + decisions().size() + " decisions and " + writes + " writes");
        }
        return this;
    }

    private static boolean isOf(Moment moment, String policy) {
        return switch (moment) {
            case Moment.Decided decided -> decided.decision().policy().name().equals(policy);
            case Moment.Reclaims reclaims -> reclaims.policy.equals(policy);
            case Moment.Held held -> held.event().policy().name().equals(policy);
            case Moment.Reloaded _, Moment.Complained _, Moment.Events _, Moment.Worked _ -> true;
        };
    }

    private List<Decision> decisions() {
        return run.decisions().stream()
                .filter(decision -> decision.policy().name().equals(name))
                .toList();
    }

    private List<Activation> activations() {
        List<Activation> activations = new ArrayList<>();
        Map<Long, Integer> open = new LinkedHashMap<>();
        for (Decision decision : decisions()) {
            Long cgroup = decision.cgroup().id();
            if (decision.to() == TriggerState.ACTIVE) {
                open.put(cgroup, activations.size());
                activations.add(new Activation(decision, Activation.NOT_YET));
            } else if (decision.from() == TriggerState.ACTIVE) {
                Integer index = open.remove(cgroup);
                if (index != null) {
                    activations.set(index, new Activation(activations.get(index).started(), decision.nanos()));
                }
            }
        }
        return activations;
    }

    private Map<String, TriggerState> states() {
        Map<String, TriggerState> states = new LinkedHashMap<>();
        decisions().forEach(decision -> states.put(decision.cgroup().path(), decision.to()));
        return states;
    }

    private static String told(Map<String, TriggerState> states) {
        List<String> told = new ArrayList<>();
        states.forEach((path, state) -> told.add(state.name().toLowerCase(Locale.ROOT) + " on " + path));
        return String.join(", ", told);
    }
}
