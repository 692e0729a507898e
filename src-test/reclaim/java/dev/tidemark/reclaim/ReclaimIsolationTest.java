package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** One cgroup that goes wrong is nobody else's trouble. */
class ReclaimIsolationTest extends ReclaimCase {

    @Test
    void wedgedWrite() {
        kernel.deaf = true;
        kernel.took = Duration.ofDays(1);
        Rig rig = rig("stop: usage <= 8MiB", "limits: {deadline: 500ms}");
        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(1));
        kernel.took = Duration.ofMillis(1);
        rig.use(B, 12 * MIB);

        advance(Duration.ofSeconds(2));
        assertThat(kernel.usage).containsEntry(B, 8 * MIB);
        assertThat(held()).containsExactly(Reason.STUCK);

        kernel.wake(A);
        rig.sample(A, 12 * MIB);
        advance(Duration.ofSeconds(2));
        assertThat(kernel.usage).as("served again once its write is back").containsEntry(A, 8 * MIB);
        assertThat(kernel.mostRunning).isEqualTo(2);
    }

    @Test
    void aBatchOverItsDeadlineIsCancelled() {
        kernel.took = Duration.ofSeconds(10);
        Rig rig = rig("stop: usage <= 8MiB", "limits: {deadline: 200ms}");
        rig.use(A, 12 * MIB);

        advance(Duration.ofMillis(199));
        assertThat(reclaimed()).isEmpty();
        advance(Duration.ofMillis(1));

        assertThat(reclaimed()).extracting(event -> event.result().outcome()).containsExactly(Outcome.INTERRUPTED);
    }

    @Test
    void oneTargetBurning() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.behaviour = asked -> kernel.calls.getLast().path().equals("a") ? 0 : asked;
        kernel.outcome = Outcome.AGAIN;

        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);
        advance(Duration.ofMillis(100));

        assertThat(kernel.usage).containsEntry(B, 8 * MIB);
    }

    @Test
    void wedgedWrite_isLeftAloneForASecondOnceItIsBack_andProbed() {
        kernel.deaf = true;
        kernel.took = Duration.ofDays(1);
        Rig rig = rig("stop: usage <= 8MiB", "limits: {deadline: 500ms}");
        rig.use(A, 12 * MIB);
        advance(Duration.ofSeconds(5));
        kernel.took = Duration.ofMillis(1);

        kernel.wake(A);
        advance(Duration.ofMillis(1020));
        assertThat(kernel.calls).hasSize(1);
        advance(Duration.ofMillis(100));

        assertThat(kernel.calls.get(1).nrPages()).isEqualTo(32);
        assertThat(kernel.usage).containsEntry(A, 8 * MIB);
    }

    @Test
    void wedgedWrite_itsWorkerIsReplacedSoonAfterTheDeadline() {
        kernel.deaf = true;
        kernel.took = Duration.ofDays(1);
        Rig rig = rig("stop: usage <= 8MiB", "limits: {deadline: 500ms}");
        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);

        advance(Duration.ofMillis(599));
        assertThat(kernel.calls).extracting(Call::path).containsExactly("a");
        advance(Duration.ofMillis(1));

        assertThat(kernel.calls).extracting(Call::path).containsExactly("a", "b");
    }

    @Test
    void asManyMayBeStuckAsThereAreWorkers_andNoMore() {
        kernel.deaf = true;
        kernel.took = Duration.ofDays(1);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofSeconds(2));
        rig.use(B, 12 * MIB);
        advance(Duration.ofSeconds(2));
        rig.use(C, 12 * MIB);

        rig.pass(Duration.ofHours(1), A, B, C);
        assertThat(kernel.calls).extracting(Call::path).containsExactly("a", "b");
        assertThat(kernel.mostRunning).isEqualTo(2);
        assertThat(held()).containsExactly(Reason.STUCK, Reason.STUCK);

        kernel.took = Duration.ofMillis(1);
        kernel.wake(A);
        advance(Duration.ofMillis(50));
        assertThat(kernel.usage).as("the worker of the other is free at last").containsEntry(C, 8 * MIB);
    }

    @Test
    void stopOfAStuckWriteDrainsWhenItIsBack() {
        kernel.deaf = true;
        kernel.took = Duration.ofDays(1);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofSeconds(2));

        rig.use(A, 4 * MIB);
        advance(Duration.ofSeconds(2));
        assertThat(states()).containsExactly(TriggerState.ACTIVE, TriggerState.STOPPING);
        kernel.wake(A);
        advance(Duration.ofMillis(1));

        assertThat(states()).containsExactly(TriggerState.ACTIVE, TriggerState.STOPPING, TriggerState.INACTIVE);
    }

    @Test
    void anErrorOfTheControllerIsARefusalOfThatCgroupAlone() {
        kernel.broken.add(A);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);

        advance(Duration.ofMillis(100));

        assertThat(held()).containsExactly(Reason.REFUSED, Reason.CIRCUIT_OPEN);
        assertThat(kernel.usage).containsEntry(B, 8 * MIB);
    }
}
