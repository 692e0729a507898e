package dev.tidemark.series;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
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
}
