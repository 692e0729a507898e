package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class ReclaimEngineTest {

    private static final long MIB = 1 << 20;
    private static final Cgroup A = new Cgroup(1, "a");
    private static final Cgroup B = new Cgroup(2, "b");
    private static final Cgroup C = new Cgroup(3, "c");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FakeKernel kernel = new FakeKernel(time);
    private final List<Decision> decisions = new ArrayList<>();
    private final List<ReclaimEvent> events = new ArrayList<>();

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
    void twoCgroupsShareOneWorkerInTurn() {
        Rig rig = rig("stop: usage <= 8MiB");

        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);
        advance(Duration.ofMillis(20));

        assertThat(kernel.calls).extracting(Call::path).containsExactly("a", "b", "a", "b", "a", "b", "a", "b");
        assertThat(kernel.mostRunning).isEqualTo(1);
    }

    @Test
    void aFullQueueRefusesAndTheNextSampleAsksAgain() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.took = Duration.ofMillis(100);
        rig.use(A, 9 * MIB + MIB / 2);
        rig.use(B, 9 * MIB + MIB / 2);
        rig.use(C, 9 * MIB + MIB / 2);
        assertThat(held()).contains(Reason.QUEUE_FULL);
        assertThat(rig.engine.waiting()).isEqualTo(1);

        advance(Duration.ofMillis(500));
        assertThat(kernel.calls).extracting(Call::path).doesNotContain("c");
        rig.sample(C, 9 * MIB + MIB / 2);
        advance(Duration.ofMillis(250));

        assertThat(kernel.calls).extracting(Call::path).contains("c");
        assertThat(kernel.usage).containsEntry(C, 8 * MIB);
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
    void eagainForever() {
        kernel.outcome = Outcome.AGAIN;
        kernel.behaviour = asked -> 0;
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);

        for (int second = 0; second < 10; second++) {
            advance(Duration.ofSeconds(1));
            rig.sample(A, 12 * MIB);
        }

        assertThat(kernel.calls).as("1, 2, 4 .. 512 ms apart, then a second").hasSizeBetween(15, 22);
        assertThat(held()).containsExactly(Reason.NO_PROGRESS);
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

        assertThat(held()).containsExactly(Reason.NO_PROGRESS);
        assertThat(kernel.calls).hasSizeLessThan(13);
    }

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
    void neverAsksBelowTheFloor() {
        Rig rig = rig("stop: usage <= 1MiB", "limits: {floor: 10MiB}");

        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(20));

        assertThat(kernel.usage).containsEntry(A, 10 * MIB);
        assertThat(held()).containsExactly(Reason.FLOOR);
    }

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

    private void advance(Duration duration) {
        time.advanceTimeBy(duration);
    }

    private List<TriggerState> states() {
        return decisions.stream().map(Decision::to).toList();
    }

    @Test
    void disabledWhileActive_cancelsTheBatchInFlightAndNothingFollows() {
        kernel.took = Duration.ofMillis(100);
        Rig rig = rig("stop: usage <= 8MiB");
        rig.use(A, 12 * MIB);
        advance(Duration.ofMillis(40));

        rig.reload(List.of());
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

    private List<Reclaimed> reclaimed() {
        return events.stream()
                .filter(Reclaimed.class::isInstance)
                .map(Reclaimed.class::cast)
                .toList();
    }

    private List<Reason> held() {
        return events.stream()
                .filter(Held.class::isInstance)
                .map(event -> ((Held) event).reason())
                .toList();
    }

    /** START above 9 MiB in batches of 1 MiB, one worker, one place in the queue; the test says the rest. */
    private Rig rig(String... lines) {
        return new Rig(parse(text(lines)));
    }

    private static List<Policy> policies(String... lines) {
        return parse(text(lines)).policies();
    }

    private static String text(String... lines) {
        StringBuilder policy = new StringBuilder("""
                version: 1
                workqueue: {workers: 1, length: 1}
                policies:
                  - name: test
                    cgroups: ["*"]
                    start: usage > 9MiB
                """);
        List<String> all = new ArrayList<>(List.of(lines));
        if (all.stream().noneMatch(line -> line.startsWith("reclaim:"))) {
            all.add("reclaim: {batch: 1MiB}");
        }
        all.forEach(line -> policy.append("    ").append(line).append('\n'));
        return policy.toString();
    }

    private static PolicyFile parse(String text) {
        return switch (PolicyFile.parse("test.yaml", text, new HostMemory(1L << 30, FakeKernel.PAGE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }

    private final class Rig {
        final TriggerEngine triggers;
        final ReclaimEngine engine;
        final Disposable events;

        Rig(PolicyFile file) {
            triggers = new TriggerEngine(file.policies(), time);
            engine = new ReclaimEngine(triggers, kernel, file.workqueue(), time);
            triggers.decisions().subscribe(decision -> {
                decisions.add(decision);
                engine.decided(decision);
            });
            this.events = engine.events().subscribe(ReclaimEngineTest.this.events::add);
            List.of(A, B, C).forEach(triggers::appeared);
        }

        /** The workload makes usage this much, and it is seen. */
        void use(Cgroup cgroup, long bytes) {
            kernel.usage.put(cgroup, bytes);
            sample(cgroup, bytes);
        }

        void reload(List<Policy> policies) {
            triggers.reload(policies);
            engine.reload(policies);
        }

        void sample(Cgroup cgroup, long bytes) {
            Sample sample = new Sample(
                    cgroup, time.now(TimeUnit.NANOSECONDS), SignalSet.of(Signal.USAGE), new double[] {bytes});
            triggers.sample(sample);
            engine.sampled(sample);
        }
    }
}
