package dev.tidemark.series;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import dev.tidemark.reclaim.model.MemcgHooks;
import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.testkit.WithoutPolicies;
import org.junit.jupiter.api.Test;

/**
 * The series' sample of priorities, second version: when more than a threshold of one cgroup's pages are scanned within a tumbling second, the
 * other one is for a second as if over its high mark.
 */
@OnScenario(resource = "/policies/priority-scans.scenario.yaml")
@WithPolicies(resource = "/policies/priority-scans.yaml")
class ScanPriorityTest {

    @Test
    void withThePolicyScansOfTheOneAreTakenFromTheOther(Run run, @WithoutPolicies Run alone) {
        run.toTheEnd();
        alone.toTheEnd();

        assertThat(run)
                .policy("priority")
                .becameActive()
                .on("shared/low")
                .by("100ms")
                .seeing("delta(pgscan, 1s tumbling)")
                .atLeast(101);
        assertThat(run).cgroup("shared/low").wasReclaimed().atLeast("100MiB");
        assertThat(run).cgroup("shared/high").wasLeftAlone();
        assertThat(run).comparedTo(alone).workload("high").tookAtMost("80%");
        assertThat(run).comparedTo(alone).workload("low").tookAtLeast("150%");
        assertThat(run).comparedTo(alone).hasLess("refault", "shared/high");
    }

    @Test
    void withTheHookTheOtherIsPushedOverItsHighMark(@WithoutPolicies Run run, @WithoutPolicies Run alone) {
        WindowTrigger trigger = new WindowTrigger(run, "shared/high", "pgscan", 100);
        MemcgHooks hooks = MemcgHooks.builder()
                .nrPagesOverHigh(memcg -> trigger.holds() ? 1024 : 0)
                .build();
        run.model().attach(run.cgroup("shared/low"), hooks);

        run.toTheEnd();
        alone.toTheEnd();

        assertThat(run).comparedTo(alone).workload("high").tookAtMost("80%");
        assertThat(run).comparedTo(alone).workload("low").tookAtLeast("150%");
        assertThat(run).workload("low").tookAtLeast("100ms").longerThan("high");
    }
}
