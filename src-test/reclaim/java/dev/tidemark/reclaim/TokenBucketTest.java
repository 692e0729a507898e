package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000;
    private static final long START = Long.MIN_VALUE / 2;

    private final TokenBucket bucket = new TokenBucket(1000, 0, START);

    @Test
    void savesUpATenthOfASecond_orTheLeast() {
        assertThat(bucket.share(5000)).isEqualTo(100);
        assertThat(new TokenBucket(1000, 500, START).share(5000)).isEqualTo(500);
        assertThat(bucket.nanosUntil(100, START)).isZero();
    }

    @Test
    void fillsWithTime() {
        bucket.take(100, START);

        assertThat(bucket.nanosUntil(50, START)).isEqualTo(SECOND / 20);
        assertThat(bucket.nanosUntil(50, START + SECOND / 25)).isEqualTo(SECOND / 100);
        assertThat(bucket.nanosUntil(50, START + SECOND / 20)).isZero();
    }

    @Test
    void moreThanCanBeSavedUpIsWaitedForNoLongerThanThat() {
        bucket.take(100, START);

        assertThat(bucket.nanosUntil(5000, START)).isEqualTo(SECOND / 10);
    }

    @Test
    void whatWasTakenBeyondIsADebt() {
        bucket.take(200, START);

        assertThat(bucket.nanosUntil(0, START)).isEqualTo(SECOND / 10);
        assertThat(bucket.nanosUntil(10, START)).isEqualTo(SECOND / 10 + SECOND / 100);
    }

    @Test
    void whatIsGivenBackIsThere_butNoMoreThanCanBeSavedUp() {
        bucket.take(100, START);
        bucket.take(-40, START);
        assertThat(bucket.nanosUntil(50, START)).isEqualTo(SECOND / 100);

        bucket.take(-1000, START);
        bucket.take(100, START);
        assertThat(bucket.nanosUntil(1, START)).isEqualTo(SECOND / 1000);
    }

    @Test
    void withoutALimitItNeverEnds() {
        TokenBucket unlimited = new TokenBucket(Double.POSITIVE_INFINITY, 0, START);
        unlimited.take(1e300, START);
        unlimited.take(1e300, START);

        assertThat(unlimited.nanosUntil(1e300, START)).isZero();
        assertThat(unlimited.share(1e300)).isEqualTo(1e300);
    }

    @Test
    void overAnyWindow_noMoreThanItsRateAndWhatCanBeSavedUp() {
        Gen<Long> amount = Gen.longs(1, 150);
        Gen<Long> pause = Gen.longs(0, SECOND / 4);
        Check.forAll(Gen.lists(amount.with(pause, (a, p) -> new long[] {a, p})), (List<long[]> wishes) -> {
            TokenBucket limited = new TokenBucket(1000, 0, START);
            long now = START;
            long[] times = new long[wishes.size()];
            double[] taken = new double[wishes.size()];
            for (int i = 0; i < times.length; i++) {
                now += wishes.get(i)[1];
                double share = limited.share((double) wishes.get(i)[0]);
                now += limited.nanosUntil(share, now);
                assertThat(limited.nanosUntil(share, now))
                        .as("it waits as long as it says")
                        .isZero();
                limited.take(share, now);
                times[i] = now;
                taken[i] = share;
            }
            for (int from = 0; from < times.length; from++) {
                double sum = 0;
                for (int to = from; to < times.length; to++) {
                    sum += taken[to];
                    double seconds = (times[to] - times[from]) / 1e9;
                    assertThat(sum).isLessThanOrEqualTo(100 + seconds * 1000 + 1e-3);
                }
            }
        });
    }
}
