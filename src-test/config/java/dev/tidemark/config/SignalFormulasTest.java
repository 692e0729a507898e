package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SignalFormulasTest {
    private static final double UNKNOWN = Double.NaN;
    private static final double NONE = Double.POSITIVE_INFINITY;

    @Test
    void headroom_neverBelowNothing() {
        assertThat(SignalFormulas.headroom(100, 30)).isEqualTo(70);
        assertThat(SignalFormulas.headroom(100, 130))
                .as("a limit set below usage")
                .isZero();
        assertThat(SignalFormulas.headroom(NONE, 30)).isEqualTo(NONE);
        assertThat(SignalFormulas.headroom(UNKNOWN, 30)).isNaN();
        assertThat(SignalFormulas.headroom(100, UNKNOWN)).isNaN();
    }

    @Test
    void timeToLimit_infiniteWhereUsageDoesNotGrow() {
        assertThat(SignalFormulas.timeToLimit(100, 30, 10)).isEqualTo(7);
        assertThat(SignalFormulas.timeToLimit(100, 30, 0)).isEqualTo(NONE);
        assertThat(SignalFormulas.timeToLimit(100, 30, -5)).isEqualTo(NONE);
        assertThat(SignalFormulas.timeToLimit(100, 130, 10)).isZero();
        assertThat(SignalFormulas.timeToLimit(NONE, 30, 10)).isEqualTo(NONE);
        assertThat(SignalFormulas.timeToLimit(100, 30, UNKNOWN)).isNaN();
        assertThat(SignalFormulas.timeToLimit(UNKNOWN, 30, 0)).isNaN();
    }

    @Test
    void reclaimable_cleanFilesAndWhatSwapHasRoomFor() {
        assertThat(SignalFormulas.reclaimable(10, 20, 3, 4, 5, 6, 100)).isEqualTo(23 + 11);
        assertThat(SignalFormulas.reclaimable(10, 20, 3, 4, 5, 6, 7)).isEqualTo(23 + 7);
        assertThat(SignalFormulas.reclaimable(10, 20, 3, 4, 5, 6, 0)).isEqualTo(23);
        assertThat(SignalFormulas.reclaimable(1, 2, 30, 4, 5, 6, 0))
                .as("dirty shared memory")
                .isZero();
        assertThat(SignalFormulas.reclaimable(10, 20, UNKNOWN, 4, 5, 6, 7)).isNaN();
        assertThat(SignalFormulas.reclaimable(10, 20, 3, 4, 5, 6, UNKNOWN)).isNaN();
    }

    @Test
    void shares_definedWhereNothingMoved() {
        assertThat(SignalFormulas.share(Signal.REFAULT_RATIO, 5, 100)).isEqualTo(0.05);
        assertThat(SignalFormulas.share(Signal.REFAULT_RATIO, 0, 0)).isZero();
        assertThat(SignalFormulas.share(Signal.REFAULT_RATIO, 5, 0)).isEqualTo(NONE);
        assertThat(SignalFormulas.share(Signal.REFAULT_RATIO, 0, UNKNOWN)).isNaN();
        assertThat(SignalFormulas.share(Signal.SCAN_EFFICIENCY, 90, 100)).isEqualTo(0.9);
        assertThat(SignalFormulas.share(Signal.SCAN_EFFICIENCY, 0, 0)).isEqualTo(1);
        assertThat(SignalFormulas.share(Signal.SCAN_EFFICIENCY, 0, 100)).isZero();
        assertThat(SignalFormulas.share(Signal.SCAN_EFFICIENCY, UNKNOWN, 0)).isNaN();
        assertThatThrownBy(() -> SignalFormulas.share(Signal.USAGE, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("usage is no share");
    }
}
