package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Decision.Reading;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgramTest {

    private static final long STALE = TimeUnit.SECONDS.toNanos(3);
    private static final String NEVER = "usage < 0B";

    /** One condition fed by hand. */
    private static final class Fed {
        private final SignalSet layout;
        private final Program program;
        private final Evaluation evaluation = new Evaluation();

        private Fed(Policy policy) {
            layout = Program.signals(policy);
            program = Program.compile(policy, layout);
            evaluation.values = new double[layout.size()];
            Arrays.fill(evaluation.values, Double.NaN);
            evaluation.observed = new long[layout.size()];
            Arrays.fill(evaluation.observed, Evaluation.NONE);
            evaluation.doubles = program.newDoubles();
            evaluation.longs = program.newLongs();
            evaluation.staleAfter = STALE;
        }

        private static Fed start(String start) {
            return new Fed(policy(start, NEVER));
        }

        private Fed see(long millis, Signal signal, double value) {
            evaluation.values[layout.slot(signal)] = value;
            evaluation.observed[layout.slot(signal)] = TimeUnit.MILLISECONDS.toNanos(millis);
            at(millis);
            return this;
        }

        private double at(long millis) {
            evaluation.at(TimeUnit.MILLISECONDS.toNanos(millis));
            return program.start().step(evaluation);
        }

        /** The only measured value of the condition. */
        private double reading() {
            List<Reading> readings = program.start().readings(evaluation);
            assertThat(readings).hasSize(1);
            return readings.getFirst().value();
        }
    }

    @Test
    void rate_needsTwoSamples() {
        Fed fed = Fed.start("rate(pgscan, 5s) > 1/s").see(0, Signal.PGSCAN, 10_000);
        assertThat(fed.reading()).isNaN();

        fed.see(1000, Signal.PGSCAN, 10_010);

        assertThat(fed.reading()).isEqualTo(10);
    }

    @Test
    void delta_ranksByChangeNotByLevel() {
        double[] first = {10_000, 5_000, 6_000};
        double[] second = {10_010, 5_030, 6_050};
        int[] ranked = IntStream.range(0, 3)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -Fed.start("delta(pgscan, 2s) > 1")
                        .see(0, Signal.PGSCAN, first[i])
                        .see(1000, Signal.PGSCAN, second[i])
                        .reading()))
                .mapToInt(Integer::intValue)
                .toArray();

        assertThat(ranked).containsExactly(2, 1, 0);
    }

    @Test
    void window_startIsInterpolatedBetweenSamples() {
        Fed fed = Fed.start("delta(pgscan, 1500ms) > 1")
                .see(0, Signal.PGSCAN, 0)
                .see(1000, Signal.PGSCAN, 100)
                .see(2000, Signal.PGSCAN, 300);

        assertThat(fed.reading()).as("from 50 at 500 ms").isEqualTo(250);
    }

    @Test
    void window_notFullYetIsOfTheTimeThereIs() {
        Fed fed = Fed.start("rate(pgscan, 10s) > 1/s").see(0, Signal.PGSCAN, 0).see(500, Signal.PGSCAN, 100);

        assertThat(fed.reading()).isEqualTo(200);
    }

    @Test
    void window_ofPressureIsItsShare() {
        Fed fed = Fed.start("psi.some over 2s > 1%")
                .see(0, Signal.PSI_SOME_TOTAL, 4.0)
                .see(1000, Signal.PSI_SOME_TOTAL, 4.25)
                .see(2000, Signal.PSI_SOME_TOTAL, 4.5);

        assertThat(fed.reading()).isEqualTo(0.25);
    }

    @Test
    void window_ofAGaugeIsItsMeanOverTime() {
        Fed fed = Fed.start("usage over 2s > 1B")
                .see(0, Signal.USAGE, 100)
                .see(500, Signal.USAGE, 100)
                .see(1000, Signal.USAGE, 200)
                .see(2000, Signal.USAGE, 200);

        assertThat(fed.reading()).isCloseTo((100 * 0.5 + 150 * 0.5 + 200) / 2, within(1e-6));
    }

    @Test
    void counter_resetIsNoNegativeChange() {
        Fed fed = Fed.start("delta(pgscan, 5s) > 1")
                .see(0, Signal.PGSCAN, 1000)
                .see(1000, Signal.PGSCAN, 1100)
                .see(2000, Signal.PGSCAN, 10)
                .see(3000, Signal.PGSCAN, 15);

        assertThat(fed.reading()).isEqualTo(105);
    }

    @Test
    void gauge_mayFall() {
        Fed fed = Fed.start("delta(usage, 5s) > 1B").see(0, Signal.USAGE, 1000).see(1000, Signal.USAGE, 400);

        assertThat(fed.reading()).isEqualTo(-600);
    }

    @Test
    void window_forgetsWhatWasBeforeAGap() {
        Fed fed = Fed.start("rate(pgscan, 5s) > 1/s")
                .see(0, Signal.PGSCAN, 0)
                .see(1000, Signal.PGSCAN, 100)
                .see(4000, Signal.PGSCAN, 100_000);
        assertThat(fed.reading()).isNaN();

        fed.see(5000, Signal.PGSCAN, 100_010);

        assertThat(fed.reading()).isEqualTo(10);
    }

    @Test
    void window_sampledEachMillisecondStaysWithinItsMemory() {
        Fed fed = Fed.start("delta(usage, 2s) > 1B and usage over 10s > 1B");
        int longs = fed.evaluation.longs.length;

        for (int millis = 0; millis <= 30_000; millis++) {
            fed.see(millis, Signal.USAGE, millis);
        }

        assertThat(longs).isLessThan(200);
        assertThat(fed.program.start().readings(fed.evaluation))
                .extracting(reading -> (int) Math.round(reading.value()))
                .containsExactly(2000, 25_000);
    }

    @Test
    void stale_isUnknown() {
        Fed fed = Fed.start("usage > 1B").see(0, Signal.USAGE, 100);

        assertThat(fed.at(2999)).isEqualTo(Node.TRUE);
        assertThat(fed.at(3000)).isNaN();
    }

    @Test
    void unknown_isKleenes() {
        assertThat(Fed.start("usage > 1B and pgscan > 1")
                        .see(0, Signal.USAGE, 0)
                        .at(0))
                .isEqualTo(Node.FALSE);
        assertThat(Fed.start("usage > 1B or pgscan > 1").see(0, Signal.USAGE, 9).at(0))
                .isEqualTo(Node.TRUE);
        assertThat(Fed.start("usage > 1B and pgscan > 1")
                        .see(0, Signal.USAGE, 9)
                        .at(0))
                .isNaN();
        assertThat(Fed.start("not pgscan > 1").at(0)).isNaN();
    }

    @Test
    void nothingOfNothing_isNoShare() {
        // Swap total 0 never counts as low swap.
        Fed fed = Fed.start("swap.usage / max < 10%");
        fed.see(0, Signal.SWAP_USAGE, 0).see(0, Signal.MAX, 0);

        assertThat(fed.at(0)).isNaN();
    }

    @Test
    void nextChange_isTheEndOfForAndHold() {
        Fed fed = Fed.start("usage > 1B for 2s or pgscan > 1 hold 1500ms");

        fed.see(0, Signal.PGSCAN, 2).see(100, Signal.USAGE, 2).see(200, Signal.PGSCAN, 0);

        assertThat(fed.evaluation.nextChange).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1500));
        fed.at(1500);
        assertThat(fed.evaluation.nextChange).isEqualTo(TimeUnit.MILLISECONDS.toNanos(2100));
        assertThat(fed.at(2100)).isEqualTo(Node.TRUE);
        assertThat(fed.evaluation.nextChange).isEqualTo(Evaluation.NEVER);
    }

    @Test
    void step_allocatesNothing() {
        Fed fed = Fed.start("\"usage > 80% of limit or (psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s) for 1s\"");
        int steps = 10_000;
        walk(fed, 0, steps);

        long before = allocated();
        walk(fed, steps, steps);
        long bytes = allocated() - before;

        assertThat(bytes).as("bytes of %d steps", steps).isLessThan(steps);
    }

    private static void walk(Fed fed, int from, int steps) {
        for (int i = from; i < from + steps; i++) {
            Arrays.fill(fed.evaluation.values, i);
            Arrays.fill(fed.evaluation.observed, i * 10_000_000L);
            fed.at(i * 10L);
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
