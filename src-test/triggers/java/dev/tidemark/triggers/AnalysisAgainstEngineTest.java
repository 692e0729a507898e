package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Analysis;
import dev.tidemark.config.Checked;
import dev.tidemark.config.Finding;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What the analysis proves of a policy, the engine never does. */
class AnalysisAgainstEngineTest {
    private static final Cgroup CGROUP = new Cgroup(1, "a");
    private static final double MIB = 1 << 20;

    private record Run(String start, String stop, long seed) {}

    private static <T> T pick(SplittableRandom random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static String comparison(SplittableRandom random) {
        String relation = pick(random, List.of(" < ", " <= ", " > ", " >= "));
        return switch (random.nextInt(5)) {
            case 0 ->
                pick(random, List.of("usage", "max(usage, 4s)", "usage over 3s")) + relation + random.nextInt(9)
                        + "MiB";
            case 1 -> "usage" + relation + random.nextInt(1, 5) * 25 + "% of limit";
            case 2 -> "rate(pgscan, 5s)" + relation + random.nextInt(4) + "/s";
            case 3 ->
                pick(random, List.of("psi.some over 4s", "psi.some.avg10", "rate(psi.some, 2s)")) + relation
                        + random.nextInt(6) * 25 + "%";
            default -> "count(usage > 4MiB, 5s)" + relation + random.nextInt(3);
        };
    }

    private static String truth(SplittableRandom random, int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return comparison(random);
        }
        String a = truth(random, depth - 1);
        String b = truth(random, depth - 1);
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> "(" + a + ") and (" + b + ")";
            case 3 -> "(" + a + ") or (" + b + ")";
            case 4 -> "not (" + a + ")";
            case 5 -> "(" + a + ") for 2s";
            case 6 -> "(" + a + ") hold 2s";
            case 7 -> "2 of (" + a + ", " + b + ", " + comparison(random) + ")";
            default -> "((" + a + ") then (" + b + ") within 3s)";
        };
    }

    private static final Gen<Run> RUNS =
            (random, size) -> new Run(truth(random, 2), truth(random, 1), random.nextLong());

    @Test
    void whatIsAnErrorNeverHappens() {
        AtomicInteger idle = new AtomicInteger();
        AtomicInteger endless = new AtomicInteger();
        Check.forAll(1500, RUNS, run -> {
            PolicyFile file = file(run);
            List<String> errors = Analysis.of(file).stream()
                    .filter(it -> it.severity() == Finding.Severity.ERROR)
                    .map(Finding::message)
                    .toList();
            if (errors.isEmpty()) {
                return;
            }
            List<Decision> decisions = decisions(file.policies().getFirst(), run.seed);
            if (errors.stream().anyMatch(it -> it.startsWith("START") || it.startsWith("STOP overrides"))) {
                idle.incrementAndGet();
                assertThat(decisions).noneMatch(it -> it.to() == TriggerState.ACTIVE);
            }
            if (errors.stream().anyMatch(it -> it.startsWith("STOP can never"))) {
                endless.incrementAndGet();
                assertThat(decisions).noneMatch(it -> it.cause() == Decision.Cause.STOP);
            }
        });
        assertThat(idle).hasValueGreaterThan(50);
        assertThat(endless).hasValueGreaterThan(20);
    }

    private static PolicyFile file(Run run) {
        String text = "version: 1\npolicies:\n  - name: a\n    cgroups: [a]\n    start: " + run.start + "\n    stop: "
                + run.stop + "\n";
        return switch (PolicyFile.parse("p.yaml", text, new HostMemory(8L << 30, 4096))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(var problems) -> throw new AssertionError(problems + text);
        };
    }

    private static List<Decision> decisions(Policy policy, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        List<Decision> decisions = new ArrayList<>();
        try (TriggerEngine engine = new TriggerEngine(List.of(policy), time)) {
            engine.decisions().subscribe(decision -> {
                decisions.add(decision);
                if (decision.to() == TriggerState.STOPPING) {
                    time.schedule(() -> engine.drained(CGROUP, policy), 1, TimeUnit.MILLISECONDS);
                }
            });
            engine.appeared(CGROUP);
            SignalSet signals = SignalSet.of(
                    Signal.USAGE, Signal.LIMIT, Signal.PGSCAN, Signal.PSI_SOME_TOTAL, Signal.PSI_SOME_AVG10);
            double scans = 0;
            double stalled = 0;
            for (int i = 0; i < 40; i++) {
                long millis = random.nextInt(12) == 0 ? 4000 : random.nextInt(1, 5) * 500L;
                time.advanceTimeBy(Duration.ofMillis(millis));
                scans = random.nextInt(12) == 0 ? 0 : scans + random.nextInt(8);
                stalled += random.nextInt(4) / 3.1 * millis / 1000;
                double[] values = new double[signals.size()];
                values[signals.slot(Signal.USAGE)] = random.nextInt(9) * MIB;
                values[signals.slot(Signal.LIMIT)] = pick(random, List.of(0.0, 4 * MIB, 8 * MIB, 1 / 0.0));
                values[signals.slot(Signal.PGSCAN)] = scans;
                values[signals.slot(Signal.PSI_SOME_TOTAL)] = stalled;
                values[signals.slot(Signal.PSI_SOME_AVG10)] = random.nextInt(5) / 4.0;
                if (random.nextInt(8) == 0) {
                    values[random.nextInt(values.length)] = Double.NaN;
                }
                engine.sample(new Sample(CGROUP, time.now(TimeUnit.NANOSECONDS), signals, values));
            }
        }
        return decisions;
    }
}
