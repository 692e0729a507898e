package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HooksTest {

    /** Counts what it is told. */
    private static class Counting implements MemcgHooks {
        final List<Integer> batches = new ArrayList<>();
        long pages;
        int delayMs;

        @Override
        public int memcgCharged(Cgroup memcg, int nrPages) {
            batches.add(nrPages);
            pages += nrPages;
            return delayMs;
        }

        @Override
        public void memcgUncharged(Cgroup memcg, int nrPages) {
            pages -= nrPages;
        }
    }

    @Test
    void whatIsChargedAndUnchargedIsTheUsage() {
        Run run = new Run(Scenarios.selftest());
        Counting hooks = new Counting();
        run.model.attach(run.cgroup("test"), hooks);
        run.model.start();

        run.advance(
                Duration.ofSeconds(1),
                Duration.ofMillis(1),
                () -> assertThat(hooks.pages * 4096.0).isEqualTo(run.value("test", Signal.USAGE)));

        assertThat(hooks.batches).contains(64).contains(1);
        assertThat(hooks.batches.size()).as("32,768 pages were charged").isLessThan(32_768);
    }

    @Test
    void hooksApplyBelowUntilOthersDo() {
        Run run = new Run(Scenarios.host()
                .cgroup("p", Scenarios.MAX)
                .cgroup("p/a", Scenarios.MAX)
                .run(
                        "p/a",
                        "one",
                        new Step.Allocate("x", 4096, Scenarios.FAST),
                        new Step.Sleep(Duration.ofSeconds(1))));
        Counting parent = new Counting();
        Counting child = new Counting();
        run.model.attach(run.cgroup("p"), parent);
        run.model.attach(run.cgroup("p/a"), child);
        Cgroup made = run.create("p/b", Scenarios.MAX);

        assertThat(run.memcg("p/a").hooks).isSameAs(child);
        assertThat(run.memcg("p/b").hooks).isSameAs(parent);
        run.model.detach(run.cgroup("p/a"));
        assertThat(run.memcg("p/a").hooks).isSameAs(parent);
        run.model.detach(run.cgroup("p"));
        assertThat(run.memcg("p/a").hooks).isNull();
        run.model.remove(made);
        run.model.detach(made);
        assertThatThrownBy(() -> run.model.attach(made, child)).hasMessage("cgroup p/b#" + made.id() + " is gone");
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
        run.model.attach(run.cgroup("a"), hooks);
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
        broken.model.attach(broken.cgroup("test"), new MemcgHooks() {
            @Override
            public int memcgCharged(Cgroup memcg, int nrPages) {
                throw new IllegalStateException("first");
            }

            @Override
            public void memcgUncharged(Cgroup memcg, int nrPages) {
                throw new IllegalStateException("later");
            }
        });
        broken.model.start();
        broken.advance(Duration.ofSeconds(5));
        Run plain = Run.started(Scenarios.selftest()).advance(Duration.ofSeconds(5));

        assertThat(broken.model.hookFailures()).isPositive();
        assertThat(broken.model.firstHookFailure())
                .hasValueSatisfying(e -> assertThat(e).hasMessage("first"));
        assertThat(broken.model.report()).isEqualTo(plain.model.report());
        assertThat(plain.model.hookFailures()).isZero();
    }

    /** The series' own policy: above 12 MiB a worker takes 32 pages at a time until usage is below 11 MiB. */
    @Test
    void theSeriesOwnPolicyKeepsTheLimitAway() {
        Run run = new Run(Scenarios.selftest());
        Cgroup cgroup = run.cgroup("test");
        Counting hooks = new Counting() {
            boolean running;

            @Override
            public int memcgCharged(Cgroup memcg, int nrPages) {
                if (!running && pages >= 12 * 256) {
                    running = true;
                    work();
                }
                return super.memcgCharged(memcg, nrPages);
            }

            void work() {
                run.model
                        .tryToFreeMemCgroupPages(cgroup, 32, Gfp.GFP_KERNEL, 0, -1)
                        .subscribe(result -> {
                            if (result.pagesReclaimed() > 0 && result.usageBytes() >= 11 * Scenarios.MIB) {
                                work();
                            } else {
                                running = false;
                            }
                        });
            }
        };
        run.model.attach(cgroup, hooks);
        run.model.start();
        run.advance(Duration.ofSeconds(10));

        assertThat(run.model.report().get(0).ended()).isPresent();
        assertThat(run.value("test", Signal.EVENTS_MAX)).isZero();
    }
}
