package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkingsetTest {

    private static final int FILE = 1;

    @Test
    void aScanLargerThanMemoryRefaultsWithoutActivation() {
        Run run = Run.started(Scenarios.selftest()).advance(Duration.ofMinutes(1));

        assertThat(run.value("test", Signal.REFAULT)).isGreaterThan(8192);
        assertThat(run.memcg("test").stat[Stat.WORKINGSET_ACTIVATE + FILE])
                .as("but for a window or two that were evicted just before it came to them")
                .isLessThanOrEqualTo(64);
    }

    /** 4096 active pages: a page that was evicted 1024 evictions ago would still be here on one long list. */
    @Test
    void aNearRefaultIsActivated() {
        Run run = hotAndCold();
        run.reclaim("a", 1024, ReclaimOptions.PROACTIVE, -1);
        long evicted = run.memcg("a").stat[Stat.PGSTEAL_PROACTIVE];
        assertThat(evicted).isBetween(1024L, 1200L);

        run.advance(Duration.ofSeconds(60));

        assertThat(run.value("a", Signal.REFAULT)).isEqualTo(1024);
        assertThat(run.memcg("a").stat[Stat.WORKINGSET_ACTIVATE + FILE]).isEqualTo(1024);
        assertThat(run.memcg("a").stat[Stat.WORKINGSET_RESTORE + FILE])
                .as("it had never been active")
                .isZero();
        assertThat(run.value("a", Signal.PSI_SOME_TOTAL))
                .as("a cold refault is no pressure")
                .isZero();
    }

    /** More than there is of cold pages: the hot ones had been active, so their return is waiting for memory. */
    @Test
    void theReturnOfWhatWasActiveIsPressure() {
        Run run = hotAndCold();
        run.reclaim("a", 1536, ReclaimOptions.PROACTIVE, -1);

        run.advance(Duration.ofMinutes(2));

        assertThat(run.memcg("a").stat[Stat.WORKINGSET_RESTORE + FILE]).isPositive();
        assertThat(run.value("a", Signal.PSI_SOME_TOTAL)).isPositive();
    }

    /** A file of 16 MiB read often, one of 4 MiB written once and read after a minute, the hot one again a minute later. */
    private static Run hotAndCold() {
        return Run.started(Scenarios.host()
                        .duration(Duration.ofHours(1))
                        .cgroup("a", Scenarios.MAX)
                        .run(
                                "a",
                                "reader",
                                new Step.Write("hot", 16 * Scenarios.MIB, Scenarios.FAST, 4096),
                                new Step.Read("hot", Scenarios.FAST, 2),
                                new Step.Read("hot", Scenarios.FAST, 2),
                                new Step.Write("cold", 4 * Scenarios.MIB, Scenarios.FAST, 4096),
                                new Step.Sleep(Duration.ofMinutes(1)),
                                new Step.Read("cold", Scenarios.FAST, 1),
                                new Step.Sleep(Duration.ofMinutes(1)),
                                new Step.Read("hot", Scenarios.FAST, 1)))
                .advance(Duration.ofSeconds(45));
    }

    @Test
    void aShadowOfACgroupThatIsNoMoreCountsForNothing() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX).cgroup("b", Scenarios.MAX));
        Kernel kernel = run.model.kernel();
        int folio = new Mapping(kernel.pages.folios, false, run.memcg("a")).add(0, run.memcg("a"), 0);
        long shadow = kernel.pages.lists.eviction(folio, run.memcg("a"));
        assertThat(shadow).isNegative();

        run.model.remove(run.cgroup("a"));

        assertThat(kernel.pages.lists.refault(shadow, run.memcg("b"), FILE, false))
                .isZero();
        assertThat(run.memcg("b").stat[Stat.WORKINGSET_REFAULT + FILE]).isEqualTo(1);
    }

    @Test
    void distanceDecides() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        Kernel kernel = run.model.kernel();
        MemCgroup memcg = run.memcg("a");
        memcg.mod(Stat.ACTIVE_FILE, 10);
        memcg.flush();
        int folio = new Mapping(kernel.pages.folios, false, memcg).add(0, memcg, Folios.WORKINGSET);
        long shadow = kernel.pages.lists.eviction(folio, memcg);

        memcg.nonresidentAge += 9;
        assertThat(kernel.pages.lists.refault(shadow, memcg, FILE, false))
                .as("distance 10")
                .isEqualTo(Folios.ACTIVE | Folios.WORKINGSET);
        assertThat(kernel.pages.lists.refault(shadow, memcg, FILE, false))
                .as("distance 11, the activation has aged it")
                .isZero();
    }
}
