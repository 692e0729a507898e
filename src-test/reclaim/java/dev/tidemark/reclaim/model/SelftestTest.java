package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.Gfp;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scenario of the BPF series' own selftest, without reclaim in the background and with it. */
class SelftestTest {

    /** What real kernels with classic lists count (the lab): 331 to 938. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aloneItRunsIntoItsLimitHundredsOfTimes(long seed) {
        Run run = Run.started(Scenarios.selftest().seed(seed)).advance(Duration.ofMinutes(1));

        WorkloadReport report = run.model.report().get(0);
        assertThat(report.ended()).isPresent();
        assertThat(report.oomKilled()).isFalse();
        assertThat(run.value("test", Signal.EVENTS_MAX)).isBetween(331.0, 938.0);
        assertThat(run.value("test", Signal.PSI_SOME_TOTAL))
                .isCloseTo(report.stalled().toNanos() / 1e9, offset(1e-6));
    }

    /** The disk takes 256 MiB/s; what is written faster stays dirty, and cannot be reclaimed. */
    @Test
    void withReclaimInTheBackgroundItNeverDoes() {
        Run run = Run.started(Scenarios.selftest(250.0 * Scenarios.MIB));
        AtomicInteger calls = new AtomicInteger();
        AtomicBoolean busy = new AtomicBoolean();

        run.advance(Duration.ofSeconds(5), Duration.ofMillis(1), () -> {
            if (run.value("test", Signal.USAGE) > 24 * Scenarios.MIB && busy.compareAndSet(false, true)) {
                calls.incrementAndGet();
                run.model
                        .tryToFreeMemCgroupPages(run.cgroup("test"), 2048, Gfp.GFP_KERNEL, Run.PROACTIVE, -1)
                        .subscribe(result -> busy.set(false), Run::fail);
            }
        });

        assertThat(run.model.report().get(0).ended()).isPresent();
        assertThat(calls).hasPositiveValue();
        assertThat(run.value("test", Signal.EVENTS_MAX)).isZero();
        assertThat(run.value("test", Signal.PSI_SOME_TOTAL)).isZero();
    }
}
