package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Reclaim.Law;
import org.junit.jupiter.api.Test;

class ControlLawTest {

    private static final int PAGE = 4096;
    private static final long MIB = 1 << 20;

    @Test
    void watermark_asksForWhatLiesAboveStop() {
        assertThat(pages(Law.WATERMARK, 10 * MIB, 8 * MIB)).isEqualTo(512);
        assertThat(pages(Law.WATERMARK, 10 * MIB + 1, 8 * MIB))
                .as("a begun page is a page")
                .isEqualTo(513);
    }

    @Test
    void watermark_asksForABatchAtMostAndAClusterAtLeast() {
        assertThat(pages(Law.WATERMARK, 100 * MIB, 8 * MIB)).isEqualTo(1024);
        assertThat(pages(Law.WATERMARK, 8 * MIB, 8 * MIB)).isEqualTo(32);
        assertThat(pages(Law.WATERMARK, 7 * MIB, 8 * MIB)).isEqualTo(32);
    }

    @Test
    void watermark_asksForABatchWhenUsageOrStopIsNotKnown() {
        assertThat(pages(Law.WATERMARK, Double.NaN, 8 * MIB)).isEqualTo(1024);
        assertThat(pages(Law.WATERMARK, 100 * MIB, Double.NaN)).isEqualTo(1024);
    }

    @Test
    void fixed_asksForABatch() {
        assertThat(pages(Law.FIXED, 8 * MIB, 8 * MIB)).isEqualTo(1024);
    }

    @Test
    void aBatchOfOnePageIsAClusterAllTheSame() {
        Reclaim reclaim = new Reclaim(Law.FIXED, PAGE, -1, 0);

        assertThat(ControlLaw.nrPages(reclaim, 8 * MIB, 8 * MIB, PAGE)).isEqualTo(32);
    }

    @Test
    void pagesAboveFloor_isNeverNegativeAndUnboundedWhenUsageIsNotKnown() {
        assertThat(ControlLaw.pagesAboveFloor(10.0 * MIB, 8 * MIB, PAGE)).isEqualTo(512);
        assertThat(ControlLaw.pagesAboveFloor(8.0 * MIB, 10 * MIB, PAGE)).isZero();
        assertThat(ControlLaw.pagesAboveFloor(Double.NaN, 8 * MIB, PAGE)).isEqualTo(Long.MAX_VALUE);
    }

    private static long pages(Law law, double usage, double stop) {
        return ControlLaw.nrPages(new Reclaim(law, 4 * MIB, -1, 0), usage, stop, PAGE);
    }
}
