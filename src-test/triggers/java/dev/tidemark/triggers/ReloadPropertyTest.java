package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A reload that changes nothing changes nothing. */
class ReloadPropertyTest {

    private static final List<Cgroup> CGROUPS = List.of(
            new Cgroup(11, "batch/a"), new Cgroup(12, "batch/b"), new Cgroup(13, "front/c"), new Cgroup(14, "front/d"));

    private static final List<String> LINES = List.of(
            "- name: own",
            "  cgroups: [batch/*]",
            "  start: usage > 10MiB for 2s or (psi.some.avg10 over 3s > 50% hold 2s)",
            "  stop: usage < 5MiB or (psi.some.avg10 < 10% for 1500ms)",
            "  cooldown: 1500ms",
            "- name: watching",
            "  cgroups: [batch/*]",
            "  watch: [front/*]",
            "  start: psi.some.avg10 > 50% for 700ms or sum(usage) > 40MiB",
            "  stop: psi.some.avg10 < 20%",
            "  cooldown: 900ms",
            "  no_data: inactive",
            "- name: edges",
            "  cgroups: [\"**\"]",
            "  start: count(rising(usage > 10MiB), 4s) >= 2 or psi.some trigger 150ms/1s",
            "  stop: max(usage) < 10MiB and cgroup(\"front/c\").usage < 10MiB");

    private static final List<String> MORE = List.of(
            "- name: more",
            "  cgroups: [batch/a]",
            "  start: limit < 1KiB",
            "  stop: pgscan over 1s > 5",
            "  cooldown: 1s");

    private enum Kind {
        SAMPLE,
        SAMPLE_AGAIN,
        DRAIN,
        GONE,
        PUSH,
        RELOAD
    }

    private record Step(int gapMillis, int cgroup, Kind kind, double usage, double avg10) {}

    private static final Gen<Step> STEP = (random, size) -> new Step(
            Gen.of(0, 1, 100, 333, 700, 1000, 1500, 4000).next(random, size),
            random.nextInt(CGROUPS.size()),
            Gen.of(Kind.values()).next(random, size),
            Gen.of(1.0, 7.0, 12.0, 30.0, Double.NaN).next(random, size),
            Gen.of(0.05, 0.3, 0.9).next(random, size));

    @Test
    void reload_ofTheSameFileNeverChangesAnyDecision() {
        Check.forAll(
                300,
                Gen.lists(STEP),
                steps -> assertThat(run(steps, List.of(ReloadPropertyTest::moved)))
                        .isEqualTo(run(steps, List.of())));
    }

    @Test
    void reload_thatBringsOrTakesAnotherPolicyNeverChangesWhatTheOthersDecide() {
        Check.forAll(
                300,
                Gen.lists(STEP),
                steps -> assertThat(run(steps, List.of(ReloadPropertyTest::moreFirst, ReloadPropertyTest::moved)))
                        .isEqualTo(run(steps, List.of())));
    }

    /** The same policies, each at another place in the file. */
    private static Policy[] moved() {
        List<String> lines = new ArrayList<>();
        LINES.forEach(line -> {
            lines.add("");
            lines.add(line);
        });
        return file(lines);
    }

    private static Policy[] moreFirst() {
        List<String> lines = new ArrayList<>(MORE);
        lines.addAll(LINES);
        return file(lines);
    }

    private interface Reloaded {
        Policy[] policies();
    }

    /** What is decided, with reloads of these in turn, or without any. */
    private static List<String> run(List<Step> steps, List<Reloaded> reloads) {
        Rig rig = new Rig(file(LINES));
        rig.engine.gone(Rig.CGROUP);
        CGROUPS.forEach(rig.engine::appeared);
        int reloaded = 0;
        for (Step step : steps) {
            rig.sleep(step.gapMillis);
            if (step.kind != Kind.RELOAD) {
                step(rig, step);
            } else if (!reloads.isEmpty()) {
                rig.engine.reload(
                        List.of(reloads.get(reloaded++ % reloads.size()).policies()));
            }
        }
        rig.sleep(60_000);
        assertThat(rig.failures).isEmpty();
        return rig.decisions.stream()
                .filter(decision -> !decision.policy().name().equals("more"))
                .map(ReloadPropertyTest::text)
                .toList();
    }

    private static String text(Decision decision) {
        return decision.nanos() + " " + decision.notBeforeNanos() + " " + decision.cgroup() + " " + decision.watched()
                + " "
                + decision.policy().name() + " " + decision.from() + ">" + decision.to() + " " + decision.cause() + " "
                + decision.readings();
    }

    private static void step(Rig rig, Step step) {
        Cgroup cgroup = CGROUPS.get(step.cgroup);
        switch (step.kind) {
            case SAMPLE, SAMPLE_AGAIN ->
                rig.see(
                        cgroup,
                        Map.of(
                                Signal.USAGE,
                                step.usage * Rig.MIB,
                                Signal.PSI_SOME_AVG10,
                                step.avg10,
                                Signal.PGSCAN,
                                0.0,
                                Signal.LIMIT,
                                1e9));
            case DRAIN -> {
                for (Policy policy : file(LINES)) {
                    rig.engine.drained(cgroup, policy);
                }
            }
            case GONE -> {
                rig.engine.gone(cgroup);
                rig.engine.appeared(cgroup);
            }
            case PUSH ->
                rig.engine.pushes(cgroup).forEach(request -> rig.engine.pushed(new Push(cgroup, request, rig.now())));
            case RELOAD -> {}
        }
    }
}
