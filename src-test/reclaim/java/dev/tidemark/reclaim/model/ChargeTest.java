package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChargeTest {

    private static final Step SLEEP = new Step.Sleep(Duration.ofHours(1));

    private static Step allocate(long bytes) {
        return new Step.Allocate("heap", bytes, Scenarios.FAST);
    }

    @Test
    void chargesInBatchesOf64Pages() {
        Run run = Run.started(Scenarios.host().cgroup("a", Scenarios.MAX).run("a", "one", allocate(4096), SLEEP))
                .advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.USAGE)).isEqualTo(64 * 4096.0);
        assertThat(run.model.kernel().charge.stockOf(run.memcg("a"))).isEqualTo(63);
    }

    /** 65 pages fit below a limit of 65: the second batch of 64 does not, the page itself does, and nobody is told. */
    @Test
    void theLastPageIsTriedAloneBeforeAnyEvent() {
        Run run = Run.started(Scenarios.host().cgroup("a", 65 * 4096).run("a", "one", allocate(65 * 4096), SLEEP))
                .advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.USAGE)).isEqualTo(65 * 4096.0);
        assertThat(run.value("a", Signal.EVENTS_MAX)).isZero();
    }

    @Test
    void onePageTooManyIsAnOomKillAfter17RoundsAndTheDrainAndItsVictimGoesRoundOnceMore() {
        Run run = Run.started(Scenarios.host().cgroup("a", 64 * 4096).run("a", "one", allocate(65 * 4096), SLEEP))
                .advance(Duration.ofSeconds(1));

        // One round, one after the drain, 16 retries.
        assertThat(run.value("a", Signal.EVENTS_MAX)).isEqualTo(18 + 17);
        assertThat(run.value("a", Signal.EVENTS_OOM)).isEqualTo(1);
        assertThat(run.value("a", Signal.EVENTS_OOM_KILL)).isEqualTo(1);
        WorkloadReport report = run.model.report().get(0);
        assertThat(report.oomKilled()).isTrue();
        assertThat(report.ended()).isPresent();
        assertThat(run.value("a", Signal.USAGE)).as("its memory is given back").isZero();
    }

    @Test
    void theLargestIsKilledAndTheOthersGoOn() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", 8 * Scenarios.MIB)
                        .run("a", "large", allocate(6 * Scenarios.MIB), SLEEP)
                        .run(
                                "a",
                                "small",
                                new Step.Sleep(Duration.ofMillis(100)),
                                allocate(4 * Scenarios.MIB),
                                new Step.Sleep(Duration.ofMillis(100))))
                .advance(Duration.ofSeconds(1));

        assertThat(run.model.report().get(0).oomKilled()).isTrue();
        assertThat(run.model.report().get(1).oomKilled()).isFalse();
        assertThat(run.model.report().get(1).rounds()).isEqualTo(1);
    }

    @Test
    void theEventIsRaisedWhereTheLimitIsAndAbove() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("g", Scenarios.MAX)
                        .cgroup("g/p", 8 * Scenarios.MIB)
                        .cgroup("g/p/c", Scenarios.MAX)
                        .run("g/p/c", "w", new Step.Write("f", 16 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofSeconds(10));

        double max = run.value("g/p", Signal.EVENTS_MAX);
        assertThat(max).isPositive();
        assertThat(run.value("g", Signal.EVENTS_MAX)).isEqualTo(max);
        assertThat(run.memcg("g").eventsLocal[MemcgEvent.MAX]).isZero();
        assertThat(run.value("g/p/c", Signal.EVENTS_MAX)).isZero();
        assertThat(run.value("", Signal.EVENTS_MAX))
                .as("the root has no memory.events")
                .isNaN();
    }

    @Test
    void directReclaimIsPressureAndDelaysTheProcess() {
        Scenarios tight = Scenarios.selftest();
        Scenarios wide = Scenarios.host()
                .cgroup("test", Scenarios.MAX)
                .run(
                        "test",
                        "writer",
                        new Step.Write("data", 64 * Scenarios.MIB, Scenarios.FAST, 4096),
                        new Step.Read("data", Scenarios.FAST, 1));
        Run stalls = Run.started(tight).advance(Duration.ofMinutes(1));
        Run flows = Run.started(wide).advance(Duration.ofMinutes(1));

        Duration slow = stalls.model.report().get(0).ended().orElseThrow();
        Duration quick = flows.model.report().get(0).ended().orElseThrow();
        assertThat(slow).isGreaterThan(quick);
        assertThat(stalls.value("test", Signal.PSI_SOME_TOTAL)).isPositive();
        assertThat(stalls.value("test", Signal.PSI_FULL_TOTAL))
                .as("it is alone")
                .isEqualTo(stalls.value("test", Signal.PSI_SOME_TOTAL));
        assertThat(flows.value("test", Signal.PSI_SOME_TOTAL)).isZero();
        assertThat(stalls.value("", Signal.PSI_SOME_TOTAL)).isEqualTo(stalls.value("test", Signal.PSI_SOME_TOTAL));
    }

    @Test
    void aboveHighATaskReclaimsAndIsSlowedButNotKilled() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", Scenarios.MAX, 8 * Scenarios.MIB, 0, 0, Scenarios.MAX)
                        .run("a", "one", allocate(9 * Scenarios.MIB), SLEEP))
                .advance(Duration.ofSeconds(59));

        assertThat(run.value("a", Signal.EVENTS_HIGH)).isPositive();
        assertThat(run.value("a", Signal.EVENTS_MAX)).isZero();
        assertThat(run.value("a", Signal.PSI_SOME_TOTAL)).as("s").isGreaterThan(1.0);
        assertThat(run.value("a", Signal.HIGH)).isEqualTo(8.0 * Scenarios.MIB);
        assertThat(run.value("a", Signal.LIMIT)).isEqualTo(8.0 * Scenarios.MIB);
    }

    /** On a kernel that knows at once what is dirty; one that learns of it late holds the writer up for that. */
    @Test
    void withCleanFilePagesHighIsHeldWithoutSleeping() {
        Run run = Run.started(Scenarios.host()
                        .kernel(KernelSeries.LINUX_6_1, Lru.CLASSIC)
                        .cgroup("a", Scenarios.MAX, 16 * Scenarios.MIB, 0, 0, Scenarios.MAX)
                        .run("a", "w", new Step.Write("f", 64 * Scenarios.MIB, 32.0 * Scenarios.MIB, 4096), SLEEP))
                .advance(Duration.ofSeconds(30));

        assertThat(run.value("a", Signal.USAGE)).isLessThan(17.0 * Scenarios.MIB);
        assertThat(run.value("a", Signal.EVENTS_HIGH)).isPositive();
        assertThat(run.model.report().get(0).steps().get(0)).isLessThan(Duration.ofMillis(2500));
    }

    @Test
    void anonymousMemoryGoesToSwapWithinItsLimit() {
        Run run = Run.started(Scenarios.host()
                        .swap(64 * Scenarios.MIB)
                        .cgroup("a", 8 * Scenarios.MIB, Scenarios.MAX, 0, 0, 4 * Scenarios.MIB)
                        .run(
                                "a",
                                "one",
                                allocate(11 * Scenarios.MIB),
                                new Step.Touch("heap", Scenarios.FAST, 2),
                                SLEEP))
                .advance(Duration.ofSeconds(10));

        assertThat(run.model.report().get(0).oomKilled()).isFalse();
        assertThat(run.value("a", Signal.SWAP_USAGE)).isBetween(3.0 * Scenarios.MIB, 4.0 * Scenarios.MIB);
        assertThat(run.value("a", Signal.PGMAJFAULT)).isPositive();
        assertThat(run.value("a", Signal.REFAULT)).isEqualTo(run.value("a", Signal.PGMAJFAULT));
    }

    @Test
    void aRateIsAnUpperBound() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "w", new Step.Write("f", 64 * Scenarios.MIB, 32.0 * Scenarios.MIB, 1 << 20)))
                .advance(Duration.ofSeconds(10));

        assertThat(run.model.report().get(0).steps().get(0))
                .isBetween(Duration.ofMillis(2000), Duration.ofMillis(2050));
    }
}
