package dev.tidemark.config;

import dev.tidemark.config.AnalysisTruth.Mode;
import dev.tidemark.config.Finding.Severity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds policies that work against each other on one cgroup, and those that watch what they act on. */
final class AnalysisFights {
    private static final Span START_OF_FILE = new Span(1, 1, 1);

    /** So many cgroups are named. */
    private static final int NAMED = 3;

    private final List<Policy> policies;
    private final List<String> existing;
    private final AnalysisTruth truth;
    private final List<Finding> findings;

    /** @param existing the cgroups of the host, where one is looked at */
    AnalysisFights(List<Policy> policies, List<String> existing, AnalysisTruth truth, List<Finding> findings) {
        this.policies = policies;
        this.existing = existing;
        this.truth = truth;
        this.findings = findings;
    }

    void find() {
        for (int i = 0; i < policies.size(); i++) {
            watchesWhatItActsOn(policies.get(i));
            for (int j = 0; j < i; j++) {
                fight(policies.get(j), policies.get(i));
            }
        }
    }

    private void fight(Policy first, Policy second) {
        boolean take = first.reclaim().isPresent() && second.reclaim().isPresent();
        if (!take || !canFight(first, second)) {
            return;
        }
        List<String> here = existing.stream()
                .filter(path -> first.selects(path) && second.selects(path))
                .toList();
        if (!here.isEmpty()) {
            warn(second, place(second, here.getFirst()), message(first, second, "here " + named(here)));
            return;
        }
        AnalysisGlobs.common(List.of(first.cgroups(), second.cgroups()), List.of(first.exclude(), second.exclude()))
                .ifPresent(path ->
                        warn(second, place(second, path), message(first, second, "such as " + Shown.quoted(path))));
    }

    private static String named(List<String> paths) {
        String named = paths.stream().limit(NAMED).map(Shown::quoted).collect(Collectors.joining(", "));
        return paths.size() <= NAMED ? named : named + " and " + (paths.size() - NAMED) + " more";
    }

    /** Whether one of them may take memory where the other has stopped. */
    private boolean canFight(Policy first, Policy second) {
        return startsWhereStopped(first, second) || startsWhereStopped(second, first);
    }

    private boolean startsWhereStopped(Policy starting, Policy stopped) {
        // With a watch the one's values are another cgroup's: nothing keeps them apart.
        boolean sameValues = starting.watch().isEmpty() && stopped.watch().isEmpty();
        AnalysisRegion starts =
                truth.region(starting.start(), Mode.TRUE).and(truth.region(starting.stop(), Mode.NOT_TRUE));
        AnalysisRegion stops = truth.region(stopped.stop(), Mode.TRUE);
        return sameValues ? !starts.and(stops).isNothing() : !starts.isNothing() && !stops.isNothing();
    }

    private String message(Policy first, Policy second, String which) {
        boolean secondStarts = startsWhereStopped(second, first);
        Policy starting = secondStarts ? second : first;
        Policy stopped = secondStarts ? first : second;
        return ("policies %s and %s act on the same cgroups, %s: %s can start (%s) where %s has stopped "
                        + "(%s); let one exclude what the other selects, or make one policy of them")
                .formatted(
                        first.name(),
                        second.name(),
                        which,
                        starting.name(),
                        AnalysisConditions.shown(starting.start()),
                        stopped.name(),
                        AnalysisConditions.shown(stopped.stop()));
    }

    private void watchesWhatItActsOn(Policy policy) {
        if (policy.watch().isEmpty()) {
            return;
        }
        Optional<String> path =
                AnalysisGlobs.common(List.of(policy.watch(), policy.cgroups()), List.of(policy.exclude()));
        path.ifPresent(it -> warn(
                policy,
                place(policy, it),
                ("the policy acts on cgroups that it also watches, such as %s: what it does there decides "
                                + "over itself; exclude them, or leave watch out if each is to be judged by its own values")
                        .formatted(Shown.quoted(it))));
    }

    /** The glob of {@code cgroups} that selects the path. */
    static Span place(Policy policy, String path) {
        for (CgroupGlob glob : policy.cgroups()) {
            @Nullable Span span = glob.span();
            if (span != null && glob.matches(path)) {
                return span;
            }
        }
        return START_OF_FILE;
    }

    private void warn(Policy policy, Span span, String message) {
        findings.add(new Finding(Severity.WARNING, policy.name(), span, message));
    }
}
