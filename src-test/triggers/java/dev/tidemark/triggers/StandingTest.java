package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.file;
import static dev.tidemark.triggers.Policies.policy;
import static dev.tidemark.triggers.Rig.CGROUP;
import static dev.tidemark.triggers.Rig.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.Standing.Margin;
import dev.tidemark.triggers.Standing.Part;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StandingTest {

    private static final Signal AVG10 = Signal.PSI_SOME_AVG10;

    private static Standing standing(Rig rig) {
        return standing(rig, CGROUP);
    }

    private static Standing standing(Rig rig, Cgroup cgroup) {
        return Objects.requireNonNull(rig.engine.standing(cgroup, rig.policy));
    }

    private static List<String> texts(List<Part> parts) {
        return parts.stream().map(Part::text).toList();
    }

    @Test
    void whyNot_isTheLeavesThatHoldStartBack() {
        Rig rig = new Rig(
                policy("usage > 80% of limit and (psi.some.avg10 > 50% or pgscan over 2s > 100)", "usage < 5MiB"));
        rig.see(CGROUP, Map.of(Signal.USAGE, 18 * MIB, Signal.LIMIT, 20 * MIB, AVG10, 0.3, Signal.PGSCAN, 1000.0));
        rig.sleep(1000).see(CGROUP, Map.of(Signal.USAGE, 18 * MIB, Signal.PGSCAN, 1010.0));

        Standing standing = standing(rig);

        assertThat(standing.state()).isEqualTo(TriggerState.INACTIVE);
        assertThat(texts(standing.whyNot())).containsExactly("psi.some.avg10 > 50%", "delta(pgscan, 2s) > 100");
        assertThat(standing.whyNot().getFirst().margin())
                .isEqualTo(new Margin(Relation.GREATER, Unit.RATIO, 0.3, 0.5, 0.2));
        assertThat(Objects.requireNonNull(standing.whyNot().getLast().margin()).distance())
                .isEqualTo(90);
    }

    @Test
    void values_areThoseOfEveryPart() {
        Rig rig = new Rig(policy("usage > 80% of limit", "usage < 5MiB"));
        rig.see(CGROUP, Map.of(Signal.USAGE, 15 * MIB, Signal.LIMIT, 20 * MIB));

        assertThat(standing(rig).start().values())
                .containsExactly(
                        Map.entry("usage > 80% of limit", 0.0),
                        Map.entry("usage", 15 * MIB),
                        Map.entry("80% of limit", 16 * MIB),
                        Map.entry("80%", 0.8),
                        Map.entry("limit", 20 * MIB));
    }

    @Test
    void whyNot_isTheForItselfWhileItCounts() {
        Rig rig = new Rig(policy("psi.some.avg10 > 80% for 5s", "psi.some.avg10 < 10%"));
        rig.sleep(1000).see(AVG10, 0.9).sleep(2000);

        Standing standing = standing(rig);

        assertThat(standing.state()).isEqualTo(TriggerState.PENDING);
        assertThat(standing.sinceNanos()).isEqualTo(1_000_000_000L);
        assertThat(texts(standing.whyNot())).containsExactly("psi.some.avg10 > 80% for 5s");
        assertThat(standing.whyNot().getFirst().changesAtNanos() - standing.nowNanos())
                .as("what it still lacks")
                .isEqualTo(3_000_000_000L);
        assertThat(standing.start().timers()).containsExactly(Map.entry("psi.some.avg10 > 80% for 5s", 6_000_000_000L));
    }

    @Test
    void whyNot_isWhatMakesStopHoldWhereThatOverrides() {
        Rig rig = new Rig(policy("usage > 10MiB", "psi.some.avg10 < 10% or usage < 5MiB"));
        rig.see(CGROUP, Map.of(Signal.USAGE, 20 * MIB, AVG10, 0.05));

        Standing standing = standing(rig);

        assertThat(standing.start().holds()).isTrue();
        assertThat(standing.stop().holds()).isTrue();
        assertThat(texts(standing.whyNot())).containsExactly("psi.some.avg10 < 10%");
    }

    @Test
    void whyNot_ofWhatIsUnknownSaysSo() {
        Rig rig = new Rig(policy("usage > 10MiB and not psi.some.avg10 < 10%", "usage < 5MiB"));
        rig.usage(20);

        Part leaf = standing(rig).whyNot().getFirst();

        assertThat(leaf.text()).isEqualTo("psi.some.avg10 < 10%");
        assertThat(leaf.value()).isNaN();
        assertThat(Objects.requireNonNull(leaf.margin()).distance()).isNaN();
    }

    @Test
    void hold_tellsUntilWhenItKeeps() {
        Rig rig = new Rig(policy("usage > 1MiB", "not (psi.some.avg10 > 80% hold 2s)"));
        rig.see(CGROUP, Map.of(Signal.USAGE, 2 * MIB, AVG10, 0.9)).sleep(500).see(AVG10, 0.5);

        Standing standing = standing(rig);

        assertThat(standing.state()).isEqualTo(TriggerState.ACTIVE);
        assertThat(standing.whyNot()).isEmpty();
        assertThat(standing.stop().timers()).containsEntry("psi.some.avg10 > 80% hold 2s", 2_000_000_000L);
    }

    @Test
    void cooldown_tellsUntilWhen() {
        Rig rig = new Rig(policy("usage > 10MiB", "usage < 5MiB", "cooldown: 5s"));
        rig.usage(20).sleep(1000).usage(1).drained();

        assertThat(standing(rig).state()).isEqualTo(TriggerState.COOLDOWN);
        assertThat(standing(rig).cooldownUntilNanos()).isEqualTo(6_000_000_000L);
    }

    @Test
    void standing_changesNothing() {
        Rig rig = new Rig(policy("count(usage > 10MiB, 5s) >= 2", "usage over 5s < 1MiB"));
        rig.usage(20).sleep(100).usage(5).sleep(100);

        for (int i = 0; i < 3; i++) {
            standing(rig);
        }
        rig.usage(20);

        assertThat(rig.told).containsExactly("200.0 INACTIVE>ACTIVE START");
    }

    @Test
    void target_isToldOfTheWatchedOneBehindIt() {
        Rig rig = new Rig(file(List.of(
                "- name: protect",
                "  cgroups: [batch/*]",
                "  watch: [front/*]",
                "  start: psi.some.avg10 > 50%",
                "  stop: psi.some.avg10 < 10%",
                "  cooldown: 5s")));
        Cgroup calm = new Cgroup(50, "front/calm");
        Cgroup busy = new Cgroup(51, "front/busy");
        rig.engine.appeared(calm);
        rig.engine.appeared(busy);
        rig.see(calm, Map.of(AVG10, 0.05)).see(busy, Map.of(AVG10, 0.9));

        Standing target = standing(rig);
        assertThat(target.watched()).isEqualTo(busy);
        assertThat(target.state()).isEqualTo(TriggerState.ACTIVE);
        assertThat(standing(rig, calm).state()).isEqualTo(TriggerState.INACTIVE);
        assertThat(texts(standing(rig, calm).whyNot())).containsExactly("psi.some.avg10 < 10%");

        rig.sleep(1000).see(busy, Map.of(AVG10, 0.05)).drained();
        assertThat(standing(rig).state()).isEqualTo(TriggerState.COOLDOWN);
        assertThat(standing(rig).cooldownUntilNanos()).isEqualTo(6_000_000_000L);
    }

    @Test
    void nothing_isToldWhereAPolicyHasNothingToDoWithACgroup() {
        Rig rig = new Rig(policy("usage > 10MiB", "usage < 5MiB", "exclude: [other]"));
        rig.engine.appeared(new Cgroup(2, "other"));

        assertThat(rig.engine.standing(new Cgroup(2, "other"), rig.policy)).isNull();
    }
}
