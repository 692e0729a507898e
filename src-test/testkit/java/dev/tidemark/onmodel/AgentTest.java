package dev.tidemark.onmodel;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.testkit.WithoutPolicies;
import org.junit.jupiter.api.Test;

/** The whole agent on the model, in virtual time. */
@OnScenario("""
        version: 1
        duration: 20s
        host: { memory: 2GiB, cpus: 2, swap: 0 }
        cgroups:
          - { path: lab/writer, max: 32MiB, swap_max: 0 }
        workloads:
          - cgroup: lab/writer
            name: writer
            start: 1500ms
            steps:
              - write: { file: data, size: 64MiB, rate: 100MiB/s, chunk: 4KiB }
              - read: { file: data, rate: 200MiB/s, times: 2 }
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
class AgentTest {

    @Test
    void aloneTheLimitIsHitHundredsOfTimesAndWithTheAgentNever(Run agent, @WithoutPolicies Run alone) {
        agent.toTheEnd();
        alone.toTheEnd();

        assertThat(alone).cgroup("lab/writer").hitItsLimit().atLeast(100);
        assertThat(agent).hitNoLimit().killedNobody();
        assertThat(agent).workload("writer").waitedForMemory().exactly(0);
    }

    @Test
    void theSameRunTwiceIsTheSameToTheLastDecision(Run once, Run again) {
        once.toTheEnd();
        again.toTheEnd();

        assertThat(once).policy("watermark").becameActive().stoppedWithin("1s");
        assertThat(once).comparedTo(again).wentTheSame();
    }

    @Test
    void aCgroupThatNoPolicySelectsIsLeftAlone(@WithPolicies("""
                    version: 1
                    policies:
                      - name: watermark
                        cgroups: ["other/*"]
                        start: usage > 16MiB
                        stop: usage < 10MiB
                    """) Run run) {
        run.toTheEnd();

        assertThat(run.figure("writes")).isZero();
        assertThat(run).policy("watermark").didNothing();
        assertThat(run).cgroup("lab/writer").wasLeftAlone().hitItsLimit().atLeast(100);
    }
}
