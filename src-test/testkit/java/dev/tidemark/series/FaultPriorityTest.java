package dev.tidemark.series;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.model.MemcgHooks;
import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.Runs;
import dev.tidemark.testkit.Scenarios;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.testkit.WithoutPolicies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The series' test of its hooks, {@code memcg_ops}: two write 64 MiB each and read them; while the one has had page faults within a second, the
 * other is held up. It passes when the other takes more than 1 s longer.
 */
@OnScenario(resource = "/policies/priority-faults.scenario.yaml")
@WithPolicies(resource = "/policies/priority-faults.yaml")
class FaultPriorityTest {

    @Test
    void withoutItBothTakeTheSameTime(@WithoutPolicies Run run) {
        run.toTheEnd();

        assertThat(run).workload("low").tookAsLongAs("high", "10%");
    }

    @Test
    void withThePolicyTheOtherTakesMoreThanASecondLonger(Run run, @WithoutPolicies Run alone) {
        run.toTheEnd();
        alone.toTheEnd();

        assertThat(run).workload("low").tookAtLeast("1s").longerThan("high");
        assertThat(run).comparedTo(alone).workload("high").tookAtMost("105%");
        assertThat(run).cgroup("shared/high").wasLeftAlone();
        assertThat(run).policy("priority").becameActive().by("100ms");
    }

    /** As the series does it: charges of the other are delayed by 2 s; below 120 MiB, its own limit, and below 256 MiB. */
    @ParameterizedTest
    @ValueSource(strings = {"120MiB", "256MiB"})
    void withTheHookTheOtherTakesMoreThanASecondLonger(String limit, Runs runs) {
        Run run = runs.on(scenario(limit)).withoutPolicies();
        Run alone = runs.on(scenario(limit)).withoutPolicies();
        WindowTrigger trigger = new WindowTrigger(run, "shared/high", "pgfault", 1);
        MemcgHooks hooks = MemcgHooks.builder()
                .memcgCharged((memcg, pages) -> trigger.holds() ? 2000 : 0)
                .build();
        run.model().attach(run.cgroup("shared/low"), hooks);

        run.toTheEnd();
        alone.toTheEnd();

        assertThat(run).workload("low").tookAtLeast("1s").longerThan("high");
        assertThat(run).killedNobody();
        assertThat(alone).workload("low").tookAsLongAs("high", "30%");
    }

    private static Scenario scenario(String limit) {
        return Scenarios.host("2GiB")
                .cpus(4)
                .cgroup("shared")
                .max(limit)
                .swapMax("0B")
                .workload("high", "shared/high")
                .allocates("heap", "256KiB")
                .writes("high", "64MiB")
                .inChunksOf("4KiB")
                .reads("high")
                .times(5)
                .workload("low", "shared/low")
                .allocates("heap", "256KiB")
                .writes("low", "64MiB")
                .inChunksOf("4KiB")
                .reads("low")
                .times(5)
                .lasts("2m")
                .scenario();
    }
}
