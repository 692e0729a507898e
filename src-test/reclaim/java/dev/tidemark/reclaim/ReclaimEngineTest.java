package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tidemark.config.Budget;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Workqueue;
import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

class ReclaimEngineTest extends ReclaimCase {

    @Test
    void reclaimsBatchAfterBatchWhileUsageIsElevated() {
        Rig rig = rig("stop: usage <= 8MiB");

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(10));

        assertThat(kernel.calls)
                .containsExactly(
                        new Call("a", 256, 0), new Call("a", 256, 1), new Call("a", 256, 2), new Call("a", 256, 3));
        assertThat(states()).containsExactly(TriggerState.ACTIVE, TriggerState.STOPPING, TriggerState.INACTIVE);
        assertThat(kernel.usage).containsEntry(A, 8 * MIB);
    }

    @Test
    void theWatermarkLawAsksForNoMoreThanWhatLiesAboveStop() {
        Rig rig = rig("stop: usage <= 8MiB");

        rig.use(A, 10 * MIB + MIB / 2);
        advance(Duration.ofMillis(10));

        assertThat(kernel.calls).extracting(Call::nrPages).containsExactly(256L, 256L, 128L);
    }

    @Test
    void theFixedLawAsksForAWholeBatchEachTime() {
        Rig rig = rig("stop: usage <= 8MiB", "reclaim: {law: fixed, batch: 1MiB}");

        rig.use(A, 10 * MIB + MIB / 2);
        advance(Duration.ofMillis(10));

        assertThat(kernel.calls).extracting(Call::nrPages).containsExactly(256L, 256L, 256L);
    }

    @Test
    void stopInTheMiddleOfABatchCancelsItAndNothingFollows() {
        kernel.took = Duration.ofMillis(100);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(40));

        rig.sample(A, 8 * MIB);
        advance(Duration.ofSeconds(1));

        assertThat(kernel.calls).containsExactly(new Call("a", 256, 0));
        assertThat(reclaimed()).extracting(event -> event.result().outcome()).containsExactly(Outcome.INTERRUPTED);
        assertThat(decisions)
                .extracting(Decision::to, decision -> TimeUnit.NANOSECONDS.toMillis(decision.nanos()))
                .containsExactly(
                        tuple(TriggerState.ACTIVE, 0L),
                        tuple(TriggerState.STOPPING, 40L),
                        tuple(TriggerState.INACTIVE, 40L));
    }

    @Test
    void stopBeforeItsTurnTakesTheCgroupOutOfTheQueue() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.took = Duration.ofMillis(100);
        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);
        advance(Duration.ofMillis(10));

        rig.sample(B, 4 * MIB);
        advance(Duration.ofMillis(1));

        assertThat(rig.engine.waiting()).isZero();
        assertThat(kernel.calls).extracting(Call::path).containsOnly("a");
    }

    @Test
    void nothingIsAskedDuringTheCooldownHoweverOftenStartHolds() {
        Rig rig = rig("stop: usage <= 8MiB", "cooldown: 5s");
        rig.use(A, 9 * MIB + MIB / 2);
        advance(Duration.ofMillis(10));
        int before = kernel.calls.size();
        long stopped = decisions.getLast().nanos();
        assertThat(decisions.getLast().to()).isEqualTo(TriggerState.COOLDOWN);

        for (int i = 0; i < 9; i++) {
            advance(Duration.ofMillis(500));
            rig.use(A, 20 * MIB);
        }
        assertThat(kernel.calls).hasSize(before);
        advance(Duration.ofMillis(500));

        assertThat(kernel.calls).hasSizeGreaterThan(before);
        assertThat(kernel.calls.get(before).atMillis()).isEqualTo(TimeUnit.NANOSECONDS.toMillis(stopped) + 5_000);
    }

    @Test
    void neverAsksBelowTheFloor() {
        Rig rig = rig("stop: usage <= 1MiB", "limits: {floor: 10MiB}");

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(20));

        assertThat(kernel.usage).containsEntry(A, 10 * MIB);
        assertThat(held()).containsExactly(Reason.FLOOR);
    }

    @Test
    void aCgroupThatIsGoneIsNotAskedAgain() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.took = Duration.ofMillis(50);
        rig.use(A, 64 * MIB);
        advance(Duration.ofMillis(10));

        rig.triggers.gone(A);
        rig.engine.gone(A);
        advance(Duration.ofSeconds(5));

        assertThat(kernel.calls).hasSize(1);
        assertThat(kernel.running).isZero();
    }

    @Test
    void theFirstBatchTellsWhichStartItIsFor() {
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 4 * MIB);
        advance(Duration.ofMillis(3));

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(10));

        Reclaimed first = reclaimed().getFirst();
        Decision start = first.first().orElseThrow();
        assertThat(start.nanos() - start.notBeforeNanos()).isEqualTo(3_000_000);
        assertThat(first.result().startedNanos()).isEqualTo(start.nanos());
        assertThat(reclaimed().get(1).first()).isEmpty();
    }

    @Test
    void closeWaitsForWhatIsInFlightAndStartsNothing() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.took = Duration.ofMillis(100);
        rig.use(A, 64 * MIB);
        rig.use(B, 64 * MIB);
        advance(Duration.ofMillis(10));

        StepVerifier.create(rig.engine.close())
                .then(() -> advance(Duration.ofMillis(1)))
                .verifyComplete();

        advance(Duration.ofSeconds(5));
        assertThat(kernel.calls).hasSize(1);
    }

    @Test
    void disabledWhileActive_cancelsTheBatchInFlightAndNothingFollows() {
        kernel.took = Duration.ofMillis(100);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(40));

        rig.reload(new PolicyFile(List.of(), Workqueue.DEFAULT, Budget.UNLIMITED));
        advance(Duration.ofSeconds(1));

        assertThat(kernel.calls).containsExactly(new Call("a", 256, 0));
        assertThat(reclaimed()).extracting(event -> event.result().outcome()).containsExactly(Outcome.INTERRUPTED);
        assertThat(decisions)
                .extracting(Decision::to, Decision::cause)
                .containsExactly(
                        tuple(TriggerState.ACTIVE, Cause.START),
                        tuple(TriggerState.STOPPING, Cause.RELOADED),
                        tuple(TriggerState.INACTIVE, Cause.DRAINED));
    }

    @Test
    void disabledWhileActive_theOneOfItsNameStartsOnceTheOldBatchIsBack() {
        kernel.took = Duration.ofMillis(100);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(40));

        rig.reload(policies("stop: usage <= 7MiB"));
        advance(Duration.ofSeconds(1));

        assertThat(states())
                .containsExactly(
                        TriggerState.ACTIVE,
                        TriggerState.STOPPING,
                        TriggerState.INACTIVE,
                        TriggerState.ACTIVE,
                        TriggerState.STOPPING,
                        TriggerState.INACTIVE);
        assertThat(kernel.mostRunning).isEqualTo(1);
        assertThat(kernel.usage).containsEntry(A, 7 * MIB);
    }

    @Test
    void reload_givesAnActivePolicyItsNewLimitsWithoutABreak() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.took = Duration.ofMillis(10);
        rig.use(A, 20 * MIB);
        advance(Duration.ofMillis(15));

        rig.reload(policies("stop: usage <= 8MiB", "limits: {floor: 15MiB}"));
        advance(Duration.ofSeconds(1));

        assertThat(states()).containsExactly(TriggerState.ACTIVE);
        assertThat(kernel.usage).containsEntry(A, 15 * MIB);
    }

    @Test
    void watched_oneServiceHasItsTargetsReclaimedInTurn() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 1, length: 8}
                policies:
                  - name: protect
                    cgroups: [a, b]
                    watch: [c]
                    start: usage > 9MiB
                    stop: usage < 5MiB
                    reclaim: {batch: 1MiB}
                    limits: {floor: 2MiB}
                """));
        kernel.usage.put(A, 5 * MIB);
        kernel.usage.put(B, 5 * MIB);
        rig.sample(A, 5 * MIB);
        rig.sample(B, 5 * MIB);

        rig.use(C, 10 * MIB);
        advance(Duration.ofMillis(100));
        assertThat(kernel.calls)
                .extracting(Call::path)
                .startsWith("b", "a", "b", "a", "b", "a")
                .doesNotContain("c");
        assertThat(kernel.usage).containsEntry(A, 2 * MIB).containsEntry(B, 2 * MIB);
        assertThat(decisions)
                .allSatisfy(decision -> assertThat(decision.watched()).isEqualTo(C));
        rig.use(C, 4 * MIB);
        advance(Duration.ofMillis(100));

        assertThat(decisions)
                .extracting(Decision::cgroup, Decision::to)
                .containsExactlyInAnyOrder(
                        tuple(A, TriggerState.ACTIVE),
                        tuple(B, TriggerState.ACTIVE),
                        tuple(A, TriggerState.STOPPING),
                        tuple(B, TriggerState.STOPPING),
                        tuple(A, TriggerState.INACTIVE),
                        tuple(B, TriggerState.INACTIVE));
    }

    @Test
    void severalPolicies_oneThatMayTakeNothingDoesNotHoldUpTheOther() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 1, length: 8}
                policies:
                  - name: floored
                    cgroups: [a]
                    start: usage > 9MiB
                    stop: usage < 1MiB
                    limits: {floor: 20MiB}
                  - name: protect
                    cgroups: [a]
                    watch: [c]
                    start: usage > 9MiB
                    stop: usage < 1MiB
                    reclaim: {batch: 1MiB}
                    limits: {floor: 10MiB}
                """));
        rig.use(A, 15 * MIB);
        advance(Duration.ofMillis(10));
        assertThat(kernel.calls).isEmpty();

        rig.use(C, 10 * MIB);
        advance(Duration.ofMillis(100));

        assertThat(kernel.usage).containsEntry(A, 10 * MIB);
    }

    @Test
    void floor_holdsFromTheFirstBatchOn() {
        Rig rig = rig("stop: usage <= 8MiB", "limits: {floor: 20MiB}");

        rig.use(A, 12 * MIB);
        advance(Duration.ofSeconds(1));

        assertThat(kernel.calls).isEmpty();
        assertThat(held()).containsExactly(Reason.FLOOR);
    }

    @Test
    void events_thatNobodyCouldTakeAreCounted() {
        Rig rig = rig("stop: usage <= 8MiB");
        rig.engine.events().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                // Never requests.
            }
        });
        rig.events.dispose();

        rig.use(A, 10 * MIB);
        advance(Duration.ofMillis(10));

        assertThat(rig.engine.dropped()).isPositive();
    }
}
