package dev.tidemark.testkit;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.reclaim.model.MemcgHooks;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@OnScenario("""
        version: 1
        duration: 20s
        host: { memory: 2GiB, cpus: 2, swap: 0 }
        cgroups:
          - { path: lab/writer, max: 32MiB, swap_max: 0 }
        workloads:
          - cgroup: lab/writer
            name: writer
            start: 1s
            steps:
              - write: { file: data, size: 64MiB, rate: 16MiB/s, chunk: 4KiB }
        """)
@WithPolicies("""
        version: 1
        policies:
          - name: watermark
            cgroups: ["lab/*"]
            start: usage > 16MiB
            stop: usage < 10MiB
            reclaim: { batch: 1MiB, writeback: 2MiB }
        """)
class RunTest {

    @Test
    void timeGoesByAsItIsTold(Run run) {
        assertThat(run.now()).isZero();
        assertThat(run.advance("1500ms").now()).hasMillis(1500);
        assertThat(run.advance(Duration.ofMillis(3)).until("2s").now()).hasSeconds(2);
        assertThat(run.isRunning()).isTrue();
        assertThat(run.toTheEnd().isRunning()).isFalse();
        assertThat(run.now()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7));
        assertThat(run.advance("1h").now()).isGreaterThan(Duration.ofHours(1));
    }

    @Test
    void timeDoesNotGoBack(Run run) {
        run.until("2s");

        assertThatThrownBy(() -> run.until("1s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("it is 2s already, later than 1s");
        assertThatThrownBy(() -> run.advance(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("time does not go back: PT-1S");
    }

    @Test
    void howTimeIsDividedChangesNothing(Run once, Run again) {
        once.until("4s");
        for (int i = 0; i < 4_000; i += 7) {
            again.advance("7ms");
            if (again.now().toMillis() > 3_990) {
                break;
            }
        }
        again.until("4s");

        assertThat(once).comparedTo(again).wentTheSame();
    }

    @Test
    void whatIsWaitedForComesOrFails(Run run) {
        run.until(() -> run.read("lab/writer", "usage") > 8 << 20, "10s");

        assertThat(run.now()).isBetween(Duration.ofMillis(1400), Duration.ofMillis(1600));
        assertThatThrownBy(() -> run.until(() -> run.read("lab/writer", "usage") > 1 << 30, "3s"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "Expecting what is waited for to come by 3s\nbut it has not come.\n\nWhat happened");
    }

    @Test
    void longScenariosAreLookedAtLessOften(Runs runs) {
        Scenario day = Scenarios.host("1GiB")
                .workload("sleeper", "a")
                .sleeps("1s")
                .lasts("24h")
                .scenario();

        assertThat(runs.on(day).withoutPolicies().resolution()).hasMillis(8640);
        assertThat(runs.withoutPolicies().resolution()).hasMillis(10);
    }

    @Test
    void anyThingOfTheModelCanBeRead(Run run) {
        run.until("2s");

        assertThat(run.read("lab/writer", "max")).isEqualTo(32 << 20);
        assertThat(run.read("lab/writer", "host.total")).isEqualTo(2.0 * (1L << 30));
        assertThatThrownBy(() -> run.read("lab/writer", "headroom")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run.read("nowhere", "usage"))
                .hasMessage("there is no cgroup nowhere, but [lab/writer]");
        assertThat(run.standing("lab/writer", "watermark").orElseThrow().whyNot())
                .isNotEmpty();
    }

    @Test
    void aCgroupThatIsMadeLaterIsKnownFromThenOn(Run run) {
        run.until("1s");
        run.model().create(new CgroupSpec("lab/new", 1 << 20, Long.MAX_VALUE, 0, 0, 0));
        run.advance("1s");

        assertThat(run).cgroup("lab/new").neverHitItsLimit().uses().exactly("0B");
        assertThat(run.seen()).contains("lab/new");
    }

    @Test
    void aCgroupMadeAnewGoesOnWhereTheOldOneEnded(Runs runs) {
        Run run = runs.on(Scenarios.host("2GiB")
                        .cgroup("a")
                        .max("8MiB")
                        .swapMax("0B")
                        .workload("a", "a")
                        .writes("data", "16MiB")
                        .at("64MiB/s")
                        .removes("data")
                        .workload("b", "b")
                        .sleeps("5s")
                        .lasts("10s")
                        .scenario())
                .withoutPolicies();
        run.until("2s");
        double hits = assertThat(run).cgroup("a").hitItsLimit().value();
        run.model().remove(run.cgroup("a"));
        run.model().create(new CgroupSpec("a", 1 << 20, Long.MAX_VALUE, 0, 0, 0));
        run.advance("1s");

        assertThat(run).cgroup("a").hitItsLimit().exactly(hits);
    }

    @Test
    void aComplaintFailsTheTestUnlessItIsExpected(@WithPolicies("""
                    version: 1
                    policies:
                      - name: pushed
                        cgroups: ["lab/*"]
                        start: psi.io.some trigger 150ms/1s
                        stop: usage < 10MiB
                    """) Run run, @WithPolicies("""
                    version: 1
                    policies:
                      - name: pushed
                        cgroups: ["lab/*"]
                        start: psi.io.some trigger 150ms/1s
                        stop: usage < 10MiB
                    """) Run expecting) {
        assertThatThrownBy(() -> run.until("2s"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Expecting the agent to complain of nothing\nbut it complained: ");

        expecting.expectComplaints().until("2s");
        assertThat(expecting.complaints()).singleElement().asString().contains("pressure of memory only");
    }

    @Test
    void aHookThatFailsFailsTheTest(@WithoutPolicies Run run) {
        run.model()
                .attach(
                        run.cgroup("lab/writer"),
                        MemcgHooks.builder()
                                .memcgCharged((memcg, pages) -> {
                                    throw new IllegalStateException("broken");
                                })
                                .build());

        assertThatThrownBy(() -> run.until("2s"))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching("a hook failed, [0-9]+ times in all")
                .hasRootCauseMessage("broken");
    }

    @Test
    void whatHappenedIsToldInItsOrder(Run run) {
        run.until("3100ms");
        run.reload(Policies.yaml("""
                version: 1
                policies:
                  - name: other
                    cgroups: ["lab/*"]
                    start: usage > 16MiB
                    stop: usage < 10MiB
                """));
        run.toTheEnd();

        assertThat(run.timeline().lines().map(line -> line.replaceAll("[0-9.]+", "#")))
                .containsSubsequence(
                        "    #s  workload writer began in lab/writer",
                        "    #s  policy watermark became active on lab/writer: usage=#MiB",
                        "    #s  policy watermark took #MiB of the #MiB it asked lab/writer for, in # writes until #s",
                        "    #s  policy watermark stopped on lab/writer (stop): usage=#MiB",
                        "    #s  new policies: added other; removed watermark;",
                        "    #s  policy other became active on lab/writer: usage=#MiB",
                        "    #s  policy other took #MiB of the #MiB it asked lab/writer for, in # writes until #s",
                        "    #s  policy other stopped on lab/writer (stop): usage=#MiB",
                        "    #s  workload writer ended in lab/writer");
    }

    @Test
    void withoutJUnitARunIsBegunAndClosedByHand() {
        try (Run run = Run.on(Scenarios.file("../policies/watermark.scenario.yaml"))
                .with(Policies.file("../policies/watermark.yaml"))) {
            run.until("5s");

            assertThat(run).policy("watermark").becameActive();
        }
    }
}
