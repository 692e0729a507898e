package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Reclaim by generations, where it differs from the classic lists. */
class MglruTest {

    private static final int FILE = 1;

    private static Scenarios host(KernelSeries kernel) {
        return Scenarios.host().kernel(kernel, Lru.MGLRU);
    }

    private static Run clean(Scenarios host, long bytes) {
        return Run.started(host.duration(Duration.ofHours(1))
                        .cgroup("a", Scenarios.MAX)
                        .run(
                                "a",
                                "w",
                                new Step.Write("f", bytes, Scenarios.FAST, 4096),
                                new Step.Sleep(Duration.ofMinutes(50))))
                .advance(Duration.ofMinutes(2));
    }

    /**
     * 4096 pages, of which priority 12 is about one: the batch it comes in is 64, and enough does not end it before. The classic
     * lists stop once they have 32.
     */
    @ParameterizedTest
    @EnumSource(Lru.class)
    void enoughDoesNotEndABatch(Lru lru) {
        Run run = clean(Scenarios.host().kernel(KernelSeries.LINUX_7_2, lru), 16 * Scenarios.MIB);

        ReclaimResult result = run.reclaim("a", 1, 0, -1);

        assertThat(result.pagesReclaimed()).isBetween(lru == Lru.MGLRU ? 64L : 32L, lru == Lru.MGLRU ? 64L : 63L);
    }

    /** What a system call brings in starts next to the oldest generation, what a fault brings in is as young as can be. */
    @Test
    void activeIsWhatIsInTheTwoYoungestGenerations() {
        Run run = Run.started(host(KernelSeries.NEWEST)
                        .duration(Duration.ofHours(1))
                        .cgroup("a", Scenarios.MAX)
                        .run(
                                "a",
                                "w",
                                new Step.Write("f", 4 * Scenarios.MIB, Scenarios.FAST, 4096),
                                new Step.Allocate("heap", 8 * Scenarios.MIB, Scenarios.FAST),
                                new Step.Sleep(Duration.ofMinutes(50))))
                .advance(Duration.ofSeconds(10));

        assertThat(run.value("a", Signal.ACTIVE_FILE)).isZero();
        assertThat(run.value("a", Signal.INACTIVE_FILE)).isEqualTo(4.0 * Scenarios.MIB);
        assertThat(run.memcg("a").stat[Stat.ACTIVE_ANON]).isEqualTo(2048);
    }

    @ParameterizedTest
    @EnumSource(KernelSeries.class)
    void whatIsUsedOutlivesWhatIsNot(KernelSeries kernel) {
        Run run = Run.started(host(kernel)
                .swap(64 * Scenarios.MIB)
                .cgroup("a", 24 * Scenarios.MIB)
                .run(
                        "a",
                        "hot",
                        new Step.Allocate("heap", 8 * Scenarios.MIB, Scenarios.FAST),
                        new Step.Touch("heap", 800 * Scenarios.MIB, 200))
                .run("a", "cold", new Step.Write("f", 128 * Scenarios.MIB, 64.0 * Scenarios.MIB, 4096)));
        // What is cold is written in time where the kernel knows how much is dirty: here somebody reads memory.stat.
        run.advance(Duration.ofMillis(1900), Duration.ofMillis(1), () -> run.value("a", Signal.DIRTY));

        assertThat(run.value("a", Signal.PGSTEAL)).isGreaterThan(20_000);
        assertThat(run.memcg("a").stat[Stat.PSWPOUT]).isLessThan(200);
        assertThat(run.value("a", Signal.EVENTS_OOM)).isZero();
    }

    /** The lab's reclaim-dirty: 6.1 neither frees nor writes; 6.12 and 7.2 have it written. */
    @ParameterizedTest
    @CsvSource({"LINUX_6_1, AGAIN", "LINUX_6_12, SUCCESS", "LINUX_7_2, SUCCESS"})
    void freshDirtyCache(KernelSeries kernel, Outcome outcome) {
        Run run = Run.started(host(kernel)
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "w", new Step.Write("f", 32 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofMillis(200));
        assertThat(run.value("a", Signal.DIRTY)).isEqualTo(32.0 * Scenarios.MIB);

        run.reclaim("a", 2048, Run.PROACTIVE, -1);
        ReclaimResult second = run.reclaim("a", 2048, Run.PROACTIVE, -1);

        assertThat(second.outcome()).isEqualTo(outcome);
        if (outcome == Outcome.AGAIN) {
            assertThat(second.pagesReclaimed()).isZero();
            assertThat(run.value("a", Signal.DIRTY)).isEqualTo(32.0 * Scenarios.MIB);
            assertThat(run.memcg("a").stat[Stat.PGSCAN_PROACTIVE]).isZero();
        }
    }

    @Test
    void swappinessChoosesTheType() {
        Run run = settled();
        long[] stat = run.memcg("a").stat;

        run.reclaim("a", 1024, Run.PROACTIVE, 0);
        assertThat(stat[Stat.PSWPOUT]).isZero();
        long file = run.memcg("a").lruPages();
        assertThat(run.reclaim("a", 1024, Run.PROACTIVE, 201).outcome()).isEqualTo(Outcome.SUCCESS);

        assertThat(stat[Stat.PSWPOUT])
                .isEqualTo(file - run.memcg("a").lruPages())
                .isGreaterThanOrEqualTo(1024);
        assertThat(run.reclaim("a", 1_000_000, ReclaimOptions.PROACTIVE, -1).outcome())
                .as("without MAY_SWAP file pages only")
                .isEqualTo(Outcome.AGAIN);
        assertThat(run.value("a", Signal.INACTIVE_FILE) + run.value("a", Signal.ACTIVE_FILE))
                .isZero();
    }

    private static Run settled() {
        return Run.started(host(KernelSeries.NEWEST)
                        .swap(64 * Scenarios.MIB)
                        .duration(Duration.ofHours(2))
                        .cgroup("a", Scenarios.MAX)
                        .run(
                                "a",
                                "worker",
                                new Step.Write("data", 16 * Scenarios.MIB, Scenarios.FAST, 4096),
                                new Step.Allocate("heap", 16 * Scenarios.MIB, Scenarios.FAST),
                                new Step.Sleep(Duration.ofHours(1))))
                .advance(Duration.ofSeconds(60));
    }

    @Test
    void swappiness201WithoutSwapTakesNothing() {
        Run run = clean(host(KernelSeries.NEWEST), 16 * Scenarios.MIB);

        assertThat(run.reclaim("a", 256, Run.PROACTIVE, 201).pagesReclaimed()).isZero();
        assertThat(run.memcg("a").stat[Stat.PGSCAN_PROACTIVE]).isZero();
    }

    /** A page that went in the oldest generation of now was missed, also by a kernel that looks at no other. */
    @Test
    void aRefaultIsRecentByGenerationAndNotByDistance() {
        Run run = new Run(host(KernelSeries.LINUX_6_12).cgroup("a", Scenarios.MAX));
        Kernel kernel = run.model.kernel();
        MemCgroup memcg = run.memcg("a");
        Generations gens = GenLists.of(memcg);
        int folio = new Mapping(kernel.pages.folios, false, memcg).add(0, memcg, 0);
        long shadow = kernel.pages.lists.eviction(folio, memcg);

        assertThat(kernel.pages.lists.refault(shadow, memcg, FILE, true)).isNotZero();
        gens.minSeq[FILE]++;
        assertThat(kernel.pages.lists.refault(shadow, memcg, FILE, true)).isZero();
        assertThat(memcg.stat[Stat.WORKINGSET_REFAULT + FILE]).isEqualTo(2);
        assertThat(memcg.stat[Stat.WORKINGSET_ACTIVATE + FILE]).isEqualTo(1);
    }

    @Test
    void usesByDescriptorMakeATier() {
        Run run = new Run(host(KernelSeries.NEWEST).cgroup("a", Scenarios.MAX));
        Kernel kernel = run.model.kernel();
        MemCgroup memcg = run.memcg("a");
        int folio = new Mapping(kernel.pages.folios, false, memcg).add(0, memcg, 0);
        GenLists lists = (GenLists) kernel.pages.lists;
        int[] refs = new int[7];
        for (int i = 0; i < refs.length; i++) {
            refs[i] = lists.refs(folio);
            lists.markAccessed(folio);
        }

        assertThat(refs)
                .as("the first use counts for nothing, and it ends at 4")
                .containsExactly(0, 0, 1, 2, 3, 4, 4);
    }
}
