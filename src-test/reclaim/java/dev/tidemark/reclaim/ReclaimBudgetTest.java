package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What policies and the whole agent may spend. */
class ReclaimBudgetTest extends ReclaimCase {

    @Test
    void theBudgetBoundsWhatIsTakenInASecond() {
        Rig rig = rig("stop: usage <= 1MiB", "limits: {bytes: 10MiB/s}");

        rig.use(A, 64 * MIB);
        advance(Duration.ofSeconds(3));

        long taken = 64 * MIB - kernel.usage.getOrDefault(A, 0L);
        assertThat(taken).isBetween(29 * MIB, 32 * MIB);
        assertThat(held()).contains(Reason.BUDGET);
    }

    @Test
    void reload_ofTheSameDoesNotFillTheBudget() {
        String[] lines = {"stop: usage <= 8MiB", "limits: {bytes: 10MiB/s}"};
        Rig rig = rig(lines);
        rig.use(A, 100 * MIB);

        for (int i = 0; i < 10; i++) {
            advance(Duration.ofMillis(10));
            rig.reload(policies(lines));
        }

        assertThat(kernel.usage.get(A)).as("1 MiB saved up and 1 MiB in 100 ms").isGreaterThanOrEqualTo(98 * MIB);
    }

    @Test
    void underABudgetRequestsAreATenthOfASecondsWorth() {
        Rig rig = rig("stop: usage <= 1MiB", "reclaim: {batch: 4MiB}", "limits: {bytes: 10MiB/s}");
        rig.use(A, 64 * MIB);

        advance(Duration.ofSeconds(2));

        assertThat(kernel.calls).extracting(Call::nrPages).containsOnly(256L);
        assertThat(kernel.calls).hasSizeBetween(20, 21);
    }

    @Test
    void belowTheLeastThatTheKernelTakes_thatIsAskedForSeldomer() {
        Rig rig = rig("stop: usage <= 1MiB", "limits: {bytes: 128KiB/s}");
        rig.use(A, 64 * MIB);

        advance(Duration.ofSeconds(10));

        assertThat(kernel.calls).extracting(Call::nrPages).containsOnly(32L);
        assertThat(kernel.calls).hasSizeBetween(10, 11);
    }

    @Test
    void whatWasTakenAndNotAskedIsPaidToo() {
        kernel.behaviour = asked -> 4 * asked;
        Rig rig = rig("stop: usage <= 1MiB", "limits: {bytes: 10MiB/s}");
        rig.use(A, 64 * MIB);

        advance(Duration.ofSeconds(3));

        long taken = 64 * MIB - kernel.usage.getOrDefault(A, 0L);
        assertThat(taken).isBetween(30 * MIB, 35 * MIB);
    }

    @Test
    void timeIsPaidAfterwards_andHeldBackByItsOwnReason() {
        kernel.took = Duration.ofMillis(20);
        kernel.cpu = Duration.ofMillis(20);
        Rig rig = rig("stop: usage <= 1MiB", "limits: {time: 10ms/s}");
        rig.use(A, 64 * MIB);

        advance(Duration.ofSeconds(20));

        assertThat(kernel.calls).as("20 ms of 10 ms a second").hasSizeBetween(10, 11);
        assertThat(held()).containsExactly(Reason.TIME_BUDGET);
    }

    @Test
    void swapOutIsPaidAfterwards_andHeldBackByItsOwnReason() {
        kernel.swapped = moved -> moved / 2;
        Rig rig = rig("stop: usage <= 1MiB", "limits: {swap_out: 1MiB/s}");
        rig.use(A, 64 * MIB);

        advance(Duration.ofSeconds(20));

        assertThat(kernel.calls).as("half of a MiB each, of 1 MiB a second").hasSizeBetween(39, 42);
        assertThat(held()).containsExactly(Reason.SWAP_BUDGET);
    }

    @Test
    void theAgentsBudgetIsForAllPolicies() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 2, length: 8}
                limits: {bytes: 10MiB/s, time: 50%}
                policies:
                  - {name: one, cgroups: [a], start: usage > 9MiB, stop: usage < 1MiB, reclaim: {batch: 1MiB}}
                  - {name: two, cgroups: [b], start: usage > 9MiB, stop: usage < 1MiB, reclaim: {batch: 1MiB}}
                """));
        rig.use(A, 64 * MIB);
        rig.use(B, 64 * MIB);

        advance(Duration.ofSeconds(3));

        long ofA = 64 * MIB - kernel.usage.getOrDefault(A, 0L);
        long ofB = 64 * MIB - kernel.usage.getOrDefault(B, 0L);
        assertThat(ofA + ofB).isBetween(29 * MIB, 32 * MIB);
        assertThat(ofA).as("in turn").isBetween(ofB - MIB, ofB + MIB);
        assertThat(held()).containsExactlyInAnyOrder(Reason.AGENT_BUDGET, Reason.AGENT_BUDGET);
    }

    @Test
    void theAgentsTimeHasItsOwnReason() {
        kernel.took = Duration.ofMillis(20);
        kernel.cpu = Duration.ofMillis(20);
        Rig rig = new Rig(parse("""
                version: 1
                limits: {time: 10ms/s}
                policies:
                  - {name: one, cgroups: [a], start: usage > 9MiB, stop: usage < 1MiB, reclaim: {batch: 1MiB}}
                """));
        rig.use(A, 64 * MIB);

        advance(Duration.ofSeconds(10));

        assertThat(kernel.calls).hasSizeBetween(5, 6);
        assertThat(held()).containsExactly(Reason.AGENT_TIME_BUDGET);
    }

    @Test
    void cgroupsOfOnePolicyShareItsBudgetEvenly() {
        Rig rig = rig("stop: usage <= 1MiB", "limits: {bytes: 30MiB/s}", "reclaim: {batch: 4MiB}");
        rig.use(A, 64 * MIB);
        rig.use(B, 64 * MIB);
        rig.use(C, 64 * MIB);
        for (int i = 0; i < 50; i++) {
            advance(Duration.ofMillis(100));
            List.of(A, B, C).forEach(cgroup -> rig.sample(cgroup, kernel.usage.getOrDefault(cgroup, 0L)));
        }

        for (Cgroup cgroup : List.of(A, B, C)) {
            long taken = 64 * MIB - kernel.usage.getOrDefault(cgroup, 0L);
            assertThat(taken).as(cgroup.path()).isBetween(45 * MIB, 55 * MIB);
        }
    }

    @Test
    void aFilledPurseDoesNotEndTheWaitAfterARequestInVain() {
        Rig rig = new Rig(parse("""
                version: 1
                policies:
                  - {name: slow, cgroups: [a], start: usage > 9MiB, stop: usage < 1MiB, limits: {bytes: 128KiB/s}}
                  - {name: fast, cgroups: [a], start: usage > 9MiB, stop: usage < 1MiB, reclaim: {batch: 1MiB}}
                """));
        rig.use(A, 64 * MIB);
        advance(Duration.ofMillis(10));
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> 0;
        rig.pass(Duration.ofSeconds(3), A);

        kernel.behaviour = asked -> asked;
        rig.pass(Duration.ofSeconds(3), A);

        assertThat(kernel.usage.get(A)).isLessThanOrEqualTo(MIB);
    }

    @Test
    void stopWhileItWaitsForABudgetIsAtOnce() {
        Rig rig = rig("stop: usage <= 8MiB", "limits: {bytes: 1MiB/s}");
        rig.use(A, 64 * MIB);
        advance(Duration.ofMillis(500));
        int before = kernel.calls.size();

        rig.use(A, 4 * MIB);
        advance(Duration.ofSeconds(5));

        assertThat(kernel.calls).hasSize(before);
        assertThat(states()).endsWith(TriggerState.STOPPING, TriggerState.INACTIVE);
    }
}
