package dev.tidemark.onmodel;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Policies;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.WithPolicies;
import dev.tidemark.triggers.Standing;
import org.junit.jupiter.api.Test;

/**
 * What policies look at besides the cgroup they act on: of batch work that has memory to spare, and a service that has too little and
 * waits for it.
 */
@OnScenario("""
        version: 1
        duration: 60s
        host: { memory: 2GiB, cpus: 4, swap: 0 }
        cgroups:
          - { path: batch/one, max: 512MiB, swap_max: 0 }
          - { path: batch/two, max: 512MiB, swap_max: 0 }
          - { path: web/service, max: 32MiB, swap_max: 0 }
        workloads:
          - cgroup: batch/one
            name: one
            steps: [ { write: { file: a, size: 100MiB, rate: 100MiB/s, chunk: 64KiB } } ]
          - cgroup: batch/two
            name: two
            steps: [ { write: { file: b, size: 100MiB, rate: 100MiB/s, chunk: 64KiB } } ]
          - cgroup: web/service
            name: service
            start: 3s
            steps:
              - write: { file: c, size: 64MiB, rate: 100MiB/s, chunk: 4KiB }
              - read: { file: c, rate: 200MiB/s, times: 20 }
        """)
class WiringTest {

    @Test
    @WithPolicies("""
            version: 1
            policies:
              - name: pushed
                cgroups: ["web/*"]
                period: 1h
                start: psi.some trigger 20ms/500ms
                stop: (not psi.some trigger 20ms/500ms) for 30s
            """)
    void aKernelsPushStartsAPolicyAtOnceAndTheTimeItTookIsKept(Run run) {
        run.until("10s");

        assertThat(run).policy("pushed").becameActive().notBefore("3s");
        assertThat(run.figure("pushes")).isPositive();
        assertThat(run.figure("push_to_decision_count")).isPositive();
        assertThat(run.figure("push_to_decision_max_us")).isZero();
        assertThat(run.figure("refused_pushes")).isZero();
        assertThat(run.figure("samples"))
                .as("it looks closely after a push, though its period is an hour")
                .isGreaterThan(10);
    }

    @Test
    @WithPolicies("""
            version: 1
            policies:
              - name: pushed
                cgroups: ["web/*"]
                start: psi.some trigger 20ms/500ms
                stop: (not psi.some trigger 20ms/500ms) for 30s
            """)
    void aPushThatIsWantedNoMoreAfterAReloadIsNotTold(Run run) {
        run.until("5s");
        long before = run.figure("pushes");
        assertThat(before).isPositive();

        run.reload(Policies.yaml("""
                version: 1
                policies:
                  - name: sampled
                    cgroups: ["web/*"]
                    start: usage > 30MiB
                    stop: usage < 20MiB
                """));
        run.advance("5s");

        assertThat(run.figure("pushes")).isEqualTo(before);
    }

    @Test
    @WithPolicies("""
            version: 1
            policies:
              - name: protect
                cgroups: ["batch/*"]
                watch: ["web/*"]
                period: 100ms
                start: usage > 24MiB
                stop: usage < 16MiB
                reclaim: { batch: 1MiB }
                limits: { floor: 50MiB }
            """)
    void aServiceIsProtectedByTakingFromOthers(Run run) {
        run.until("8s");

        assertThat(run)
                .policy("protect")
                .becameActive()
                .times(2)
                .on("batch/one")
                .times(1);
        assertThat(run).policy("protect").becameActive().on("batch/two").times(1);
        assertThat(run.decisions())
                .allMatch(decision -> decision.watched().path().equals("web/service"));
        assertThat(run).cgroup("batch/one").wasReclaimed().and().uses().atMost("60MiB");
        assertThat(run).cgroup("batch/two").wasReclaimed().and().uses().atMost("60MiB");
        assertThat(run).cgroup("web/service").wasLeftAlone().uses().atLeast("24MiB");
    }

    @Test
    @WithPolicies("""
            version: 1
            policies:
              - name: far
                cgroups: ["batch/one"]
                period: 100ms
                start: cgroup("web/service").usage > 24MiB and host.available < 10GiB
                stop: cgroup("web/service").usage < 1MiB
                limits: { floor: 50MiB }
            """)
    void valuesFromElsewhereAndOfTheHostAreRead(Run run) {
        run.until("2s");
        assertThat(run).policy("far").didNothing();

        run.until("6s");

        assertThat(run).policy("far").isActive();
        Standing standing = run.standing("batch/one", "far").orElseThrow();
        assertThat(standing.start().values()).containsKey("host.available").doesNotContainValue(Double.NaN);
        assertThat(standing.stop().holds()).isFalse();
    }
}
