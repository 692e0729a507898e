package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

class SamplerTest {

    private static final double MIB = 1 << 20;
    private static final Cgroup ONE = new Cgroup(1, "one");
    private static final Cgroup TWO = new Cgroup(2, "two");
    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);
    private static final SignalSet FULL = SignalSet.of(Signal.USAGE, Signal.PGSCAN);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FakeKernel kernel = new FakeKernel();
    private final List<Sample> samples = new ArrayList<>();
    private final List<Cgroup> gone = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final Sampler sampler = new Sampler(
            kernel, time, time, samples::add, gone::add, (cgroup, t) -> failures.add(cgroup + " " + t.getMessage()));

    /** Usage as a function of time in nanoseconds, and what is wrong. */
    private final class FakeKernel implements SignalReader {
        private final Map<Cgroup, LongToDoubleFunction> usage = new HashMap<>();
        private final Map<Cgroup, IOException> broken = new HashMap<>();
        private int slowReads;

        @Override
        public void read(Cgroup cgroup, SignalSet signals, double[] values) throws IOException {
            IOException failure = broken.get(cgroup);
            if (failure != null) {
                throw failure;
            }
            for (int slot = 0; slot < signals.size(); slot++) {
                values[slot] = signals.signal(slot) == Signal.USAGE
                        ? usage.getOrDefault(cgroup, _ -> 0).applyAsDouble(now())
                        : 42;
            }
            if (slowReads > 0) {
                slowReads--;
                time.advanceTimeBy(Duration.ofMillis(25));
            }
        }
    }

    @AfterEach
    void close() {
        sampler.close();
    }

    @Test
    void add_readsAtOnceAndThenOnceAPeriod() {
        sampler.add(ONE, FULL, SECOND);

        time.advanceTimeBy(Duration.ofMillis(3500));

        assertThat(samples).extracting(SamplerTest::millis).containsExactly(0L, 1000L, 2000L, 3000L);
        assertThat(samples).allSatisfy(sample -> {
            assertThat(sample.signals()).isEqualTo(FULL);
            assertThat(sample.value(Signal.PGSCAN)).isEqualTo(42);
        });
    }

    @Test
    void tick_servesAllCgroupsOfAPeriodWithOneTask() {
        for (int i = 0; i < 100; i++) {
            sampler.add(new Cgroup(i, "many/" + i), FULL, SECOND);
        }
        sampler.add(new Cgroup(1000, "slow"), FULL, Duration.ofSeconds(10));
        time.advanceTimeBy(Duration.ofMillis(500));

        long before = time.getScheduledTaskCount();
        samples.clear();
        time.advanceTimeBy(SECOND);

        assertThat(samples).hasSize(100).extracting(SamplerTest::millis).containsOnly(1000L);
        assertThat(time.getScheduledTaskCount() - before).isEqualTo(1);
    }

    /** Samples by the path of their cgroup, with a bar where what came before was to be looked at. */
    private static final class Recorder implements SampleSink {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void accept(Sample sample) {
            text.append(sample.cgroup().path()).append(' ');
        }

        @Override
        public void flush() {
            text.append("| ");
        }
    }

    @Test
    void tick_handsOverOnce_butAtOnceWhatReachesItsWatermark() {
        Recorder recorder = new Recorder();
        try (Sampler burst = new Sampler(kernel, time, time, recorder, gone::add, (_, _) -> {})) {
            Cgroup reaching = new Cgroup('b', "b");
            kernel.usage.put(reaching, nanos -> nanos >= 2_000_000_000L ? 11 * MIB : 9 * MIB);
            for (String path : List.of("a", "b", "c", "d")) {
                burst.add(new Cgroup(path.charAt(0), path), FULL, SECOND);
            }
            burst.watermark(reaching, 10 * MIB);
            recorder.text.setLength(0);

            time.advanceTimeBy(SECOND);
            assertThat(recorder.text).hasToString("a b c d | ");
            recorder.text.setLength(0);
            time.advanceTimeBy(SECOND);
            assertThat(recorder.text.toString()).startsWith("a b | c d | ");
            recorder.text.setLength(0);
            time.advanceTimeBy(SECOND);
            assertThat(recorder.text.toString()).as("it has reached it before").contains("a b c d | ");
        }
    }

    @Test
    void tick_handsOverBeforeSamplesAreOld() {
        Recorder recorder = new Recorder();
        try (Sampler burst = new Sampler(kernel, time, time, recorder, gone::add, (_, _) -> {})) {
            for (String path : List.of("a", "b", "c", "d")) {
                burst.add(new Cgroup(path.charAt(0), path), FULL, SECOND);
            }
            time.advanceTimeBy(Duration.ofMillis(999));
            recorder.text.setLength(0);
            // Of 25 ms each.
            kernel.slowReads = 2;

            time.advanceTimeBy(Duration.ofMillis(1));

            assertThat(recorder.text).hasToString("a | b | c d | ");
        }
    }

    @Test
    void tick_thatTakesLongerThanItsPeriodLeavesOutOthersAndDoesNotBurst() {
        sampler.add(ONE, FULL, Duration.ofMillis(10));
        samples.clear();
        kernel.slowReads = 2;

        time.advanceTimeBy(Duration.ofMillis(40));

        assertThat(samples.subList(0, 4)).extracting(SamplerTest::millis).containsExactly(10L, 40L, 70L, 80L);
        assertThat(sampler.missedTicks()).isEqualTo(4);
    }

    @Test
    void fast_readsCloserTheNearerTheWatermarkAtItsFillRate() {
        // 1 MiB every 100 ms: the watermark of 12 MiB is reached at 1200 ms.
        kernel.usage.put(ONE, nanos -> nanos / 1e8 * MIB);
        sampler.add(ONE, FULL, SECOND);
        sampler.watermark(ONE, 12 * MIB);

        time.advanceTimeBy(Duration.ofMillis(1200));

        List<Long> fast = fastReads();
        assertThat(fast.getFirst())
                .as("half of the 200 ms that are left at the tick at 1000 ms")
                .isEqualTo(1100);
        assertThat(fast).hasSizeBetween(8, 12);
        assertThat(fast.getLast() - fast.get(fast.size() - 2)).isEqualTo(1);
        assertThat(fast.getLast()).isGreaterThanOrEqualTo(1199);
    }

    @Test
    void fast_sleepsFarFromTheWatermark() {
        // 1 MiB a second, 1 GiB to go.
        kernel.usage.put(ONE, nanos -> nanos / 1e9 * MIB);
        sampler.add(ONE, FULL, SECOND);
        sampler.watermark(ONE, 1024 * MIB);

        time.advanceTimeBy(Duration.ofSeconds(60));

        assertThat(sampler.fastReads()).isZero();
        assertThat(sampler.reads()).isEqualTo(61);
    }

    @Test
    void fast_sleepsWhenUsageFallsOrStands() {
        kernel.usage.put(ONE, nanos -> 100 * MIB - nanos / 1e9 * MIB);
        kernel.usage.put(TWO, _ -> 11 * MIB);
        sampler.add(ONE, FULL, SECOND);
        sampler.add(TWO, FULL, SECOND);
        sampler.watermark(ONE, 101 * MIB);
        sampler.watermark(TWO, 12 * MIB);

        time.advanceTimeBy(Duration.ofSeconds(10));

        assertThat(sampler.fastReads()).isZero();
    }

    @Test
    void fast_isNeverCloserThanAMillisecond() {
        kernel.usage.put(ONE, nanos -> 12 * MIB - 1 + nanos / 1e12);
        sampler.add(ONE, FULL, SECOND);
        sampler.watermark(ONE, 12 * MIB);

        time.advanceTimeBy(Duration.ofMillis(1500));

        List<Long> fast = fastReads();
        for (int i = 1; i < fast.size(); i++) {
            assertThat(fast.get(i) - fast.get(i - 1)).isGreaterThanOrEqualTo(1);
        }
    }

    @Test
    void watermarks_thatComeNearWakeASleeper() {
        kernel.usage.put(ONE, nanos -> nanos / 1e8 * MIB);
        sampler.add(ONE, FULL, SECOND);
        time.advanceTimeBy(Duration.ofMillis(1500));
        assertThat(sampler.fastReads()).isZero();

        // At the last tick 10 MiB, so by now 15.
        sampler.watermark(ONE, 16 * MIB);
        time.advanceTimeBy(Duration.ofMillis(100));

        assertThat(fastReads().getLast()).isGreaterThanOrEqualTo(1598);
    }

    @Test
    void watermark_crossedTo_stopsFastReadsOnceTheEngineNamesNoOther() {
        Rig rig = new Rig(Policies.policy("usage > 12MiB", "usage < 2MiB"));
        VirtualTimeScheduler shared = rig.time;
        SignalReader filling = (_, _, values) -> values[0] = shared.now(TimeUnit.NANOSECONDS) / 1e8 * MIB;
        List<Sampler> made = new ArrayList<>();
        Sampler wired = new Sampler(
                filling,
                shared,
                shared,
                sample -> {
                    rig.engine.sample(sample);
                    made.getFirst().watermark(sample.cgroup(), rig.engine.startWatermark(sample.cgroup()));
                },
                gone::add,
                (_, t) -> failures.add(t.toString()));
        made.add(wired);
        wired.add(Rig.CGROUP, USAGE, SECOND);
        rig.sleep(1300);
        long reads = wired.fastReads();

        assertThat(rig.decisions).hasSize(1);
        Decision start = rig.decisions.getFirst();
        assertThat(start.nanos() / 1_000_000).isBetween(1200L, 1202L);
        assertThat(start.nanos() - start.notBeforeNanos()).isLessThanOrEqualTo(1_000_000);
        rig.sleep(5000);
        assertThat(wired.fastReads()).isEqualTo(reads);
        assertThat(failures).isEmpty();
        wired.close();
    }

    @Test
    void poke_readsUsageNowAndOnceForMany() {
        sampler.add(ONE, FULL, SECOND);
        time.advanceTimeBy(Duration.ofMillis(300));
        samples.clear();

        // Within one task, so that nothing is read in between.
        time.schedule(() -> {
            for (int i = 0; i < 1000; i++) {
                sampler.poke(1);
            }
        });

        assertThat(samples).hasSize(1);
        assertThat(samples.getFirst().signals()).isEqualTo(USAGE);
        assertThat(millis(samples.getFirst())).isEqualTo(300);
        sampler.poke(99);
        sampler.poke(1);
        assertThat(samples).hasSize(2);
    }

    @Test
    void poke_ofACgroupWithoutUsageReadsAllOfIt() {
        sampler.add(ONE, SignalSet.of(Signal.PGSCAN), SECOND);
        time.advanceTimeBy(Duration.ofMillis(300));

        sampler.poke(1);

        assertThat(samples).hasSize(2);
        assertThat(samples.getLast().signals()).isEqualTo(SignalSet.of(Signal.PGSCAN));
    }

    @Test
    void remove_takesEffectAtOnce() {
        kernel.usage.put(ONE, nanos -> nanos / 1e8 * MIB);
        sampler.add(ONE, FULL, SECOND);
        sampler.watermark(ONE, 12 * MIB);
        time.advanceTimeBy(Duration.ofMillis(1050));
        samples.clear();

        sampler.remove(ONE);
        time.advanceTimeBy(Duration.ofSeconds(10));
        sampler.poke(1);

        assertThat(samples).isEmpty();
        assertThat(sampler.fastReads()).isZero();
    }

    @Test
    void add_afterTheLastOneLeftBeginsAnew() {
        sampler.add(ONE, FULL, SECOND);
        sampler.remove(ONE);
        time.advanceTimeBy(Duration.ofMillis(2500));
        samples.clear();

        sampler.add(TWO, FULL, SECOND);
        time.advanceTimeBy(SECOND);

        assertThat(samples).extracting(SamplerTest::millis).containsExactly(2500L, 3500L);
    }

    @Test
    void gone_isToldOnceAndDropped() {
        sampler.add(ONE, FULL, SECOND);
        sampler.add(TWO, FULL, SECOND);
        kernel.broken.put(ONE, new CgroupGoneException(ONE));
        samples.clear();

        time.advanceTimeBy(Duration.ofSeconds(3));

        assertThat(gone).containsExactly(ONE);
        assertThat(failures).isEmpty();
        assertThat(samples).hasSize(3).extracting(Sample::cgroup).containsOnly(TWO);
    }

    @Test
    void firstFails_theOthersAreRead() {
        kernel.broken.put(ONE, new IOException("no such device"));
        sampler.add(ONE, FULL, SECOND);
        sampler.add(TWO, FULL, SECOND);

        time.advanceTimeBy(Duration.ofSeconds(2));

        assertThat(samples).hasSize(3).extracting(Sample::cgroup).containsOnly(TWO);
        assertThat(failures).hasSize(3).containsOnly("one#1 no such device");
        assertThat(sampler.failures()).isEqualTo(3);
        kernel.broken.clear();
        time.advanceTimeBy(SECOND);
        assertThat(samples.get(samples.size() - 2).cgroup())
                .as("tried again at each tick")
                .isEqualTo(ONE);
    }

    @Test
    void unreadableId_doesNotSpin() {
        kernel.usage.put(ONE, nanos -> nanos / 1e8 * MIB);
        sampler.add(ONE, FULL, SECOND);
        sampler.watermark(ONE, 12 * MIB);
        time.advanceTimeBy(Duration.ofMillis(1150));
        kernel.broken.put(ONE, new IOException("unreadable"));
        long before = sampler.fastReads();

        time.advanceTimeBy(Duration.ofMillis(800));

        assertThat(sampler.fastReads() - before).isEqualTo(1);
        assertThat(failures).containsExactly("one#1 unreadable");
    }

    @Test
    void consumer_thatThrowsHurtsNobody() {
        List<String> told = new ArrayList<>();
        List<Cgroup> served = new ArrayList<>();
        Sampler picky = new Sampler(
                kernel,
                time,
                time,
                sample -> {
                    if (sample.cgroup().equals(ONE)) {
                        throw new IllegalStateException("not this one");
                    }
                    served.add(sample.cgroup());
                },
                gone::add,
                (_, t) -> told.add(t.getMessage()));
        picky.add(ONE, FULL, SECOND);
        picky.add(TWO, FULL, SECOND);
        time.advanceTimeBy(SECOND);
        picky.close();

        assertThat(told).containsExactly("not this one", "not this one");
        assertThat(served).containsExactly(TWO, TWO);
    }

    @Test
    void close_isIdempotentAndSilent() {
        sampler.add(ONE, FULL, SECOND);
        samples.clear();

        sampler.close();
        sampler.close();
        sampler.add(TWO, FULL, SECOND);
        sampler.poke(1);
        time.advanceTimeBy(Duration.ofSeconds(5));

        assertThat(samples).isEmpty();
        assertThat(failures).isEmpty();
    }

    @Test
    void add_refusesNothingToReadAndPeriodsTooShort() {
        assertThatThrownBy(() -> sampler.add(ONE, SignalSet.EMPTY, SECOND)).hasMessage("nothing to read of one#1");
        assertThatThrownBy(() -> sampler.add(ONE, FULL, Duration.ofNanos(1)))
                .hasMessage("period >= 1 ms required but it was PT0.000000001S");
    }

    @Test
    void realSchedulers_readTickAndPokeAndLeaveNoThread() throws InterruptedException {
        Scheduler io = Schedulers.newBoundedElastic(1, 1000, "sampler-test-io");
        Scheduler fast = Schedulers.newSingle("sampler-test-fast");
        CountDownLatch full = new CountDownLatch(3);
        CountDownLatch quick = new CountDownLatch(1);
        SignalReader reader = (_, signals, values) -> values[0] = signals.size();
        Sampler real = new Sampler(
                reader,
                io,
                fast,
                sample -> (sample.signals().equals(FULL) ? full : quick).countDown(),
                gone::add,
                (_, t) -> failures.add(t.toString()));
        try {
            real.add(ONE, FULL, Duration.ofMillis(2));
            assertThat(full.await(20, TimeUnit.SECONDS)).isTrue();
            real.poke(1);
            assertThat(quick.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            real.close();
            io.dispose();
            fast.dispose();
        }
        assertThat(failures).isEmpty();
    }

    private List<Long> fastReads() {
        return samples.stream()
                .filter(sample -> sample.signals().equals(USAGE))
                .map(SamplerTest::millis)
                .toList();
    }

    private long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    private static long millis(Sample sample) {
        return TimeUnit.NANOSECONDS.toMillis(sample.nanos());
    }
}
