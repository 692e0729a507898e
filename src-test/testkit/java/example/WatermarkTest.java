package example;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.model.MemcgHooks;
import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Policies;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.Runs;
import dev.tidemark.testkit.Scenarios;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.testkit.WithoutPolicies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnScenario(resource = "/policies/watermark.scenario.yaml")
@WithPolicies(resource = "/policies/watermark.yaml")
class WatermarkTest {

    @Test
    void keepsTheWriterOffItsLimit(Run run) {
        run.toTheEnd();

        assertThat(run).cgroup("demo/writer").neverHitItsLimit();
    }

    @Test
    void isWhatKeepsIt(Run run, @WithoutPolicies Run alone) {
        run.toTheEnd();
        alone.toTheEnd();

        assertThat(alone).cgroup("demo/writer").hitItsLimit().atLeast(100);
        assertThat(run).comparedTo(alone).hasFewerMaxEvents().workload("writer").tookAtMost("101%");
    }

    @Test
    @WithPolicies("""
            version: 1
            policies:
              - name: patient
                cgroups: ["demo/*"]
                start: usage > 24MiB for 200ms
                stop: usage < 16MiB
            """)
    void waitsBeforeItStarts(Run run) {
        run.until("6s");

        assertThat(run).policy("patient").becameActive().on("demo/writer").notBefore("2600ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"24MiB", "32MiB", "48MiB"})
    void keepsWritersOfAllSizesOffTheirLimits(String limit, Runs runs) {
        Scenario scenario = Scenarios.host("2GiB")
                .cpus(2)
                .cgroup("demo/writer")
                .max(limit)
                .swapMax("0B")
                .workload("writer", "demo/writer")
                .startsAt("1s")
                .writes("data", "64MiB")
                .at("16MiB/s")
                .inChunksOf("4KiB")
                .lasts("10s")
                .scenario();

        Run run = runs.on(scenario).with(Policies.resource(getClass(), "/policies/watermark.yaml"));
        run.toTheEnd();

        assertThat(run).hitNoLimit().killedNobody();
    }

    @Test
    @WithoutPolicies
    void aDelayInTheChargePathSlowsTheWriter(Run run) {
        MemcgHooks delay =
                MemcgHooks.builder().memcgCharged((memcg, pages) -> 20).build();
        run.model().attach(run.cgroup("demo/writer"), delay);

        run.until("3s");

        assertThat(run).cgroup("demo/writer").stayedBelow("16MiB");
    }

    @Test
    void headwayIsFromTheLeastSoFar() {
        assertThat(new Headway())
                .taking(Unit.BYTES)
                .gives(Unit.BYTES)
                .taking(Unit.TRUTH)
                .isRefused("one value is needed")
                .at("0s")
                .of(Double.NaN)
                .isUnknown()
                .at("1s")
                .of(10)
                .is(0)
                .at("2s")
                .of(16)
                .is(6)
                .forAnotherCgroup()
                .at("0s")
                .of(16)
                .is(0)
                .canBeCalled();
    }
}
