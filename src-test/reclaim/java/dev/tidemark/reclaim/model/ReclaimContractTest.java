package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Clause by clause what {@code MemoryController.tryToFreeMemCgroupPages} promises. */
class ReclaimContractTest {

    private static final long MIB_PAGES = 256;
    private static final int NO_SWAP = ReclaimOptions.PROACTIVE;

    /** 16 MiB of clean file pages and 16 MiB of anonymous ones that nobody touches any more. */
    private static Run settled() {
        return settled(Scenarios.host().swap(64 * Scenarios.MIB).cgroup("a", Scenarios.MAX));
    }

    private static Run settled(Scenarios scenarios) {
        scenarios.run(
                "a",
                "worker",
                new Step.Write("data", 16 * Scenarios.MIB, Scenarios.FAST, 4096),
                new Step.Allocate("heap", 16 * Scenarios.MIB, Scenarios.FAST),
                new Step.Sleep(Duration.ofHours(1)));
        return Run.started(scenarios.duration(Duration.ofHours(2))).advance(Duration.ofSeconds(60));
    }

    private static long anon(Run run) {
        long[] stat = run.memcg("a").stat;
        return stat[Stat.INACTIVE_ANON] + stat[Stat.ACTIVE_ANON];
    }

    private static long file(Run run) {
        long[] stat = run.memcg("a").stat;
        return stat[Stat.INACTIVE_FILE] + stat[Stat.ACTIVE_FILE];
    }

    @Test
    void takesWhatIsAskedForAndSaysHowMuch() {
        Run run = settled();
        double before = run.value("a", Signal.USAGE);

        ReclaimResult result = run.reclaim("a", 4 * MIB_PAGES, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(result.pagesReclaimed()).isBetween(4 * MIB_PAGES, 5 * MIB_PAGES);
        assertThat(result.usageBytes()).isEqualTo(before - result.pagesReclaimed() * 4096.0);
        assertThat(result.tookNanos()).isPositive();
        assertThat(run.memcg("a").stat[Stat.PGSTEAL_PROACTIVE]).isEqualTo(result.pagesReclaimed());
        assertThat(run.value("a", Signal.PGSTEAL))
                .as("without the agent's own share")
                .isZero();
        assertThat(run.value("a", Signal.PSI_SOME_TOTAL))
                .as("reclaim from outside is no pressure")
                .isZero();
        assertThat(run.value("a", Signal.EVENTS_MAX)).isZero();
    }

    @Test
    void tellsItsCpu() {
        Run run = settled();

        ReclaimResult result = run.reclaim("a", 4 * MIB_PAGES, Run.PROACTIVE, -1);

        assertThat(result.cpuNanos())
                .as("nothing throttles it, so it is busy all the time")
                .isEqualTo(result.tookNanos());
        assertThat(result.cpuNanos())
                .isGreaterThan(result.pagesReclaimed() * (Costs.SCAN + Costs.STEAL))
                .isLessThan(100 * MIB_PAGES * (Costs.SCAN + Costs.STEAL));
        assertThat(result.swappedOutPages()).as("there is cold cache enough").isZero();
        assertThat(run.reclaim("a", 0, Run.PROACTIVE, -1).cpuNanos()).isZero();
    }

    /** Nothing in it but dirty pages: once they are on their way to the disk reclaim sleeps, and that is no CPU. */
    @Test
    void beingThrottledIsNoCpu() {
        Run run = Run.started(Scenarios.host()
                .duration(Duration.ofHours(2))
                .cgroup("a", Scenarios.MAX)
                .run(
                        "a",
                        "worker",
                        new Step.Write("data", 16 * Scenarios.MIB, Scenarios.FAST, 4096),
                        new Step.Sleep(Duration.ofHours(1))));
        ReclaimResult throttled = run.reclaim("a", MIB_PAGES, Run.PROACTIVE, -1);

        assertThat(throttled.cpuNanos()).isPositive().isLessThan(throttled.tookNanos());
        assertThat((throttled.tookNanos() - throttled.cpuNanos()) % Costs.JIFFY).isZero();
    }

    @Test
    void isLazy() {
        Run run = settled();
        double before = run.value("a", Signal.USAGE);

        run.model.tryToFreeMemCgroupPages(run.cgroup("a"), 100, Gfp.GFP_KERNEL, Run.PROACTIVE, -1);
        run.advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.USAGE)).isEqualTo(before);
    }

    @Test
    void completesAfterItsCost() {
        Run run = settled();
        List<ReclaimResult> results = run.request("a", 1024, Run.PROACTIVE, -1);

        run.advance(Duration.ofMillis(2));
        assertThat(results).isEmpty();
        run.advance(Duration.ofMillis(100));

        assertThat(results).hasSize(1);
        assertThat(results.get(0).tookNanos()).isGreaterThan(2_000_000);
    }

    @Test
    void withoutMaySwapOnlyFilePagesGo() {
        Run run = settled();
        long anon = anon(run);

        ReclaimResult result = run.reclaim("a", 20 * MIB_PAGES, NO_SWAP, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(file(run)).isZero();
        assertThat(result.pagesReclaimed()).isEqualTo(16 * MIB_PAGES);
        assertThat(anon(run)).isEqualTo(anon);
    }

    @Test
    void swappiness0TakesFilePagesOnly() {
        Run run = settled();
        long anon = anon(run);

        run.reclaim("a", 20 * MIB_PAGES, Run.PROACTIVE, 0);

        assertThat(anon(run)).isEqualTo(anon);
        assertThat(file(run)).isZero();
    }

    @Test
    void swappiness201TakesAnonymousPagesOnly() {
        Run run = settled();
        long file = file(run);

        ReclaimResult result = run.reclaim("a", 4 * MIB_PAGES, Run.PROACTIVE, 201);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(file(run)).isEqualTo(file);
        assertThat(run.value("a", Signal.SWAP_USAGE)).isEqualTo(result.pagesReclaimed() * 4096.0);
    }

    @Test
    void swappiness201WithoutSwapTakesNothing() {
        Run run = settled(Scenarios.host().cgroup("a", Scenarios.MAX));

        ReclaimResult result = run.reclaim("a", MIB_PAGES, Run.PROACTIVE, 201);

        assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(result.pagesReclaimed()).isZero();
    }

    @Test
    void anOverrideCountsOnlyWhenProactive() {
        Run run = settled();
        long file = file(run);

        ReclaimResult result = run.reclaim("a", MIB_PAGES, ReclaimOptions.MAY_SWAP, 201);

        assertThat(result.pagesReclaimed()).isPositive();
        assertThat(file(run)).as("file pages went as with the default").isLessThan(file);
        assertThat(run.memcg("a").stat[Stat.PGSTEAL_DIRECT]).isEqualTo(result.pagesReclaimed());
        assertThat(run.memcg("a").stat[Stat.PGSTEAL_PROACTIVE]).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {202, 1000, Integer.MAX_VALUE})
    void aboveThatItIsRefused(int swappiness) {
        Run run = settled();

        ReclaimResult proactive = run.reclaim("a", 32, Run.PROACTIVE, swappiness);
        ReclaimResult direct = run.reclaim("a", 32, 0, swappiness);

        assertThat(List.of(proactive, direct)).allSatisfy(result -> {
            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(result.message()).contains("" + swappiness);
            assertThat(result.pagesReclaimed()).isZero();
        });
    }

    @Test
    void belowZeroIsTheDefault() {
        assertThat(settled().reclaim("a", 2048, Run.PROACTIVE, -7))
                .isEqualTo(settled().reclaim("a", 2048, Run.PROACTIVE, 60));
    }

    private static Run on(KernelSeries kernel) {
        return settled(Scenarios.host()
                .kernel(kernel, Lru.CLASSIC)
                .swap(64 * Scenarios.MIB)
                .cgroup("a", Scenarios.MAX));
    }

    /** {@code swappiness=} is of 6.11. */
    @Test
    void anOldKernelGoesWithoutANumber() {
        long more = 20 * MIB_PAGES;

        assertThat(on(KernelSeries.LINUX_6_1).reclaim("a", more, Run.PROACTIVE, 0))
                .isEqualTo(on(KernelSeries.LINUX_6_1).reclaim("a", more, Run.PROACTIVE, -1));
        assertThat(on(KernelSeries.LINUX_6_12).reclaim("a", more, Run.PROACTIVE, 0))
                .as("file pages only")
                .isNotEqualTo(on(KernelSeries.LINUX_6_12).reclaim("a", more, Run.PROACTIVE, -1));
    }

    /** {@code swappiness=max} is of 6.16, and files only are {@code swappiness=0}. */
    @ParameterizedTest
    @CsvSource({"LINUX_6_1, 6, 201", "LINUX_6_12, 6, 201", "LINUX_6_1, 4, -1", "LINUX_6_1, 4, 60"})
    void anOldKernelRefusesWhatCannotBeHad(KernelSeries kernel, int options, int swappiness) {
        Run run = on(kernel);

        ReclaimResult result = run.reclaim("a", 32, options, swappiness);

        assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(result.message()).contains(kernel.version());
        assertThat(run.reclaim("a", 32, Run.PROACTIVE, -1).outcome()).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void filesOnlyCanBeHadOfAnOldKernelWhereNothingCanBeSwapped() {
        Run run = settled(
                Scenarios.host().kernel(KernelSeries.LINUX_6_1, Lru.CLASSIC).cgroup("a", Scenarios.MAX));

        assertThat(run.reclaim("a", 32, NO_SWAP, -1).outcome()).isEqualTo(Outcome.SUCCESS);
    }

    /** Before 6.8 the whole rest at once: fewer calls, and no place to be cancelled in. */
    @Test
    void anOldKernelTakesItInOneBatch() {
        Run old = settled(
                Scenarios.host().kernel(KernelSeries.LINUX_6_1, Lru.CLASSIC).cgroup("a", Scenarios.MAX));
        Run present = settled(Scenarios.host().cgroup("a", Scenarios.MAX));

        List<ReclaimResult> whole = old.request("a", 8 * MIB_PAGES, Run.PROACTIVE, -1);
        List<ReclaimResult> quarters = present.request("a", 8 * MIB_PAGES, Run.PROACTIVE, -1);
        for (Run run : List.of(old, present)) {
            run.advance(Duration.ofMillis(2));
            run.model.cancel(run.cgroup("a"));
            run.advance(Duration.ofSeconds(1));
        }

        assertThat(whole.get(0).outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(quarters.get(0).outcome()).isEqualTo(Outcome.INTERRUPTED);
    }

    @Test
    void aContextThatMustNotSleepIsRefused() {
        Run run = settled();

        List<ReclaimResult> results = new ArrayList<>();
        run.model
                .tryToFreeMemCgroupPages(run.cgroup("a"), 32, 0, Run.PROACTIVE, -1)
                .subscribe(results::add, Run::fail);
        run.advance(Duration.ofMillis(1));

        assertThat(results.get(0).outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void nothingAskedIsNothingDone() {
        ReclaimResult result = settled().reclaim("a", 0, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(result.pagesReclaimed()).isZero();
        assertThat(result.tookNanos()).isZero();
    }

    /** 17 passes, each with the priority loop twice (the second a full walk) over one cgroup. */
    @Test
    void anEmptyCgroupEndsInAgainAfter17Passes() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));

        ReclaimResult result = run.reclaim("a", 1, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(result.tookNanos()).isEqualTo(17 * (Costs.RECLAIM_CALL + 2 * 13 * Costs.RECLAIM_VISIT));
    }

    @Test
    void onePassWhenNotProactive() {
        Run run = settled();

        ReclaimResult result = run.reclaim("a", 1, 0, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(result.pagesReclaimed()).as("at least 32 are gone for").isBetween(32L, 96L);
    }

    @Test
    void cancelInTheMiddleEndsAtTheNextBatch() {
        Run run = settled();
        List<ReclaimResult> results = run.request("a", 16 * MIB_PAGES, Run.PROACTIVE, 0);

        run.advance(Duration.ofMillis(6));
        assertThat(results).isEmpty();
        run.model.cancel(run.cgroup("a"));
        run.advance(Duration.ofSeconds(1));

        ReclaimResult result = results.get(0);
        assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(result.pagesReclaimed()).isBetween(4 * MIB_PAGES, 8 * MIB_PAGES);
        assertThat(file(run)).isEqualTo(16 * MIB_PAGES - result.pagesReclaimed());
    }

    @Test
    void cancelTouchesNoOtherCgroupAndNoLaterRequest() {
        Run run = settled();
        run.model.cancel(run.cgroup("a"));
        List<ReclaimResult> results = run.request("a", 64, Run.PROACTIVE, 0);
        run.model.cancel(run.cgroup(""));
        run.advance(Duration.ofSeconds(1));

        assertThat(results.get(0).outcome()).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void aRemovedCgroupIsGone() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        Cgroup old = run.cgroup("a");
        run.model.remove(old);
        run.create("a", Scenarios.MAX);

        List<ReclaimResult> results = new ArrayList<>();
        run.model
                .tryToFreeMemCgroupPages(old, 32, Gfp.GFP_KERNEL, Run.PROACTIVE, -1)
                .subscribe(results::add, Run::fail);
        run.advance(Duration.ofMillis(1));

        assertThat(results.get(0).outcome()).isEqualTo(Outcome.GONE);
        assertThat(run.cgroup("a").id()).isGreaterThan(old.id());
    }

    @Test
    void removalInTheMiddleEndsAtTheNextBatch() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "writer", new Step.Write("data", 16 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofMinutes(2));
        Cgroup cgroup = run.cgroup("a");
        List<ReclaimResult> results = run.request("a", 16 * MIB_PAGES, Run.PROACTIVE, 0);

        run.advance(Duration.ofMillis(6));
        run.model.remove(cgroup);
        run.advance(Duration.ofSeconds(1));

        assertThat(results.get(0).outcome()).isEqualTo(Outcome.GONE);
        assertThat(results.get(0).pagesReclaimed()).isPositive();
    }

    @Test
    void freshDirtyCacheIsNotFreedButWritten() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "writer", new Step.Write("data", 8 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofMillis(100));
        assertThat(run.value("a", Signal.DIRTY)).isEqualTo(8.0 * Scenarios.MIB);

        run.request("a", 32, 0, -1);
        run.advance(Duration.ofNanos(1));
        assertThat(run.value("a", Signal.PGSTEAL)).isZero();
        assertThat(run.memcg("a").stat[Stat.PGACTIVATE]).isPositive();
        run.advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.DIRTY)).as("the flusher was woken").isZero();
        assertThat(run.memcg("a").stat[Stat.PGROTATED])
                .as("what reclaim had met is next in line")
                .isPositive();
        assertThat(run.reclaim("a", 32, Run.PROACTIVE, -1).pagesReclaimed()).isPositive();
    }

    @Test
    void theTargetsOwnProtectionDoesNotCount() {
        Run run = settled(Scenarios.host()
                .cgroup("a", Scenarios.MAX, Scenarios.MAX, Scenarios.MAX, Scenarios.MAX, Scenarios.MAX));

        assertThat(run.reclaim("a", 1024, Run.PROACTIVE, -1).outcome()).isEqualTo(Outcome.SUCCESS);
    }

    private static Run family(long low, long min) {
        Scenarios scenarios = Scenarios.host()
                .cgroup("p", Scenarios.MAX)
                .cgroup("p/a", Scenarios.MAX, Scenarios.MAX, low, min, Scenarios.MAX)
                .cgroup("p/b", Scenarios.MAX);
        for (String child : List.of("a", "b")) {
            scenarios.run("p/" + child, child, new Step.Write(child, 16 * Scenarios.MIB, Scenarios.FAST, 4096));
        }
        return Run.started(scenarios).advance(Duration.ofMinutes(2));
    }

    @Test
    void childrensLowIsHonouredWhileOthersHaveSomething() {
        Run run = family(64 * Scenarios.MIB, 0);

        ReclaimResult result = run.reclaim("p", 8 * MIB_PAGES, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(run.memcg("p/a").stat[Stat.PGSCAN_PROACTIVE]).isZero();
        assertThat(run.memcg("p/a").events[MemcgEvent.LOW]).isZero();
    }

    @Test
    void childrensLowIsBrokenWhenNothingElseIsLeft() {
        Run run = family(64 * Scenarios.MIB, 0);

        ReclaimResult result = run.reclaim("p", 24 * MIB_PAGES, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(run.value("p/b", Signal.USAGE)).isLessThan(256 * 1024.0);
        assertThat(run.memcg("p/a").events[MemcgEvent.LOW]).isPositive();
    }

    @Test
    void childrensMinIsInviolable() {
        Run run = family(0, 64 * Scenarios.MIB);

        ReclaimResult result = run.reclaim("p", 24 * MIB_PAGES, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(result.pagesReclaimed()).isEqualTo(16 * MIB_PAGES);
        assertThat(run.memcg("p/a").stat[Stat.PGSCAN_PROACTIVE]).isZero();
    }

    @Test
    void partialWalksGoRoundTheChildren() {
        Run run = family(0, 0);

        for (int i = 0; i < 16; i++) {
            run.reclaim("p", 32, 0, -1);
        }

        long a = run.memcg("p/a").stat[Stat.PGSTEAL_DIRECT];
        long b = run.memcg("p/b").stat[Stat.PGSTEAL_DIRECT];
        assertThat(a).isBetween(b / 4, 4 * b);
    }

    @Test
    void closingEndsWhatIsInFlight() {
        Run run = settled();
        List<ReclaimResult> results = run.request("a", 4096, Run.PROACTIVE, 0);
        run.advance(Duration.ofMillis(1));

        run.model.close();
        run.model.close();
        run.advance(Duration.ofSeconds(1));

        assertThat(results).hasSize(1);
        assertThat(results.get(0).outcome()).isEqualTo(Outcome.INTERRUPTED);
        StepVerifier.create(run.model.finished()).verifyComplete();
    }
}
