package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class TaskTest {

    @Test
    void stepsRepeatFromTheirStartOn() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        WorkloadSpec workload = new WorkloadSpec(
                "a",
                "w",
                Duration.ofSeconds(2),
                3,
                List.of(new Step.Sleep(Duration.ofSeconds(1)), new Step.Allocate("x", 4096, Scenarios.FAST)));
        MemoryModel model = MemoryModel.of(
                new Scenario(
                        new HostSpec(1 << 30, 1, 0),
                        1,
                        Duration.ofMinutes(1),
                        List.of(new CgroupSpec("a", Scenarios.MAX, Scenarios.MAX, 0, 0, 0)),
                        List.of(workload)),
                time);
        time.advanceTimeBy(Duration.ofSeconds(10));
        model.start();
        model.start();
        time.advanceTimeBy(Duration.ofSeconds(10));

        WorkloadReport report = model.report().get(0);
        assertThat(report.started()).contains(Duration.ofSeconds(2));
        assertThat(report.rounds()).isEqualTo(3);
        assertThat(report.steps().get(0)).isEqualTo(Duration.ofSeconds(3));
        assertThat(report.ended().orElseThrow()).isBetween(Duration.ofSeconds(5), Duration.ofMillis(5001));
        StepVerifier.create(model.finished()).verifyComplete();
    }

    @Test
    void atTheScenariosEndWhatRunsIsStopped() {
        Run run = Run.started(Scenarios.host()
                .duration(Duration.ofSeconds(5))
                .cgroup("a", Scenarios.MAX)
                .run("a", "w", new Step.Write("f", 1L << 30, 10.0 * Scenarios.MIB, 4096)));
        List<String> ends = new ArrayList<>();
        run.model.finished().subscribe(x -> {}, Run::fail, () -> ends.add("finished"));

        run.advance(Duration.ofMillis(4999));
        assertThat(ends).isEmpty();
        run.advance(Duration.ofMillis(2));
        assertThat(ends).containsExactly("finished");
        double usage = run.value("a", Signal.USAGE);
        run.advance(Duration.ofMinutes(1));

        assertThat(run.value("a", Signal.USAGE)).isEqualTo(usage);
        assertThat(run.model.report().get(0).ended()).isEmpty();
        assertThat(run.model.report().get(0).rounds()).isZero();
    }

    @Test
    void theHostsMemoryIsALimitToo() {
        Run run = Run.started(Scenarios.host()
                        .memory(32 * Scenarios.MIB)
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "w", new Step.Write("f", 64 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofSeconds(10));

        assertThat(run.model.report().get(0).ended()).isPresent();
        assertThat(run.value("a", Signal.USAGE)).isLessThanOrEqualTo(32.0 * Scenarios.MIB);
        assertThat(run.value("a", Signal.EVENTS_MAX)).isZero();
        assertThat(run.value("a", Signal.LIMIT)).isEqualTo(32.0 * Scenarios.MIB);
        assertThat(run.value("a", Signal.MAX)).isInfinite();
        assertThat(run.value("", Signal.LIMIT)).isEqualTo(32.0 * Scenarios.MIB);
        assertThat(run.value("", Signal.USAGE))
                .as("the root has no memory.current")
                .isNaN();
    }

    /**
     * The first fault reads around itself and marks a page three quarters on; meeting a mark reads on, so that what follows is on
     * its way when it is wanted. A fault maps what is there of the 16 pages around.
     */
    @Test
    void faultsAreCountedAsTheKernelHandlesThem() {
        Run run = Run.started(Scenarios.selftest()).advance(Duration.ofMinutes(1));
        assertThat(run.value("test", Signal.PGMAJFAULT)).isBetween(1.0, 16_384 / 32 * 0.1);
        assertThat(run.value("test", Signal.PGFAULT)).isBetween(16_384 / 16 * 1.0, 16_384 / 16 * 1.6);

        Run resident = Run.started(Scenarios.host()
                        .cgroup("a", Scenarios.MAX)
                        .run(
                                "a",
                                "w",
                                new Step.Write("f", 64 * Scenarios.MIB, Scenarios.FAST, 4096),
                                new Step.Read("f", Scenarios.FAST, 5)))
                .advance(Duration.ofMinutes(1));
        assertThat(resident.value("a", Signal.PGMAJFAULT)).isZero();
        assertThat(resident.value("a", Signal.PGFAULT)).isEqualTo(16_384 / 16);
    }

    @Test
    void aSharedFileIsChargedToWhoeverBringsItInFirst() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("a", Scenarios.MAX)
                        .cgroup("b", Scenarios.MAX)
                        .run("a", "one", new Step.Write("f", 4 * Scenarios.MIB, Scenarios.FAST, 4096))
                        .run(
                                "b",
                                "two",
                                new Step.Sleep(Duration.ofSeconds(1)),
                                new Step.Write("f", 6 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofSeconds(10));

        assertThat(run.memcg("a").lruPages()).isEqualTo(1024);
        assertThat(run.memcg("b").lruPages()).isEqualTo(512);
    }
}
