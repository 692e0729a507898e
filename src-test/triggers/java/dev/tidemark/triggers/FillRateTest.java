package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FillRateTest {
    private static final long MS = 1_000_000;
    private static final long LONG = 1_000_000 * MS;
    private static final double NONE = Double.POSITIVE_INFINITY;

    private final FillRate fill = new FillRate();

    @Test
    void halfwayAtTheRateSeenLast() {
        fill.observe(0, 100, NONE);
        fill.observe(10 * MS, 110, NONE);

        assertThat(fill.halfwayNanos(150, LONG)).isEqualTo(10 * MS + 20 * MS);
        assertThat(fill.halfwayNanos(110, LONG)).as("it is there").isEqualTo(10 * MS);
        assertThat(fill.halfwayNanos(90, LONG)).as("it has been").isEqualTo(10 * MS);
        assertThat(fill.halfwayNanos(150, 20 * MS)).as("too far").isEqualTo(Evaluation.NEVER);
        assertThat(fill.halfwayNanos(150, 20 * MS + 1)).isEqualTo(30 * MS);
        assertThat(fill.halfwayNanos(NONE, LONG)).isEqualTo(Evaluation.NEVER);
    }

    @Test
    void nothingIsKnownOfWhatStandsStillOrHasBeenSeenOnce() {
        assertThat(fill.halfwayNanos(0, LONG)).isEqualTo(Evaluation.NEVER);
        fill.observe(0, 100, NONE);
        assertThat(fill.halfwayNanos(150, LONG)).isEqualTo(Evaluation.NEVER);
        fill.observe(MS, 100, NONE);
        assertThat(fill.halfwayNanos(150, LONG)).isEqualTo(Evaluation.NEVER);
    }

    @Test
    void reclaimDoesNotMakeItForget_timeDoesByHalf() {
        fill.observe(0, 0, NONE);
        fill.observe(MS, 1_000_000, NONE);
        long later = MS + FillRate.HALF_LIFE_MILLIS * MS;
        fill.observe(later, 0, NONE);

        assertThat(fill.halfwayNanos(1_000_000, LONG) - later).isEqualTo(MS);
    }

    @Test
    void anUnknownValueForgets() {
        fill.observe(0, 0, NONE);
        fill.observe(MS, 1_000_000, NONE);
        fill.observe(2 * MS, Double.NaN, NONE);
        fill.observe(3 * MS, 2_000_000, NONE);

        assertThat(fill.halfwayNanos(3_000_000, LONG)).isEqualTo(Evaluation.NEVER);
    }

    @Test
    void tellsOnceThatTheWatermarkIsReached_alsoOfTheFirstValue() {
        assertThat(fill.observe(0, 150, 100)).isTrue();
        assertThat(fill.observe(MS, 160, 100)).isFalse();
        assertThat(fill.observe(2 * MS, 90, 100)).isFalse();
        assertThat(fill.observe(3 * MS, 100, 100)).isTrue();
    }

    @Test
    void aValueFromBeforeTheLastIsPassedOver() {
        fill.observe(2 * MS, 90, 100);
        assertThat(fill.observe(MS, 200, 100)).isFalse();
        assertThat(fill.observe(3 * MS, 100, 100)).isTrue();
    }
}
