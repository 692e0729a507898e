package dev.tidemark.testkit;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;

import org.junit.jupiter.api.Test;

/** The policy of policies/watermark.yaml on its scenario. */
@OnScenario(resource = "/policies/watermark.scenario.yaml")
@WithPolicies(resource = "/policies/watermark.yaml")
class WatermarkTest {

    @Test
    void keepsTheWriterOffItsLimit(Run run, @WithoutPolicies Run alone) {
        run.toTheEnd();
        alone.toTheEnd();

        assertThat(run).cgroup("demo/writer").neverHitItsLimit().stayedBelow("30MiB");
        assertThat(alone).cgroup("demo/writer").hitItsLimit().atLeast(100);
        assertThat(run).comparedTo(alone).hasFewerMaxEvents().workload("writer").tookAtMost("101%");
    }
}
