package dev.tidemark.triggers;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one evaluation of a usual START costs, each of a new sample in which everything has changed. All cgroups in turn, so that with
 * many of them the state is not in the nearest cache. Before, other policies with every other operator have been evaluated in the
 * same process, so that the compiler finds no call here that has one target only.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EvaluateBenchmark {

    private static final HostMemory HOST = new HostMemory(4L << 30, 4096);
    private static final long LIMIT = 256L << 20;
    private static final int STEPS = 4096;

    private static final String START =
            "usage > 80% of limit or (psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s) for 1s";

    private static final List<String> OTHERS = List.of(
            "max(usage, 10s) > 64MiB and deriv(usage, 5s) > 1MiB/s",
            "quantile(usage, 95%, 10s) - min(usage, 10s) > 1MiB",
            "delta(pgscan, 1s tumbling) > 100 hold 1s",
            "count(usage > 80% of limit, 10s) > 3 or ewma(usage, 5s) > 100MiB",
            "2 of (usage > 1MiB, rising(pgscan over 2s > 5) hold 1s, not (headroom < 64MiB))",
            "(usage > 1MiB) then (pgscan over 2s > 100) within 5s or refault.ratio over 10s > 5%",
            "mean(usage, 5s) / limit > 50% for 2s and changed(limit) hold 5s");

    /** How many take turns. */
    @Param({"1", "1000"})
    private int cgroups;

    /** Between two samples of one cgroup. */
    @Param({"1000", "10"})
    private int periodMillis;

    private final double[] usage = new double[STEPS];
    private final double[] psi = new double[STEPS];
    private final double[] pgscan = new double[STEPS];

    private final Evaluation evaluation = new Evaluation();
    private Fed[] fed = {};
    private int turn;
    private int step;

    /** A cgroup's values and state. */
    private static final class Fed {
        final Program program;
        final Known known;
        final double[] doubles;
        final long[] longs;
        final int usage;
        final int limit;
        final int psi;
        final int pgscan;
        final int refault;
        final int pgsteal;

        Fed(Policy policy) {
            SignalSet layout = SignalSet.of(
                            Signal.USAGE,
                            Signal.LIMIT,
                            Signal.PSI_SOME_TOTAL,
                            Signal.PGSCAN,
                            Signal.REFAULT,
                            Signal.PGSTEAL)
                    .plus(Program.signals(policy));
            program = Program.compile(policy, layout);
            known = new Known(layout, 3_000_000_000L);
            doubles = program.newDoubles();
            longs = program.newLongs();
            usage = layout.slot(Signal.USAGE);
            limit = layout.slot(Signal.LIMIT);
            psi = layout.slot(Signal.PSI_SOME_TOTAL);
            pgscan = layout.slot(Signal.PGSCAN);
            refault = layout.slot(Signal.REFAULT);
            pgsteal = layout.slot(Signal.PGSTEAL);
            known.values[psi] = 0;
            known.values[pgscan] = 0;
            known.values[refault] = 0;
            known.values[pgsteal] = 0;
            known.values[limit] = LIMIT;
        }
    }

    /** A cgroup that fills up, is under pressure and scanned near its limit, and gets smaller again. */
    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(1);
        double level = 0.5;
        for (int i = 0; i < STEPS; i++) {
            level += (random.nextDouble() - 0.48) * 0.02;
            level = level > 0.95 ? 0.6 : Math.max(level, 0.3);
            usage[i] = Math.rint(level * LIMIT / 4096) * 4096;
            boolean tight = level > 0.7;
            double seconds = periodMillis / 1e3;
            psi[i] = tight ? random.nextDouble() * 0.05 * seconds : 0;
            pgscan[i] = tight ? random.nextInt(4000) * seconds : 0;
        }
        for (String other : OTHERS) {
            Fed one = new Fed(policy(other));
            for (int i = 0; i < 50_000; i++) {
                evaluate(one, i % STEPS);
            }
        }
        fed = new Fed[cgroups];
        Policy policy = policy(START);
        for (int i = 0; i < cgroups; i++) {
            fed[i] = new Fed(policy);
        }
    }

    private static Policy policy(String start) {
        String text = "version: 1\npolicies:\n  - name: bench\n    cgroups: [\"**\"]\n    start: '" + start
                + "'\n    stop: usage < 1MiB\n";
        return switch (PolicyFile.parse("bench.yaml", text, HOST)) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file.policies().getFirst();
            case Checked.Invalid<PolicyFile>(var problems) -> throw new IllegalStateException(problems.toString());
        };
    }

    @Benchmark
    public double evaluate() {
        if (++turn >= cgroups) {
            turn = 0;
            step = (step + 1) % STEPS;
        }
        return evaluate(fed[turn], step);
    }

    private double evaluate(Fed one, int i) {
        double[] values = one.known.values;
        long[] observed = one.known.observed;
        long before = observed[one.usage];
        long now = before == Evaluation.NONE ? 0 : before + periodMillis * 1_000_000L;
        values[one.usage] = usage[i];
        values[one.psi] += psi[i];
        values[one.pgscan] += pgscan[i];
        observed[one.usage] = now;
        observed[one.limit] = now;
        observed[one.psi] = now;
        observed[one.pgscan] = now;
        observed[one.refault] = now;
        observed[one.pgsteal] = now;
        evaluation.values = values;
        evaluation.observed = observed;
        evaluation.staleAfter = one.known.staleAfter;
        evaluation.doubles = one.doubles;
        evaluation.longs = one.longs;
        evaluation.at(now);
        return one.program.start().step(evaluation);
    }
}
