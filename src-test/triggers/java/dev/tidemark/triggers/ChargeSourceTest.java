package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChargeSourceTest {

    private static final Cgroup ONE = new Cgroup(1, "one");
    private static final Cgroup TWO = new Cgroup(2, "two");

    private final AtomicInteger wakeUps = new AtomicInteger();
    private final ChargeSource source = new ChargeSource(wakeUps::incrementAndGet);

    @Test
    void charged_belowTheWatermarkWakesNobodyAndDelaysNobody() {
        ChargeCounter counter = source.counter(ONE);
        counter.arm(1000);

        for (int i = 0; i < 999; i++) {
            assertThat(counter.charged(1)).isZero();
        }

        assertThat(wakeUps).hasValue(0);
        assertThat(counter.pages()).isEqualTo(999);
        assertThat(drained()).isEmpty();
    }

    @Test
    void charged_allocatesNothing() {
        ChargeCounter counter = source.counter(ONE);
        counter.arm(Long.MAX_VALUE - 1);
        int charges = 10_000;
        charge(counter, charges);

        long before = allocated();
        charge(counter, charges);

        assertThat(allocated() - before).as("bytes of %d charges", charges).isLessThan(charges);
    }

    private static void charge(ChargeCounter counter, int times) {
        for (int i = 0; i < times; i++) {
            counter.charged(i % 100);
            counter.uncharged(1);
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /** What the machine has plays no part: the model has one thread, and one course on every machine. */
    @Test
    void slack_isThatOfTheThreadsThatCharge() {
        assertThat(new ChargeSource(1, wakeUps::incrementAndGet).counter(ONE).slackPages())
                .isEqualTo(ChargeCounter.BATCH - 1);
        assertThat(new ChargeSource(3, wakeUps::incrementAndGet).counter(ONE).slackPages())
                .isEqualTo(4 * (ChargeCounter.BATCH - 1));
    }

    @Test
    void crossing_isSeenLateByNoMoreThanTheSlack() {
        ChargeCounter counter = source.counter(ONE);
        counter.arm(1000);

        for (int i = 0; i < 1000 + counter.slackPages(); i++) {
            counter.charged(1);
        }

        assertThat(wakeUps).hasValue(1);
        assertThat(drained()).containsExactly(ONE);
    }

    @Test
    void crossing_ofAFarWatermarkIsApproachedInFewLooks() {
        int far = 1 << 20;
        ChargeCounter counter = source.counter(ONE);
        counter.arm(far);
        int looks = 0;

        int charged = 0;
        while (charged < far) {
            counter.charged(1);
            charged++;
            if (wakeUps.getAndSet(0) > 0) {
                looks++;
                assertThat(drained()).containsExactly(ONE);
                assertThat((double) charged)
                        .as("early by a quarter of the way at most")
                        .isGreaterThan(0.7 * far);
                counter.arm(far);
            }
        }

        assertThat(looks).isBetween(1, 40);
    }

    @Test
    void crossing_aThousandTimesBeforeAnyoneLooksIsOneWakeUp() {
        ChargeCounter one = source.counter(ONE);
        ChargeCounter two = source.counter(TWO);
        one.arm(1000);
        two.arm(1000);

        for (int i = 0; i < 1000; i++) {
            one.charged(1024);
            two.charged(1024);
            one.uncharged(1024);
            two.uncharged(1024);
        }

        assertThat(wakeUps).hasValue(1);
        assertThat(drained()).containsExactly(ONE, TWO);
        assertThat(drained()).as("disarmed until armed again").isEmpty();
    }

    @Test
    void arm_againAfterLookingWakesAgain() {
        ChargeCounter counter = source.counter(ONE);
        counter.arm(100);
        counter.charged(128);
        assertThat(drained()).containsExactly(ONE);
        counter.uncharged(64);

        counter.arm(100);
        assertThat(wakeUps).hasValue(1);
        counter.charged(64);

        assertThat(wakeUps).hasValue(2);
        assertThat(drained()).containsExactly(ONE);
    }

    @Test
    void arm_underWhatIsChargedAlreadyIsToldAtOnce() {
        ChargeCounter counter = source.counter(ONE);
        counter.charged(640);

        counter.arm(100);

        assertThat(drained()).containsExactly(ONE);
    }

    @Test
    void arm_whileDrainingIsHandedOverInTheSameDrain() {
        ChargeCounter counter = source.counter(ONE);
        counter.arm(64);
        counter.charged(64);
        List<Cgroup> seen = new ArrayList<>();

        source.drain(crossed -> {
            seen.add(crossed.cgroup());
            if (seen.size() < 3) {
                crossed.arm(64);
            }
        });

        assertThat(seen).hasSize(3);
    }

    @Test
    void disarm_isNotTold() {
        ChargeCounter counter = source.counter(ONE);
        counter.arm(64);
        counter.disarm();

        counter.charged(1024);

        assertThat(wakeUps).hasValue(0);
        assertThat(drained()).isEmpty();
    }

    @Test
    void drain_whoseConsumerThrowsIsFollowedByAnother() {
        ChargeCounter one = source.counter(ONE);
        ChargeCounter two = source.counter(TWO);
        one.arm(64);
        two.arm(64);
        one.charged(64);
        two.charged(64);

        assertThatThrownBy(() -> source.drain(_ -> {
                    throw new IllegalStateException("busy");
                }))
                .hasMessage("busy");

        assertThat(wakeUps).hasValue(2);
        assertThat(drained()).containsExactly(TWO);
    }

    @Test
    void wakeUp_thatThrowsNeverReachesTheAllocatingTask() {
        AtomicBoolean broken = new AtomicBoolean(true);
        ChargeSource fragile = new ChargeSource(() -> {
            if (broken.get()) {
                throw new IllegalStateException("shut down");
            }
            wakeUps.incrementAndGet();
        });
        ChargeCounter one = fragile.counter(ONE);
        ChargeCounter two = fragile.counter(TWO);
        one.arm(64);
        two.arm(64);

        assertThat(one.charged(64)).isZero();
        assertThat(fragile.failedWakeUps()).isEqualTo(1);
        broken.set(false);
        two.charged(64);

        assertThat(wakeUps).hasValue(1);
        List<Cgroup> seen = new ArrayList<>();
        fragile.drain(counter -> seen.add(counter.cgroup()));
        assertThat(seen).containsExactly(ONE, TWO);
    }

    @Test
    void stress_noPageIsLost() throws InterruptedException {
        ChargeCounter counter = source.counter(ONE);
        int threads = 4;
        inParallel(threads, _ -> {
            for (int i = 0; i < 200_000; i++) {
                counter.charged(i % 70);
                counter.uncharged(i % 70 == 0 ? 0 : i % 70 - 1);
            }
        });

        long each = 0;
        for (int i = 0; i < 200_000; i++) {
            each += i % 70 == 0 ? 0 : 1;
        }
        assertThat(counter.pages()).isEqualTo(threads * each);
    }

    /**
     * Producers charge counters over their watermarks and wait, all together, until the consumer has seen every one of
     * them: a crossing or a wake-up that is lost leaves a round without its end.
     */
    @Test
    void stress_noCrossingIsLostAndWakeUpsAreFew() throws InterruptedException {
        int rounds = 2_000;
        int producers = 3;
        int counters = 16;
        Semaphore woken = new Semaphore(0);
        ChargeSource shared = new ChargeSource(woken::release);
        List<ChargeCounter> all = new ArrayList<>();
        for (int i = 0; i < counters; i++) {
            ChargeCounter counter = shared.counter(new Cgroup(i, "stress/" + i));
            counter.arm(64);
            all.add(counter);
        }
        Semaphore seen = new Semaphore(0);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger twice = new AtomicInteger();
        Thread consumer = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                woken.acquireUninterruptibly();
                shared.drain(counter -> {
                    if (counter.pages() < 64) {
                        twice.incrementAndGet();
                    }
                    // What it has goes, and only then may it cross again: one crossing a counter and round.
                    counter.uncharged((int) counter.pages());
                    seen.release();
                });
            }
        });

        for (int round = 0; round < rounds; round++) {
            inParallel(producers, producer -> {
                for (int i = producer; i < counters; i += producers) {
                    all.get(i).charged(64);
                }
            });
            assertThat(seen.tryAcquire(counters, 30, TimeUnit.SECONDS))
                    .as("all %d crossings of round %d seen", counters, round)
                    .isTrue();
            all.forEach(counter -> counter.arm(64));
        }
        done.set(true);
        woken.release();
        consumer.join();

        assertThat(twice).hasValue(0);
        assertThat(shared.wakeUps()).isBetween((long) rounds, (long) rounds * counters);
    }

    /** One cgroup, armed again and again by its consumer while it is charged: the last crossing must be seen. */
    @Test
    void stress_armAgainstChargeNeverLosesTheLastCrossing() throws InterruptedException {
        int pages = 400_000;
        Semaphore woken = new Semaphore(0);
        ChargeSource shared = new ChargeSource(woken::release);
        ChargeCounter counter = shared.counter(ONE);
        counter.arm(64);
        CountDownLatch reached = new CountDownLatch(1);
        Thread consumer = Thread.ofPlatform().start(() -> {
            while (reached.getCount() > 0) {
                woken.acquireUninterruptibly();
                shared.drain(crossed -> {
                    long now = crossed.pages();
                    if (now >= 2L * pages) {
                        reached.countDown();
                    } else {
                        crossed.arm(Math.min(now + 64, 2L * pages));
                    }
                });
            }
        });

        inParallel(2, _ -> {
            for (int i = 0; i < pages; i += 64) {
                counter.charged(64);
            }
        });

        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        consumer.join();
    }

    private interface Task {
        void run(int thread);
    }

    private static void inParallel(int count, Task task) throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int thread = i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                task.run(thread);
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private List<Cgroup> drained() {
        List<Cgroup> seen = new ArrayList<>();
        source.drain(counter -> seen.add(counter.cgroup()));
        return seen;
    }
}
