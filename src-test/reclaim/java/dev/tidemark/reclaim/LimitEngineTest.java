package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.LimitEvent.Cause;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import dev.tidemark.triggers.TriggerState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class LimitEngineTest {

    private static final long MIB = 1 << 20;
    private static final Cgroup A = new Cgroup(1, "a");
    private static final Cgroup B = new Cgroup(2, "b");

    /** Active above 100 MiB, until below 50 MiB. */
    private static final String THROTTLE = """
            version: 1
            policies:
              - name: slow
                cgroups: [a, b]
                start: usage > 100MiB
                stop: usage < 50MiB
                no_data: hold
                throttle: { over: 8MiB, least: 32MiB, longest: 10s }
            """;

    private static final String PROTECT = """
            version: 1
            policies:
              - name: shelter
                cgroups: [a]
                start: usage > 100MiB
                stop: usage < 50MiB
                no_data: hold
                protect: { low: 64MiB, longest: 10s }
            """;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FakeLimits kernel = new FakeLimits(time);
    private final Disk disk = new Disk(time);
    private final List<LimitEvent> events = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();

    /** A journal that takes a millisecond to keep something, and may be told not to. */
    private static final class Disk implements LimitJournal {
        final List<List<Entry>> saves = new ArrayList<>();
        List<Entry> kept = List.of();
        boolean broken;
        private final VirtualTimeScheduler time;

        Disk(VirtualTimeScheduler time) {
            this.time = time;
        }

        @Override
        public Mono<Void> save(List<Entry> entries) {
            return Mono.<Void>create(sink -> {
                        if (broken) {
                            sink.error(new IOException("No space left on device"));
                        } else {
                            kept = entries;
                            saves.add(entries);
                            sink.success();
                        }
                    })
                    .delaySubscription(Duration.ofMillis(1), time);
        }
    }

    @Test
    void aThrottleHoldsMemoryHighBelowUsageUntilItStops() {
        Rig rig = rig(THROTTLE);

        rig.use(A, 200);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(192 * MIB);
        assertThat(disk.kept)
                .containsExactly(
                        new LimitJournal.Entry("slow", "a", 1, LimitFile.HIGH, CgroupLimits.MAX, List.of(192 * MIB)));

        rig.use(A, 40);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(disk.kept).isEmpty();
        assertThat(events)
                .satisfiesExactly(
                        set -> assertThat(set)
                                .isInstanceOfSatisfying(
                                        LimitEvent.Set.class,
                                        it -> assertThat(it.fromBytes()).isEqualTo(CgroupLimits.MAX)),
                        back -> assertThat(back)
                                .isInstanceOfSatisfying(
                                        LimitEvent.Restored.class,
                                        it -> assertThat(it.cause()).isEqualTo(Cause.STOP)));
        assertThat(states()).containsExactly(TriggerState.ACTIVE, TriggerState.STOPPING, TriggerState.INACTIVE);
    }

    private LimitStanding standing(Rig rig) {
        return standing(rig, 0);
    }

    private LimitStanding standing(Rig rig, int policy) {
        return rig.engine.standing(A, rig.policies.policies().get(policy)).orElseThrow();
    }

    @Test
    void itTellsWhatIsSetWhatWasThereAndForHowLong() {
        Rig rig = rig(THROTTLE);

        rig.use(A, 200);
        assertThat(standing(rig).isSet()).isFalse();
        advance(10);
        long set = time.now(TimeUnit.NANOSECONDS);
        LimitStanding held = standing(rig);
        assertThat(held.isSet()).isTrue();
        assertThat(held.isBytes()).isEqualTo(192 * MIB);
        assertThat(held.foundBytes()).isEqualTo(CgroupLimits.MAX);
        assertThat(Duration.ofNanos(held.untilNanos() - set))
                .isBetween(Duration.ofMillis(9_980), Duration.ofSeconds(10));
        assertThat(held.against()).isEmpty();

        advance(10_000);
        LimitStanding over = standing(rig);
        assertThat(over.isSet()).isFalse();
        assertThat(over.against()).containsInstanceOf(LimitEvent.Restored.class);

        rig.use(A, 40);
        advance(10);
        assertThat(rig.engine.standing(A, rig.policies.policies().getFirst())).isEmpty();
    }

    @Test
    void itTellsWhyNothingIsSet_untilItIs() {
        Rig rig = rig(THROTTLE);
        disk.broken = true;

        rig.use(A, 200);
        advance(500);
        assertThat(standing(rig).against()).containsInstanceOf(LimitEvent.Refused.class);

        disk.broken = false;
        advance(2_000);
        assertThat(standing(rig).isSet()).isTrue();
        assertThat(standing(rig).against()).isEmpty();
    }

    @Test
    void whatSomebodyElseHasSet_isToldToAPolicyThatStartsLater() {
        Rig rig = rig(THROTTLE + """
              - name: later
                cgroups: [a]
                start: usage > 300MiB
                stop: usage < 50MiB
                throttle: { over: 16MiB, least: 32MiB, longest: 10s }
            """);
        rig.use(A, 200);
        advance(10);
        kernel.write(A, LimitFile.HIGH, 77 * MIB);
        advance(1_000);
        rig.use(A, 150);
        advance(10);
        assertThat(standing(rig).against()).containsInstanceOf(LimitEvent.LeftAlone.class);

        rig.use(A, 400);
        advance(10);
        assertThat(standing(rig, 1).against()).containsInstanceOf(LimitEvent.LeftAlone.class);
        assertThat(events).filteredOn(LimitEvent.LeftAlone.class::isInstance).hasSize(1);
    }

    @Test
    void thatAnotherPolicyHasHeldItAsLongAsItMay_isNotToldToOneThatNeedsNothingSet() {
        Rig rig = rig(PROTECT + """
              - name: content
                cgroups: [a]
                start: usage > 100MiB
                stop: usage < 50MiB
                no_data: hold
                protect: { low: 32MiB, longest: 100s }
            """);
        kernel.write(A, LimitFile.LOW, 48 * MIB);

        rig.use(A, 200);
        advance(10_010);
        assertThat(kernel.value(A, LimitFile.LOW)).isEqualTo(48 * MIB);
        assertThat(standing(rig).against()).containsInstanceOf(LimitEvent.Restored.class);
        assertThat(standing(rig, 1).against()).containsInstanceOf(LimitEvent.Needless.class);
    }

    @Test
    void nothingIsSetBeforeItIsNotedHowToUndoIt() {
        Rig rig = rig(THROTTLE);

        rig.use(A, 200);
        time.advanceTimeBy(Duration.ofMillis(1).minusNanos(2));
        assertThat(kernel.calls).isEmpty();
        time.advanceTimeBy(Duration.ofNanos(1));
        assertThat(disk.kept).hasSize(1);
        assertThat(kernel.calls).hasSize(1);
    }

    @Test
    void withoutAJournalNothingIsSetUntilThereIsOneAgain() {
        Rig rig = rig(THROTTLE);
        disk.broken = true;

        rig.use(A, 200);
        advance(3_000);
        assertThat(kernel.calls).isEmpty();
        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        LimitEvent.Refused.class,
                        it -> assertThat(it.message())
                                .isEqualTo(
                                        "what is there now cannot be noted, so nothing is set: No space left on device"));

        disk.broken = false;
        advance(1_000);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(192 * MIB);
    }

    @Test
    void aThrottleFollowsUsageDownOncePeriodAndNeverUpNorBelowItsLeast() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 120);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(112 * MIB);

        rig.use(A, 110);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).as("within a period").isEqualTo(112 * MIB);
        advance(1_000);
        rig.use(A, 105);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(97 * MIB);
        assertThat(disk.kept.getFirst().writtenBytes()).containsExactly(112 * MIB, 97 * MIB);

        advance(1_000);
        rig.use(A, 300);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(97 * MIB);
        assertThat(kernel.calls).containsExactly("a memory.high 112.0", "a memory.high 97.0");
    }

    @Test
    void theLeastAndTheCgroupsOwnProtectionBoundIt() {
        Rig rig = rig(THROTTLE.replace("over: 8MiB", "over: 1GiB"));
        kernel.write(B, LimitFile.LOW, 48 * MIB);

        rig.use(A, 120);
        rig.use(B, 120);
        advance(10);

        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(32 * MIB);
        assertThat(kernel.value(B, LimitFile.HIGH)).isEqualTo(48 * MIB);
    }

    @Test
    void aDelayIsTheOverageThatTheKernelSleepsForThatLong() {
        Rig rig = rig(THROTTLE.replace("over: 8MiB", "delay: 160ms"));

        rig.use(A, 105);
        advance(10);

        // The table in the kernel's source: 5 % over make 64 pages sleep 159 ms.
        assertThat(kernel.value(A, LimitFile.HIGH)).isBetween(100 * MIB - FakeLimits.PAGE, 100 * MIB);
    }

    @Test
    void protectionIsRaisedAndPutBack() {
        Rig rig = rig(PROTECT);
        kernel.write(A, LimitFile.LOW, 16 * MIB);

        rig.use(A, 200);
        advance(10);
        assertThat(kernel.value(A, LimitFile.LOW)).isEqualTo(64 * MIB);

        rig.use(A, 40);
        advance(10);
        assertThat(kernel.value(A, LimitFile.LOW)).isEqualTo(16 * MIB);
    }

    @Test
    void whatIsStricterAlreadyIsLeft() {
        Rig rig = rig(THROTTLE);
        kernel.write(A, LimitFile.HIGH, 64 * MIB);

        rig.use(A, 200);
        advance(10);
        rig.use(A, 40);
        advance(10);

        assertThat(kernel.calls).isEmpty();
        assertThat(disk.saves).isEmpty();
        assertThat(events).singleElement().isInstanceOf(LimitEvent.Needless.class);
        assertThat(states()).endsWith(TriggerState.INACTIVE);
    }

    @Test
    void afterTheLongestTimeTheOldValueIsBackThoughThePolicyStaysActive() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        advance(9_900);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(192 * MIB);

        advance(200);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(disk.kept).isEmpty();
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        LimitEvent.Restored.class, it -> assertThat(it.cause()).isEqualTo(Cause.LONGEST));
        rig.use(A, 300);
        advance(60_000);
        assertThat(kernel.calls).as("until it has stopped and started again").hasSize(2);

        rig.use(A, 40);
        advance(10);
        rig.use(A, 300);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(292 * MIB);
    }

    @Test
    void ofTwoPoliciesTheStricterHoldsAndTheFirstValueComesBack() {
        Rig rig = rig(THROTTLE + """
                  - name: slower
                    cgroups: [a]
                    start: usage > 150MiB
                    stop: usage < 120MiB
                    throttle: { over: 50MiB, least: 32MiB }
                """);
        kernel.write(A, LimitFile.HIGH, 500 * MIB);

        rig.use(A, 110);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(102 * MIB);
        advance(1_000);
        rig.use(A, 151);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(101 * MIB);
        assertThat(disk.kept)
                .singleElement()
                .satisfies(entry -> assertThat(entry.beforeBytes()).isEqualTo(500 * MIB));

        rig.use(A, 119);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH))
                .as("that of the other again")
                .isEqualTo(102 * MIB);
        assertThat(decisions.getLast().policy().name()).isEqualTo("slower");
        assertThat(decisions.getLast().to()).isEqualTo(TriggerState.INACTIVE);

        rig.use(A, 40);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(500 * MIB);
    }

    @Test
    void whatSomebodyElseHasSetIsLeftAlone() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        advance(10);

        kernel.write(A, LimitFile.HIGH, 77 * MIB);
        rig.use(A, 40);
        advance(10);

        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(77 * MIB);
        assertThat(events.getLast())
                .isEqualTo(new LimitEvent.LeftAlone(
                        A, "slow", LimitFile.HIGH, events.getLast().nanos(), 192 * MIB, 77 * MIB));
        assertThat(disk.kept).isEmpty();
        assertThat(states()).endsWith(TriggerState.INACTIVE);

        rig.use(A, 200);
        advance(10);
        assertThat(events.getLast()).isInstanceOf(LimitEvent.Needless.class);
    }

    @Test
    void aCgroupThatVanishesIsForgottenWithItsNote() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        advance(10);

        kernel.remove(A);
        rig.triggers.gone(A);
        rig.engine.gone(A);
        advance(10);

        assertThat(disk.kept).isEmpty();
        assertThat(kernel.calls).hasSize(1);
    }

    @Test
    void aCgroupThatTheKernelSaysIsGoneIsLetGoOf() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        kernel.remove(A);
        advance(10);

        assertThat(states()).containsExactly(TriggerState.ACTIVE, TriggerState.INACTIVE);
        assertThat(disk.kept).isEmpty();
    }

    @Test
    void whatTheKernelRefusesIsToldOnceAndNotTriedAgainBeforeTheNextStart() {
        Rig rig = rig(THROTTLE);
        kernel.answersInstead = true;
        kernel.instead = new LimitAnswer.Refused("Permission denied");

        rig.use(A, 200);
        advance(5_000);
        rig.use(A, 210);
        advance(5_000);
        rig.use(A, 40);
        advance(10);

        assertThat(events).singleElement().isInstanceOf(LimitEvent.Refused.class);
        assertThat(states()).endsWith(TriggerState.INACTIVE);
        assertThat(disk.kept).isEmpty();
    }

    @Test
    void aDryRunSetsNothing() {
        Rig rig = rig(THROTTLE);
        kernel.answersInstead = true;
        kernel.instead = new LimitAnswer.Withheld(new CgroupLimits(200 * MIB, 0, 0, CgroupLimits.MAX));

        rig.use(A, 200);
        advance(5_000);
        rig.use(A, 40);
        advance(10);

        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        LimitEvent.Set.class, it -> assertThat(it.withheld()).isTrue());
        assertThat(states()).endsWith(TriggerState.INACTIVE);
    }

    @Test
    void closingPutsEverythingBack() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        rig.use(B, 300);
        advance(10);

        assertThat(closed(rig, 10)).isTrue();
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(kernel.value(B, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(disk.kept).isEmpty();
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        LimitEvent.Restored.class, it -> assertThat(it.cause()).isEqualTo(Cause.EXIT));
    }

    @Test
    void whatCannotBePutBackAtTheEndIsTriedAgainAndStaysNoted() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        advance(10);
        kernel.answersInstead = true;
        kernel.instead = new LimitAnswer.Refused("Device or resource busy");

        assertThat(closed(rig, 500)).isFalse();
        assertThat(events).filteredOn(LimitEvent.Refused.class::isInstance).hasSize(1);
        assertThat(disk.kept).hasSize(1);
        kernel.answersInstead = false;
        advance(100);

        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(disk.kept).isEmpty();
    }

    @Test
    void closingDoesNotWaitForAWriteThatReclaims() {
        Rig rig = rig(THROTTLE);
        kernel.took = Duration.ofSeconds(30);
        rig.use(A, 200);
        advance(10);

        assertThat(closed(rig, 200)).as("the restoring write is as slow").isFalse();
        kernel.took = Duration.ofMillis(1);
        advance(1_000);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
    }

    @Test
    void aSlowWriteIsCancelledAtItsDeadline() {
        Rig rig = rig(THROTTLE);
        kernel.took = Duration.ofMinutes(1);
        rig.use(A, 200);
        advance(510);

        kernel.took = Duration.ofMillis(1);
        rig.use(A, 40);
        advance(10);

        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(states()).endsWith(TriggerState.INACTIVE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWriteThatNeverComesBackHoldsUpNobodyAndIsUndone(boolean late) {
        Rig rig = rig(THROTTLE.replace("policies:", "workqueue: { workers: 1 }\npolicies:"));
        kernel.took = Duration.ofSeconds(20);
        kernel.deaf = true;
        kernel.late = late;
        rig.use(A, 200);
        advance(700);
        kernel.took = Duration.ofMillis(1);
        kernel.late = false;

        rig.use(B, 300);
        advance(10);
        assertThat(kernel.value(B, LimitFile.HIGH)).isEqualTo(292 * MIB);
        rig.use(A, 40);
        rig.use(B, 40);
        advance(100);
        assertThat(kernel.value(B, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);

        kernel.late = late;
        advance(20_000);
        kernel.late = false;
        advance(2_000);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
        assertThat(disk.kept).isEmpty();
    }

    @Test
    void noMoreWritesRunThanThereAreWorkers() {
        Rig rig = rig(THROTTLE.replace("[a, b]", "['*']").replace("policies:", "workqueue: { workers: 3 }\npolicies:"));
        for (int i = 0; i < 200; i++) {
            rig.use(new Cgroup(10 + i, "c" + i), 200);
        }
        advance(1_000);

        assertThat(kernel.most).isEqualTo(3);
        assertThat(kernel.calls).hasSize(200);
        assertThat(disk.kept).hasSize(200);
        assertThat(disk.saves)
                .as("those that come while one is under way are saved together")
                .hasSizeLessThan(200);
        assertThat(closed(rig, 1_000)).isTrue();
        assertThat(disk.kept).isEmpty();
    }

    @Test
    void aRemovedPolicyLeavesNothingSet() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        advance(10);

        rig.triggers.reload(parsed(PROTECT).policies());
        advance(10);

        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(CgroupLimits.MAX);
    }

    @Test
    void aThrottleThatBecomesAnotherBeginsAnew() {
        Rig rig = rig(THROTTLE);
        rig.use(A, 200);
        advance(10);

        rig.triggers.reload(parsed(THROTTLE.replace("over: 8MiB", "over: 4MiB")).policies());
        rig.use(A, 200);
        advance(1_000);
        rig.use(A, 200);
        advance(10);

        assertThat(kernel.calls).containsExactly("a memory.high 192.0", "a memory.high max", "a memory.high 196.0");
    }

    /**
     * Killed at each tenth of a millisecond of a life with two starts, a step down and two stops, whatever was under way then: the next
     * start has the old values back.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void killedAtAnyInstantNothingIsLeftSet(boolean late) {
        kernel.late = late;
        kernel.write(A, LimitFile.HIGH, 500 * MIB);
        Rig rig = rig(THROTTLE);
        Set<String> seen = new TreeSet<>();

        rig.use(A, 200);
        kill(seen, 100);
        advance(990);
        rig.use(A, 180);
        kill(seen, 100);
        rig.use(A, 40);
        kill(seen, 100);
        rig.use(A, 300);
        kill(seen, 25);
        closed(rig, 0);
        kill(seen, 100);

        assertThat(seen)
                .as("what was there and what was noted, at one instant or other")
                .contains("500 []", "192 [192]", "172 [192, 172]", "500 [192, 172]");
        if (late) {
            assertThat(seen).as("also while a write is under way").contains("500 [192]", "192 [192, 172]");
        }
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(500 * MIB);
    }

    /** Lets so many tenths of a millisecond go by; after each, what the next agent finds is put back by it. */
    private void kill(Set<String> seen, int instants) {
        for (int i = 0; i < instants; i++) {
            time.advanceTimeBy(Duration.ofNanos(100_000));
            long value = kernel.value(A, LimitFile.HIGH);
            seen.add(value / MIB + " "
                    + disk.kept.stream()
                            .flatMap(entry -> entry.writtenBytes().stream())
                            .map(bytes -> bytes / MIB)
                            .toList());

            VirtualTimeScheduler later = VirtualTimeScheduler.create();
            FakeLimits same = new FakeLimits(later);
            same.usage.put(A, 40 * MIB);
            same.write(A, LimitFile.HIGH, value);
            LimitRestorer.Result result = restored(same, later, disk.kept);
            assertThat(same.value(A, LimitFile.HIGH)).as("found %s", value).isEqualTo(500 * MIB);
            assertThat(result.left()).isEmpty();
            assertThat(result.events()).hasSize(value == 500 * MIB ? 0 : 1);
        }
    }

    private static LimitRestorer.Result restored(
            FakeLimits kernel, VirtualTimeScheduler time, List<LimitJournal.Entry> entries) {
        List<LimitRestorer.Result> results = new ArrayList<>();
        new LimitRestorer(kernel, time).restore(entries).subscribe(results::add);
        time.advanceTimeBy(Duration.ofSeconds(1));
        return results.getFirst();
    }

    @Test
    void whatWasLeftBehindIsPutBackButForWhatIsSomebodyElsesOrGone() {
        kernel.usage.put(A, 40 * MIB);
        kernel.usage.put(B, 40 * MIB);
        kernel.write(A, LimitFile.HIGH, 77 * MIB);
        kernel.write(B, LimitFile.LOW, 64 * MIB);
        LimitJournal.Entry others =
                new LimitJournal.Entry("slow", "a", 1, LimitFile.HIGH, CgroupLimits.MAX, List.of(192 * MIB));
        LimitJournal.Entry ours = new LimitJournal.Entry("shelter", "b", 2, LimitFile.LOW, 0, List.of(64 * MIB));
        LimitJournal.Entry gone = new LimitJournal.Entry("slow", "c", 3, LimitFile.HIGH, 0, List.of(64 * MIB));

        LimitRestorer.Result result = restored(kernel, time, List.of(others, gone, ours));

        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(77 * MIB);
        assertThat(kernel.value(B, LimitFile.LOW)).isZero();
        assertThat(result.left()).isEmpty();
        assertThat(result.events())
                .satisfiesExactly(
                        left -> assertThat(left).isInstanceOf(LimitEvent.LeftAlone.class),
                        back -> assertThat(back)
                                .isInstanceOfSatisfying(
                                        LimitEvent.Restored.class,
                                        it -> assertThat(it.cause()).isEqualTo(Cause.LEFT_BEHIND)));
    }

    @Test
    void whatCannotBePutBackYetStaysNotedAndIsWhatComesBackInTheEnd() {
        LimitJournal.Entry left = new LimitJournal.Entry("slow", "a", 1, LimitFile.HIGH, 500 * MIB, List.of(192 * MIB));
        kernel.usage.put(A, 40 * MIB);
        kernel.write(A, LimitFile.HIGH, 192 * MIB);
        kernel.answersInstead = true;
        kernel.instead = new LimitAnswer.Refused("Device or resource busy");
        assertThat(restored(kernel, time, List.of(left)).left()).containsExactly(left);

        kernel.answersInstead = false;
        Rig rig = new Rig(parsed(THROTTLE), List.of(left));
        rig.use(B, 200);
        advance(10);
        assertThat(disk.kept).extracting(LimitJournal.Entry::path).containsExactly("a", "b");
        rig.use(A, 150);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(142 * MIB);

        rig.use(A, 40);
        advance(10);
        assertThat(kernel.value(A, LimitFile.HIGH)).isEqualTo(500 * MIB);
        assertThat(disk.kept).extracting(LimitJournal.Entry::path).containsExactly("b");
    }

    private boolean closed(Rig rig, long millis) {
        boolean[] done = {false};
        rig.engine.close().subscribe(nothing -> {}, error -> {}, () -> done[0] = true);
        advance(millis);
        return done[0];
    }

    private void advance(long millis) {
        time.advanceTimeBy(Duration.ofMillis(millis));
    }

    private List<TriggerState> states() {
        return decisions.stream().map(Decision::to).toList();
    }

    private static PolicyFile parsed(String text) {
        return switch (PolicyFile.parse("test", text, new HostMemory(1L << 30, FakeLimits.PAGE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(var problems) -> throw new AssertionError(problems.toString());
        };
    }

    private Rig rig(String text) {
        return new Rig(parsed(text), List.of());
    }

    private final class Rig {
        final PolicyFile policies;
        final TriggerEngine triggers;
        final LimitEngine engine;

        Rig(PolicyFile file, List<LimitJournal.Entry> leftBehind) {
            policies = file;
            triggers = new TriggerEngine(file.policies(), time);
            engine = new LimitEngine(
                    triggers, kernel, disk, leftBehind, file.workqueue().workers(), time);
            triggers.decisions().subscribe(engine::decided);
            triggers.decisions().subscribe(decisions::add);
            engine.events().subscribe(events::add);
        }

        void use(Cgroup cgroup, long mib) {
            kernel.usage.put(cgroup, mib * MIB);
            triggers.appeared(cgroup);
            Sample sample = new Sample(
                    cgroup, time.now(TimeUnit.NANOSECONDS), SignalSet.of(Signal.USAGE), new double[] {mib * MIB});
            triggers.sample(sample);
            engine.sampled(sample);
            // The next sample is a later one.
            time.advanceTimeBy(Duration.ofNanos(1));
        }
    }
}
