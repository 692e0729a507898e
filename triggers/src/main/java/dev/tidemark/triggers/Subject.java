package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One cgroup, or the host: what is known of it, and every policy that has to do with it. Confined to the core thread. */
final class Subject extends DueHeap.Entry {

    private static final Trigger[] NO_TRIGGERS = {};
    private static final Target[] NO_TARGETS = {};

    final Cgroup cgroup;
    final Known known;

    /** The policies that its signals decide, in the order of the file. */
    Trigger[] triggers = NO_TRIGGERS;

    /** The policies that act on it while others decide, in the order of the file. */
    Target[] targets = NO_TARGETS;

    /** Policies of before a reload that still have something in flight here; null when there are none, as nearly always. */
    private @Nullable List<Retired> retired;

    /** The latest usage in bytes, however old, and whether or not a condition asks for it; NaN when there is none. */
    double usage = Double.NaN;

    long lastSample;
    long lastEvaluation;

    Subject(Cgroup cgroup, Known known, long now) {
        this.cgroup = cgroup;
        this.known = known;
        lastSample = now;
        lastEvaluation = now;
    }

    /** The latest instant that has been dealt with, or a later one. */
    long forward(long now) {
        return Math.max(now, lastEvaluation);
    }

    /** Takes over what is news; tells whether anything was. */
    boolean observe(Sample sample, SignalSet layout) {
        boolean news = known.observe(sample, layout);
        if (news) {
            lastSample = Math.max(lastSample, sample.nanos());
            // As the conditions see it: of two samples of one instant the second changes neither. Else a mark that only
            // the second has passed would count as passed, and nobody would be told of it any more.
            int slot = layout.slot(Signal.USAGE);
            usage = slot < 0 ? Double.NaN : known.values[slot];
        }
        return news;
    }

    @SuppressWarnings("ReferenceEquality") // a rule is itself
    @Nullable
    Trigger trigger(Rule rule) {
        for (Trigger trigger : triggers) {
            if (trigger.rule == rule) {
                return trigger;
            }
        }
        return null;
    }

    @SuppressWarnings("ReferenceEquality") // a group is itself
    @Nullable
    Target target(Group group) {
        for (Target target : targets) {
            if (target.group == group) {
                return target;
            }
        }
        return null;
    }

    // Names are unique in a file; comparing whole policies would walk their expressions.

    @Nullable
    Trigger trigger(Policy policy) {
        for (Trigger trigger : triggers) {
            if (trigger.rule.policy().name().equals(policy.name())) {
                return trigger;
            }
        }
        return null;
    }

    @Nullable
    Target target(Policy policy) {
        for (Target target : targets) {
            if (target.group.rule().policy().name().equals(policy.name())) {
                return target;
            }
        }
        return null;
    }

    void retire(Retired policy) {
        if (retired == null) {
            retired = new ArrayList<>(1);
        }
        retired.add(policy);
    }

    /** Whether a policy of that name still has something in flight from before a reload. */
    boolean retiring(String name) {
        return retired != null
                && retired.stream().anyMatch(one -> one.policy().name().equals(name));
    }

    /** Takes out the policy of before a reload, and no other of its name. */
    @SuppressWarnings("ReferenceEquality") // one of the same content may run here again
    @Nullable
    Retired takeRetired(Policy policy) {
        if (retired != null) {
            for (int i = 0; i < retired.size(); i++) {
                if (retired.get(i).policy() == policy) {
                    Retired found = retired.remove(i);
                    if (retired.isEmpty()) {
                        retired = null;
                    }
                    return found;
                }
            }
        }
        return null;
    }

    /** All of them. */
    List<Retired> retired() {
        return retired == null ? List.of() : List.copyOf(retired);
    }

    /** Whether anything here may still change or be told. */
    boolean needed() {
        return triggers.length > 0 || targets.length > 0 || retired != null;
    }

    @Override
    public String toString() {
        return cgroup.toString();
    }
}
