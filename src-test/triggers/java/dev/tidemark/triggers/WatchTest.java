package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.Decision.Cause;
import dev.tidemark.triggers.Decision.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A policy that looks at some cgroups and acts on others. */
class WatchTest {

    private static final Cgroup WEB = new Cgroup(100, "web/a");
    private static final Cgroup DB = new Cgroup(101, "web/b");
    private static final Cgroup ONE = new Cgroup(1, "batch/one");
    private static final Cgroup TWO = new Cgroup(2, "batch/two");
    private static final Cgroup THREE = new Cgroup(3, "batch/three");
    private static final Signal AVG10 = Signal.PSI_SOME_AVG10;

    private static Rig rig(String... more) {
        List<String> lines = new ArrayList<>(
                List.of("- name: protect", "  cgroups: [batch/*]", "  watch: [web/*]", "  stop: psi.some.avg10 < 10%"));
        for (String line : more) {
            lines.add("  " + line);
        }
        if (lines.stream().noneMatch(line -> line.startsWith("  start:"))) {
            lines.add("  start: psi.some.avg10 > 50%");
        }
        Rig rig = new Rig(file(lines));
        rig.named = true;
        rig.engine.gone(Rig.CGROUP);
        List.of(WEB, DB, ONE, TWO).forEach(rig.engine::appeared);
        return rig;
    }

    private static void see(Rig rig, Cgroup cgroup, double avg10) {
        rig.see(cgroup, Map.of(AVG10, avg10));
    }

    private static void drained(Rig rig, Cgroup... cgroups) {
        for (Cgroup cgroup : cgroups) {
            rig.engine.drained(cgroup, rig.policy);
        }
    }

    private static TriggerState state(Rig rig, Cgroup cgroup) {
        return rig.engine.state(cgroup, rig.policy);
    }

    @Test
    void active_isEveryTargetWhileOneOfTheWatchedIs() {
        Rig rig = rig();

        see(rig, WEB, 0.9);
        rig.sleep(1000);
        see(rig, DB, 0.9);
        rig.sleep(1000);
        see(rig, WEB, 0.05);
        see(rig, DB, 0.9);
        rig.sleep(1000);
        see(rig, WEB, 0.05);
        see(rig, DB, 0.05);

        assertThat(rig.told)
                .containsExactlyInAnyOrder(
                        "0.0 one INACTIVE>ACTIVE START",
                        "0.0 two INACTIVE>ACTIVE START",
                        "3000.0 one ACTIVE>STOPPING STOP",
                        "3000.0 two ACTIVE>STOPPING STOP");
    }

    @Test
    void decision_namesTheWatchedOneAndCarriesItsValues() {
        Rig rig = rig("start: psi.some.avg10 > 50%");

        see(rig, DB, 0.75);

        assertThat(rig.decisions).hasSize(2).allSatisfy(decision -> {
            assertThat(decision.watched()).isEqualTo(DB);
            assertThat(decision.readings()).containsExactly(new Reading("psi.some.avg10", Unit.RATIO, 0.75));
        });
        assertThat(rig.decisions).extracting(Decision::cgroup).containsExactlyInAnyOrder(ONE, TWO);
    }

    @Test
    void notBefore_isTheWatchedOnes() {
        Rig rig = rig();

        rig.sleep(100);
        see(rig, WEB, 0.1);
        rig.sleep(7);
        see(rig, WEB, 0.9);

        Decision start = rig.decisions.getFirst();
        assertThat(Duration.ofNanos(start.notBeforeNanos())).isEqualTo(Duration.ofMillis(100));
        assertThat(Duration.ofNanos(start.nanos())).isEqualTo(Duration.ofMillis(107));
    }

    @Test
    void ownSignals_ofATargetDecideNothing() {
        Rig rig = rig();

        see(rig, ONE, 0.99);

        assertThat(rig.told).isEmpty();
        assertThat(rig.engine.startWatermark(ONE)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(rig.engine.stopWatermark(ONE, rig.policy)).isNaN();
    }

    @Test
    void pending_isToldToTheTargetsAndLapses() {
        Rig rig = rig("start: psi.some.avg10 > 50% for 2s");

        see(rig, WEB, 0.9);
        rig.sleep(1000);
        see(rig, WEB, 0.2);

        assertThat(rig.told)
                .containsExactlyInAnyOrder(
                        "0.0 one INACTIVE>PENDING START",
                        "0.0 two INACTIVE>PENDING START",
                        "1000.0 one PENDING>INACTIVE START_LAPSED",
                        "1000.0 two PENDING>INACTIVE START_LAPSED");
    }

    @Test
    void for_ofAWatchedOneIsOverAtItsInstantWithoutAnySample() {
        Rig rig = rig("start: psi.some.avg10 > 50% for 2500ms");

        see(rig, WEB, 0.9);
        rig.sleep(2500);

        assertThat(rig.told).contains("2500.0 one PENDING>ACTIVE START", "2500.0 two PENDING>ACTIVE START");
    }

    @Nested
    class Stopping {

        @Test
        void lastsUntilAllTargetsHaveDrained() {
            Rig rig = rig("cooldown: 5s");
            see(rig, WEB, 0.9);
            rig.sleep(1000);
            see(rig, WEB, 0.05);
            rig.told.clear();

            rig.sleep(100);
            drained(rig, ONE);
            assertThat(state(rig, ONE)).isEqualTo(TriggerState.STOPPING);
            rig.sleep(100);
            drained(rig, TWO);

            assertThat(rig.told)
                    .containsExactlyInAnyOrder(
                            "1200.0 one STOPPING>COOLDOWN DRAINED", "1200.0 two STOPPING>COOLDOWN DRAINED");
        }

        @Test
        void startsNothingBeforeAllHaveDrainedAndCooledDown() {
            Rig rig = rig("cooldown: 5s");
            see(rig, WEB, 0.9);
            rig.sleep(1000);
            see(rig, WEB, 0.05);
            rig.sleep(100);
            rig.told.clear();

            for (int i = 0; i < 5; i++) {
                see(rig, DB, 0.9);
                rig.sleep(1000);
                if (i == 1) {
                    drained(rig, ONE, TWO);
                }
            }
            see(rig, DB, 0.9);
            rig.sleep(2000);

            assertThat(rig.told)
                    .containsExactlyInAnyOrder(
                            "3100.0 one STOPPING>COOLDOWN DRAINED",
                            "3100.0 two STOPPING>COOLDOWN DRAINED",
                            "8100.0 one COOLDOWN>INACTIVE COOLDOWN_OVER",
                            "8100.0 two COOLDOWN>INACTIVE COOLDOWN_OVER",
                            "8100.0 one INACTIVE>ACTIVE START",
                            "8100.0 two INACTIVE>ACTIVE START");
            assertThat(rig.decisions.getLast().notBeforeNanos())
                    .as("what crossed before the cooldown was over could not be acted on")
                    .isEqualTo(rig.decisions.getLast().nanos());
        }

        @Test
        void withoutTargetsIsOverAtOnce() {
            Rig rig = rig();
            rig.engine.gone(ONE);
            rig.engine.gone(TWO);
            see(rig, WEB, 0.9);
            rig.sleep(1000);
            see(rig, WEB, 0.05);
            rig.sleep(1000);
            see(rig, WEB, 0.9);

            rig.engine.appeared(THREE);

            assertThat(rig.told).containsExactly("2000.0 three INACTIVE>ACTIVE START");
        }

        @Test
        void isOverWhenTheLastThatHasNotDrainedIsGone() {
            Rig rig = rig();
            see(rig, WEB, 0.9);
            rig.sleep(1000);
            see(rig, WEB, 0.05);
            drained(rig, ONE);
            rig.told.clear();

            rig.engine.gone(TWO);

            assertThat(rig.told)
                    .containsExactly("1000.0 two STOPPING>INACTIVE GONE", "1000.0 one STOPPING>INACTIVE DRAINED");
        }
    }

    @Nested
    class ComingAndGoing {

        @Test
        void target_thatAppearsWhileActiveIsToldAtOnce() {
            Rig rig = rig();
            see(rig, WEB, 0.9);
            rig.sleep(500);
            rig.told.clear();

            rig.engine.appeared(THREE);

            assertThat(rig.told).containsExactly("500.0 three INACTIVE>ACTIVE START");
            assertThat(rig.decisions.getLast().watched()).isEqualTo(WEB);
            assertThat(rig.decisions.getLast().readings())
                    .containsExactly(new Reading("psi.some.avg10", Unit.RATIO, 0.9));
        }

        @Test
        void target_thatAppearsIsToldOfOneThatIsStillActive() {
            Rig rig = rig();
            see(rig, WEB, 0.9);
            see(rig, DB, 0.8);
            rig.sleep(500);
            see(rig, WEB, 0.05);

            rig.engine.appeared(THREE);

            assertThat(rig.decisions.getLast().watched()).isEqualTo(DB);
            assertThat(rig.decisions.getLast().readings())
                    .containsExactly(new Reading("psi.some.avg10", Unit.RATIO, 0.8));
        }

        @Test
        void target_thatAppearsWhileOthersDrainHasNothingToDoWithThat() {
            Rig rig = rig("cooldown: 5s");
            see(rig, WEB, 0.9);
            rig.sleep(500);
            see(rig, WEB, 0.05);
            rig.engine.appeared(THREE);
            rig.told.clear();

            drained(rig, ONE, TWO, THREE);
            rig.sleep(10_000);
            see(rig, WEB, 0.9);

            assertThat(rig.told)
                    .filteredOn(line -> line.contains("three"))
                    .containsExactly("10500.0 three INACTIVE>ACTIVE START");
        }

        @Test
        void target_thatVanishesWhileActiveIsLetGoAndTheOthersGoOn() {
            Rig rig = rig();
            see(rig, WEB, 0.9);
            rig.sleep(500);
            rig.told.clear();

            rig.engine.gone(ONE);

            assertThat(rig.told).containsExactly("500.0 one ACTIVE>INACTIVE GONE");
            assertThat(state(rig, TWO)).isEqualTo(TriggerState.ACTIVE);
        }

        @Test
        void watched_thatVanishesWhileActiveStopsWhatItStarted() {
            Rig rig = rig("cooldown: 5s");
            see(rig, WEB, 0.9);
            rig.sleep(500);
            rig.told.clear();

            rig.engine.gone(WEB);

            assertThat(rig.told)
                    .containsExactlyInAnyOrder("500.0 one ACTIVE>STOPPING GONE", "500.0 two ACTIVE>STOPPING GONE");
            drained(rig, ONE, TWO);
            assertThat(state(rig, ONE)).isEqualTo(TriggerState.COOLDOWN);
        }

        @Test
        void watched_thatVanishesWhileAnotherIsActiveChangesNothing() {
            Rig rig = rig();
            see(rig, WEB, 0.9);
            see(rig, DB, 0.9);
            rig.told.clear();

            rig.engine.gone(WEB);
            rig.sleep(100);

            assertThat(rig.told).isEmpty();
            assertThat(state(rig, ONE)).isEqualTo(TriggerState.ACTIVE);
        }

        @Test
        void cgroup_thatIsWatchedAndActedOnIsBoth() {
            Rig rig = new Rig(file(List.of(
                    "- name: all",
                    "  cgroups: ['**']",
                    "  watch: [web/*]",
                    "  start: psi.some.avg10 > 50%",
                    "  stop: psi.some.avg10 < 10%")));
            rig.named = true;
            rig.engine.appeared(WEB);

            see(rig, WEB, 0.9);
            rig.sleep(100);
            rig.engine.gone(WEB);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 a INACTIVE>ACTIVE START",
                            "0.0 job INACTIVE>ACTIVE START",
                            "100.0 a ACTIVE>INACTIVE GONE",
                            "100.0 job ACTIVE>STOPPING GONE");
        }
    }

    @Test
    void noData_ofTheOnlyActiveOneStops() {
        Rig rig = rig();
        see(rig, WEB, 0.9);

        rig.sleep(10_000);

        assertThat(rig.told).contains("3000.0 one ACTIVE>STOPPING NO_DATA", "3000.0 two ACTIVE>STOPPING NO_DATA");
    }

    @Test
    void fairness_everyTargetGetsTheSameAndEachIsFirstInTurn() {
        Rig rig = rig();
        rig.engine.appeared(THREE);
        List<Cgroup> first = new ArrayList<>();

        for (int round = 0; round < 6; round++) {
            rig.decisions.clear();
            see(rig, WEB, 0.9);
            first.add(rig.decisions.getFirst().cgroup());
            assertThat(rig.decisions).hasSize(3);
            rig.sleep(1000);
            see(rig, WEB, 0.05);
            drained(rig, ONE, TWO, THREE);
            rig.sleep(1000);
        }

        assertThat(first.subList(0, 3)).containsExactlyInAnyOrder(ONE, TWO, THREE);
        assertThat(first.subList(3, 6)).isEqualTo(first.subList(0, 3));
        assertThat(rig.decisions).extracting(Decision::cause).doesNotContain(Cause.NO_DATA);
    }

    @Test
    void signals_areTheWatchedOnesAndWhatActingOnTargetsLooksAt() {
        Rig rig = rig();

        assertThat(rig.engine.signals(WEB)).isEqualTo(SignalSet.of(AVG10));
        assertThat(rig.engine.signals(ONE))
                .isEqualTo(SignalSet.of(Signal.USAGE, Signal.PROTECTION, Signal.SWAP_HEADROOM));
        assertThat(rig.engine.period(ONE)).isEqualTo(Duration.ofSeconds(1));
    }
}
