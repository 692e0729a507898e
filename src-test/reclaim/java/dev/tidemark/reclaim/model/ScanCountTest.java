package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.model.ScanCount.Balance;
import org.junit.jupiter.api.Test;

class ScanCountTest {

    @Test
    void balanceFollowsTheKernelsOrderOfTests() {
        assertThat(ScanCount.balance(false, 60, 12, false)).isEqualTo(Balance.FILE);
        assertThat(ScanCount.balance(false, 60, 0, false)).isEqualTo(Balance.FILE);
        assertThat(ScanCount.balance(true, 201, 0, true)).isEqualTo(Balance.ANON);
        assertThat(ScanCount.balance(false, 201, 12, false)).isEqualTo(Balance.NONE);
        assertThat(ScanCount.balance(true, 0, 0, false)).isEqualTo(Balance.FILE);
        assertThat(ScanCount.balance(true, 60, 0, true)).isEqualTo(Balance.EQUAL);
        assertThat(ScanCount.balance(true, 200, 12, true))
                .as("200 is not anonymous only")
                .isEqualTo(Balance.FILE);
        assertThat(ScanCount.balance(true, 60, 12, false)).isEqualTo(Balance.FRACT);
    }

    @Test
    void smallListsYieldNothingAtLowUrgency() {
        assertThat(ScanCount.share(4095, 0, 4095, 12)).isZero();
        assertThat(ScanCount.share(4096, 0, 4096, 12)).isEqualTo(1);
        assertThat(ScanCount.share(8192, 0, 8192, 12)).isEqualTo(2);
        assertThat(ScanCount.share(8192, 0, 8192, 8)).isEqualTo(32);
        assertThat(ScanCount.share(8192, 0, 8192, 0)).isEqualTo(8192);
    }

    /** 8192 - 8192 * 4096 / 8193 = 4097; all protected leaves 32. */
    @Test
    void protectionTakesItsShareOut() {
        assertThat(ScanCount.share(8192, 4096, 8192, 0)).isEqualTo(4097);
        assertThat(ScanCount.share(8192, 8192, 8192, 0)).isEqualTo(32);
        assertThat(ScanCount.share(8192, PageCounter.MAX - 1, 8192, 0)).isEqualTo(32);
    }

    /** With costs 100 and 0: 60 * 301 / 201 = 89 and 140 * 301 / 101 = 417. */
    @Test
    void costShiftsTheScanAway() {
        assertThat(fractions(60, 0, 0)).containsExactly(60, 140, 200);
        assertThat(fractions(60, 100, 0)).containsExactly(89, 417, 506);
        assertThat(fractions(200, 0, 0)).containsExactly(200, 0, 200);
    }

    private static long[] fractions(int swappiness, long anonCost, long fileCost) {
        long[] fractions = new long[3];
        ScanCount.fractions(swappiness, anonCost, fileCost, fractions);
        return fractions;
    }

    @Test
    void inactiveMayBeSmallerWhereMemoryIsLarge() {
        long gib = 1L << 18;
        assertThat(ScanCount.inactiveIsLow(100, 100)).isFalse();
        assertThat(ScanCount.inactiveIsLow(99, 100)).isTrue();
        assertThat(ScanCount.inactiveIsLow(gib, 3 * gib)).as("ratio 6 at 4 GiB").isFalse();
        assertThat(ScanCount.inactiveIsLow(gib / 2, 7 * gib / 2)).isTrue();
    }

    /** 60 of 100 file and 20 of 50 anonymous pages left: anonymous is given up at 20 * 100 / 51 = 39 per cent left. */
    @Test
    void earlyStopKeepsTheProportion() {
        long[] targets = {50, 0, 100, 0};
        long[] left = {20, 0, 60, 0};

        assertThat(ClassicShrinker.stopEarly(left, targets)).isFalse();

        assertThat(left).containsExactly(0, 0, 100 * 61 / 100 - 40, 0);
    }

    @Test
    void earlyStopEndsWhenOneTypeIsThrough() {
        assertThat(ClassicShrinker.stopEarly(new long[] {0, 0, 500, 0}, new long[] {10, 0, 600, 0}))
                .isTrue();
    }

    /** In-source table of {@code mm/memcontrol.c}: high 100 MiB, a charge of 64 pages. */
    @Test
    void delayAboveHighIsTheKernelsTable() {
        long high = 100 << 8;

        assertThat(delay(101 << 8, high)).isEqualTo(6);
        assertThat(delay(102 << 8, high)).isEqualTo(25);
        assertThat(delay(105 << 8, high)).isEqualTo(159);
        assertThat(delay(110 << 8, high)).isEqualTo(639);
        assertThat(delay(118 << 8, high)).isBetween(2000L, 2100L);
        assertThat(delay(high, high)).isZero();
        assertThat(Charge.highDelay(Charge.overage(PageCounter.MAX >> 25, 1), 64))
                .isGreaterThan(2000);
    }

    private static long delay(long usage, long high) {
        return Charge.highDelay(Charge.overage(usage, high), 64);
    }

    /** A{usage 10000, low 2500} with two claiming 2000 each: 2000 * 2500 / 4000; alone with 1000: 1000 and its share of the rest. */
    @Test
    void protectionIsSharedAmongSiblings() {
        assertThat(Protection.effective(5000, 10_000, 2000, 2500, 4000)).isEqualTo(1250);
        assertThat(Protection.effective(5000, 10_000, 1000, 2500, 1000)).isEqualTo(1000 + 4000 * 1500 / 9000);
        assertThat(Protection.effective(5000, 10_000, 2000, 0, 0)).isZero();
    }
}
