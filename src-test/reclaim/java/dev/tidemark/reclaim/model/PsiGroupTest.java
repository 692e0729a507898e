package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import org.junit.jupiter.api.Test;

class PsiGroupTest {

    private static final long MS = 1_000_000;

    /**
     * One second of 2.001 is 49 whole per cent. avg10 = 49 * 2048 * (2048 - 1677) / 2048 = 18179 = 8.87 in 11 binary
     * places; avg60 = 49 * 67 = 3283 = 1.60; avg300 = 49 * 14 = 686 = 0.33.
     */
    @Test
    void firstPeriodAsComputedByHand() {
        PsiGroup psi = new PsiGroup(1, 0);

        psi.change(500 * MS, 0, 1, 0);
        psi.change(1500 * MS, 0, -1, 0);

        assertThat(psi.average(2000 * MS, PsiGroup.SOME, 0))
                .as("before the tick")
                .isZero();
        assertThat(psi.average(2001 * MS, PsiGroup.SOME, 0)).isEqualTo(0.0887);
        assertThat(psi.average(2001 * MS, PsiGroup.SOME, 1)).isEqualTo(0.0160);
        assertThat(psi.average(2001 * MS, PsiGroup.SOME, 2)).isEqualTo(0.0033);
        assertThat(psi.totalNanos(2001 * MS, PsiGroup.SOME)).isEqualTo(1000 * MS);
    }

    /** 18179 * 1677 / 2048 = 14885 = 7.26; the next 14885 * 1677 / 2048 = 12188 = 5.95. */
    @Test
    void calmPeriodsDecay() {
        PsiGroup psi = new PsiGroup(1, 0);
        psi.change(500 * MS, 0, 1, 0);
        psi.change(1500 * MS, 0, -1, 0);

        assertThat(psi.average(2 * 2001 * MS, PsiGroup.SOME, 0)).isEqualTo(0.0726);
        assertThat(psi.average(3 * 2001 * MS, PsiGroup.SOME, 0)).isEqualTo(0.0595);
    }

    @Test
    void unreachableStop_aMinuteOfCalmIsAnAverageOfNothing() {
        PsiGroup psi = new PsiGroup(1, 0);
        psi.change(0, 0, 1, 0);
        psi.change(60_000 * MS, 0, -1, 0);

        assertThat(psi.average(60_000 * MS, PsiGroup.SOME, 0)).isGreaterThan(0.9);
        assertThat(psi.average(160_000 * MS, PsiGroup.SOME, 0)).isLessThan(0.0001);
    }

    @Test
    void periodsNobodyLookedAtDecayAtOnce() {
        PsiGroup looked = new PsiGroup(1, 0);
        PsiGroup missed = new PsiGroup(1, 0);
        looked.change(0, 0, 1, 0);
        missed.change(0, 0, 1, 0);
        looked.change(2001 * MS, 0, -1, 0);
        missed.change(2001 * MS, 0, -1, 0);
        for (int tick = 2; tick <= 10; tick++) {
            looked.change(tick * 2001L * MS, 0, 0, 0);
        }

        double average = looked.average(10 * 2001 * MS, PsiGroup.SOME, 0);

        assertThat(average).isBetween(0.02, 0.04);
        assertThat(missed.average(10 * 2001 * MS, PsiGroup.SOME, 0)).isCloseTo(average, offset(0.001));
    }

    @Test
    void allOfTheTimeIsAHundredPerCent() {
        PsiGroup psi = new PsiGroup(1, 0);
        psi.change(0, 0, 1, 0);

        assertThat(psi.average(120_000 * MS, PsiGroup.SOME, 0)).isEqualTo(1.0);
        assertThat(psi.average(120_000 * MS, PsiGroup.SOME, 1)).isBetween(0.85, 0.9);
    }

    @Test
    void fullOnlyWhileNobodyGetsOn() {
        PsiGroup psi = new PsiGroup(1, 0);
        psi.change(0, 0, 0, 2);

        psi.change(100 * MS, 0, 1, -1);
        psi.change(300 * MS, 0, 0, -1);
        psi.change(400 * MS, 0, -1, 1);

        assertThat(psi.totalNanos(1000 * MS, PsiGroup.SOME)).isEqualTo(300 * MS);
        assertThat(psi.totalNanos(1000 * MS, PsiGroup.FULL)).isEqualTo(100 * MS);
    }

    /** Both CPUs busy for the whole of it: each has half a say. */
    @Test
    void whatWaitsOnOneOfTwoBusyCpusIsHalfAStall() {
        PsiGroup psi = new PsiGroup(2, 0);

        psi.change(0, 0, 1, 0);
        psi.change(0, 1, 0, 1);

        assertThat(psi.totalNanos(1000 * MS, PsiGroup.SOME)).isEqualTo(500 * MS);
        assertThat(psi.totalNanos(1000 * MS, PsiGroup.FULL))
                .as("nothing gets on where it waits")
                .isEqualTo(500 * MS);
    }

    /** 400 ms on a CPU busy for 500 ms, none on one busy for 1000 ms: 400 * 500 / 1500. */
    @Test
    void cpusCountByTheTimeInWhichTheyHadAnythingToDo() {
        PsiGroup psi = new PsiGroup(4, 0);
        psi.change(0, 1, 0, 1);
        psi.change(0, 0, 0, 1);
        psi.change(100 * MS, 0, 1, -1);
        psi.change(500 * MS, 0, -1, 0);

        assertThat(psi.totalNanos(1000 * MS, PsiGroup.SOME)).isEqualTo(400 * 500 / 1500 * MS + 333_333);
    }

    @Test
    void idleCpusHaveNoSay() {
        PsiGroup psi = new PsiGroup(8, 0);
        psi.change(0, 5, 1, 0);

        assertThat(psi.totalNanos(1000 * MS, PsiGroup.SOME)).isEqualTo(1000 * MS);
    }

    @Test
    void anOnlookerChangesNothingForWhoReadsTheFile_asAReaderDoes() {
        PsiGroup alone = new PsiGroup(2, 0);
        PsiGroup looked = new PsiGroup(2, 0);
        PsiGroup read = new PsiGroup(2, 0);
        for (int ms = 0; ms < 1_000; ms++) {
            long now = ms * MS;
            for (PsiGroup group : new PsiGroup[] {alone, looked, read}) {
                // One waits now and then, the other begins late: what a moment counts depends on the moments beside it.
                int memstall = ms % 10 == 3 ? 1 : ms % 10 == 5 ? -1 : 0;
                group.change(now, 0, memstall, 0);
                group.change(now, 1, 0, ms == 700 ? 1 : 0);
            }
            looked.lookedNanos(now, PsiGroup.SOME);
            read.totalNanos(now, PsiGroup.SOME);
        }
        long end = 1_000 * MS;

        assertThat(looked.lookedNanos(end, PsiGroup.SOME)).isPositive();
        assertThat(looked.totalNanos(end, PsiGroup.SOME)).isEqualTo(alone.totalNanos(end, PsiGroup.SOME));
        assertThat(looked.average(3_000 * MS, PsiGroup.SOME, 0)).isEqualTo(alone.average(3_000 * MS, PsiGroup.SOME, 0));
        assertThat(read.totalNanos(end, PsiGroup.SOME)).isNotEqualTo(alone.totalNanos(end, PsiGroup.SOME));
    }
}
