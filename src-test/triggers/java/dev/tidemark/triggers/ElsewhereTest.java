package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.file;
import static dev.tidemark.triggers.Policies.policy;
import static dev.tidemark.triggers.Rig.CGROUP;
import static dev.tidemark.triggers.Rig.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Conditions on more than the cgroup whose turn it is: other cgroups, the host, all watched ones together. */
class ElsewhereTest {

    private static final Cgroup OTHER = new Cgroup(8, "batch/other");
    private static final Cgroup FRONT = new Cgroup(50, "front/web");
    private static final Signal USAGE = Signal.USAGE;
    private static final Signal AVAILABLE = Signal.HOST_AVAILABLE;

    private static void use(Rig rig, Cgroup cgroup, double mib) {
        rig.see(cgroup, Map.of(USAGE, mib * MIB));
    }

    @Nested
    class Aggregates {

        @Test
        void sum_isOfAllThatArePolicied_lookedAtWhenOneIs() {
            Rig rig = new Rig(policy("sum(usage) > 100MiB", "sum(usage) < 50MiB"));
            rig.named = true;
            rig.engine.appeared(OTHER);

            use(rig, CGROUP, 60);
            use(rig, OTHER, 60);
            assertThat(rig.told)
                    .as("the other is looked at at its own sample")
                    .containsExactly("0.0 other INACTIVE>ACTIVE START");
            rig.sleep(1000);
            use(rig, CGROUP, 60);

            assertThat(rig.told).last().isEqualTo("1000.0 job INACTIVE>ACTIVE START");
        }

        @Test
        void member_thatVanishesIsTakenOut() {
            Rig rig = new Rig(policy("usage > 1GiB", "sum(usage) < 50MiB"));
            rig.engine.appeared(OTHER);
            use(rig, OTHER, 60);
            use(rig, CGROUP, 2000);
            rig.told.clear();
            rig.sleep(1000);
            use(rig, CGROUP, 10);
            assertThat(rig.told).isEmpty();

            rig.engine.gone(OTHER);
            rig.sleep(1000);
            use(rig, CGROUP, 10);

            assertThat(rig.told).containsExactly("2000.0 ACTIVE>STOPPING STOP");
        }

        @Test
        void member_thatIsNotReadAnyMoreIsLeftOutOnceItIsStale() {
            Rig rig = new Rig(policy("max(usage) > 100MiB", "usage < 1MiB", "exclude: [\"other/*\"]"));
            rig.named = true;
            Cgroup late = new Cgroup(9, "batch/late");
            rig.engine.appeared(OTHER);
            use(rig, OTHER, 200);

            rig.sleep(2999);
            use(rig, CGROUP, 10);
            rig.sleep(1);
            rig.engine.appeared(late);
            use(rig, late, 10);

            assertThat(rig.told)
                    .containsExactly(
                            "0.0 other INACTIVE>ACTIVE START",
                            "2999.0 job INACTIVE>ACTIVE START",
                            "3000.0 other ACTIVE>STOPPING NO_DATA");
        }

        @Test
        void silentSource_thatOnlyOthersKeptActiveStopsOnceTheyAreSilentToo() {
            Rig rig = new Rig(policy("usage > 10MiB", "max(usage) < 5MiB"));
            rig.named = true;
            rig.engine.appeared(OTHER);
            use(rig, CGROUP, 20);
            rig.sleep(2000);
            use(rig, OTHER, 7);

            rig.sleep(90_000);

            assertThat(rig.told).containsExactly("0.0 job INACTIVE>ACTIVE START", "6000.0 job ACTIVE>STOPPING NO_DATA");
        }

        @Test
        void count_isOfThoseForWhichItHolds() {
            Rig rig = new Rig(policy("count(psi.some.avg10 > 50%) >= 2", "all(psi.some.avg10 < 10%)"));
            rig.named = true;
            rig.engine.appeared(OTHER);
            Signal avg10 = Signal.PSI_SOME_AVG10;

            rig.see(CGROUP, Map.of(avg10, 0.9)).see(OTHER, Map.of(avg10, 0.9));
            rig.sleep(1000).see(CGROUP, Map.of(avg10, 0.01));
            rig.sleep(1).see(OTHER, Map.of(avg10, 0.01));

            assertThat(rig.told)
                    .containsExactly("0.0 other INACTIVE>ACTIVE START", "1001.0 other ACTIVE>STOPPING STOP");
        }

        @Test
        void watched_areWhatIsCombinedWhereAPolicyWatches() {
            Rig rig = new Rig(file(List.of(
                    "- name: protect",
                    "  cgroups: [batch/*]",
                    "  watch: [front/*]",
                    "  start: sum(usage) > 100MiB",
                    "  stop: sum(usage) < 50MiB")));
            rig.engine.appeared(FRONT);

            use(rig, CGROUP, 1000);
            use(rig, FRONT, 90);
            assertThat(rig.told).isEmpty();
            rig.sleep(1000);
            use(rig, FRONT, 110);

            assertThat(rig.told).containsExactly("1000.0 INACTIVE>ACTIVE START");
        }

        @Test
        void operands_haveStateOfTheirOwnForEachCgroup() {
            Rig rig = new Rig(policy("count(usage > 10MiB for 2s) >= 2", "max(usage) < 1MiB"));
            rig.named = true;
            rig.engine.appeared(OTHER);
            use(rig, CGROUP, 20);
            rig.sleep(1000);
            use(rig, OTHER, 20);

            rig.sleep(1999);
            use(rig, CGROUP, 20);
            assertThat(rig.told).isEmpty();
            rig.sleep(1);

            assertThat(rig.told)
                    .as("at the instant at which the second for ends")
                    .containsExactly("3000.0 other INACTIVE>ACTIVE START");
        }

        @Test
        void tenThousandMembers_costTheSameForEachSample() {
            Rig rig = new Rig(policy("sum(usage) > 10TiB", "sum(usage) < 1GiB"));
            int count = 10_000;
            for (int i = 0; i < count; i++) {
                rig.engine.appeared(new Cgroup(1000 + i, "many/" + i));
            }
            for (int round = 1; round <= 3; round++) {
                rig.sleep(1000);
                for (int i = 0; i < count; i++) {
                    use(rig, new Cgroup(1000 + i, "many/" + i), i == 0 ? 12 << 20 : round);
                }
            }

            // Each is looked at at its own sample; from the second round on all see the sum of all.
            assertThat(rig.decisions)
                    .filteredOn(decision -> decision.to() == TriggerState.ACTIVE)
                    .hasSize(count);
        }
    }

    @Nested
    class NamedCgroup {

        private static final String POLICY = "cgroup(\"front/web\").usage > 100MiB and usage > 10MiB";

        @Test
        void value_isThatOfTheCgroupAtThePath() {
            Rig rig = new Rig(policy(POLICY, "usage < 1MiB", "exclude: [front/*]"));
            use(rig, CGROUP, 20);
            rig.sleep(100);
            rig.engine.appeared(FRONT);
            use(rig, FRONT, 200);
            assertThat(rig.told).as("nobody looks because of it").isEmpty();

            rig.sleep(100);
            use(rig, CGROUP, 20);

            assertThat(rig.told).containsExactly("200.0 INACTIVE>ACTIVE START");
        }

        @Test
        void value_isUnknownWhileThereIsNoneAndOnceItIsStale() {
            Rig rig = new Rig(policy(POLICY, "usage < 1MiB", "exclude: [front/*]"));
            rig.engine.appeared(FRONT);
            use(rig, FRONT, 200);
            rig.sleep(3000);
            use(rig, CGROUP, 20);
            use(rig, FRONT, 200);
            rig.engine.gone(FRONT);
            rig.sleep(100);
            use(rig, CGROUP, 20);

            assertThat(rig.told).isEmpty();
        }

        @Test
        void value_isOfTheNewCgroupWhereThePathIsUsedAgain() {
            Rig rig = new Rig(policy(POLICY, "usage < 1MiB", "exclude: [front/*]"));
            Cgroup anew = new Cgroup(51, FRONT.path());
            rig.engine.appeared(FRONT);
            use(rig, FRONT, 10);
            rig.engine.appeared(anew);
            rig.engine.gone(FRONT);
            use(rig, anew, 200);

            use(rig, CGROUP, 20);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START");
        }

        @Test
        void signals_tellWhatToReadAndWhere() {
            Rig rig = new Rig(policy(POLICY, "psi.some.avg10 < 1%", "exclude: [front/*]"));

            assertThat(rig.engine.elsewhere()).containsExactly("front/web");
            assertThat(rig.engine.signals(FRONT)).isEqualTo(SignalSet.of(USAGE));
            assertThat(rig.engine.period(FRONT)).isEqualTo(Duration.ofSeconds(1));
            assertThat(rig.engine.pushes(FRONT)).isEmpty();
            assertThat(rig.engine.signals(Cgroup.HOST).isEmpty()).isTrue();
        }
    }

    @Nested
    class Host {

        @Test
        void value_isTheHosts() {
            Rig rig = new Rig(policy("host.available < 1GiB and usage > 10MiB", "host.available > 2GiB"));

            rig.see(Cgroup.HOST, Map.of(AVAILABLE, 0.5 * 1024 * MIB));
            use(rig, CGROUP, 20);
            rig.sleep(1000).see(Cgroup.HOST, Map.of(AVAILABLE, 3 * 1024 * MIB));
            use(rig, CGROUP, 20);

            assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "1000.0 ACTIVE>STOPPING STOP");
            assertThat(rig.decisions.getFirst().readings().getFirst()).hasToString("host.available=512MiB");
        }

        @Test
        void signals_areReadOfTheHostAlone() {
            Rig rig = new Rig(policy("host.available < 1GiB and usage > 10MiB", "host.available > 2GiB"));

            assertThat(rig.engine.signals(Cgroup.HOST)).isEqualTo(SignalSet.of(AVAILABLE));
            assertThat(rig.engine.signals(CGROUP))
                    .as("and what the guards that nobody asked for look at")
                    .isEqualTo(SignalSet.of(USAGE, Signal.PROTECTION, Signal.SWAP_HEADROOM));
            assertThat(rig.engine.period(Cgroup.HOST)).isEqualTo(Duration.ofSeconds(1));
        }

        @Test
        void cgroup_thatIsCalledHostIsNotTheHost() {
            Rig rig = new Rig(policy("host.available < 1GiB and usage > 10MiB", "host.available > 2GiB"));
            Cgroup called = new Cgroup(77, "host");
            rig.engine.appeared(called);

            rig.see(called, Map.of(AVAILABLE, 1.0, USAGE, 20 * MIB));

            assertThat(rig.told).isEmpty();
        }
    }
}
