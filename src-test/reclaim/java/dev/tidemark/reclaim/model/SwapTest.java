package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.SwapKind;
import dev.tidemark.config.Scenario.SwapSpec;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where swapped-out pages go and what that takes, on each kind of device. */
class SwapTest {

    private static final int ANON_ONLY = 201;

    private static SwapSpec swap(SwapKind kind) {
        return swap(kind, 0.2);
    }

    private static SwapSpec swap(SwapKind kind, double pool) {
        return new SwapSpec(kind, 64 * Scenarios.MIB, 4, Duration.ofNanos(8000), Duration.ofNanos(6000), pool);
    }

    /** 4096 pages of heap, touched once again after two minutes. */
    private static Run heap(SwapSpec swap) {
        return Run.started(Scenarios.host()
                        .swap(swap)
                        .duration(Duration.ofHours(1))
                        .cgroup("a", Scenarios.MAX)
                        .run(
                                "a",
                                "worker",
                                new Step.Allocate("heap", 16 * Scenarios.MIB, Scenarios.FAST),
                                new Step.Sleep(Duration.ofMinutes(2)),
                                new Step.Touch("heap", Scenarios.FAST, 1),
                                new Step.Sleep(Duration.ofMinutes(30))))
                .advance(Duration.ofSeconds(10));
    }

    private static Signal signal(String name) {
        Signal signal = Signal.named(name);
        if (signal == null) {
            throw new AssertionError(name);
        }
        return signal;
    }

    private static double hostFree(Run run) {
        return run.model.kernel().tree.root.memory.margin();
    }

    /** A quarter of each page stays in the host's memory, none of it with the cgroup. */
    @Test
    void zramTakesMemoryOfTheHost() {
        Run run = heap(swap(SwapKind.ZRAM));
        double free = hostFree(run);
        double usage = run.value("a", Signal.USAGE);

        long taken = run.reclaim("a", 2048, Run.PROACTIVE, ANON_ONLY).pagesReclaimed();

        assertThat(run.value("a", Signal.USAGE)).isEqualTo(usage - taken * 4096.0);
        assertThat(hostFree(run)).isEqualTo(free + taken - Math.ceilDiv(taken, 4));
        assertThat(run.value("a", signal("pswpout"))).isEqualTo((double) taken);
        assertThat(run.value("a", signal("zswpout"))).isZero();

        run.advance(Duration.ofMinutes(3));
        assertThat(run.value("a", signal("pswpin"))).isEqualTo((double) taken);
        assertThat(hostFree(run)).as("but for a stock, nothing is left of it").isBetween(free - 63, free);
    }

    @Test
    void zswapTakesMemoryOfTheCgroup() {
        Run run = heap(swap(SwapKind.ZSWAP));
        double usage = run.value("a", Signal.USAGE);

        long taken = run.reclaim("a", 2048, Run.PROACTIVE, ANON_ONLY).pagesReclaimed();

        assertThat(run.value("a", Signal.USAGE))
                .as("falls by less than was stolen")
                .isEqualTo(usage - (taken - Math.ceilDiv(taken, 4)) * 4096.0);
        assertThat(run.value("a", signal("zswap"))).isEqualTo(taken * 1024.0);
        assertThat(run.value("a", signal("zswapped"))).isEqualTo(taken * 4096.0);
        assertThat(run.value("a", signal("zswap.usage"))).isEqualTo(taken * 1024.0);
        assertThat(run.value("a", signal("zswpout"))).isEqualTo((double) taken);
        assertThat(run.value("a", signal("pswpout"))).isZero();
        assertThat(run.value("a", Signal.SWAP_USAGE)).isEqualTo(taken * 4096.0);

        run.advance(Duration.ofMinutes(3));
        assertThat(run.value("a", signal("zswpin"))).isEqualTo((double) taken);
        assertThat(run.value("a", signal("zswap"))).isZero();
        assertThat(run.value("a", Signal.USAGE)).as("but for a stock").isBetween(usage, usage + 63 * 4096);
    }

    /** 2 GiB * 0.0005 is 262 pages, for 1048 compressed ones; the others go to the disk. */
    @Test
    void whatDoesNotFitIntoZswapsPoolGoesToTheDisk() {
        Run run = heap(swap(SwapKind.ZSWAP, 0.0005));

        run.reclaim("a", 2048, Run.PROACTIVE, ANON_ONLY);
        run.reclaim("a", 1024, Run.PROACTIVE, ANON_ONLY);

        assertThat(run.value("a", signal("zswpout"))).isEqualTo(1048);
        assertThat(run.value("a", signal("pswpout"))).isGreaterThan(900);
    }

    /** Handed over, it is under writeback; written, it is next in line. */
    @Test
    void aDisksPagesAreFreedOnceTheyAreWritten() {
        Run run = heap(swap(SwapKind.DISK));
        long pages = run.memcg("a").lruPages();

        run.request("a", 64, ReclaimOptions.MAY_SWAP, -1);
        run.advance(Duration.ofNanos(1));

        assertThat(run.memcg("a").lruPages()).as("nothing is free yet").isEqualTo(pages);
        assertThat(run.value("a", Signal.WRITEBACK)).isPositive();
        assertThat(run.value("a", Signal.SWAP_USAGE)).isPositive();
        double written = run.value("a", signal("pswpout"));
        run.advance(Duration.ofSeconds(1));
        assertThat(run.value("a", Signal.WRITEBACK)).isZero();

        ReclaimResult result = run.reclaim("a", 32, ReclaimOptions.MAY_SWAP, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(run.value("a", signal("pswpout")))
                .as("those that were written")
                .isEqualTo(written);
    }

    @Test
    void aPageUsedOnItsWayToTheDiskNeedsNoSlot() {
        Run run = heap(swap(SwapKind.DISK));
        run.request("a", 64, ReclaimOptions.MAY_SWAP, -1);
        run.advance(Duration.ofSeconds(1));
        assertThat(run.value("a", Signal.SWAP_USAGE)).isPositive();
        double faults = run.value("a", Signal.PGFAULT);
        double slots = run.value("a", Signal.SWAP_USAGE) / 4096;

        run.advance(Duration.ofMinutes(3));

        assertThat(run.value("a", Signal.SWAP_USAGE)).isZero();
        assertThat(run.value("a", Signal.PGFAULT)).isEqualTo(faults + slots);
        assertThat(run.value("a", Signal.PGMAJFAULT)).as("none had to be read").isZero();
    }

    @Test
    void aDiskIsSlowerThanMemory() {
        assertThat(touchNanos(SwapKind.DISK)).isGreaterThan(5 * touchNanos(SwapKind.ZRAM));
    }

    private static long touchNanos(SwapKind kind) {
        Run run = heap(swap(kind));
        for (int i = 0; i < 4; i++) {
            run.reclaim("a", 1024, Run.PROACTIVE, ANON_ONLY);
        }
        run.advance(Duration.ofMinutes(10));
        return run.model.report().get(0).steps().get(2).toNanos();
    }

    /** Also pages that only begin to be written are swapped out: they are what the disk has to do. */
    @ParameterizedTest
    @EnumSource
    void aRequestTellsWhatItSwappedOut(SwapKind kind) {
        Run run = heap(swap(kind));

        ReclaimResult result = run.reclaim("a", 1024, Run.PROACTIVE, ANON_ONLY);

        assertThat(result.swappedOutPages()).isGreaterThanOrEqualTo(1024);
        assertThat(result.swappedOutPages() * 4096.0).isEqualTo(run.value("a", Signal.SWAP_USAGE));
        assertThat(run.reclaim("a", 1024, ReclaimOptions.PROACTIVE, -1).swappedOutPages())
                .as("without MAY_SWAP")
                .isZero();
    }
}
