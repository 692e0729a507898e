package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The compiled evaluator against {@link Reference}, which knows the whole past and looks it all up again: on random expressions, of
 * which every part is compared, and random samples of several signals, of the host and of another cgroup, with gaps, resets, unknown
 * values and pushes. All is on a grid of 100 ms, which is coarser than the resolution of every window here.
 */
class EvaluatorPropertyTest {

    private static final long GRID = 100_000_000;
    private static final long STALE = 30 * GRID;
    private static final long STALE_ELSEWHERE = 50 * GRID;
    private static final String OTHER = "a/b";
    private static final String NEVER = "usage < 0B";

    private record Seen(String path, Signal signal, long nanos, double value) {}

    /**
     * What happens before a look.
     *
     * @param across what values of all watched cgroups are now
     * @param pushed whether the kernel tells of whatever the program asks for
     */
    private record Tick(long nanos, List<Seen> seen, double across, boolean pushed) {}

    private record Case(String condition, List<Tick> ticks) {}

    private static final List<Signal> GAUGES =
            List.of(Signal.USAGE, Signal.LIMIT, Signal.SWAP_USAGE, Signal.PSI_SOME_AVG10);
    private static final List<Signal> COUNTERS =
            List.of(Signal.PGSCAN, Signal.PGSTEAL, Signal.REFAULT, Signal.PSI_SOME_TOTAL, Signal.PSI_IO_FULL_TOTAL);

    /** Makes the samples of one case. */
    private static final class Stream {
        private final SplittableRandom random;
        private final Map<String, Double> counters = new HashMap<>();
        private final List<Tick> ticks = new ArrayList<>();
        private long nanos;

        private Stream(SplittableRandom random) {
            this.random = random;
        }

        private List<Tick> ticks(int size) {
            for (int i = 0; i < size + 3; i++) {
                nanos += GRID * (random.nextInt(14) == 0 ? random.nextInt(20, 60) : random.nextInt(3, 12));
                List<Seen> seen = new ArrayList<>();
                watched(seen);
                others(seen);
                double across = random.nextInt(8) == 0 ? Double.NaN : random.nextInt(20);
                ticks.add(new Tick(nanos, seen, across, random.nextInt(6) == 0));
            }
            return ticks;
        }

        private void watched(List<Seen> seen) {
            for (Signal signal : GAUGES) {
                see(seen, "", signal, nanos, signal == Signal.LIMIT && random.nextInt(9) == 0);
            }
            for (Signal signal : COUNTERS) {
                see(seen, "", signal, nanos, false);
            }
        }

        /** What is sampled elsewhere is not sampled now, but was a little ago. */
        private void others(List<Seen> seen) {
            long ago = nanos - GRID * random.nextInt(3);
            see(seen, "", Signal.HOST_AVAILABLE, ago, false);
            for (Signal signal : List.of(Signal.USAGE, Signal.PGSCAN, Signal.PGSTEAL)) {
                see(seen, OTHER, signal, ago, false);
            }
        }

        private void see(List<Seen> seen, String path, Signal signal, long at, boolean infinite) {
            if (random.nextInt(7) == 0) {
                return;
            }
            double value = infinite ? Double.POSITIVE_INFINITY : random.nextInt(20);
            if (signal.counter()) {
                double share = signal.unit() == Unit.DURATION ? 0.01 : 1;
                boolean reset = random.nextInt(15) == 0;
                double grown = counters.getOrDefault(path + signal, 100.0) + random.nextInt(12) * share;
                value = reset ? 0 : grown;
                counters.put(path + signal, value);
            }
            seen.add(new Seen(path, signal, at, random.nextInt(9) == 0 ? Double.NaN : value));
        }
    }

    /** Both, fed the same. */
    private static final class Pair {
        private final Case given;
        private final Policy policy;
        private final SignalSet layout;
        private final Program program;
        private final Evaluation evaluation = new Evaluation();
        private final Reference reference =
                new Reference(STALE, STALE_ELSEWHERE, Duration.ofSeconds(1).toNanos());
        private double last;

        private Pair(Case given) {
            this.given = given;
            policy = Policies.policy("'" + given.condition + "'", NEVER, "period: 100ms");
            layout = Program.layout(List.of(policy));
            program = Program.compile(policy, layout);
            Known own = new Known(layout, STALE);
            evaluation.values = own.values;
            evaluation.observed = own.observed;
            evaluation.staleAfter = STALE;
            evaluation.host = new Known(layout, STALE_ELSEWHERE);
            evaluation.elsewhere = program.elsewhere().stream()
                    .map(_ -> new Known(layout, STALE_ELSEWHERE))
                    .toArray(Known[]::new);
            evaluation.across = new double[program.across().size()];
            Arrays.fill(evaluation.across, Double.NaN);
            evaluation.doubles = program.newDoubles();
            evaluation.longs = program.newLongs();
        }

        private void see(Tick tick) {
            for (Seen seen : tick.seen) {
                int slot = layout.slot(seen.signal);
                int index = program.elsewhere().indexOf(seen.path);
                if (slot < 0 || (index < 0 && !seen.path.isEmpty())) {
                    continue;
                }
                boolean host = seen.signal.scope() == Signal.Scope.HOST;
                Known other = host ? evaluation.host : index >= 0 ? evaluation.elsewhere[index] : null;
                long[] observed = other == null ? evaluation.observed : other.observed;
                double[] values = other == null ? evaluation.values : other.values;
                if (seen.nanos > observed[slot]) {
                    observed[slot] = seen.nanos;
                    values[slot] = seen.value;
                    reference.see(seen.path, seen.signal, seen.nanos, seen.value);
                }
            }
            if (tick.pushed) {
                for (PushRequest.Pressure request : program.pressures()) {
                    Push push = new Push(Cgroup.HOST, request, tick.nanos);
                    evaluation.at(tick.nanos);
                    program.pushed(evaluation, push);
                    reference.pushed(push);
                }
            }
        }

        /** Looks, and compares every part. */
        private void look(long nanos, double across) {
            evaluation.at(nanos);
            // What is known of all watched cgroups is there before the conditions are asked.
            Map<String, Double> acrossNow = new HashMap<>();
            program.across().forEach(it -> it.operand().step(evaluation));
            collectAcross(program.start().part(), across, acrossNow);
            reference.look(nanos, acrossNow);
            last = program.start().step(evaluation);
            long next = evaluation.nextChange;
            compare(program.start().part(), nanos);
            assertThat(program.start().step(evaluation))
                    .as("%s again at %d ns", given.condition, nanos)
                    .isEqualTo(Double.valueOf(last));
            evaluation.nextChange = next;
        }

        private void collectAcross(Program.Part part, double value, Map<String, Double> into) {
            if (part.node() instanceof ValueNode.Across(int index)) {
                evaluation.across[index] = part.expr().unit() == Unit.TRUTH ? value % 2 : value;
                into.put(part.expr().toString(), evaluation.across[index]);
            }
            part.parts().forEach(child -> collectAcross(child, value, into));
        }

        private void compare(Program.Part part, long nanos) {
            part.parts().forEach(child -> compare(child, nanos));
            double compiled = part.node().step(evaluation);
            double expected = reference.value(part.expr());
            if (part.expr().unit() == Unit.TRUTH ? !same(compiled, expected) : !near(compiled, expected)) {
                throw new AssertionError("%s of %s at %d ns: %s instead of %s"
                        .formatted(part.expr(), given.condition, nanos, compiled, expected));
            }
        }

        private static boolean same(double a, double b) {
            return a == b || (Double.isNaN(a) && Double.isNaN(b));
        }

        private static boolean near(double a, double b) {
            return same(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
        }

        /** Until the next tick: at the instants at which something may change by itself, and right before them. */
        private void wait(long until, double across) {
            for (long next = evaluation.nextChange; next < until; next = evaluation.nextChange) {
                long stale = program.start().goesStaleAt(evaluation);
                if (next - 1 > evaluation.now && next - 1 < stale) {
                    double before = last;
                    look(next - 1, across);
                    assertThat(last)
                            .as("%s before anything should change at %d", given.condition, next)
                            .isEqualTo(Double.valueOf(before));
                }
                look(next, across);
            }
        }
    }

    @Test
    void compiled_equalsTheReferenceInterpreter() {
        Gen<Case> cases = (random, size) ->
                new Case(Expressions.truths().next(random, 1 + size / 5), new Stream(random.split()).ticks(size / 2));
        Check.forAll(4000, cases, given -> {
            Pair pair = new Pair(given);
            for (int i = 0; i < given.ticks.size(); i++) {
                Tick tick = given.ticks.get(i);
                pair.see(tick);
                pair.look(tick.nanos, tick.across);
                long until = i + 1 < given.ticks.size() ? given.ticks.get(i + 1).nanos : tick.nanos + 60 * GRID;
                pair.wait(until, tick.across);
            }
        });
    }
}
