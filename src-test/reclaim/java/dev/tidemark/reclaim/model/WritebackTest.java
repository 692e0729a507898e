package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.WritebackResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WritebackTest {

    /** Of a kernel that always knows how much is dirty; for the others see {@link RstatTest}. */
    @Test
    void aWriterIsHeldToTheDisksSpeedNearTheLimit() {
        Run run = Run.started(Scenarios.host()
                .kernel(KernelSeries.LINUX_6_1, Lru.CLASSIC)
                .cgroup("a", 32 * Scenarios.MIB)
                .run("a", "w", new Step.Write("f", 256 * Scenarios.MIB, Scenarios.FAST, 4096)));

        run.advance(
                Duration.ofMillis(1500),
                Duration.ofMillis(1),
                () -> assertThat(run.value("a", Signal.DIRTY) + run.value("a", Signal.WRITEBACK))
                        .isLessThan(32.0 * Scenarios.MIB * 0.21));

        WorkloadReport report = run.model.report().get(0);
        assertThat(report.steps().get(0)).isBetween(Duration.ofMillis(900), Duration.ofMillis(1200));
        assertThat(report.throttled()).isPositive();
        assertThat(run.value("a", Signal.EVENTS_OOM)).isZero();
    }

    @Test
    void dirtyPagesAreWrittenWhenOld() {
        Run run = Run.started(Scenarios.host()
                .cgroup("a", Scenarios.MAX)
                .run("a", "w", new Step.Write("f", 8 * Scenarios.MIB, Scenarios.FAST, 4096)));

        run.advance(Duration.ofSeconds(29));
        assertThat(run.value("a", Signal.DIRTY)).isEqualTo(8.0 * Scenarios.MIB);

        run.advance(Duration.ofSeconds(10));
        assertThat(run.value("a", Signal.DIRTY)).isZero();
        assertThat(run.value("a", Signal.WRITEBACK)).isZero();
        assertThat(run.value("a", Signal.USAGE)).as("written is not freed").isGreaterThan(8.0 * Scenarios.MIB - 1);
    }

    @Test
    void writebackCanBeStartedFromOutside() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("p/a", Scenarios.MAX)
                        .cgroup("b", Scenarios.MAX)
                        .run("p/a", "w", new Step.Write("f", 8 * Scenarios.MIB, Scenarios.FAST, 4096))
                        .run("b", "v", new Step.Write("g", 8 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofSeconds(1));
        List<WritebackResult> results = new ArrayList<>();

        run.model.startWriteback(run.cgroup("p"), 8 * Scenarios.MIB).subscribe(results::add, Run::fail);
        run.advance(Duration.ofMillis(100));

        assertThat(results).hasSize(1);
        assertThat(results.get(0).files()).isEqualTo(1);
        assertThat(run.value("p/a", Signal.DIRTY)).isZero();
        assertThat(run.value("b", Signal.DIRTY)).as("another cgroup's").isEqualTo(8.0 * Scenarios.MIB);
    }

    @Test
    void aRemovedFileIsGoneWithItsDirtyPages() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", 32 * Scenarios.MIB)
                        .run(
                                "a",
                                "w",
                                new Step.Write("f", 24 * Scenarios.MIB, Scenarios.FAST, 4096),
                                new Step.Remove("f")))
                .advance(Duration.ofSeconds(5));

        assertThat(run.memcg("a").lruPages()).isZero();
        assertThat(run.value("a", Signal.DIRTY)).isZero();
        assertThat(run.value("a", Signal.WRITEBACK)).isZero();
        assertThat(run.value("a", Signal.USAGE)).as("what is left is a stock").isLessThan(64 * 4096.0);
    }
}
