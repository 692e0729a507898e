package dev.tidemark.triggers;

import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which cgroups there are and which policies have to do with them: whose signals decide, what is acted on, what is read from
 * elsewhere. Confined to the core thread.
 */
final class Roster {

    private final Map<Cgroup, Subject> subjects = new LinkedHashMap<>();
    // One set for all cgroups that are read alike.
    private final Map<SignalSet, SignalSet> interned = new HashMap<>();
    private List<Rule> rules = List.of();
    private SignalSet layout = SignalSet.EMPTY;
    private Known nothing = new Known(SignalSet.EMPTY, Evaluation.NEVER);

    List<Rule> rules() {
        return rules;
    }

    /** Where the values of every cgroup are found. */
    SignalSet layout() {
        return layout;
    }

    Collection<Subject> subjects() {
        return subjects.values();
    }

    @Nullable
    Subject subject(Cgroup cgroup) {
        return subjects.get(cgroup);
    }

    /** Other policies from now on; what is known stays known. The host is a subject as soon as one of them reads of it. */
    void rules(List<Rule> others, SignalSet values, long now) {
        SignalSet before = layout;
        rules = List.copyOf(others);
        layout = values;
        nothing = new Known(layout, Evaluation.NEVER);
        if (!before.equals(layout)) {
            subjects.values().forEach(subject -> subject.known.relayout(before, layout));
        }
        interned.clear();
        if (!signals(Cgroup.HOST).isEmpty()) {
            subjects.computeIfAbsent(Cgroup.HOST, host -> new Subject(host, fresh(host), now));
        }
        for (Subject subject : subjects.values()) {
            if (reads(subject.cgroup)) {
                subject.known.staleAfter = staleAfter(subject.cgroup);
            }
        }
        bind();
    }

    /** A cgroup that was not known; null when no policy has to do with it, or when it is known. It has no triggers yet. */
    @Nullable
    Subject add(Cgroup cgroup, long now) {
        if (subjects.containsKey(cgroup) || !concerns(cgroup)) {
            return null;
        }
        Subject subject = new Subject(cgroup, fresh(cgroup), now);
        subjects.put(cgroup, subject);
        bind(cgroup.path());
        return subject;
    }

    @Nullable
    Subject remove(Cgroup cgroup) {
        Subject subject = subjects.remove(cgroup);
        if (subject != null) {
            bind(cgroup.path());
        }
        return subject;
    }

    /** Lets go of those that no policy has to do with any more. */
    void tidy(Consumer<? super Subject> dropped) {
        subjects.values().removeIf(subject -> {
            boolean drop = !subject.needed() && !reads(subject.cgroup);
            if (drop) {
                dropped.accept(subject);
            }
            return drop;
        });
        bind();
    }

    private Known fresh(Cgroup cgroup) {
        return new Known(layout, reads(cgroup) ? staleAfter(cgroup) : Evaluation.NEVER);
    }

    private long staleAfter(Cgroup cgroup) {
        return TriggerEngine.staleAfter(period(cgroup)).toNanos();
    }

    private void bind(String path) {
        for (Rule rule : rules) {
            if (rule.elsewherePaths().contains(path)) {
                bind();
                return;
            }
        }
    }

    private void bind() {
        Subject host = subjects.get(Cgroup.HOST);
        Map<String, Known> elsewhere = new HashMap<>();
        Set<String> paths = elsewhere();
        if (!paths.isEmpty()) {
            for (Subject subject : subjects.values()) {
                // The one that came last: a cgroup made anew at the path of one that is about to be told gone.
                if (paths.contains(subject.cgroup.path()) && !subject.cgroup.equals(Cgroup.HOST)) {
                    elsewhere.put(subject.cgroup.path(), subject.known);
                }
            }
        }
        for (Rule rule : rules) {
            rule.bind(path -> elsewhere.getOrDefault(path, nothing), host == null ? nothing : host.known);
        }
    }

    /** Paths of cgroups that some policy reads of without watching them or acting on them. */
    Set<String> elsewhere() {
        Set<String> paths = new LinkedHashSet<>();
        rules.forEach(rule -> paths.addAll(rule.elsewherePaths()));
        return paths;
    }

    static boolean watches(Rule rule, Cgroup cgroup) {
        return !cgroup.equals(Cgroup.HOST) && rule.policy().watches(cgroup.path());
    }

    static boolean actsOn(Rule rule, Cgroup cgroup) {
        return !cgroup.equals(Cgroup.HOST) && rule.policy().selects(cgroup.path());
    }

    private static boolean elsewhere(Rule rule, Cgroup cgroup) {
        return !cgroup.equals(Cgroup.HOST) && rule.elsewherePaths().contains(cgroup.path());
    }

    private static boolean reads(Rule rule, Cgroup cgroup) {
        return cgroup.equals(Cgroup.HOST)
                ? !rule.hostSignals().isEmpty()
                : watches(rule, cgroup) || elsewhere(rule, cgroup);
    }

    /** Whether any policy reads of it. */
    boolean reads(Cgroup cgroup) {
        return rules.stream().anyMatch(rule -> reads(rule, cgroup));
    }

    private boolean concerns(Cgroup cgroup) {
        return rules.stream().anyMatch(rule -> reads(rule, cgroup) || actsOn(rule, cgroup));
    }

    /** See {@link TriggerEngine#signals(Cgroup)}. */
    SignalSet signals(Cgroup cgroup) {
        SignalSet signals = SignalSet.EMPTY;
        for (Rule rule : rules) {
            if (cgroup.equals(Cgroup.HOST)) {
                signals = signals.plus(rule.hostSignals());
                continue;
            }
            if (watches(rule, cgroup)) {
                signals = signals.plus(rule.signals());
            }
            if (elsewhere(rule, cgroup)) {
                signals = signals.plus(rule.signalsOf(cgroup.path()));
            }
            if (actsOn(rule, cgroup)) {
                signals = signals.plus(rule.taking());
            }
        }
        SignalSet one = interned.putIfAbsent(signals, signals);
        return one == null ? signals : one;
    }

    /** See {@link TriggerEngine#period}. */
    Duration period(Cgroup cgroup) {
        return rules.stream()
                .filter(rule -> reads(rule, cgroup) || actsOn(rule, cgroup))
                .map(rule -> rule.policy().period())
                .min(Duration::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("no policy is for " + cgroup));
    }

    /** See {@link TriggerEngine#pushes}. */
    Set<PushRequest> pushes(Cgroup cgroup) {
        Set<PushRequest> requests = new LinkedHashSet<>();
        for (Rule rule : rules) {
            if (watches(rule, cgroup)) {
                requests.addAll(rule.program().pressures());
                if (rule.signals().signals().stream().anyMatch(Roster::isEvent)) {
                    requests.add(new PushRequest.Events());
                }
            }
        }
        return requests;
    }

    private static boolean isEvent(Signal signal) {
        return signal.dotted().startsWith("events.");
    }

    /** The triggers that a cgroup needs: those it has, and new ones for what has come in. */
    Trigger[] triggers(Subject subject, long now) {
        List<Trigger> triggers = new ArrayList<>();
        for (Rule rule : rules) {
            if (watches(rule, subject.cgroup)) {
                Trigger has = subject.trigger(rule);
                triggers.add(has == null ? new Trigger(rule, now) : has);
            }
        }
        return triggers.toArray(Trigger[]::new);
    }

    /** The places it has as a target: those it has, and new ones. */
    Target[] targets(Subject subject, Function<Group, Target> join) {
        List<Target> targets = new ArrayList<>(0);
        for (Rule rule : rules) {
            Group group = rule.group;
            if (group != null && actsOn(rule, subject.cgroup)) {
                Target has = subject.target(group);
                targets.add(has == null ? join.apply(group) : has);
            }
        }
        return targets.toArray(Target[]::new);
    }
}
