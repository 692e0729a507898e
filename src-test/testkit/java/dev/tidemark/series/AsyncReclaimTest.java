package dev.tidemark.series;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.model.MemcgHooks;
import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.Runs;
import dev.tidemark.testkit.Scenarios;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.testkit.WithoutPolicies;
import org.junit.jupiter.api.Test;

/**
 * The series' test of asynchronous reclaim, {@code memcg_async_reclaim}: a file of 64 MiB through a limit of 32 MiB. It passes when {@code max} of
 * memory.events rises without, and does not rise at all with asynchronous reclaim.
 */
@OnScenario(resource = "/policies/async-reclaim.scenario.yaml")
@WithPolicies(resource = "/policies/async-reclaim.yaml")
class AsyncReclaimTest {

    @Test
    void withoutItTheLimitIsHit(@WithoutPolicies Run run) {
        run.toTheEnd();

        assertThat(run).cgroup("demo/writer").hitItsLimit().atLeast(100).neverHadATaskKilled();
        assertThat(run).workload("writer").waitedForMemory().atLeast("100ms");
    }

    @Test
    void withThePolicyTheLimitIsNotHitAtAll(Run run) {
        run.toTheEnd();

        assertThat(run).cgroup("demo/writer").neverHitItsLimit().wasReclaimed().atLeast("52MiB");
        assertThat(run).workload("writer").waitedForMemory().exactly(0);
    }

    @Test
    void theWriterIsNotSlower(Run run, @WithoutPolicies Run alone) {
        run.toTheEnd();
        alone.toTheEnd();

        assertThat(run).comparedTo(alone).hasFewerMaxEvents().workload("writer").tookAtMost("100%");
    }

    /**
     * As the series does it: a hook counts charges and starts a worker that takes 32 pages at a time. What the selftest reads back faults
     * nothing in (its loop takes the address of each byte and never loads it), so that it judges the write alone; 32 pages at a time
     * would be too slow for a reader. It is as fast as the disk takes it: what is beyond that is dirty, and nobody can reclaim it.
     */
    @Test
    void withTheHookTheWriteDoesNotHitTheLimitAtAll(Runs runs) {
        Scenario write = Scenarios.host("2GiB")
                .cpus(4)
                .cgroup("demo/writer")
                .max("32MiB")
                .swapMax("0B")
                .workload("writer", "demo/writer")
                .writes("data", "64MiB")
                .at("250MiB/s")
                .inChunksOf("4KiB")
                .lasts("1m")
                .scenario();
        Run alone = runs.on(write).withoutPolicies();
        Run run = runs.on(write).withoutPolicies();
        AsyncReclaim worker = new AsyncReclaim(run, "demo/writer");
        run.model().attach(run.cgroup("demo/writer"), worker.hooks());

        run.toTheEnd();
        alone.toTheEnd();

        assertThat(alone).cgroup("demo/writer").hitItsLimit();
        assertThat(run).cgroup("demo/writer").neverHitItsLimit().uses().atMost("12MiB");
    }

    /** The selftest's program. */
    private static final class AsyncReclaim {

        private static final long TRIGGER_BYTES = 12 << 20;
        private static final long MARGIN_BYTES = 1 << 20;
        private static final int CHECK_PAGES = 256;
        private static final int BATCH_PAGES = 32;

        private final Run run;
        private final String path;
        private long counted;
        private long checked;
        private boolean running;

        AsyncReclaim(Run run, String path) {
            this.run = run;
            this.path = path;
        }

        MemcgHooks hooks() {
            return MemcgHooks.builder()
                    .memcgCharged((memcg, pages) -> count(pages))
                    .memcgUncharged((memcg, pages) -> count(-pages))
                    .build();
        }

        private int count(int pages) {
            counted += pages;
            if (Math.abs(counted - checked) >= CHECK_PAGES) {
                checked = counted;
                if (usage() >= TRIGGER_BYTES && !running) {
                    running = true;
                    reclaim();
                }
            }
            return 0;
        }

        private void reclaim() {
            run.model()
                    .tryToFreeMemCgroupPages(run.cgroup(path), BATCH_PAGES, Gfp.GFP_KERNEL, 0, -1)
                    .subscribeOn(run.scheduler())
                    .subscribe(result -> {
                        if (result.pagesReclaimed() > 0 && usage() >= TRIGGER_BYTES - MARGIN_BYTES) {
                            reclaim();
                        } else {
                            running = false;
                        }
                    });
        }

        private double usage() {
            return run.read(path, "usage");
        }
    }
}
