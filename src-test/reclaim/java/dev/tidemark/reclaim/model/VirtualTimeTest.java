package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

class VirtualTimeTest {

    private final VirtualTime time = new VirtualTime();
    private final List<String> ran = new ArrayList<>();

    private Runnable note(String name) {
        return () -> ran.add(name + "@" + time.now(TimeUnit.NANOSECONDS));
    }

    /** By time, and at the same time as scheduled: what a stable sort gives. */
    @Test
    void everythingRunsInItsOrder() {
        Check.forAll(200, Gen.lists(Gen.longs(0, 20)), delays -> {
            VirtualTime each = new VirtualTime();
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < delays.size(); i++) {
                int number = i;
                each.schedule(() -> order.add(number), delays.get(i), TimeUnit.NANOSECONDS);
            }
            each.advance(Duration.ofNanos(100));
            assertThat(order)
                    .isEqualTo(IntStream.range(0, delays.size())
                            .boxed()
                            .sorted(Comparator.comparing(delays::get))
                            .toList());
        });
    }

    @Test
    void timeStandsStillUntilItIsToldToPass() {
        time.schedule(note("now"));
        time.schedule(note("later"), 5, TimeUnit.NANOSECONDS);
        assertThat(ran).isEmpty();

        time.advance(Duration.ZERO);
        assertThat(ran).containsExactly("now@0");
        time.advance(Duration.ofNanos(4));
        assertThat(ran).hasSize(1);
        time.advance(Duration.ofNanos(4));
        assertThat(ran).containsExactly("now@0", "later@5");
        assertThat(time.now(TimeUnit.NANOSECONDS)).isEqualTo(8);
        assertThatIllegalArgumentException().isThrownBy(() -> time.advance(Duration.ofNanos(-1)));
    }

    @Test
    void whatATaskSchedulesForNowRunsBehindWhatIsDueNow() {
        time.schedule(() -> {
            ran.add("first");
            time.schedule(note("third"));
        });
        time.schedule(note("second"));

        time.advance(Duration.ZERO);

        assertThat(ran).containsExactly("first", "second@0", "third@0");
    }

    @Test
    void periodicTasksComeAtTheirInstantsUntilTheyAreDisposedOf() {
        Disposable ticks = time.schedulePeriodically(note("tick"), 1, 3, TimeUnit.NANOSECONDS);
        time.advance(Duration.ofNanos(8));
        ticks.dispose();
        time.advance(Duration.ofNanos(8));

        assertThat(ran).containsExactly("tick@1", "tick@4", "tick@7");
        assertThat(ticks.isDisposed()).isTrue();
    }

    @Test
    void whatIsDisposedOfDoesNotRun() {
        Scheduler.Worker worker = time.createWorker();
        Disposable one = time.schedule(note("one"), 1, TimeUnit.NANOSECONDS);
        worker.schedule(note("two"), 1, TimeUnit.NANOSECONDS);
        time.schedule(note("three"), 1, TimeUnit.NANOSECONDS);
        one.dispose();
        worker.dispose();
        time.advance(Duration.ofNanos(2));

        assertThat(ran).containsExactly("three@1");
        assertThatThrownBy(() -> worker.schedule(note("four"))).isInstanceOf(RejectedExecutionException.class);
        time.dispose();
        assertThatThrownBy(() -> time.schedule(note("five"))).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void whatATaskThrowsComesOutAndTheRestStays() {
        time.schedule(() -> {
            throw new IllegalStateException("broken");
        });
        time.schedule(note("next"));

        assertThatThrownBy(() -> time.advance(Duration.ZERO)).hasMessage("broken");
        time.advance(Duration.ZERO);
        assertThat(ran).containsExactly("next@0");
    }
}
