package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.named;
import static dev.tidemark.triggers.Policies.policy;
import static dev.tidemark.triggers.Rig.CGROUP;
import static dev.tidemark.triggers.Rig.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.Decision.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class TriggerEngineTest {

    private static final String PSI = "psi.some.avg10 > 80%";
    private static final String CALM = "psi.some.avg10 < 10%";
    private static final Signal AVG10 = Signal.PSI_SOME_AVG10;

    /** What the guards that nobody asked for look at. */
    private static final SignalSet GUARDS = SignalSet.of(Signal.PROTECTION, Signal.SWAP_HEADROOM);

    @Test
    void threshold_startsOnTheSampleThatCrossesAndStopsOnTheOneThatFallsBelow() {
        Rig rig = new Rig(policy(PSI, CALM));

        rig.see(AVG10, 0.0111).sleep(1000).see(AVG10, 0.9999).sleep(1000).see(AVG10, 0.5);
        rig.sleep(1000).see(AVG10, 0.05);

        assertThat(rig.told).containsExactly("1000.0 INACTIVE>ACTIVE START", "3000.0 ACTIVE>STOPPING STOP");
    }

    @Test
    void readings_areThePartsOfTheConditionThatDecided() {
        Rig rig = new Rig(policy("usage > 80% of limit and pgscan over 2s > 100", "usage < 70% of limit"));
        Map<Signal, Double> before = Map.of(Signal.USAGE, 10 * MIB, Signal.LIMIT, 20 * MIB, Signal.PGSCAN, 1000.0);
        Map<Signal, Double> after = Map.of(Signal.USAGE, 18 * MIB, Signal.LIMIT, 20 * MIB, Signal.PGSCAN, 1500.0);

        rig.see(CGROUP, before).sleep(1000).see(CGROUP, after);

        Decision decision = rig.decisions.getFirst();
        assertThat(decision.readings())
                .containsExactly(
                        new Reading("usage", Unit.BYTES, 18 * MIB),
                        new Reading("limit", Unit.BYTES, 20 * MIB),
                        new Reading("delta(pgscan, 2s)", Unit.COUNT, 500));
        assertThat(decision.readings().getFirst()).hasToString("usage=18MiB");
    }

    @Test
    void notBefore_isTheLastSampleThatDidNotCross() {
        Rig rig = new Rig(policy(PSI, CALM));

        rig.sleep(100).see(AVG10, 0.5).sleep(7).see(AVG10, 0.9);

        Decision start = rig.decisions.getFirst();
        assertThat(Duration.ofNanos(start.notBeforeNanos())).isEqualTo(Duration.ofMillis(100));
        assertThat(Duration.ofNanos(start.nanos())).isEqualTo(Duration.ofMillis(107));
    }

    @Nested
    class ForAndHold {

        @Test
        void for_isTrueFromExactlyItsEndWithoutAnySample() {
            Rig rig = new Rig(policy(PSI + " for 2500ms", CALM));

            rig.sleep(3).see(AVG10, 0.9);
            rig.sleepNanos(2_499_999_999L);
            assertThat(rig.state()).isEqualTo(TriggerState.PENDING);
            rig.sleepNanos(1);

            assertThat(rig.told).containsExactly("3.0 INACTIVE>PENDING START", "2503.0 PENDING>ACTIVE START");
            assertThat(rig.decisions.get(1).notBeforeNanos()).isEqualTo(3_000_000);
        }

        @Test
        void for_isNotTrueAfter14900MillisOf15Seconds() {
            Rig rig = new Rig(policy(PSI + " for 15s", CALM));

            rig.see(AVG10, 0.9).keep(AVG10, 0.9, 100, 14_900);
            assertThat(rig.state()).isEqualTo(TriggerState.PENDING);
            rig.sleep(99);
            assertThat(rig.state()).isEqualTo(TriggerState.PENDING);
            rig.sleep(1);

            assertThat(rig.told.getLast()).isEqualTo("15000.0 PENDING>ACTIVE START");
        }

        @Test
        void for_lapsesWhenTheConditionDoesAndBeginsAnew() {
            Rig rig = new Rig(policy(PSI + " for 2s", CALM));

            rig.see(AVG10, 0.9)
                    .sleep(1900)
                    .see(AVG10, 0.5)
                    .sleep(100)
                    .see(AVG10, 0.9)
                    .sleep(2000);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>PENDING START",
                            "1900.0 PENDING>INACTIVE START_LAPSED",
                            "2000.0 INACTIVE>PENDING START",
                            "4000.0 PENDING>ACTIVE START");
        }

        @Test
        void for_isDueBeforeTheSampleOfTheSameInstant() {
            Rig rig = new Rig(policy(PSI + " for 2s", "psi.some.avg10 < 5%"));
            rig.see(AVG10, 0.9);
            // Scheduled before the engine's timer could be: it runs first when both are due.
            Mono.delay(Duration.ofSeconds(2), rig.time).subscribe(_ -> rig.see(AVG10, 0.5));

            rig.sleep(2000);

            assertThat(rig.told.getLast()).isEqualTo("2000.0 PENDING>ACTIVE START");
        }

        @Test
        void hold_isTrueUntilExactlyThatLongAfterTheLastTrueSample() {
            Rig rig = new Rig(policy("usage > 1MiB", "not (psi.some.avg10 > 80% hold 2s)"));
            rig.see(CGROUP, Map.of(Signal.USAGE, 2 * MIB, AVG10, 0.9));
            rig.sleep(500).see(AVG10, 0.9).sleep(500).see(AVG10, 0.5);
            rig.sleepNanos(1_499_999_999L);
            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
            rig.sleepNanos(1);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "2500.0 ACTIVE>STOPPING STOP");
        }

        @Test
        void hold_isNotMovedBySamplesOfOtherSignals() {
            Rig rig = new Rig(policy("usage > 1MiB", "not (psi.some.avg10 > 80% hold 1s)"));
            rig.see(CGROUP, Map.of(Signal.USAGE, 2 * MIB, AVG10, 0.9));
            rig.sleep(500).usage(2).sleep(200).see(AVG10, 0.5).sleep(300);

            assertThat(rig.told.getLast()).isEqualTo("1000.0 ACTIVE>STOPPING STOP");
        }

        @Test
        void for_ofOneSideIsNoPendingWhileTheOtherSideIsFalse() {
            Rig rig = new Rig(policy("usage > 10MiB and psi.some.avg10 > 80% for 1s", "usage < 1MiB"));

            rig.see(CGROUP, Map.of(Signal.USAGE, 5 * MIB, AVG10, 0.9)).sleep(500);
            assertThat(rig.state()).isEqualTo(TriggerState.INACTIVE);
            rig.usage(11);
            assertThat(rig.state()).isEqualTo(TriggerState.PENDING);
            rig.sleep(500);

            assertThat(rig.told).containsExactly("500.0 INACTIVE>PENDING START", "1000.0 PENDING>ACTIVE START");
        }

        @Test
        void timer_lateIsCaughtUpWithBeforeTheNextSample() {
            Rig rig = new Rig(policy(PSI + " for 1s", CALM));
            rig.sleep(5000);

            // Both in one task, so that no timer runs between them: as if the core had been busy.
            rig.time.schedule(() -> {
                rig.engine.sample(psi(3_000_000_000L, 0.9));
                rig.engine.sample(psi(4_500_000_000L, 0.5));
            });

            assertThat(rig.told).containsExactly("3000.0 INACTIVE>PENDING START", "4000.0 PENDING>ACTIVE START");
        }
    }

    @Nested
    class StopAndCooldown {

        @Test
        void stop_winsOverStart() {
            Rig rig = new Rig(policy("usage > 10MiB", "usage > 5MiB"));

            rig.usage(20).sleep(1000).usage(20);

            assertThat(rig.told).isEmpty();
        }

        @Test
        void stop_endsPending() {
            Rig rig = new Rig(policy("usage > 10MiB for 1s", PSI));

            rig.usage(20).sleep(500).see(AVG10, 0.9).sleep(1000);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>PENDING START", "500.0 PENDING>INACTIVE STOP");
        }

        @Test
        void start_thatHeldAllAlongStartsWhenStopLetsGo() {
            Rig rig = new Rig(policy("usage > 10MiB", PSI));

            rig.see(CGROUP, Map.of(Signal.USAGE, 20 * MIB, AVG10, 0.9))
                    .sleep(1000)
                    .see(AVG10, 0.1);

            assertThat(rig.told).containsExactly("1000.0 INACTIVE>ACTIVE START");
        }

        @Test
        void cooldown_beginsWhenDrainedAndStartsAgainAtItsVeryEnd() {
            Rig rig = new Rig(policy("usage > 10MiB", "usage < 9MiB", "cooldown: 500ms"));
            rig.usage(20).sleep(100).usage(5).sleep(100).usage(20);
            assertThat(rig.state()).isEqualTo(TriggerState.STOPPING);

            rig.sleep(100).drained().sleep(300).usage(20);
            assertThat(rig.state()).isEqualTo(TriggerState.COOLDOWN);
            rig.sleep(199);
            assertThat(rig.state()).isEqualTo(TriggerState.COOLDOWN);
            rig.sleep(1);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>ACTIVE START",
                            "100.0 ACTIVE>STOPPING STOP",
                            "300.0 STOPPING>COOLDOWN DRAINED",
                            "800.0 COOLDOWN>INACTIVE COOLDOWN_OVER",
                            "800.0 INACTIVE>ACTIVE START");
            assertThat(rig.decisions.getLast().notBeforeNanos())
                    .as("what crossed before the cooldown was over could not be acted on")
                    .isEqualTo(rig.decisions.getLast().nanos());
        }

        @Test
        void cooldown_ofNothingIsPassedOver() {
            Rig rig = new Rig(policy("usage > 10MiB", "usage < 9MiB"));

            rig.usage(20).sleep(100).usage(5).drained();

            assertThat(rig.told.getLast()).isEqualTo("100.0 STOPPING>INACTIVE DRAINED");
        }

        @Test
        void cooldown_boundsAStartThatIsTrueAtEveryTick() {
            Rig rig = new Rig(policy("usage > 10MiB", "pgscan over 1s > 100", "period: 500ms", "cooldown: 5s"));
            double scanned = 0;

            for (int tick = 0; tick < 120; tick++) {
                scanned += 1000;
                rig.see(
                        CGROUP,
                        Map.of(Signal.USAGE, 20 * MIB, Signal.PGSCAN, tick % 3 == 0 ? scanned : scanned - 1000));
                rig.drained().sleep(500);
            }

            assertThat(rig.decisions)
                    .filteredOn(decision -> decision.to() == TriggerState.ACTIVE)
                    .hasSizeLessThanOrEqualTo(12);
        }

        @Test
        void drained_whenNotStoppingIsNothing() {
            Rig rig = new Rig(policy("usage > 10MiB", "usage < 9MiB"));

            rig.usage(20).drained();

            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
        }
    }

    @Nested
    class NoData {

        @Test
        void suspend_doesNotCompleteFor() {
            Rig rig = new Rig(policy(PSI + " for 15s", CALM));
            rig.see(AVG10, 0.9).keep(AVG10, 0.9, 1000, 5000);

            rig.time.advanceTimeBy(Duration.ofHours(8));
            rig.see(AVG10, 0.9);
            rig.keep(AVG10, 0.9, 1000, 14_000);
            assertThat(rig.state()).isEqualTo(TriggerState.PENDING);
            rig.sleep(1000);

            assertThat(rig.told.getFirst()).isEqualTo("0.0 INACTIVE>PENDING START");
            assertThat(rig.told).contains("8000.0 PENDING>INACTIVE NO_DATA");
            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
        }

        @Test
        void suspend_seenOnlyByTheNextSampleDoesNotCompleteFor() {
            Rig rig = new Rig(policy(PSI + " for 2s", CALM));
            rig.time.advanceTimeBy(Duration.ofHours(9));

            // Both in one task: the clock jumps, and the sample comes before any timer.
            rig.time.schedule(() -> {
                rig.engine.sample(psi(1_000_000, 0.9));
                rig.engine.sample(psi(TimeUnit.HOURS.toNanos(8), 0.9));
            });

            assertThat(rig.decisions)
                    .extracting(decision -> decision.to() + " " + decision.cause())
                    .startsWith("PENDING START", "INACTIVE NO_DATA", "PENDING START");
        }

        @Test
        void silentSource_stopsAnActivePolicyAfterThreePeriods() {
            Rig rig = new Rig(policy(PSI, CALM, "period: 2s"));
            rig.see(AVG10, 0.9).sleep(2000).see(AVG10, 0.9);

            rig.sleep(90_000);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "8000.0 ACTIVE>STOPPING NO_DATA");
            assertThat(rig.decisions.getLast().readings())
                    .containsExactly(new Reading("psi.some.avg10", Unit.RATIO, Double.NaN));
        }

        @Test
        void silentSource_isNotStartedOnAgain() {
            Rig rig = new Rig(policy(PSI, CALM));
            rig.see(AVG10, 0.9).sleep(10_000).drained().sleep(10_000);
            assertThat(rig.state()).isEqualTo(TriggerState.INACTIVE);

            rig.see(AVG10, 0.9);

            assertThat(rig.told.getLast()).isEqualTo("20000.0 INACTIVE>ACTIVE START");
        }

        @Test
        void silentSource_oneOfTwo_doesNotStopWhatIsStillKnown() {
            Rig rig = new Rig(policy("usage > 10MiB or " + PSI, "usage < 5MiB"));
            rig.see(CGROUP, Map.of(Signal.USAGE, 8 * MIB, AVG10, 0.9));

            rig.keep(Signal.USAGE, 8 * MIB, 1000, 60_000);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START");
        }

        @Test
        void unknownStop_stopsOnceStartDoesNotHoldEither() {
            Rig rig = new Rig(policy("usage > 10MiB", "refault over 10s > 100"));
            rig.usage(20).keep(Signal.USAGE, 20 * MIB, 1000, 10_000);
            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);

            rig.keep(Signal.USAGE, 5 * MIB, 1000, 10_000);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "13000.0 ACTIVE>STOPPING NO_DATA");
        }

        @Test
        void unknownValues_doNotStart() {
            Rig rig = new Rig(policy("usage > 80% of max", "usage < 70% of max"));

            rig.see(CGROUP, Map.of(Signal.USAGE, 20 * MIB, Signal.MAX, Double.NaN));
            rig.sleep(1000).see(CGROUP, Map.of(Signal.USAGE, 20 * MIB, Signal.MAX, Double.POSITIVE_INFINITY));

            assertThat(rig.told).isEmpty();
        }

        @Test
        void falsePush_aSampleThatBringsNoChangeDoesNotStart() {
            Rig rig = new Rig(policy("psi.some over 2s > 1%", "psi.some over 2s < 0.1%"));
            rig.see(Signal.PSI_SOME_TOTAL, 12.5).sleep(1000).see(Signal.PSI_SOME_TOTAL, 12.5);

            // Pushed: read again at once, and the counter has not moved.
            rig.sleep(3).see(Signal.PSI_SOME_TOTAL, 12.5);

            assertThat(rig.told).isEmpty();
        }

        @Test
        void pressureButPlenty_staysInactive() {
            Rig rig = new Rig(policy("psi.some.avg10 > 50% and usage > 80% of limit", "usage < 60% of limit"));

            rig.see(CGROUP, Map.of(AVG10, 0.99, Signal.USAGE, 40 * MIB, Signal.LIMIT, 100 * MIB));

            assertThat(rig.told).isEmpty();
        }
    }

    @Nested
    class Cgroups {

        @Test
        void gone_endsWhatWasUnderWay() {
            Rig rig = new Rig(policy("usage > 10MiB", "usage < 5MiB"));
            rig.usage(20).sleep(5);

            rig.engine.gone(CGROUP);
            rig.sleep(10_000).usage(30);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "5.0 ACTIVE>INACTIVE GONE");
            assertThat(rig.engine.ignored()).isEqualTo(1);
        }

        @Test
        void reusedPath_isAnotherCgroup() {
            Rig rig = new Rig(policy("usage > 10MiB for 5s", "usage < 5MiB"));
            rig.usage(20).sleep(4000);
            rig.engine.gone(CGROUP);
            Cgroup anew = new Cgroup(8, CGROUP.path());
            rig.engine.appeared(anew);

            rig.see(anew, Map.of(Signal.USAGE, 20 * MIB)).sleep(2000);

            assertThat(rig.engine.state(anew, rig.policy)).isEqualTo(TriggerState.PENDING);
        }

        @Test
        void failure_ofOneCgroupLeavesTheOthersAlone() {
            VirtualTimeScheduler time = VirtualTimeScheduler.create();
            Policy policy = policy("usage > 10MiB", "usage < 5MiB");
            Program program = Program.of(new Fragile(), new ValueNode.Constant(Node.FALSE));
            List<String> failures = new ArrayList<>();
            TriggerEngine engine = new TriggerEngine(
                    List.of(policy),
                    time,
                    (cgroup, t) -> failures.add(cgroup + " " + t.getMessage()),
                    (_, _) -> program);
            List<Decision> decisions = new ArrayList<>();
            engine.decisions().subscribe(decisions::add);
            Cgroup other = new Cgroup(9, "batch/other");
            engine.appeared(CGROUP);
            engine.appeared(other);

            engine.sample(new Sample(CGROUP, 0, SignalSet.of(Signal.USAGE), new double[] {666}));
            engine.sample(new Sample(other, 0, SignalSet.of(Signal.USAGE), new double[] {20}));

            assertThat(failures).containsExactly("batch/job#7 broken");
            assertThat(engine.failures()).isEqualTo(1);
            assertThat(decisions).extracting(Decision::cgroup).containsExactly(other);
        }

        @Test
        void signalsAndPeriod_areThoseOfAllPoliciesForACgroup() {
            Policy usage = named("usage", "usage > 80% of limit", "usage < 70% of limit", "period: 5s");
            Policy psi = named("psi", PSI, "refault over 10s > 5", "period: 200ms", "exclude: [other]");
            TriggerEngine engine = new TriggerEngine(List.of(usage, psi), VirtualTimeScheduler.create());

            assertThat(engine.signals(CGROUP))
                    .isEqualTo(SignalSet.of(Signal.USAGE, Signal.LIMIT, AVG10, Signal.REFAULT)
                            .plus(GUARDS));
            assertThat(engine.period(CGROUP)).isEqualTo(Duration.ofMillis(200));
            assertThat(engine.signals(new Cgroup(1, "other")))
                    .isEqualTo(SignalSet.of(Signal.USAGE, Signal.LIMIT).plus(GUARDS));
        }

        @Test
        void period_ofACgroupThatNoPolicyIsForIsRefused() {
            Policy none = named("none", PSI, CALM, "exclude: [\"**\"]");
            TriggerEngine engine = new TriggerEngine(List.of(none), VirtualTimeScheduler.create());

            assertThat(engine.signals(CGROUP).isEmpty()).isTrue();
            assertThatThrownBy(() -> engine.period(CGROUP)).hasMessage("no policy is for batch/job#7");
        }

        @Test
        void policies_ofOneCgroupAreIndependent() {
            Policy first = named("first", "usage > 10MiB", "usage < 5MiB");
            Policy second = named("second", "usage > 20MiB for 1s", "usage < 15MiB");
            Rig rig = new Rig(first, second);

            rig.usage(30).sleep(1000).usage(12);

            assertThat(rig.engine.state(CGROUP, first)).isEqualTo(TriggerState.ACTIVE);
            assertThat(rig.engine.state(CGROUP, second)).isEqualTo(TriggerState.STOPPING);
        }

        @Test
        void manyDeadlines_areMetEachAtItsInstant() {
            Rig rig = new Rig(policy(PSI + " for 2s", CALM));
            int count = 500;
            for (int i = 0; i < count; i++) {
                Cgroup cgroup = new Cgroup(1000 + i, "many/" + i);
                rig.engine.appeared(cgroup);
                // In an order that is neither that of time nor its reverse.
                int delay = i * 7919 % count + 1;
                Mono.delay(Duration.ofMillis(delay), rig.time).subscribe(_ -> rig.see(cgroup, Map.of(AVG10, 0.9)));
            }

            rig.sleep(2000 + count);

            assertThat(rig.decisions)
                    .filteredOn(decision -> decision.to() == TriggerState.ACTIVE)
                    .hasSize(count)
                    .allSatisfy(decision -> {
                        int i = (int) decision.cgroup().id() - 1000;
                        assertThat(decision.nanos() / 1_000_000).isEqualTo(2000 + i * 7919 % count + 1);
                    });
        }
    }

    @Nested
    class Samples {

        @Test
        void sample_thatIsNotNewerIsIgnored() {
            Rig rig = new Rig(policy(PSI, CALM));
            rig.sleep(1000).see(AVG10, 0.5);

            rig.engine.sample(psi(rig.now(), 0.9));
            rig.engine.sample(psi(rig.now() - 1, 0.9));
            rig.engine.sample(psi(rig.now() + 1, 0.9));

            assertThat(rig.told).isEmpty();
            assertThat(rig.engine.ignored()).isEqualTo(3);
        }

        @Test
        void sample_ofUsageAloneKeepsTheOthers() {
            Rig rig = new Rig(policy("usage > 80% of limit", "usage < 70% of limit"));
            rig.see(CGROUP, Map.of(Signal.USAGE, 10 * MIB, Signal.LIMIT, 20 * MIB));

            rig.sleep(3).usage(17);

            assertThat(rig.told).containsExactly("3.0 INACTIVE>ACTIVE START");
        }

        @Test
        void decisions_madeWhileOneIsToldComeAfterIt() {
            Rig rig = new Rig(policy("usage > 10MiB", "usage < 5MiB"));
            rig.engine.decisions().subscribe(decision -> {
                if (decision.to() == TriggerState.STOPPING) {
                    rig.drained();
                }
            });

            rig.usage(20).sleep(1).usage(1);

            assertThat(rig.decisions)
                    .extracting(Decision::cause)
                    .containsExactly(Cause.START, Cause.STOP, Cause.DRAINED);
        }
    }

    @Nested
    class Watermarks {

        @Test
        void startWatermark_isTheNearestLevelAboveUsage() {
            Rig rig = new Rig(policy("usage > 80% of limit or (usage >= 12MiB and " + PSI + ")", "usage < 8MiB"));
            rig.see(CGROUP, Map.of(Signal.USAGE, 10 * MIB, Signal.LIMIT, 20 * MIB));
            assertThat(rig.engine.startWatermark(CGROUP)).isEqualTo(12 * MIB);
            assertThat(rig.engine.stopWatermark(CGROUP, rig.policy)).isEqualTo(8 * MIB);

            rig.sleep(1).usage(12);
            assertThat(rig.engine.startWatermark(CGROUP)).isEqualTo(16 * MIB);

            rig.sleep(1).usage(16);
            assertThat(rig.engine.startWatermark(CGROUP))
                    .as("a level is not above itself")
                    .isEqualTo(16 * MIB);

            rig.sleep(1).usage(17);
            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
            assertThat(rig.engine.startWatermark(CGROUP)).isEqualTo(Double.POSITIVE_INFINITY);
            assertThat(rig.engine.stopWatermark(CGROUP, rig.policy)).isEqualTo(8 * MIB);

            rig.sleep(1).usage(7);
            assertThat(rig.engine.stopWatermark(CGROUP, rig.policy))
                    .as("nothing to aim at below it")
                    .isNaN();
        }

        @Test
        void startWatermark_aSampleThatDoesNotCountDoesNotPassIt() {
            Rig rig = new Rig(policy("usage > 16MiB", "usage < 8MiB"));
            rig.usage(15);

            rig.usage(17);

            assertThat(rig.state()).as("of the same instant").isEqualTo(TriggerState.INACTIVE);
            assertThat(rig.engine.startWatermark(CGROUP)).isEqualTo(16 * MIB);
        }

        @Test
        void startWatermark_ofConditionsWithoutUsageIsNone() {
            Rig rig = new Rig(policy(PSI + " and usage over 2s > 1MiB", CALM));

            rig.see(AVG10, 0.5);

            assertThat(rig.engine.startWatermark(CGROUP)).isEqualTo(Double.POSITIVE_INFINITY);
        }
    }

    @Nested
    class ForEmbedders {

        @Test
        void decide_turnsSamplesIntoDecisions() {
            VirtualTimeScheduler time = VirtualTimeScheduler.create();
            Policy policy = policy("usage > 10MiB for 2s", "usage < 5MiB", "cooldown: 1s");
            Flux<Sample> samples = Flux.interval(Duration.ZERO, Duration.ofSeconds(1), time)
                    .take(6)
                    .map(tick -> new Sample(
                            CGROUP, time.now(TimeUnit.NANOSECONDS), SignalSet.of(Signal.USAGE), new double[] {
                                tick < 4 ? 20 * MIB : MIB
                            }));

            StepVerifier.create(TriggerEngine.decide(List.of(policy), samples, time)
                            .map(decision -> decision.nanos() / 1_000_000 + " " + decision.to()))
                    .then(() -> time.advanceTimeBy(Duration.ofMillis(1999)))
                    .expectNext("0 PENDING")
                    .then(() -> time.advanceTimeBy(Duration.ofMillis(1)))
                    .expectNext("2000 ACTIVE")
                    .then(() -> time.advanceTimeBy(Duration.ofSeconds(10)))
                    .expectNext("4000 STOPPING", "4000 COOLDOWN", "5000 INACTIVE")
                    .expectComplete()
                    .verify(Duration.ofSeconds(5));
        }

        @Test
        void decide_endsWithTheErrorOfItsSamples() {
            VirtualTimeScheduler time = VirtualTimeScheduler.create();
            Flux<Sample> samples = Flux.error(new IllegalStateException("gone"));

            StepVerifier.create(TriggerEngine.decide(List.of(policy(PSI, CALM)), samples, time))
                    .then(time::advanceTime)
                    .expectErrorMessage("gone")
                    .verify(Duration.ofSeconds(5));
        }
    }

    /** Holds, except of 666 bytes. */
    private static final class Fragile implements Node {
        @Override
        public double step(Evaluation e) {
            if (e.value(0) == 666) {
                throw new IllegalStateException("broken");
            }
            return TRUE;
        }

        @Override
        public double peek(Evaluation e) {
            return TRUE;
        }
    }

    private static Sample psi(long nanos, double value) {
        return new Sample(CGROUP, nanos, SignalSet.of(AVG10), new double[] {value});
    }
}
