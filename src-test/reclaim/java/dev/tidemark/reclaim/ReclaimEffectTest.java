package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What becomes of requests, and what that means for the next. */
class ReclaimEffectTest extends ReclaimCase {

    @Test
    void eagainForever() {
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);

        for (int second = 0; second < 10; second++) {
            advance(Duration.ofSeconds(1));
            rig.sample(A, 12 * MIB);
        }

        assertThat(kernel.calls).as("1, 2, 4 .. 8192 ms apart").hasSize(14);
        assertThat(kernel.calls.subList(11, 14)).extracting(Call::nrPages).containsOnly(32L);
        assertThat(held()).containsExactly(Reason.NO_PROGRESS, Reason.CIRCUIT_OPEN);
    }

    @Test
    void partialEagain() {
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> asked / 2;
        Rig rig = rig("stop: usage <= 8MiB");

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(200));

        assertThat(held()).isEmpty();
        assertThat(kernel.usage.get(A)).isLessThanOrEqualTo(8 * MIB);
        assertThat(reclaimed().getFirst().result().pagesReclaimed()).isEqualTo(128);
    }

    @Test
    void silentNoop() {
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(20));

        assertThat(held()).containsExactly(Reason.NO_EFFECT);
        assertThat(kernel.calls).hasSizeLessThan(13);
    }

    @Test
    void silentNoop_isAskedForWholeBatches_seldomer() {
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);

        rig.pass(Duration.ofMinutes(10), A);

        assertThat(kernel.calls).extracting(Call::nrPages).containsOnly(256L);
        assertThat(kernel.calls).hasSizeLessThan(40);
        assertThat(held()).containsExactly(Reason.NO_EFFECT, Reason.CIRCUIT_OPEN);
    }

    @Test
    void eagainForever_endsWithTheFirstProbeThatMovesSomething() {
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofSeconds(3));
        int before = kernel.calls.size();

        kernel.behaviour = asked -> asked / 2;
        advance(Duration.ofSeconds(3));

        assertThat(kernel.calls.get(before).nrPages()).isEqualTo(32);
        assertThat(kernel.calls.get(before + 1).nrPages()).isEqualTo(256);
        assertThat(kernel.usage.get(A)).isLessThanOrEqualTo(8 * MIB);
    }

    @Test
    void eagainForever_growthIsTriedAtOnce() {
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        rig.pass(Duration.ofMinutes(5), A);
        int before = kernel.calls.size();

        kernel.behaviour = asked -> asked;
        rig.use(A, 15 * MIB);
        assertThat(kernel.calls).hasSize(before);
        rig.use(A, 16 * MIB);

        assertThat(kernel.calls).hasSize(before + 1);
        advance(Duration.ofMillis(20));
        assertThat(kernel.usage).containsEntry(A, 8 * MIB);
    }

    @Test
    void aRefusalIsToldAsSuch_andTriedAgainLater() {
        kernel.outcome = Outcome.REFUSED;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);

        for (int i = 0; i < 100; i++) {
            advance(Duration.ofMillis(100));
            rig.sample(A, 12 * MIB);
        }

        assertThat(kernel.calls).extracting(Call::atMillis).containsExactly(0L, 1025L, 3074L, 7171L);
        assertThat(held()).containsExactly(Reason.REFUSED, Reason.CIRCUIT_OPEN);
    }

    @Test
    void aRefusal_anotherWayOfReclaimIsTriedAtOnce() {
        kernel.outcome = Outcome.REFUSED;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB", "reclaim: {batch: 1MiB, swappiness: 60}");
        rig.use(A, 12 * MIB);
        rig.pass(Duration.ofSeconds(30), A);
        int before = kernel.calls.size();

        kernel.outcome = Outcome.SUCCESS;
        kernel.behaviour = asked -> asked;
        rig.reload(policies("stop: usage <= 8MiB", "reclaim: {batch: 1MiB}"));

        assertThat(kernel.calls).hasSize(before + 1);
    }

    @Test
    void theCircuitOutlivesTheStop() {
        kernel.outcome = Outcome.REFUSED;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(100));
        rig.use(A, 4 * MIB);
        advance(Duration.ofMillis(100));
        events.clear();

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(500));

        assertThat(kernel.calls)
                .as("START again does not make the kernel willing")
                .hasSize(1);
        assertThat(held()).contains(Reason.CIRCUIT_OPEN);
        advance(Duration.ofMillis(500));
        assertThat(kernel.calls).hasSize(2);
    }

    @Test
    void whatHoldsAPolicyBackIsKnownUntilItGoesOn() {
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        assertThat(rig.held(A)).isEmpty();

        advance(Duration.ofSeconds(1));
        assertThat(rig.held(A)).contains(Reason.NO_PROGRESS);

        kernel.behaviour = asked -> asked;
        advance(Duration.ofSeconds(3));
        assertThat(rig.held(A)).isEmpty();
    }

    @Test
    void whatHasBeenLearntGoesToTheNextEngine() {
        kernel.took = Duration.ofMillis(40);
        Rig rig = rig("stop: usage <= 1MiB", "reclaim: {batch: 20ms}");
        rig.use(A, 64 * MIB);
        advance(Duration.ofMillis(50));

        Rig next = new Rig(policies("stop: usage <= 1MiB", "reclaim: {batch: 20ms}"));
        next.engine.remember(rig.engine.learnt());
        rig.engine.close();
        advance(Duration.ofSeconds(1));
        kernel.calls.clear();
        next.use(A, 64 * MIB);

        assertThat(rig.engine.learnt()).isEmpty();
        assertThat(kernel.calls).extracting(Call::nrPages).containsExactly(512L);
        assertThat(next.engine.learnt()).hasSize(1);
    }
}
