package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000;
    private static final long START = Long.MIN_VALUE / 2;

    @Test
    void beginsWithATenthOfASecondOrABatch() {
        assertThat(new TokenBucket(1000, 10, START).take(1_000, 1, START)).isEqualTo(100);
        assertThat(new TokenBucket(1000, 500, START).take(1_000, 1, START)).isEqualTo(500);
    }

    @Test
    void fillsWithTime() {
        TokenBucket bucket = new TokenBucket(1000, 100, START);
        bucket.take(100, 1, START);

        assertThat(bucket.take(100, 1, START + SECOND / 100)).isEqualTo(10);
        assertThat(bucket.nanosUntil(50, START + SECOND / 100)).isEqualTo(SECOND / 20);
        assertThat(bucket.take(100, 1, START + SECOND)).isEqualTo(100);
    }

    @Test
    void givesNothingWhenTheLeastIsNotThere() {
        TokenBucket bucket = new TokenBucket(1000, 100, START);
        bucket.take(90, 1, START);

        assertThat(bucket.take(100, 20, START)).isZero();
        assertThat(bucket.take(5, 20, START)).as("all that is wanted is there").isEqualTo(5);
    }

    @Test
    void whatWasTakenBeyondIsADebt() {
        TokenBucket bucket = new TokenBucket(1000, 100, START);
        bucket.take(100, 1, START);
        bucket.giveBack(-100);

        assertThat(bucket.take(10, 1, START + SECOND / 10)).isZero();
        assertThat(bucket.take(10, 1, START + SECOND / 10 + SECOND / 100)).isEqualTo(10);
    }

    @Test
    void withoutALimitItNeverEnds() {
        TokenBucket bucket = new TokenBucket(Double.POSITIVE_INFINITY, 100, START);

        assertThat(bucket.take(1L << 40, 1, START)).isEqualTo(1L << 40);
        assertThat(bucket.take(1L << 40, 1, START)).isEqualTo(1L << 40);
        assertThat(bucket.nanosUntil(Long.MAX_VALUE, START)).isZero();
    }

    @Test
    void neverGivesMoreThanItsRateAndWhatWasSaved() {
        Check.forAll(Gen.lists(Gen.longs(0, SECOND)), (List<Long> pauses) -> {
            TokenBucket bucket = new TokenBucket(1000, 64, START);
            long now = START;
            long taken = 0;
            for (long pause : pauses) {
                now += pause;
                taken += bucket.take(40, 1, now);
            }
            assertThat((double) taken).isLessThanOrEqualTo(100 + (now - START) / 1e9 * 1000 + 1e-6);
        });
    }
}
