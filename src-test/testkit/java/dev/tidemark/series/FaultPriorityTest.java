package dev.tidemark.series;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.testkit.WithoutPolicies;
import org.junit.jupiter.api.Test;

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
}
