package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemark.config.Law;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlLawTest {

    private static final int PAGE = 4096;
    private static final long MIB = 1 << 20;
    private static final long BATCH = 1024;
    private static final long EVERY = Duration.ofSeconds(6).toNanos();

    private final Cgroup cgroup = new Cgroup();

    /** What a law is shown. */
    private static final class Cgroup extends SeenCgroup {

        Cgroup() {
            values.put(Signal.PSI_SOME_TOTAL, 0.0);
        }

        /** One round later, tasks stalled for that share of it. */
        void round(double stalled) {
            now += EVERY;
            values.merge(Signal.PSI_SOME_TOTAL, stalled * EVERY * 1e-9, Double::sum);
        }

        void reclaimable(long bytes) {
            nothingReclaimable();
            values.put(Signal.INACTIVE_FILE, (double) bytes);
        }
    }

    @Test
    void watermark_asksForWhatLiesAboveStop() {
        assertThat(pages(new Law.Watermark(), 10 * MIB, 8 * MIB)).isEqualTo(512);
        assertThat(pages(new Law.Watermark(), 10 * MIB + 1, 8 * MIB))
                .as("a begun page is a page")
                .isEqualTo(513);
    }

    @Test
    void watermark_asksForABatchAtMostAndAClusterAtLeast() {
        assertThat(pages(new Law.Watermark(), 100 * MIB, 8 * MIB)).isEqualTo(1024);
        assertThat(pages(new Law.Watermark(), 8 * MIB, 8 * MIB)).isEqualTo(32);
        assertThat(pages(new Law.Watermark(), 7 * MIB, 8 * MIB)).isEqualTo(32);
    }

    @Test
    void watermark_asksForABatchWhenUsageOrStopIsNotKnown() {
        assertThat(pages(new Law.Watermark(), Double.NaN, 8 * MIB)).isEqualTo(1024);
        assertThat(pages(new Law.Watermark(), 100 * MIB, Double.NaN)).isEqualTo(1024);
    }

    @Test
    void fixed_asksForABatch() {
        assertThat(pages(new Law.Fixed(), 8 * MIB, 8 * MIB)).isEqualTo(1024);
    }

    @Test
    void tmo_takesTheRatioWhereNothingStalls_halfOfItAtHalfTheThreshold_andNothingFromThere() {
        Law.Tmo law = new Law.Tmo(0.001, 0.0005, 1, 0.01, Duration.ofSeconds(6));

        assertThat(amounts(law, 0, 0.0005, 0.001, 0.5)).containsExactly(bytes(0.5), bytes(0.25), 0.0, 0.0);
    }

    @Test
    void tmo_gainIsBoundedByTheMost() {
        assertThat(amounts(new Law.Tmo(0.001, 0.0005, 4, 0.01, Duration.ofSeconds(6)), 0))
                .containsExactly(bytes(2));
        assertThat(amounts(new Law.Tmo(0.001, 0.0005, 100, 0.01, Duration.ofSeconds(6)), 0))
                .containsExactly(bytes(10));
    }

    @Test
    void aimd_addsWhileItDoesNotHurtAndTakesAPartOnceItDoes() {
        Law.Aimd law = new Law.Aimd(0.001, MIB, 0.5, 0.003, Duration.ofSeconds(6));

        assertThat(amounts(law, 0, 0.001, 0, 0, 0.002, 0.002, 0))
                .containsExactly(bytes(1), bytes(2), bytes(3), bytes(3), bytes(1.5), bytes(0.75), bytes(1.75));
    }

    @Test
    void senpai_takesItsShareOfWhatIsReclaimableAndFadesOutWithEitherPressure() {
        Law.Senpai law = Law.Senpai.DEFAULT;
        cgroup.reclaimable(600 * MIB);

        assertThat(senpai(law, 0, 0, 0, 0)).isEqualTo(bytes(5));
        assertThat(senpai(law, 0.0005, 0, 0, 0)).isCloseTo(bytes(2.5), within(1.0));
        assertThat(senpai(law, 0, 0.00075, 0, 0)).isCloseTo(bytes(1.25), within(1.0));
        assertThat(senpai(law, 0, 0, 0.0009, 0)).isCloseTo(bytes(0.5), within(1.0));
        assertThat(senpai(law, 0, 0, 0, 0.001)).isZero();
        assertThat(senpai(law, 0.9, 0, 0, 0)).isZero();
    }

    @Test
    void senpai_leavesTheReserve() {
        cgroup.reclaimable(90 * MIB);

        assertThat(senpai(Law.Senpai.DEFAULT, 0, 0, 0, 0)).isZero();
    }

    @Test
    void senpaiLimit_sinksByTheMostWhereNothingStallsAndByLessTheNearerTheAim() {
        cgroup.reclaimable(1000 * MIB);
        Law.SenpaiLimit law = Law.SenpaiLimit.DEFAULT;
        double aim = 0.010 / 6;

        assertThat(amounts(law, 0)).containsExactly(bytes(10));
        assertThat(amounts(law, aim / 10).getFirst()).isCloseTo(bytes(10), within(1.0));
        assertThat(amounts(law, aim / 5).getFirst()).isCloseTo(bytes(2.5), within(1.0));
        assertThat(amounts(law, aim * 0.999).getFirst()).isCloseTo(bytes(0.1002), within(1000.0));
    }

    @Test
    void senpaiLimit_onceTasksStallForLongerItRisesAboveUsageAndTakesLongToBeFeltAgain() {
        cgroup.reclaimable(1000 * MIB);
        double aim = 0.010 / 6;
        double[] stalled = new double[100];
        stalled[1] = 20 * aim;

        List<Double> amounts = amounts(Law.SenpaiLimit.DEFAULT, stalled);

        // Doubled, and each round a hundredth less: 68 rounds until it is below usage.
        assertThat(amounts.subList(1, 69)).containsOnly(0.0);
        assertThat(amounts.get(71)).isPositive();
        assertThat(amounts.get(80)).isCloseTo(bytes(10), within(1.0));
    }

    @Test
    void senpaiLimit_neverTakesMoreThanTheMostInOneRound() {
        cgroup.reclaimable(1000 * MIB);

        assertThat(amounts(Law.SenpaiLimit.DEFAULT, 0, 0, 0, 0))
                .as("usage that does not fall does not let it add up")
                .allSatisfy(amount -> assertThat(amount).isCloseTo(bytes(10), within(1.0)));
    }

    @Test
    void senpaiLimit_doesNotSinkIntoTheReserve() {
        cgroup.reclaimable(104 * MIB);

        assertThat(amounts(Law.SenpaiLimit.DEFAULT, 0, 0)).containsExactly(bytes(4), bytes(4));
    }

    /** The scenario "staircase": in whole numbers there are levels between which nothing changes. */
    @Test
    void staircase_theResponseIsSmooth() {
        cgroup.reclaimable(600 * MIB);
        for (Law.Paced law : List.of(Law.Tmo.DEFAULT, Law.SenpaiLimit.DEFAULT)) {
            double before = Double.POSITIVE_INFINITY;
            double first = amounts(law, 0.0002).getFirst();
            for (double stalled = 0.0002; stalled < 0.00099; stalled += 0.00001) {
                double amount = amounts(law, stalled).getFirst();
                assertThat(amount).as("%s at %s", law.word(), stalled).isLessThan(before);
                if (!Double.isInfinite(before)) {
                    assertThat(amount).isCloseTo(before, within(0.1 * first));
                }
                before = amount;
            }
        }
    }

    @Test
    void whatIsNotKnownTakesNothing() {
        cgroup.reclaimable(600 * MIB);
        cgroup.values.remove(Signal.PSI_SOME_TOTAL);
        assertThat(amounts(Law.Tmo.DEFAULT, Double.NaN)).containsExactly(Double.NaN);
        assertThat(amounts(Law.Aimd.DEFAULT, Double.NaN)).containsExactly(Double.NaN);
        assertThat(amounts(Law.SenpaiLimit.DEFAULT, Double.NaN)).containsExactly(Double.NaN);
        assertThat(senpai(Law.Senpai.DEFAULT, Double.NaN, 0, 0, 0)).isNaN();

        ControlLaw law = ControlLaw.of(Law.Tmo.DEFAULT);
        law.nrPages(cgroup, BATCH);
        cgroup.now += EVERY;
        assertThat(law.nrPages(cgroup, BATCH)).isZero();
    }

    @Test
    void paced_handsOutAnAmountInBatchesAndThenWaitsForTheNextRound() {
        ControlLaw law = ControlLaw.of(new Law.Tmo(0.001, 0.01, 1, 0.01, Duration.ofSeconds(6)));

        assertThat(law.nrPages(cgroup, BATCH)).as("nothing to look back on yet").isZero();
        assertThat(law.nanosUntilMore(cgroup.now)).isEqualTo(EVERY);
        cgroup.round(0);
        assertThat(ask(law)).isEqualTo(1024);
        assertThat(ask(law)).isEqualTo(1024);
        assertThat(ask(law)).isEqualTo(512);
        assertThat(ask(law)).isZero();
        assertThat(law.nanosUntilMore(cgroup.now + 1)).isEqualTo(EVERY - 1);
        cgroup.round(0);
        assertThat(ask(law)).isEqualTo(1024);
    }

    @Test
    void paced_whatWasNotAskedForInTimeIsLeft() {
        ControlLaw law = ControlLaw.of(new Law.Tmo(0.001, 0.01, 1, 0.01, Duration.ofSeconds(6)));
        law.nrPages(cgroup, BATCH);
        cgroup.round(0);
        ask(law);

        cgroup.round(0.001);

        assertThat(ask(law)).isZero();
    }

    @Test
    void paced_smallAmountsAddUp() {
        // 48 KiB a round, and the kernel takes 128 KiB at least.
        cgroup.usage = 96 * MIB;
        ControlLaw law = ControlLaw.of(Law.Tmo.DEFAULT);
        law.nrPages(cgroup, BATCH);
        long asked = 0;
        for (int round = 0; round < 100; round++) {
            cgroup.round(0);
            asked += ask(law);
        }

        assertThat(asked * PAGE).isCloseTo(100 * 96 * MIB / 2000, within(128L << 10));
    }

    private long ask(ControlLaw law) {
        long pages = law.nrPages(cgroup, BATCH);
        law.asked(pages, PAGE);
        return pages;
    }

    /** The amounts of as many rounds, tasks being stalled for these shares of them. */
    private List<Double> amounts(Law.Paced law, double... stalled) {
        PacedLaw.Probe probe = probe(law);
        probe.begin(cgroup);
        return java.util.Arrays.stream(stalled)
                .mapToObj(share -> {
                    cgroup.round(share);
                    return probe.bytes(cgroup);
                })
                .toList();
    }

    private static PacedLaw.Probe probe(Law.Paced law) {
        return switch (law) {
            case Law.Tmo it -> new TmoProbe(it);
            case Law.Senpai it -> new SenpaiProbe(it);
            case Law.SenpaiLimit it -> new SenpaiLimitProbe(it);
            case Law.Aimd it -> new AimdProbe(it);
        };
    }

    private double senpai(Law.Senpai law, double memory10, double memory60, double io10, double io60) {
        cgroup.values.put(Signal.PSI_SOME_AVG10, memory10);
        cgroup.values.put(Signal.PSI_SOME_AVG60, memory60);
        cgroup.values.put(Signal.PSI_IO_SOME_AVG10, io10);
        cgroup.values.put(Signal.PSI_IO_SOME_AVG60, io60);
        return new SenpaiProbe(law).bytes(cgroup);
    }

    private long pages(Law law, double usage, double stop) {
        cgroup.usage = usage;
        cgroup.stop = stop;
        return ControlLaw.of(law).nrPages(cgroup, BATCH);
    }

    private static double bytes(double mib) {
        return mib * MIB;
    }
}
