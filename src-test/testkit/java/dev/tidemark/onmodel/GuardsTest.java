package dev.tidemark.onmodel;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.WithPolicies;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Guards against a kernel that does what kernels do: what they look at moves because memory does. */
class GuardsTest {

    private static final long MIB = 1 << 20;

    private static List<Reason> held(Run run) {
        return run.reclaims().stream()
                .flatMap(event -> event instanceof Held held ? Stream.of(held.reason()) : null)
                .toList();
    }

    private static long asked(Run run) {
        return run.reclaims().stream().filter(Reclaimed.class::isInstance).count();
    }

    /** When the kernel was asked last. */
    private static long lastAskedSeconds(Run run) {
        return run.reclaims().stream()
                .filter(Reclaimed.class::isInstance)
                .mapToLong(event -> TimeUnit.NANOSECONDS.toSeconds(event.nanos()))
                .max()
                .orElse(-1);
    }

    /** Nine tenths of a cgroup are anonymous memory, and there is little swap that it may use. */
    @Nested
    @OnScenario("""
            version: 1
            duration: 60s
            host: { memory: 2GiB, cpus: 2, swap: { kind: zram, size: 512MiB } }
            cgroups:
              - { path: batch, swap_max: 48MiB }
              - { path: batch/job }
            workloads:
              - cgroup: batch/job
                name: job
                steps:
                  - allocate: { name: heap, size: 180MiB }
                  - write: { file: log, size: 20MiB, chunk: 64KiB }
                  - sync: log
                  - sleep: 50s
            """)
    class Landing {

        private static final String POLICY = """
                version: 1
                policies:
                  - name: squeeze
                    cgroups: ["batch/job"]
                    start: usage > 100MiB for 5s
                    stop: usage < 90MiB
                    reclaim: { law: fixed, batch: 1MiB }
                """;

        @Test
        @WithPolicies(POLICY)
        void noLandingPlace_filesGo_anonymousMemoryStays_andThenNothingIsAskedFor(Run run) {
            run.until("40s");

            assertThat(run.read("batch/job", "pswpout")).isZero();
            assertThat(run.read("batch/job", "anon")).isGreaterThanOrEqualTo(180 * MIB);
            assertThat(run.read("batch/job", "file")).as("what could go went").isLessThan(MIB);
            assertThat(held(run)).contains(Reason.SWAP);
            long asked = asked(run);
            run.until("55s");
            assertThat(asked(run) - asked).as("it is asked less and less").isLessThan(3);
        }

        @Test
        @WithPolicies(POLICY + "    guards: { swap: none }")
        void withoutTheGuardItGoesOutUntilThereIsNoSwapLeft(Run run) {
            run.until("40s");

            assertThat(run.read("batch", "swap.usage")).isGreaterThan(47.0 * MIB);
            assertThat(run.read("batch/job", "swap.headroom")).isLessThan(MIB);
        }
    }

    /** A reader goes round and round in more than the policy would leave it. */
    @Nested
    @OnScenario("""
            version: 1
            duration: 120s
            host: { memory: 2GiB, cpus: 2, swap: 0 }
            cgroups: [ { path: batch/job, max: 64MiB } ]
            workloads:
              - cgroup: batch/job
                name: job
                steps:
                  - write: { file: data, size: 48MiB, chunk: 64KiB }
                  - sync: data
                  - read: { file: data, rate: 400MiB/s, times: 100000 }
            """)
    class Thrashing {

        private static final String POLICY = """
                version: 1
                policies:
                  - name: squeeze
                    cgroups: ["batch/job"]
                    start: usage > 30MiB
                    stop: usage < 20MiB
                    reclaim: { law: fixed, batch: 1MiB }
                    limits: { bytes: 20MiB/s }
                """;

        @Test
        @WithPolicies(POLICY)
        void withoutAGuard_memoryIsTakenAndReadBackWithoutAnEnd(Run run) {
            run.until("60s");

            assertThat(run.read("batch/job", "usage"))
                    .as("the reader is faster")
                    .isGreaterThan(30 * MIB);
            assertThat(asked(run)).isGreaterThan(1000);
            assertThat(lastAskedSeconds(run)).isEqualTo(59);
        }

        @Test
        @WithPolicies(POLICY + "    guards: { livelock: 5s }")
        void livelock_isSeen_andStops(Run run) {
            run.until("60s");

            assertThat(held(run)).contains(Reason.LIVELOCK);
            assertThat(asked(run))
                    .as("20 s of taking in 60 s: 5 s each, and 5, 10 and 20 s in between")
                    .isLessThan(500);
            assertThat(run).policy("squeeze").isActive();
        }

        @Test
        @WithPolicies(POLICY + "    guards: { refault_ratio: 30% }")
        void refaults_holdItBack(Run run) {
            run.until("60s");

            assertThat(held(run)).contains(Reason.REFAULT_RATIO);
            assertThat(asked(run)).isLessThan(500);
        }
    }

    /** The kernel ignores memory.low of the very cgroup that it is told to reclaim from. */
    @Nested
    @OnScenario("""
            version: 1
            duration: 60s
            host: { memory: 2GiB, cpus: 2, swap: 0 }
            cgroups:
              - { path: batch, low: 96MiB }
              - { path: batch/job, low: 64MiB }
              - { path: batch/other, low: 64MiB }
            workloads:
              - cgroup: batch/job
                name: job
                steps: [ { write: { file: a, size: 128MiB, chunk: 64KiB } }, { sync: a }, { sleep: 50s } ]
              - cgroup: batch/other
                name: other
                steps: [ { write: { file: b, size: 128MiB, chunk: 64KiB } }, { sync: b }, { sleep: 50s } ]
            """)
    class Protected {

        private static final String POLICY = """
                version: 1
                policies:
                  - name: squeeze
                    cgroups: ["batch/job"]
                    start: usage > 32MiB for 5s
                    stop: usage < 4MiB
                    reclaim: { law: fixed, batch: 4MiB }
                """;

        @Test
        @WithPolicies(POLICY)
        void nothingBelowItsPartOfWhatIsKept(Run run) {
            run.until("50s");

            // Of the 96 MiB that their parent has the other claims its 64 MiB.
            assertThat(run.read("batch/job", "protection")).isBetween(32.0 * MIB, 34.0 * MIB);
            assertThat(run.read("batch/job", "usage")).isBetween(32.0 * MIB, 37.0 * MIB);
            assertThat(held(run)).contains(Reason.PROTECTION);
            assertThat(lastAskedSeconds(run)).isLessThan(15);
        }

        @Test
        @WithPolicies(POLICY + "    guards: { protection: none }")
        void withoutTheGuardTheKernelTakesIt(Run run) {
            run.until("50s");

            assertThat(run.read("batch/job", "usage")).isLessThan(8 * MIB);
        }
    }
}
