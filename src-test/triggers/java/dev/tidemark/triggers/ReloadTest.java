package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.file;
import static dev.tidemark.triggers.Policies.named;
import static dev.tidemark.triggers.Policies.policy;
import static dev.tidemark.triggers.Rig.CGROUP;
import static dev.tidemark.triggers.Rig.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ReloadTest {

    private static final String PSI = "psi.some.avg10 > 80%";
    private static final String CALM = "psi.some.avg10 < 10%";
    private static final Signal AVG10 = Signal.PSI_SOME_AVG10;

    @Nested
    class Unchanged {

        @Test
        void for_goesOnCounting() {
            Rig rig = new Rig(policy(PSI + " for 2s", CALM));
            rig.see(AVG10, 0.9).sleep(1500);

            rig.engine.reload(List.of(policy(PSI + "   for 2s", CALM)));
            rig.sleep(500);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>PENDING START", "2000.0 PENDING>ACTIVE START");
        }

        @Test
        void active_goesOnAndCooldownToo() {
            Rig rig = new Rig(policy(PSI, CALM, "cooldown: 5s"));
            Policy same = policy(PSI, CALM, "cooldown: 5s");
            rig.see(AVG10, 0.9).sleep(100);
            rig.engine.reload(List.of(same));
            rig.see(AVG10, 0.05).sleep(100).drained();
            rig.engine.reload(List.of(same));
            rig.sleep(5000);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>ACTIVE START",
                            "100.0 ACTIVE>STOPPING STOP",
                            "200.0 STOPPING>COOLDOWN DRAINED",
                            "5200.0 COOLDOWN>INACTIVE COOLDOWN_OVER");
        }

        @Test
        void windows_goOnWhenAnotherPolicyBringsOtherSignals() {
            Policy kept = named("kept", "pgscan over 10s > 100", "usage < 1MiB");
            Rig rig = new Rig(kept);
            rig.see(CGROUP, Map.of(Signal.PGSCAN, 1000.0, Signal.USAGE, 5 * MIB))
                    .sleep(1000);

            // Its signal comes before the others: all values move.
            rig.engine.reload(List.of(named("new", "limit < 1KiB", "usage < 1MiB"), kept));
            rig.see(CGROUP, Map.of(Signal.PGSCAN, 1200.0));

            assertThat(rig.told).containsExactly("1000.0 INACTIVE>ACTIVE START");
        }
    }

    @Nested
    class DisabledWhileActive {

        @Test
        void removed_isStoppedAtOnceAndOverOnceDrained() {
            Rig rig = new Rig(policy(PSI, CALM, "cooldown: 5s"));
            rig.see(AVG10, 0.9).sleep(100);

            rig.engine.reload(List.of());
            rig.sleep(100).drained().sleep(10_000).see(AVG10, 0.9);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>ACTIVE START",
                            "100.0 ACTIVE>STOPPING RELOADED",
                            "200.0 STOPPING>INACTIVE DRAINED");
            assertThat(rig.engine.signals(CGROUP).isEmpty()).isTrue();
        }

        @Test
        void removed_whilePendingOrCoolingDownIsInactiveAtOnce() {
            Rig rig = new Rig(policy(PSI + " for 5s", CALM));
            rig.see(AVG10, 0.9).sleep(100);

            rig.engine.reload(List.of());
            rig.sleep(10_000);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>PENDING START", "100.0 PENDING>INACTIVE RELOADED");
        }

        @Test
        void removed_whileStoppingIsStillWaitedFor() {
            Rig rig = new Rig(policy(PSI, CALM));
            rig.see(AVG10, 0.9).sleep(100).see(AVG10, 0.05);

            rig.engine.reload(List.of());
            rig.sleep(100).drained();

            assertThat(rig.told).last().isEqualTo("200.0 STOPPING>INACTIVE DRAINED");
        }

        @Test
        void removed_whoseCgroupGoesIsOver() {
            Rig rig = new Rig(policy(PSI, CALM));
            rig.see(AVG10, 0.9).sleep(100);
            rig.engine.reload(List.of());

            rig.engine.gone(CGROUP);

            assertThat(rig.told).last().isEqualTo("100.0 STOPPING>INACTIVE GONE");
        }

        @Test
        void changed_beginsAnewOnlyAfterTheOldOneHasDrained() {
            Rig rig = new Rig(policy(PSI, CALM));
            rig.see(AVG10, 0.9).sleep(100);

            rig.engine.reload(List.of(policy("psi.some.avg10 > 70%", CALM)));
            rig.sleep(100).see(AVG10, 0.9);
            rig.drained();

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>ACTIVE START",
                            "100.0 ACTIVE>STOPPING RELOADED",
                            "200.0 STOPPING>INACTIVE DRAINED",
                            "200.0 INACTIVE>ACTIVE START");
        }

        @Test
        void drained_ofTheOldOneSaysNothingOfTheNewOne() {
            Rig rig = new Rig(policy(PSI, CALM));
            rig.see(AVG10, 0.9).sleep(100);
            Policy changed = policy("psi.some.avg10 > 70%", CALM);
            rig.engine.reload(List.of(changed));
            rig.drained().sleep(100).see(AVG10, 0.05);

            rig.drained();
            assertThat(rig.told).last().isEqualTo("200.0 STOPPING>INACTIVE DRAINED");
            rig.see(AVG10, 0.05);

            assertThat(rig.told).hasSize(6);
        }

        @Test
        void watching_allTargetsAreStoppedAndEachIsOverOnItsOwn() {
            String[] lines = {
                "- name: protect", "  cgroups: [batch/*]", "  watch: [front/*]", "  start: " + PSI, "  stop: " + CALM
            };
            Rig rig = new Rig(file(List.of(lines)));
            rig.named = true;
            Cgroup front = new Cgroup(50, "front/web");
            Cgroup two = new Cgroup(2, "batch/two");
            rig.engine.appeared(front);
            rig.engine.appeared(two);
            rig.see(front, Map.of(AVG10, 0.9));
            rig.told.clear();

            lines[3] = "  start: psi.some.avg10 > 70%";
            rig.sleep(1000);
            rig.engine.reload(List.of(file(List.of(lines))));
            rig.drained().sleep(1000).see(front, Map.of(AVG10, 0.9));
            rig.engine.drained(two, rig.policy);

            assertThat(rig.told)
                    .containsExactly(
                            "1000.0 job ACTIVE>STOPPING RELOADED",
                            "1000.0 two ACTIVE>STOPPING RELOADED",
                            "1000.0 job STOPPING>INACTIVE DRAINED",
                            "2000.0 two STOPPING>INACTIVE DRAINED",
                            "2000.0 two INACTIVE>ACTIVE START",
                            "2000.0 job INACTIVE>ACTIVE START");
        }
    }

    @Nested
    class Tuned {

        @Test
        void for_thatGotLongerSetsAFiringOneBackToPending() {
            Rig rig = new Rig(policy(PSI + " for 1s", CALM));
            rig.see(AVG10, 0.9).sleep(1000).see(AVG10, 0.9).sleep(500);

            rig.engine.reload(List.of(policy(PSI + " for 3s", CALM)));
            rig.sleep(100).drained().see(AVG10, 0.9).sleep(2000);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>PENDING START",
                            "1000.0 PENDING>ACTIVE START",
                            "1500.0 ACTIVE>STOPPING RELOADED",
                            "1600.0 STOPPING>INACTIVE DRAINED",
                            "1600.0 INACTIVE>PENDING START",
                            "3000.0 PENDING>ACTIVE START");
        }

        @Test
        void for_thatGotLongerButIsOverAllTheSameGoesOn() {
            Rig rig = new Rig(policy(PSI + " for 1s", CALM));
            rig.see(AVG10, 0.9).keep(AVG10, 0.9, 1000, 5000);

            rig.engine.reload(List.of(policy(PSI + " for 3s", CALM)));

            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
        }

        @Test
        void for_thatGotLongerDoesNotTouchWhatGoesOnForWantOfAStop() {
            Rig rig = new Rig(policy(PSI + " for 1s", CALM));
            rig.see(AVG10, 0.9).sleep(1000).see(AVG10, 0.5).sleep(1000).see(AVG10, 0.9);

            rig.engine.reload(List.of(policy(PSI + " for 3s", CALM)));

            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
        }

        @Test
        void for_thatGotShorterStartsAtOnceWhenItIsOver() {
            Rig rig = new Rig(policy(PSI + " for 10s", CALM));
            rig.see(AVG10, 0.9).sleep(1000).see(AVG10, 0.9).sleep(500);

            rig.engine.reload(List.of(policy(PSI + " for 1s", CALM)));

            assertThat(rig.told).last().isEqualTo("1500.0 PENDING>ACTIVE START");
        }

        @Test
        void hold_thatGotShorterEndsAtItsNewEnd() {
            Rig rig = new Rig(policy("usage > 1MiB", "not (psi.some.avg10 > 80% hold 10s)"));
            rig.see(CGROUP, Map.of(Signal.USAGE, 2 * MIB, AVG10, 0.9));
            rig.sleep(500).see(AVG10, 0.5);

            rig.engine.reload(List.of(policy("usage > 1MiB", "not (psi.some.avg10 > 80% hold 2s)")));
            rig.sleep(5000);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "2000.0 ACTIVE>STOPPING STOP");
        }

        @Test
        void limits_areThoseOfTheNewPolicyInTheNextDecision() {
            Rig rig = new Rig(policy(PSI, CALM));
            Policy limited = policy(PSI, CALM, "limits: {bytes: 1MiB/s}");
            rig.see(AVG10, 0.9).sleep(100);

            rig.engine.reload(List.of(limited));
            rig.see(AVG10, 0.05);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "100.0 ACTIVE>STOPPING STOP");
            assertThat(rig.decisions.getLast().policy()).isEqualTo(limited);
        }

        @Test
        void cooldown_thatGotShorterEndsAtItsNewEnd() {
            Rig rig = new Rig(policy(PSI, CALM, "cooldown: 1h"));
            rig.see(AVG10, 0.9).sleep(100).see(AVG10, 0.05).drained().sleep(900);

            rig.engine.reload(List.of(policy(PSI, CALM, "cooldown: 2s")));
            rig.sleep(5000);

            assertThat(rig.told).last().isEqualTo("2100.0 COOLDOWN>INACTIVE COOLDOWN_OVER");
        }

        @Test
        void watched_forThatGotLongerSetsTheTargetsBack() {
            Rig rig = new Rig(watching("for 1s"));
            Cgroup front = new Cgroup(50, "front/web");
            rig.engine.appeared(front);
            rig.see(front, Map.of(AVG10, 0.9)).sleep(1500);

            rig.engine.reload(List.of(watching("for 2500ms")));
            rig.drained().sleep(1000);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>PENDING START",
                            "1000.0 PENDING>ACTIVE START",
                            "1500.0 ACTIVE>STOPPING RELOADED",
                            "1500.0 STOPPING>INACTIVE DRAINED",
                            "1500.0 INACTIVE>PENDING START",
                            "2500.0 PENDING>ACTIVE START");
        }

        @Test
        void watched_cooldownThatGotShorterOrLongerEndsAtItsNewEnd() {
            Rig rig = new Rig(watching("for 1s", "cooldown: 1h"));
            Cgroup front = new Cgroup(50, "front/web");
            rig.engine.appeared(front);
            rig.see(front, Map.of(AVG10, 0.9))
                    .sleep(1000)
                    .see(front, Map.of(AVG10, 0.05))
                    .drained();

            rig.engine.reload(List.of(watching("for 1s", "cooldown: 2s")));
            rig.sleep(1000);
            rig.engine.reload(List.of(watching("for 1s", "cooldown: 4s")));
            rig.sleep(10_000);

            assertThat(rig.told).last().isEqualTo("5000.0 COOLDOWN>INACTIVE COOLDOWN_OVER");
        }

        private static Policy[] watching(String duration, String... more) {
            List<String> lines = new ArrayList<>(List.of(
                    "- name: protect",
                    "  cgroups: [batch/*]",
                    "  watch: [front/*]",
                    "  start: " + PSI + " " + duration,
                    "  stop: " + CALM));
            List.of(more).forEach(line -> lines.add("  " + line));
            return file(lines);
        }
    }

    @Nested
    class AsPrometheusDoes {

        @Test
        void heldState_isNotPendingAgain() {
            Rig rig = new Rig(policy("(" + PSI + " for 1s) hold 5s", "usage < 1MiB"));
            rig.see(AVG10, 0.9)
                    .sleep(1000)
                    .see(AVG10, 0.5)
                    .sleep(1000)
                    .see(AVG10, 0.9)
                    .sleep(500);

            assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);
            assertThat(rig.told).containsExactly("0.0 INACTIVE>PENDING START", "1000.0 PENDING>ACTIVE START");
        }

        @Test
        void heldState_thatStartsAgainAfterAStopIsNotPending() {
            Rig rig = new Rig(policy("(" + PSI + " for 1s) hold 5s", "usage < 1MiB"));
            rig.see(CGROUP, Map.of(AVG10, 0.9, Signal.USAGE, 5 * MIB)).sleep(1000);
            rig.see(AVG10, 0.5).sleep(100).usage(0.5).drained().sleep(100).usage(5);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 INACTIVE>PENDING START",
                            "1000.0 PENDING>ACTIVE START",
                            "1100.0 ACTIVE>STOPPING STOP",
                            "1100.0 STOPPING>INACTIVE DRAINED",
                            "1200.0 INACTIVE>ACTIVE START");
        }

        @Test
        void pending_isNeverHeld() {
            Rig rig = new Rig(policy("(" + PSI + " for 2s) hold 5s", "usage < 1MiB"));
            rig.see(AVG10, 0.9).sleep(1000).see(AVG10, 0.5);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>PENDING START", "1000.0 PENDING>INACTIVE START_LAPSED");
        }
    }

    @Nested
    class Cgroups {

        @Test
        void cgroup_thatOnlyTheNewPolicyIsForIsWantedOnceItAppears() {
            Rig rig = new Rig(named("a", PSI, CALM, "exclude: [\"batch/*\"]"));
            rig.see(AVG10, 0.9);

            rig.engine.reload(List.of(named("b", PSI, CALM)));
            rig.engine.appeared(CGROUP);
            rig.see(AVG10, 0.9);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START");
        }

        @Test
        void newPolicy_startsOnWhatIsKnownAlready() {
            Rig rig = new Rig(named("a", "psi.some.avg10 > 99%", CALM));
            rig.see(AVG10, 0.9).sleep(100);

            rig.engine.reload(List.of(named("b", PSI, CALM), named("a", "psi.some.avg10 > 99%", CALM)));

            assertThat(rig.told).containsExactly("100.0 INACTIVE>ACTIVE START");
        }

        @Test
        void host_isReadOnceAPolicyAsksForIt() {
            Rig rig = new Rig(policy(PSI, CALM));
            Policy host = named("host", "host.available < 1GiB and " + PSI, CALM);

            rig.engine.reload(List.of(host));
            rig.see(Cgroup.HOST, Map.of(Signal.HOST_AVAILABLE, MIB)).see(AVG10, 0.9);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START");
            assertThat(rig.engine.period(Cgroup.HOST)).isEqualTo(Duration.ofSeconds(1));
        }
    }
}
