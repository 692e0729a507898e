package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReclaimWorkqueueTest {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long START = Long.MIN_VALUE / 2;

    private final ReclaimWorkqueue<Job> queue = new ReclaimWorkqueue<>(8);
    private final Job a = new Job("a", 0, 100);
    private final Job b = new Job("b", 0, 100);
    private final Job c = new Job("c", 0, 100);
    private long now = START;

    private static final class Job extends ReclaimWorkqueue.Item {
        final String name;

        Job(String name, int priority, int weight) {
            this.name = name;
            rank(priority, weight);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Test
    void equalsGoInTheOrderInWhichTheyCame() {
        offer(a, b, c);

        assertThat(drain()).containsExactly(a, b, c);
    }

    @Test
    void whatWaitsAlreadyIsMerged() {
        offer(a, b, a, a);

        assertThat(queue.size()).isEqualTo(2);
        assertThat(drain()).containsExactly(a, b);
    }

    @Test
    void whoComesAgainGoesBehindItsEquals() {
        offer(a, b, c);
        serve(MILLI);
        offer(a);

        assertThat(drain()).containsExactly(b, c, a);
    }

    @Test
    void aHigherPriorityGoesFirst() {
        Job high = new Job("high", 3, 1);
        Job low = new Job("low", -3, 10_000);
        offer(low, a, high);

        assertThat(drain()).containsExactly(high, a, low);
    }

    @Test
    void waitingMakesUpForPriority() {
        Job high = new Job("high", 3, 100);
        offer(a);
        List<String> served = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            offer(high, a);
            served.add(serve(10 * MILLI).name);
        }

        assertThat(served.indexOf("a")).as("3 levels are 3 s").isBetween(299, 301);
        assertThat(served.stream().filter("a"::equals)).hasSize(2);
    }

    @Test
    void aNewRankHoldsAlsoForOneThatWaits() {
        offer(a, b);
        b.rank(1, 100);
        offer(b);

        assertThat(queue.size()).isEqualTo(2);
        assertThat(drain()).containsExactly(b, a);
    }

    @Test
    void oneThatIsPutBackIsWhereItWas() {
        offer(a, b);
        Job polled = Objects.requireNonNull(queue.poll(now));
        offer(c);
        queue.putBack(polled);

        assertThat(drain()).containsExactly(a, b, c);
    }

    @Test
    void nobodySavesUpTimeWhileAway() {
        offer(a, b);
        for (int i = 0; i < 1000; i++) {
            offer(serve(MILLI));
        }
        offer(c);

        List<Job> served = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Job job = serve(MILLI);
            served.add(job);
            offer(job);
        }
        assertThat(served.stream().filter(c::equals)).hasSizeBetween(2, 3);
    }

    @Test
    void whoWouldComeLastIsTurnedAway() {
        ReclaimWorkqueue<Job> small = new ReclaimWorkqueue<>(2);
        Job low = new Job("low", -1, 100);
        small.offer(low, now);
        small.offer(a, now);
        assertThat(small.overflow(now)).isNull();

        small.offer(b, now);
        assertThat(small.overflow(now)).isEqualTo(low);
        small.offer(c, now);
        assertThat(small.overflow(now)).isEqualTo(c);
        assertThat(small.overflow(now)).isNull();
        assertThat(small.size()).isEqualTo(2);
    }

    @Test
    void oneThatWantsNothingAnyMoreIsGone() {
        offer(a, b);
        queue.remove(a);
        queue.remove(c);

        assertThat(drain()).containsExactly(b);
    }

    @Test
    void aLengthBelowOneIsRefused() {
        assertThatThrownBy(() -> new ReclaimWorkqueue<Job>(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a workqueue needs a length of 1 or more, it was given 0");
    }

    /** Turns take from 50 us to 50 ms; weights are 1, 10 or 100. */
    @Test
    void equalsShareTimeByWeight() {
        Check.forAll(100, Gen.longs(0, Long.MAX_VALUE), seed -> {
            ReclaimWorkqueue<Job> fair = new ReclaimWorkqueue<>(100);
            SplittableRandom random = new SplittableRandom(seed);
            List<Job> jobs = new ArrayList<>();
            int count = random.nextInt(2, 9);
            double all = 0;
            for (int i = 0; i < count; i++) {
                int weight = (int) Math.pow(10, random.nextInt(3));
                jobs.add(new Job("j" + i, 0, weight));
                all += weight;
            }
            Map<Job, Long> had = new HashMap<>();
            long time = START;
            long total = 0;
            jobs.forEach(job -> fair.offer(job, START));
            while (total < 500 * SECOND) {
                Job job = Objects.requireNonNull(fair.poll(time));
                fair.begun(job);
                long took = 50_000 + random.nextLong(50 * MILLI);
                time += took;
                total += took;
                fair.done(job, took);
                had.merge(job, took, Long::sum);
                fair.offer(job, time);
            }
            for (Job job : jobs) {
                double share = job.weight / all;
                assertThat(had.getOrDefault(job, 0L) / (double) total)
                        .as("weight %s of %s", job.weight, jobs)
                        .isCloseTo(share, within(0.001 + 0.05 * share));
            }
        });
    }

    /**
     * However priorities, weights, turns and the length come out: one that asks again and again is served within the six seconds
     * that lie between the levels and as many turns as there are others, by weight.
     */
    @Test
    void nobodyStarves() {
        Check.forAll(100, Gen.longs(0, Long.MAX_VALUE), seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            int length = random.nextInt(1, 6);
            ReclaimWorkqueue<Job> bounded = new ReclaimWorkqueue<>(length);
            List<Job> jobs = new ArrayList<>();
            int count = random.nextInt(2, 12);
            for (int i = 0; i < count; i++) {
                jobs.add(new Job("j" + i, random.nextInt(-3, 4), random.nextInt(50, 200)));
            }
            Map<Job, Long> last = new HashMap<>();
            jobs.forEach(job -> last.put(job, START));
            long most = 10 * MILLI;
            // Of each other at most four turns, by weight, and one more, for each of two that meet.
            long bound = 6 * SECOND + 10L * count * most;
            long time = START;
            while (time < START + 5 * bound) {
                for (Job job : jobs) {
                    bounded.offer(job, time);
                    Job away = bounded.overflow(time);
                    assertThat(away == null || bounded.size() == length).isTrue();
                    assertThat(bounded.size()).isLessThanOrEqualTo(length);
                }
                Job job = Objects.requireNonNull(bounded.poll(time));
                bounded.begun(job);
                long took = random.nextLong(most) + 1;
                time += took;
                bounded.done(job, took);
                last.put(job, time);
                for (Job other : jobs) {
                    assertThat(time - last.getOrDefault(other, START))
                            .as("%s, priority %s, of %s in %s places", other, other.priority, count, length)
                            .isLessThan(bound);
                }
            }
        });
    }

    private void offer(Job... jobs) {
        for (Job job : jobs) {
            queue.offer(job, now);
            @Nullable Job away = queue.overflow(now);
            assertThat(away).isNull();
        }
    }

    private Job serve(long nanos) {
        Job job = Objects.requireNonNull(queue.poll(now));
        queue.begun(job);
        now += nanos;
        queue.done(job, nanos);
        return job;
    }

    private List<Job> drain() {
        List<Job> drained = new ArrayList<>();
        while (queue.size() > 0) {
            drained.add(serve(MILLI));
        }
        return drained;
    }
}
