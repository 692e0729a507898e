package dev.tidemark.agent.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.PolicyTests;
import dev.tidemark.config.Expectation;
import dev.tidemark.config.PolicyTest;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What expectations hold against a run, in which all that is expected is known: pending from 3 s, active from 5 s to 6.02 s. */
class ExpectationsTest {

    private static final String POLICY = """
            version: 1
            policies:
              - name: batch
                cgroups: ["b/*"]
                start: usage > 50MiB for 2s
                stop: usage < 40MiB
                reclaim: { law: fixed, batch: 1MiB }
                cooldown: 2s
            """;

    /** 60 MiB from 3 s on; a request each 1 ms takes 1 MiB, so the 21st ends it. */
    private static final String TEST = """
            version: 1
            policies: p.yaml
            tests:
              - name: t
                duration: 10s
                series: { b/a: { usage: 10MiBx2 60MiB, events.max: 0x4 0+1x3 } }
                %s
            """;

    private static List<String> failures(String expectation) {
        PolicyTest test = PolicyTests.read(TEST.formatted(expectation), Map.of("p.yaml", POLICY))
                .getFirst();
        return PolicyTests.run(test).failures().stream()
                .map(failure -> failure.expected() + " | " + failure.seen())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at: 0, state: inactive",
                "at: 2999ms, state: inactive",
                "at: 3s, state: pending",
                "at: 5s, state: active",
                "at: 5s, decision: { from: pending, to: active, cause: start }",
                "at: 7s, state: cooldown",
                "from: 3s, to: 4999ms, state: pending",
                "decision: { to: active }",
                "decision: { to: active, count: 1 }",
                "decision: { cause: no_data, count: 0 }",
                "decision: { cause: drained, to: cooldown }",
                "from: 5s, to: 5010ms, reclaims: { count: 10, asked: 10MiB, moved: 10MiB }",
                "at: 5010ms, reclaims: { count: 10 }",
                "at: 4s, reclaims: { count: 0, moved: 0 }",
                "reclaims: { outcome: success, count: 21, moved: 21MiB }",
                "reclaims: { outcome: again, count: 0 }",
                "at: 4s, signals: { usage: 60MiB }",
                "at: 9s, signals: { usage: 39MiB }",
                "from: 3s, to: 5s, signals: { usage: 60MiB }",
                "from: 5s, signals: { events.max: 3 }",
                "from: 0s, to: 5s, signals: { events.max: 0 }",
                "at: 6s, signals: { events.max: 1 }"
            })
    void whatIsSoPasses(String expectation) {
        assertThat(failures("expect: [{ " + expectation + " }]")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at: 3s, state: inactive                          | state inactive | state pending since 3s",
                "at: 2s, state: pending                           | state pending | state inactive from the start",
                "from: 3s, to: 6s, state: pending                 | state pending | state active at 5s, cause=start",
                "at: 4999ms, decision: { to: active }             | decision to=active | no such decision",
                "decision: { to: active, count: 2 }               | decision to=active count = 2 | 1 such decision, the first at 5s",
                "decision: { cause: gone }                        | decision cause=gone | no such decision",
                "decision: { to: active, count: 0 }               | decision to=active count = 0 | 1 such decision, the first at 5s",
                "reclaims: { count: < 21 }                        | reclaims count < 21 | reclaims count = 21 asked = 21MiB moved = 21MiB",
                "at: 5010ms, reclaims: { moved: 11MiB }           | reclaims moved = 11MiB | reclaims count = 10 asked = 10MiB moved = 10MiB",
                "reclaims: { outcome: again, count: 1 to 3 }      | reclaims outcome=again count 1 to 3 | reclaims outcome=again count ="
                        + " 0 asked = 0B moved = 0B",
                "held: budget                                     | held reason=budget | never held",
                "at: 4s, signals: { usage: 59MiB }                | usage = 59MiB | usage 60MiB at 4s",
                "from: 2s, to: 4s, signals: { usage: <= 50MiB }   | usage <= 50MiB | usage 60MiB at 3s",
                "from: 5s, signals: { events.max: 0 }             | events.max = 0 | events.max grown by 3 at 10s"
            })
    void whatIsNotSoFails(String expectation, String expected, String seen) {
        assertThat(failures("expect: [{ " + expectation + " }]")).containsExactly(expected + " | " + seen);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "always: [{ to: 2s, state: inactive }]",
                "always: [{ reclaim: { asked: 1MiB, moved: <= 1MiB, took: 1ms, outcome: success } }]",
                "always: [{ signals: { usage: 10MiB to 60MiB, events.max: <= 3 } }]",
                "never: [{ from: 7s, state: active }]",
                "never: [{ decision: { cause: no_data } }]",
                "never: [{ reclaim: { outcome: refused } }]",
                "never: [{ from: 6s, reclaim: {} }]",
                "never: [{ held: floor }]",
                "never: [{ signals: { usage: > 60MiB } }]"
            })
    void whatHoldsAllTheTimePasses(String expectation) {
        assertThat(failures(expectation.replace("> 60MiB", "\"> 60MiB\""))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "always: [{ state: inactive }]               | always state inactive | state pending at 3s, cause=start",
                "always: [{ reclaim: { asked: 2MiB } }]      | always reclaim asked = 2MiB | reclaim asked 1MiB moved 1MiB success in 1ms"
                        + " at 5.001s",
                "always: [{ signals: { usage: <= 59MiB } }]  | always usage <= 59MiB | usage 60MiB at 3s",
                "always: [{ signals: { events.max: 0 } }]    | always events.max = 0 | events.max grown by 1 at 6s",
                "never: [{ state: cooldown }]                | never state cooldown | state cooldown at 5.021s, cause=drained",
                "never: [{ decision: { to: stopping } }]     | never decision to=stopping | active -> stopping  cause=stop usage=39MiB at"
                        + " 5.021s",
                "never: [{ reclaim: {} }]                    | never reclaim | reclaim asked 1MiB moved 1MiB success in 1ms at 5.001s",
                "never: [{ signals: { usage: 60MiB } }]      | never usage = 60MiB | usage 60MiB at 3s"
            })
    void whatDoesNotHoldAllTheTimeFails(String expectation, String expected, String seen) {
        assertThat(failures(expectation)).containsExactly(expected + " | " + seen);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at: 1s, workload: { name: sleeper, ended: 1s }     | |",
                "at: 999ms, workload: { name: sleeper, ended: 1s }  | workload sleeper ended = 1s | still at work at 0.999s, stalled for 0s",
                "workload: { name: sleeper, ended: < 900ms }        | workload sleeper ended < 900ms | ended at 1s, stalled for 0s",
                "workload: { name: sleeper, stalled: 1s to 2s }     | workload sleeper stalled 1s to 2s | ended at 1s, stalled for 0s"
            })
    void workloadsEndWhenTheScenarioHasThemEnd(String expectation, String expected, String seen) {
        String scenario = """
                version: 1
                duration: 5s
                host: { memory: 2GiB }
                cgroups: [{ path: b/a }]
                workloads: [{ cgroup: b/a, name: sleeper, steps: [{ sleep: 1s }] }]
                """;
        String text = """
                version: 1
                policies: p.yaml
                tests:
                  - name: t
                    scenario: s.yaml
                    expect: [{ %s }]
                """.formatted(expectation);
        PolicyTest test = PolicyTests.read(text, Map.of("p.yaml", POLICY, "s.yaml", scenario))
                .getFirst();

        assertThat(PolicyTests.run(test).failures())
                .extracting(failure -> failure.expected() + " | " + failure.seen())
                .isEqualTo(expected == null ? List.of() : List.of(expected + " | " + seen));
    }

    /** The words of test files are those of the agent: none is missing, none means nothing. */
    @Test
    void wordsAreTheAgents() {
        assertThat(names(Expectation.State.values())).isEqualTo(names(TriggerState.values()));
        assertThat(names(Expectation.Reason.values())).isEqualTo(names(ReclaimEvent.Reason.values()));
        assertThat(names(Expectation.Cause.values()))
                .as("no test reloads")
                .isEqualTo(without(names(Decision.Cause.values()), "RELOADED"));
        assertThat(names(Expectation.Outcome.values()))
                .as("no test is a dry run")
                .isEqualTo(without(names(ReclaimResult.Outcome.values()), "DRY_RUN"));
    }

    private static List<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::name).toList();
    }

    private static List<String> without(List<String> names, String name) {
        return names.stream().filter(it -> !it.equals(name)).toList();
    }

    /** The same file gives the same run, to the last byte of the report. */
    @Test
    void runsAreAlike() {
        PolicyTest test = PolicyTests.read(
                        TEST.formatted("expect: [{ at: 9s, state: pending }]"), Map.of("p.yaml", POLICY))
                .getFirst();

        assertThat(Stream.generate(() -> new TextReport(false, true).of("f", PolicyTests.run(test)))
                        .limit(5)
                        .distinct())
                .hasSize(1);
    }
}
