package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        Run run = new Run(Scenarios.selftest());
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
}
