package dev.tidemark.agent.test;

import dev.tidemark.agent.test.Seen.Look;
import dev.tidemark.agent.test.Seen.Probe;
import dev.tidemark.config.Expectation;
import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Claim.Decided;
import dev.tidemark.config.Expectation.Claim.InState;
import dev.tidemark.config.Expectation.Mode;
import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.Expr;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyTest;
import dev.tidemark.config.PolicyTest.Script;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Plays one test and judges what was seen. Confined to the thread that calls. */
public final class PolicyTestRun {

    /** How often signals are looked at that a test speaks of over an interval. */
    private static final Duration LOOK = Duration.ofMillis(10);

    /** At most; in a longer test seldomer. */
    private static final int MOST_LOOKS = 6_000;

    /** How far time goes before it is asked whether the workloads have ended. */
    private static final Duration STEP = Duration.ofMillis(100);

    private final PolicyTest test;
    private final Stage stage;
    private final Seen seen;
    private final Set<Probe> probes = new LinkedHashSet<>();
    private final NavigableSet<Duration> instants = new TreeSet<>();
    private boolean looking;

    private PolicyTestRun(PolicyTest test, Stage stage) {
        this.test = test;
        this.stage = stage;
        this.seen = new Seen(stage.pageSize());
    }

    /** Plays the test to its end. The stage is not started yet, and is left to be closed. */
    public static Verdict of(PolicyTest test, Stage stage) {
        return new PolicyTestRun(test, stage).run();
    }

    private Verdict run() {
        test.expectations().forEach(this::plan);
        stage.decisions().subscribe(seen::add);
        stage.reclaims().subscribe(seen::add);
        stage.start();
        play();
        List<Failure> failures = new ArrayList<>();
        test.expectations().forEach(expectation -> new Judge(seen, expectation).failures(failures));
        failures.addAll(unwritten());
        return new Verdict(test, seen, failures);
    }

    private void plan(Expectation expectation) {
        instants.add(expectation.from());
        expectation.to().ifPresent(instants::add);
        for (Claim claim : expectation.claims()) {
            if (claim instanceof Claim.Value value) {
                probes.addAll(Judge.probes(expectation, value.signal()));
                looking |= expectation.mode() != Mode.AT;
            }
        }
    }

    private void play() {
        Duration last = test.duration().orElse(instants.isEmpty() ? Duration.ZERO : instants.last());
        Duration step = looking ? between(last) : STEP;
        Duration now = Duration.ZERO;
        look(now);
        while (now.compareTo(last) < 0 || (test.duration().isEmpty() && stage.running())) {
            now = next(now, step, last);
            stage.advanceTo(now);
            look(now);
        }
        seen.end(now);
        seen.workloads(now.toNanos(), stage.workloads());
    }

    /** Seldomer in a long test, whose length is known or that of its scenario. */
    private Duration between(Duration last) {
        Duration longest = test.input() instanceof PolicyTest.Model(var scenario)
                        && test.duration().isEmpty()
                        && scenario.duration().compareTo(last) > 0
                ? scenario.duration()
                : last;
        Duration seldom = longest.dividedBy(MOST_LOOKS);
        return seldom.compareTo(LOOK) > 0 ? seldom : LOOK;
    }

    private Duration next(Duration now, Duration step, Duration last) {
        Duration next = now.plus(step);
        Duration instant = instants.higher(now);
        if (instant != null && instant.compareTo(next) < 0) {
            next = instant;
        }
        return now.compareTo(last) < 0 && next.compareTo(last) > 0 ? last : next;
    }

    private void look(Duration now) {
        for (Probe probe : probes) {
            seen.add(probe, new Look(now.toNanos(), value(probe)));
        }
        if (instants.contains(now)) {
            seen.workloads(now.toNanos(), stage.workloads());
            test.expectations().forEach(expectation -> ask(expectation, now));
        }
    }

    private double value(Probe probe) {
        boolean host = probe.signal().scope() == Scope.HOST;
        Optional<Cgroup> cgroup = host ? Optional.of(Cgroup.HOST) : stage.cgroup(probe.path());
        double[] values = {Double.NaN};
        if (cgroup.isPresent()) {
            try {
                stage.reader().read(cgroup.get(), SignalSet.of(probe.signal()), values);
            } catch (IOException e) {
                // Written as a gap: there is no value then, for the test as for the agent.
                return Double.NaN;
            }
        }
        return values[0];
    }

    /** Only now can it be asked why things are not as they should be. */
    private void ask(Expectation expectation, Duration now) {
        boolean due = expectation.mode() == Mode.AT
                ? now.equals(expectation.from())
                : expectation.to().map(now::equals).orElse(false);
        if (!due) {
            return;
        }
        for (Claim claim : expectation.claims()) {
            for (Pair pair : expectation.pairs()) {
                if (needsReasons(expectation, claim, pair, now)) {
                    reasons(pair, now);
                }
            }
        }
    }

    private boolean needsReasons(Expectation expectation, Claim claim, Pair pair, Duration now) {
        return switch (claim) {
            case InState it ->
                expectation.mode() == Mode.AT
                        && !Words.lower(seen.state(pair, now.toNanos())).equals(Words.lower(it.state()));
            case Decided it ->
                it.count().contains(1) && !it.count().contains(0) && !Judge.anyDecided(seen, expectation, it, pair);
            default -> false;
        };
    }

    private void reasons(Pair pair, Duration now) {
        Policy policy = test.policies().policies().stream()
                .filter(it -> it.name().equals(pair.policy()))
                .findFirst()
                .orElseThrow();
        stage.cgroup(pair.cgroup())
                .flatMap(cgroup -> stage.standing(cgroup, policy))
                .ifPresent(standing -> seen.standing(pair, now.toNanos(), standing));
    }

    /**
     * What was read although the test does not say what it is. Usage is always read of what is acted on, and need not be said; nor what
     * only guards look at, which hold nothing back that they do not know.
     */
    private List<Failure> unwritten() {
        List<Failure> failures = new ArrayList<>();
        if (!(test.input() instanceof Script script)) {
            return failures;
        }
        for (Map.Entry<String, Set<String>> entry : stage.unwritten().entrySet()) {
            String path = entry.getKey();
            List<String> missing = entry.getValue().stream()
                    .filter(name -> !name.equals(Signal.USAGE.dotted()) || decidesByUsage(path))
                    .filter(name -> !isGuarding(name) || isInCondition(name))
                    .toList();
            if (missing.isEmpty()) {
                continue;
            }
            boolean host =
                    script.cgroups().stream().noneMatch(cgroup -> cgroup.path().equals(path));
            failures.add(new Failure(
                    script.cgroups().stream()
                            .filter(cgroup -> cgroup.path().equals(path))
                            .map(cgroup -> cgroup.place())
                            .findFirst()
                            .orElse(test.place()),
                    "all the time",
                    Duration.ZERO,
                    seen.end(),
                    Duration.ZERO,
                    Optional.empty(),
                    host ? "the host" : path,
                    "series for " + String.join(", ", missing) + ", which the policies read",
                    "none, so that they are unknown",
                    List.of()));
        }
        return failures;
    }

    private boolean isGuarding(String name) {
        return test.policies().policies().stream()
                .flatMap(policy -> policy.guards().stream())
                .flatMap(guard -> guard.signals().stream())
                .anyMatch(signal -> signal.dotted().equals(name));
    }

    private boolean isInCondition(String name) {
        return test.policies().policies().stream()
                .anyMatch(policy -> isIn(policy.start(), name) || isIn(policy.stop(), name));
    }

    private static boolean isIn(Expr expr, String name) {
        return switch (expr) {
            case Expr.SignalRef it -> isOf(it.signal(), name);
            case Expr.Elsewhere it -> isOf(it.signal(), name);
            default -> expr.children().stream().anyMatch(child -> isIn(child, name));
        };
    }

    private static boolean isOf(Signal signal, String name) {
        return signal.dotted().equals(name) || signal.parts().stream().anyMatch(part -> isOf(part, name));
    }

    private boolean decidesByUsage(String path) {
        return test.policies().policies().stream()
                .filter(policy -> policy.watches(path))
                .anyMatch(policy -> TriggerEngine.signals(List.of(policy)).contains(Signal.USAGE));
    }
}
