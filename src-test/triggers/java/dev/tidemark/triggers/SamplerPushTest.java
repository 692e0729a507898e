package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What the kernel tells by itself makes the sampler read faster for as long as that counts. */
class SamplerPushTest {

    private static final Cgroup ONE = new Cgroup(1, "one");
    private static final SignalSet FULL = SignalSet.of(Signal.USAGE, Signal.PSI_SOME_TOTAL);
    private static final PushRequest PRESSURE =
            new PushRequest.Pressure(Resource.MEMORY, false, Duration.ofMillis(150), Duration.ofMillis(1600));

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<Sample> samples = new ArrayList<>();
    private final Sampler sampler = new Sampler((_, _, _) -> {}, time, time, samples::add, _ -> {}, (_, failure) -> {
        throw new AssertionError(failure);
    });

    @AfterEach
    void close() {
        sampler.close();
    }

    private void push(Cgroup cgroup, PushRequest request) {
        sampler.pushed(new Push(cgroup, request, time.now(TimeUnit.NANOSECONDS)));
    }

    private List<Long> millis() {
        return samples.stream()
                .map(sample -> TimeUnit.NANOSECONDS.toMillis(sample.nanos()))
                .toList();
    }

    @Test
    void pushed_readsAllAtOnceAndSixteenTimesMoreInItsWindow() {
        sampler.add(ONE, FULL, Duration.ofSeconds(60));
        time.advanceTimeBy(Duration.ofMillis(50));
        samples.clear();

        push(ONE, PRESSURE);
        time.advanceTimeBy(Duration.ofSeconds(10));

        assertThat(millis())
                .isEqualTo(LongStream.rangeClosed(0, 16)
                        .mapToObj(i -> 50 + 100 * i)
                        .toList());
        assertThat(samples).allSatisfy(sample -> assertThat(sample.signals()).isEqualTo(FULL));
        assertThat(sampler.pushes()).isEqualTo(1);
    }

    @Test
    void pushed_againReadsAtOnceAndForLonger() {
        sampler.add(ONE, FULL, Duration.ofSeconds(60));
        samples.clear();

        push(ONE, PRESSURE);
        time.advanceTimeBy(Duration.ofMillis(1550));
        push(ONE, PRESSURE);
        time.advanceTimeBy(Duration.ofSeconds(10));

        assertThat(millis()).contains(1550L).last().isEqualTo(3150L);
    }

    @Test
    void pushed_ofMemoryEventsCountsForASecondAndTenMillisecondsAreTheLeast() {
        sampler.add(ONE, FULL, Duration.ofMillis(1));
        time.advanceTimeBy(Duration.ofMillis(1));
        sampler.add(ONE, FULL, Duration.ofSeconds(60));
        samples.clear();

        push(ONE, new PushRequest.Events());
        time.advanceTimeBy(Duration.ofSeconds(10));

        assertThat(millis()).hasSize(17).last().isEqualTo(1001L);
    }

    @Test
    void pushed_ofACgroupThatIsNotReadAnyMoreIsCountedOnly() {
        sampler.add(ONE, FULL, Duration.ofSeconds(60));
        push(ONE, PRESSURE);
        time.advanceTimeBy(Duration.ofMillis(150));
        sampler.remove(ONE);
        samples.clear();

        push(ONE, PRESSURE);
        time.advanceTimeBy(Duration.ofSeconds(10));

        assertThat(samples).isEmpty();
        assertThat(sampler.pushes()).isEqualTo(2);
    }
}
