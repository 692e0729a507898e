package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HooksTest {

    /** Counts what it is told. */
    private static final class Counting {
        final List<Integer> batches = new ArrayList<>();
        long pages;
        int delayMs;

        final MemcgHooks table = MemcgHooks.builder()
                .memcgCharged((memcg, nrPages) -> {
                    batches.add(nrPages);
                    pages += nrPages;
                    return delayMs;
                })
                .memcgUncharged((memcg, nrPages) -> pages -= nrPages)
                .build();
    }

    @Test
    void whatIsChargedAndUnchargedIsTheUsage() {
        Run run = new Run(Scenarios.selftest());
        Counting hooks = new Counting();
        run.model.attach(run.cgroup("test"), hooks.table);
        run.model.start();

        run.advance(
                Duration.ofSeconds(1),
                Duration.ofMillis(1),
                () -> assertThat(hooks.pages * 4096.0).isEqualTo(run.value("test", Signal.USAGE)));

        assertThat(hooks.batches).contains(64).contains(1);
        assertThat(hooks.batches.size()).as("32,768 pages were charged").isLessThan(32_768);
    }

    /** Up to 10 ms none; above 2 s only 2 s; one sleep for each batch of 64 pages. */
    @ParameterizedTest
    @CsvSource({"0, 0", "10, 0", "11, 11", "500, 500", "2000, 2000", "100000, 2000"})
    void theDelayIsSlept(int asked, long slept) {
        Run run = new Run(Scenarios.host()
                .cgroup("a", Scenarios.MAX)
                .run("a", "one", new Step.Allocate("x", 128 * 4096, Scenarios.FAST)));
        Counting hooks = new Counting();
        hooks.delayMs = asked;
        run.model.attach(run.cgroup("a"), hooks.table);
        run.model.start();
        run.advance(Duration.ofSeconds(10));

        assertThat(hooks.batches).containsExactly(64, 64);
        WorkloadReport report = run.model.report().get(0);
        assertThat(report.stalled()).isEqualTo(Duration.ofMillis(2 * slept));
        assertThat(report.ended().orElseThrow())
                .isBetween(Duration.ofMillis(2 * slept), Duration.ofMillis(2 * slept + 1));
    }

    @Test
    void aThrowingHookIsCountedAndNothingElse() {
        Run broken = new Run(Scenarios.selftest());
        broken.model.attach(
                broken.cgroup("test"),
                MemcgHooks.builder()
                        .memcgCharged((memcg, nrPages) -> {
                            throw new IllegalStateException("first");
                        })
                        .memcgUncharged((memcg, nrPages) -> {
                            throw new IllegalStateException("later");
                        })
                        .tryCharge((memcg, gfp, nrPages, over, options, done) -> {
                            throw new IllegalStateException("later");
                        })
                        .nrPagesOverHigh(memcg -> {
                            throw new IllegalStateException("later");
                        })
                        .build());
        broken.model.start();
        broken.advance(Duration.ofSeconds(5));
        Run plain = Run.started(Scenarios.selftest()).advance(Duration.ofSeconds(5));

        assertThat(broken.model.hookFailures()).isPositive();
        assertThat(broken.model.firstHookFailure())
                .hasValueSatisfying(e -> assertThat(e).isInstanceOf(IllegalStateException.class));
        assertThat(broken.model.report()).isEqualTo(plain.model.report());
        assertThat(plain.model.hookFailures()).isZero();
    }

    /** The series' own policy: above 12 MiB a worker takes 32 pages at a time until usage is below 11 MiB. */
    @Test
    void theSeriesOwnPolicyKeepsTheLimitAway() {
        Run run = new Run(Scenarios.selftest(250.0 * Scenarios.MIB));
        Cgroup cgroup = run.cgroup("test");
        AtomicLong pages = new AtomicLong();
        AtomicBoolean running = new AtomicBoolean();
        MemcgHooks table = MemcgHooks.builder()
                .memcgCharged((memcg, nrPages) -> {
                    if (pages.addAndGet(nrPages) >= 12 * 256 && running.compareAndSet(false, true)) {
                        work(run, cgroup, running);
                    }
                    return 0;
                })
                .memcgUncharged((memcg, nrPages) -> pages.addAndGet(-nrPages))
                .build();
        run.model.attach(cgroup, table);
        run.model.start();
        run.advance(Duration.ofSeconds(10));

        assertThat(run.model.report().get(0).ended()).isPresent();
        assertThat(run.value("test", Signal.EVENTS_MAX)).isZero();
    }

    /** {@code bpf_wq}: what the hook starts runs outside of it. */
    private static void work(Run run, Cgroup cgroup, AtomicBoolean running) {
        run.model
                .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, 0, -1)
                .subscribeOn(run.time)
                .subscribe(
                        result -> {
                            if (result.pagesReclaimed() > 0 && result.usageBytes() >= 11 * Scenarios.MIB) {
                                work(run, cgroup, running);
                            } else {
                                running.set(false);
                            }
                        },
                        Run::fail);
    }

    /** Two siblings with 16 MiB of clean cache each, one with a table. */
    private static Run family(MemcgHooks ofA) {
        Scenarios scenarios = Scenarios.host()
                .cgroup("p", Scenarios.MAX)
                .cgroup("p/a", Scenarios.MAX)
                .cgroup("p/b", Scenarios.MAX);
        for (String child : List.of("a", "b")) {
            scenarios.run("p/" + child, child, new Step.Write(child, 16 * Scenarios.MIB, Scenarios.FAST, 4096));
        }
        Run run = Run.started(scenarios).advance(Duration.ofMinutes(2));
        run.model.attach(run.cgroup("p/a"), ofA);
        return run;
    }

    private static long scanned(Run run, String path) {
        return run.memcg(path).local[Stat.PGSCAN_PROACTIVE];
    }

    @Test
    void belowLowProtectsWhileThereIsSomethingElse() {
        Run run = family(
                MemcgHooks.builder().belowLow((memcg, elow, usage) -> true).build());

        run.reclaim("p", 8 * 256, Run.PROACTIVE, -1);
        assertThat(scanned(run, "p/a")).isZero();
        assertThat(scanned(run, "p/b")).isPositive();
        assertThat(run.memcg("p/a").events[MemcgEvent.LOW]).isZero();

        assertThat(run.reclaim("p", 16 * 256, Run.PROACTIVE, -1).outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(scanned(run, "p/a")).isPositive();
        assertThat(run.memcg("p/a").events[MemcgEvent.LOW]).isPositive();
    }

    @Test
    void belowMinProtectsWhateverElseThereIs() {
        Run run = family(
                MemcgHooks.builder().belowMin((memcg, emin, usage) -> true).build());

        ReclaimResult result = run.reclaim("p", 24 * 256, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(result.pagesReclaimed()).isEqualTo(16 * 256);
        assertThat(scanned(run, "p/a")).isZero();
    }

    @Test
    void theTargetOfReclaimIsNotAskedAndOthersAreToldTheirNumbers() {
        List<String> asked = new ArrayList<>();
        Run run = family(MemcgHooks.builder()
                .belowMin((memcg, emin, usage) -> {
                    asked.add("min " + memcg.path() + " " + emin + " " + usage);
                    return false;
                })
                .belowLow((memcg, elow, usage) -> {
                    asked.add("low " + memcg.path() + " " + elow + " " + usage);
                    return true;
                })
                .build());
        run.memcg("p/a").memory.low = 100;
        run.memcg("p/a").memory.min = 50;

        run.reclaim("p/a", 32, 0, -1);
        assertThat(asked).isEmpty();
        assertThat(scanned(run, "p/a") + run.memcg("p/a").local[Stat.PGSCAN_DIRECT])
                .isPositive();

        long usage = run.memcg("p/a").memory.usage;
        run.reclaim("p", 8 * 256, Run.PROACTIVE, -1);
        assertThat(asked).startsWith("min p/a 50 " + usage, "low p/a 100 " + usage);
        assertThat(run.memcg("p/a").memory.elow).as("left as it is").isEqualTo(100);
    }

    /** v7: false leaves it to the numbers. */
    @Test
    void aHookThatSaysNoLeavesProtectionInForce() {
        Run run = family(MemcgHooks.builder()
                .belowLow((memcg, elow, usage) -> false)
                .belowMin((memcg, emin, usage) -> false)
                .build());
        run.memcg("p/a").memory.min = 64 * 256;

        run.reclaim("p", 24 * 256, Run.PROACTIVE, -1);

        assertThat(scanned(run, "p/a")).isZero();
    }

    @Test
    void reclaimFromWithinAHookIsRefused() {
        List<ReclaimResult> results = new ArrayList<>();
        List<ReclaimResult> deferred = new ArrayList<>();
        Run run = new Run(Scenarios.host()
                .cgroup("a", Scenarios.MAX)
                .run("a", "one", new Step.Allocate("x", 4096, Scenarios.FAST)));
        run.model.attach(
                run.cgroup("a"),
                MemcgHooks.builder()
                        .memcgCharged((memcg, nrPages) -> {
                            var reclaim = run.model.tryToFreeMemCgroupPages(memcg, 32, Gfp.GFP_KERNEL, 0, -1);
                            reclaim.subscribe(results::add, Run::fail);
                            reclaim.subscribeOn(run.time).subscribe(deferred::add, Run::fail);
                            return 0;
                        })
                        .build());
        run.model.start();
        run.advance(Duration.ofSeconds(1));

        assertThat(results).hasSize(1);
        assertThat(results.get(0).outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(results.get(0).message()).startsWith("Invalid argument: a hook must not sleep");
        assertThat(deferred).hasSize(1);
        assertThat(deferred.get(0).outcome()).isEqualTo(Outcome.AGAIN);
    }

    @Test
    void reclaimFromWithinReclaimIsRefusedToo() {
        List<ReclaimResult> results = new ArrayList<>();
        List<MemoryModel> model = new ArrayList<>();
        Run run = family(MemcgHooks.builder()
                .belowLow((memcg, elow, usage) -> {
                    model.getFirst()
                            .tryToFreeMemCgroupPages(memcg, 32, Gfp.GFP_KERNEL, 0, -1)
                            .subscribe(results::add, Run::fail);
                    return false;
                })
                .build());
        model.add(run.model);

        run.reclaim("p", 32, 0, -1);

        assertThat(results)
                .isNotEmpty()
                .allSatisfy(result -> assertThat(result.outcome()).isEqualTo(Outcome.REFUSED));
    }

    /** A file is written and stays; v1's handler sees each attempt, and how much a round reclaims is up to it. */
    private static Run selftest(MemcgHooks global) {
        Run run = new Run(Scenarios.selftest());
        run.model.attachGlobal(global);
        run.model.start();
        return run.advance(Duration.ofSeconds(30));
    }

    private static MemcgHooks reclaiming(int pages) {
        return MemcgHooks.builder()
                .tryCharge((memcg, gfp, nrPages, over, options, done) -> pages)
                .build();
    }

    @Test
    void tryChargeMayHaveMoreReclaimedInARound() {
        double asAsked = selftest(reclaiming(0)).value("test", Signal.EVENTS_MAX);
        double much = selftest(reclaiming(512)).value("test", Signal.EVENTS_MAX);

        assertThat(asAsked).isGreaterThan(300);
        assertThat(much).isBetween(1.0, asAsked / 4);
    }

    /** {@code 0 < nr_pages <= HPAGE_PMD_NR}. */
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 513, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void tryChargeOutOfBoundsChangesNothing(int pages) {
        Run plain = Run.started(Scenarios.selftest()).advance(Duration.ofSeconds(30));

        assertThat(selftest(reclaiming(pages)).model.report()).isEqualTo(plain.model.report());
    }

    @Test
    void tryChargeIsToldOfEachAttempt() {
        List<String> attempts = new ArrayList<>();
        Run run = new Run(Scenarios.host()
                .cgroup("p", 65 * 4096)
                .cgroup("p/a", Scenarios.MAX)
                .run("p/a", "one", new Step.Allocate("x", 66 * 4096, Scenarios.FAST)));
        run.model.attachGlobal(MemcgHooks.builder()
                .tryCharge((memcg, gfp, nrPages, over, options, done) -> {
                    attempts.add(memcg.path() + " " + nrPages + " " + (over == null ? "-" : over.path()) + " " + done
                            + " " + (gfp == Gfp.GFP_KERNEL && options == ReclaimOptions.MAY_SWAP));
                    return 0;
                })
                .build());
        run.model.start();
        run.advance(Duration.ofSeconds(10));

        assertThat(attempts)
                .startsWith("p/a 1 - true true", "p/a 1 - true true", "p/a 1 p false true", "p/a 1 p false true");
        assertThat(attempts).hasSize(2 + (int) run.value("p", Signal.EVENTS_MAX));
    }

    private static Run overHigh(long high, int pages) {
        Run run = new Run(Scenarios.host()
                .cgroup("a", Scenarios.MAX, high, 0, 0, Scenarios.MAX)
                .run("a", "one", new Step.Allocate("x", 64 * 4096, Scenarios.FAST)));
        run.model.attach(
                run.cgroup("a"),
                MemcgHooks.builder().nrPagesOverHigh(memcg -> pages).build());
        run.model.start();
        return run.advance(Duration.ofMinutes(10));
    }

    /** v2: 65 pages or more and the task that charges reclaims, though usage is far below high. */
    @Test
    void nrPagesOverHighHasTheTaskReclaimAtOnce() {
        assertThat(overHigh(1024 * Scenarios.MIB, 64).value("a", Signal.EVENTS_HIGH))
                .isZero();
        assertThat(overHigh(1024 * Scenarios.MIB, 65).value("a", Signal.EVENTS_HIGH))
                .isPositive();
        assertThat(overHigh(1024 * Scenarios.MIB, -65).value("a", Signal.EVENTS_HIGH))
                .isZero();
    }

    /** 1024 pages over 100 MiB for 1024 pages: (1024/25600)^2 * 2^6 s * 16, that is 1.6 s; over `max` nothing. */
    @Test
    void nrPagesOverHighDelaysAsUsageWould() {
        long expected = Charge.highDelay(Charge.overage(25600 + 1024, 25600), 1024);
        assertThat(expected).isBetween(1600L, 1650L);

        Run run = overHigh(100 * Scenarios.MIB, 1024);
        Duration reclaim = Duration.ofMillis(1);
        assertThat(run.model.report().get(0).stalled().toMillis())
                .isBetween(expected, expected + 17 * 14 * reclaim.toMillis());
        assertThat(overHigh(Scenarios.MAX, 1024).model.report().get(0).stalled())
                .as("reclaim alone")
                .isLessThan(Duration.ofMillis(10));
    }

    /** In v2 the difference wraps round below high. */
    @Test
    void nrPagesOverHighCountsFromHighOn() {
        assertThat(Charge.overage(50, 100, 0)).isZero();
        assertThat(Charge.overage(50, 100, 10)).isEqualTo((10L << 20) / 100);
        assertThat(Charge.overage(120, 100, 10)).isEqualTo((20L << 20) / 100);
        assertThat(Charge.overage(50, PageCounter.MAX, 1024)).isZero();
    }

    /** The longer of the two delays counts, and neither goes beyond 2 s. */
    @Test
    void aHooksDelayAndThatOfHighAreNotAdded() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX, 100 * Scenarios.MIB, 0, 0, Scenarios.MAX));
        MemCgroup memcg = run.memcg("a");
        memcg.memory.tryCharge(105 << 8);

        assertThat(Charge.delayJiffies(memcg, 64, 0)).isEqualTo(159);
        assertThat(Charge.delayJiffies(memcg, 64, 100)).isEqualTo(159);
        assertThat(Charge.delayJiffies(memcg, 64, 500)).isEqualTo(500);
        assertThat(Charge.delayJiffies(memcg, 0, 0))
                .as("nothing was charged over high")
                .isZero();
        memcg.memory.tryCharge(13 << 8);
        assertThat(Charge.delayJiffies(memcg, 64, 500)).isEqualTo(2000);
        assertThat(Charge.delayJiffies(memcg, 64, 100_000)).isEqualTo(2000);
    }
}
