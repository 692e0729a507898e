package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Mode;
import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.PolicyTest.Answer;
import dev.tidemark.config.PolicyTest.Life;
import dev.tidemark.config.PolicyTest.Model;
import dev.tidemark.config.PolicyTest.Script;
import dev.tidemark.config.PolicyTestFile.Neighbour;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTestFileTest {

    static final String POLICIES = """
            version: 1
            policies:
              - name: batch
                cgroups: ["batch/*"]
                exclude: [batch/db]
                start: usage > 80% of limit
                stop: usage < 60% of limit
                limits: { floor: 1% }
            """;

    private static final String OTHER = """
            version: 1
            workqueue: { workers: 2 }
            policies:
              - { name: guard, watch: [web/a], cgroups: ["batch/*"], start: psi.some over 2s > 1%, stop: psi.some over 2s < 0.5% }
            """;

    private static final String SCENARIO = """
            version: 1
            duration: 12s
            host: { memory: 2GiB }
            cgroups: [{ path: batch/a, max: 32MiB }, { path: other }]
            workloads: [{ cgroup: batch/a, name: w, steps: [{ write: { file: data, size: 64MiB }}]}]
            """;

    private static final Map<String, String> FILES = Map.of(
            "p.yaml", POLICIES,
            "other.yaml", OTHER,
            "s.scenario.yaml", SCENARIO,
            "bad.yaml", POLICIES.replace("usage >", "usge >"),
            "never.yaml", POLICIES.replace("usage < 60% of limit", "usage < 0B"));

    /** Everything a file may have. */
    static final String FULL = """
            version: 1
            policies: [p.yaml, other.yaml]
            tests:
              - name: all there is
                interval: 500ms
                memory: 32GiB
                duration: 1m
                host: { host.available: 4GiB-64MiBx10 _ 1GiB stale, host.total: 32GiB }
                series:
                  batch/a: { usage: 0x6 12MiB+3MiBx10 _x2 40MiB stale, limit: max, psi.some.avg10: 0, appears: [0s, 30s], gone: 20s }
                  batch/db: { usage: 1GiB, limit: max, psi.some.avg10: 5% }
                  web/a: { psi.some: 0+50msx10, gone: [10s] }
                kernel:
                  - { answer: again, frees: 50%, takes: 20ms, cpu: 5ms, swaps: 25% }
                  - { from: 10s, cgroups: ["batch/*", other], answer: refused }
                expect:
                  - { at: 3s, policy: batch, cgroup: batch/a, state: pending }
                  - from: 1s
                    to: 2s
                    policy: guard
                    cgroup: batch/*
                    decision: { from: inactive, to: active, cause: start, watched: web/a, count: 2 to 3 }
                    reclaims: { outcome: success, count: ">= 3", asked: 4MiB, moved: 1MiB to 4MiB }
                    held: floor
                    signals: { usage: < 20MiB, limit: max, host.available: 10MiB to 20GiB, psi.some.avg10: <= 5% }
                always:
                  - { from: 2s, state: inactive, reclaim: { outcome: again, asked: <= 4MiB, moved: 0, took: < 1s } }
                never:
                  - { to: 5s, policy: batch, state: active, decision: { cause: no_data }, reclaim: {}, held: budget }
                  - { signals: { usage: 1GiB } }
              - name: played
                scenario: s.scenario.yaml
                expect: [{ at: 0, policy: batch, state: inactive }, { workload: { name: w, ended: <= 10s, stalled: 0 } }]
            """;

    static Checked<PolicyTestFile> parse(String text) {
        return PolicyTestFile.parse("a.test.yaml", text, path -> {
            String found = FILES.get(path);
            if (found == null) {
                throw new IOException("there is no such file");
            }
            return new Neighbour(path, found);
        });
    }

    private static String test(String body) {
        return "version: 1\npolicies: p.yaml\ntests:\n  - name: t\n"
                + body.lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
    }

    private static PolicyTest only(String body) {
        return valid(parse(test(body))).tests().getFirst();
    }

    @Test
    void readsEverything() {
        List<PolicyTest> tests = valid(parse(FULL)).tests();

        PolicyTest all = tests.getFirst();
        assertThat(all.name()).isEqualTo("all there is");
        assertThat(all.place().line()).isEqualTo(4);
        assertThat(all.duration()).contains(Duration.ofMinutes(1));
        assertThat(all.policies().policies()).extracting(Policy::name).containsExactly("batch", "guard");
        assertThat(all.policies().policies().getFirst().limits().floorBytes()).isEqualTo((32L << 30) / 100 + 1);
        Script script = (Script) all.input();
        assertThat(script.interval()).isEqualTo(Duration.ofMillis(500));
        assertThat(script.memoryBytes()).isEqualTo(32L << 30);
        assertThat(script.host().keySet()).extracting(Signal::dotted).containsExactly("host.available", "host.total");
        assertThat(script.cgroups())
                .extracting(PolicyTest.ScriptedCgroup::path)
                .containsExactly("batch/a", "batch/db", "web/a");
        assertThat(script.cgroups().getFirst().lives())
                .containsExactly(
                        new Life(Duration.ZERO, Optional.of(Duration.ofSeconds(20))),
                        new Life(Duration.ofSeconds(30), Optional.empty()));
        assertThat(script.cgroups().getLast().series().keySet()).containsExactly(Signal.PSI_SOME_TOTAL);
        assertThat(script.kernel())
                .extracting(PolicyTest.KernelAnswer::answer)
                .containsExactly(Answer.AGAIN, Answer.REFUSED);
        assertThat(script.kernel()).extracting(PolicyTest.KernelAnswer::frees).containsExactly(0.5, 0.0);
        assertThat(script.kernel())
                .extracting(PolicyTest.KernelAnswer::cpu)
                .as("all of the millisecond unless said otherwise")
                .containsExactly(Duration.ofMillis(5), Duration.ofMillis(1));
        assertThat(script.kernel()).extracting(PolicyTest.KernelAnswer::swaps).containsExactly(0.25, 0.0);

        List<Expectation> expected = all.expectations();
        assertThat(expected)
                .extracting(Expectation::mode)
                .containsExactly(Mode.AT, Mode.WITHIN, Mode.ALWAYS, Mode.NEVER, Mode.NEVER);
        assertThat(expected.getFirst().pairs()).containsExactly(new Pair("batch", "batch/a"));
        assertThat(expected.get(1).pairs())
                .as("policy guard, of batch/* what it acts on")
                .containsExactly(new Pair("guard", "batch/a"), new Pair("guard", "batch/db"));
        assertThat(expected.get(1).claims()).hasSize(7);
        assertThat(expected.get(2).pairs())
                .as("each policy on what it acts on")
                .containsExactly(
                        new Pair("batch", "batch/a"), new Pair("guard", "batch/a"), new Pair("guard", "batch/db"));

        PolicyTest played = tests.getLast();
        assertThat(((Model) played.input()).scenario().cgroups()).hasSize(2);
        assertThat(played.duration()).isEmpty();
        assertThat(played.policies().policies().getFirst().limits().floorBytes())
                .as("1 % of the scenario's memory")
                .isEqualTo((2L << 30) / 100);
    }

    @Test
    void whatIsLeftOutHasDefaults() {
        PolicyTest test = only("series: { batch/a: { usage: 1MiB+1MiBx3 } }\nexpect: [{ at: 1s, state: inactive }]");

        Script script = (Script) test.input();
        assertThat(script.interval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(script.memoryBytes()).isEqualTo(16L << 30);
        assertThat(script.kernel()).isEmpty();
        assertThat(script.cgroups().getFirst().lives()).containsExactly(new Life(Duration.ZERO, Optional.empty()));
        assertThat(test.duration()).contains(Duration.ofSeconds(4));
        assertThat(test.expectations().getFirst().pairs()).containsExactly(new Pair("batch", "batch/a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "usage: 1MiB              | at: 9s               | 9",
                "usage: 1MiBx19           | at: 9s               | 20",
                "'usage: 1MiB, gone: 30s' | at: 9s               | 30",
                "usage: 1MiB              | 'from: 2s, to: 12s'  | 12"
            })
    void lastsAsLongAsAnythingIsSaid(String series, String time, long seconds) {
        PolicyTest test =
                only("series: { batch/a: { %s } }\nexpect: [{ %s, state: inactive }]".formatted(series, time));

        assertThat(test.duration()).contains(Duration.ofSeconds(seconds));
    }

    /** That an excluded cgroup is left alone is worth a test, though the policy has nothing to do with it. */
    @Test
    void whoeverIsNamedIsMeant() {
        PolicyTest test = only("""
                series: { batch/a: { usage: 1MiB }, batch/db: { usage: 1MiB } }
                never:
                  - { cgroup: batch/db, state: active }
                  - { cgroup: "**", state: active }
                """);

        assertThat(test.expectations().getFirst().pairs()).containsExactly(new Pair("batch", "batch/db"));
        assertThat(test.expectations().getLast().pairs()).containsExactly(new Pair("batch", "batch/a"));
    }

    @Test
    void aDecisionIsExpectedAtLeastOnce() {
        PolicyTest test = only("series: { batch/a: { usage: 1MiB } }\nexpect: [{ decision: { to: active } }]");

        Claim.Decided decided =
                (Claim.Decided) test.expectations().getFirst().claims().getFirst();
        assertThat(decided.count()).isEqualTo(Range.atLeast(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "expect: [{ at: 1s, state: actve }]      | 6:31: unknown state \"actve\"; did you mean \"active\"?",
                "expect: [{ at: 1s, stat: active }]      | 6:24: unknown key \"stat\" in an expectation; did you mean \"state\"?",
                "expect: [{ at: 1s }]                    | 6:16: nothing is said of what is expected; write one of the keys state,"
                        + " decision, reclaims, held, workload, signals",
                "expect: [{ at: 1s, to: 2s, state: active }] | 6:20: at is an instant, from and to are an interval; only one can be",
                "expect: [{ from: 3s, to: 2s, state: active }] | 6:30: to comes before from",
                "expect: [{ state: active, policy: btch }] | 6:39: there is no policy \"btch\"; did you mean \"batch\"?",
                "expect: [{ state: active, cgroup: batch/b }] | 6:39: there is no cgroup \"batch/b\" in this test; did you mean"
                        + " \"batch/a\"?",
                "expect: [{ signals: { usge: 1MiB } }]   | 6:27: unknown signal \"usge\"; did you mean \"usage\"?",
                "expect: [{ signals: { headroom: 1MiB } }] | 6:27: headroom is computed from limit, usage; say what those are",
                "expect: [{ signals: { usage: 5 } }]     | 6:34: usage is bytes but 5 has no unit; write 5MiB or 5B",
                "expect: [{ signals: { limit: 5MiB } }]  | 6:27: \"batch/a\" has no series of limit",
                "expect: [{ signals: { host.free: 5MiB } }] | 6:27: host.free has no series under host",
                "expect: [{ workload: { name: w, ended: 1s } }] | 6:34: only a scenario has workloads",
                "expect: [{ workload: { name: w } }]     | 6:28: workload needs one of the keys ended, stalled",
                "expect: [{ reclaims: { outcome: again } }] | 6:28: reclaims needs one of the keys count, asked, moved",
                "expect: [{ decision: { watched: x } }]  | 6:28: there is no cgroup \"x\" in this test; cgroups are batch/a",
                "always: [{ at: 1s, state: active }]     | 6:16: unknown key \"at\" in always; keys are from, to, policy, cgroup, state,"
                        + " reclaim, signals",
                "never: [{ decision: { count: 3 } }]     | 6:27: unknown key \"count\" in decision; keys are from, to, cause, watched",
                "duration: 500ms                         | 4:5: a test needs one of the keys expect, always, never",
                "kernel: { answer: refused, frees: 5% }  | 6:39: what is refused or stuck frees nothing; leave it out",
                "kernel: { takes: 1ms, cpu: 2ms }        | 6:32: one thread works on a request, so its CPU cannot be more than takes",
                "kernel: { frees: 120% }                 | 6:22: frees is a share above 0% up to 100% but this is 120%",
                "host: { usage: 5MiB }                   | 6:13: usage is a cgroup's; it belongs under series",
                "host: { host.available: 5 }             | 6:29: host.available is bytes but 5 has no unit; write 5MiB or 5B",
                "scenario: s.scenario.yaml               | 5:13: with a scenario it is the model that says this; leave series out",
                "interval: 5                             | 6:15: interval is a duration such as 500ms but 5 has no unit; write 5ms or"
                        + " 5s"
            })
    void saysWhatIsWrongWithATest(String line, String problem) {
        assertThat(places(parse(test("series: { batch/a: { usage: 1MiB } }\n" + line))))
                .contains(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                           | 5:13: series is empty; it needs at least one cgroup",
                "{ usage: 5MiB }                              | 5:15: here is the path of a cgroup, and below it its signals; \"usage\" is a"
                        + " signal",
                "{ batch/a: 5MiB }                            | 5:24: a cgroup is a mapping from signals to series, but here is a single"
                        + " value",
                "{ \"batch/*\": { usage: 5MiB } }             | 5:15: here is the path of one cgroup; * ? [ ] { } are not possible",
                "{ batch/a: { host.available: 5MiB } }        | 5:26: host.available is the host's; it belongs under host",
                "{ batch/a: { usage: 5MiB, gone: [1s, 2s] } } | 5:45: appears and gone take turns, each time later than the one before, as"
                        + " in appears: [0s, 30s], gone: [20s]",
                "{ batch/a: { psi.some: 0, psi.some.total: 0 } } | 5:39: \"psi.some.total\" is psi.some.total, which is here already",
                "{ batch/a: { usage: 5MiBx } }                | 5:34: unknown unit \"MiBx\"; did you mean \"MiB\"?",
                "{ other: { usage: 5MiB } }                   | 6:16: policy batch acts on none of this test's cgroups: other"
            })
    void saysWhatIsWrongWithSeries(String series, String problem) {
        assertThat(places(parse(test("series: " + series + "\nexpect: [{ state: inactive }]"))))
                .contains(problem);
    }

    @Test
    void severalPoliciesHaveToBeToldApart() {
        String text = test("series: { batch/a: { usage: 1MiB } }\nexpect: [{ at: 1s, state: active }]")
                .replace("policies: p.yaml", "policies: [p.yaml, other.yaml]");

        assertThat(places(parse(text)))
                .containsExactly("6:16: of which policy? there are batch, guard; write policy: batch");
    }

    @Test
    void timesBeyondTheEndAreWrong() {
        String text = test("series: { batch/a: { usage: 1MiB } }\nduration: 5s\nexpect: [{ at: 6s, state: active }]");

        assertThat(places(parse(text))).containsExactly("7:16: the test is over after 5s");
    }

    @Test
    void workloadsAreTheScenarios() {
        String text = test("scenario: s.scenario.yaml\nexpect: [{ workload: { name: v, ended: 5s } }]");

        assertThat(places(parse(text)))
                .containsExactly("6:34: there is no workload \"v\" in the scenario; workloads are w");
    }

    @Test
    void namesAreUnique() {
        String body = "series: { batch/a: { usage: 1MiB } }\nexpect: [{ state: inactive }]";
        String text = test(body) + test(body).substring(test(body).indexOf("  - name"));

        assertThat(places(parse(text))).containsExactly("7:11: two tests are named \"t\"; the other is in line 4");
    }

    @Test
    void twoPoliciesOfOneNameAreTold() {
        String text = test("series: { batch/a: { usage: 1MiB } }\nexpect: [{ state: inactive }]")
                .replace("policies: p.yaml", "policies: [p.yaml, p.yaml]");

        assertThat(places(parse(text))).containsExactly("2:20: its policy \"batch\" has the name of one in p.yaml");
    }

    @Test
    void aFileThatIsNotThereIsToldOnceAndWhereItIsNamed() {
        String one = test("series: { batch/a: { usage: 1MiB } }\nexpect: [{ state: inactive }]")
                .replace("p.yaml", "gone.yaml");
        String text = one + one.substring(one.indexOf("  - name")).replace("name: t", "name: u");

        assertThat(places(parse(text))).containsExactly("2:11: gone.yaml: there is no such file");
    }

    /** Once, however many tests need them, and behind what is wrong with the test file itself. */
    @ParameterizedTest
    @CsvSource({"bad.yaml, unknown signal", "never.yaml, STOP can never hold"})
    void problemsOfThePoliciesAreToldWithTheirFile(String file, String message) {
        String text = test("series: { batch/a: { usage: 1MB } }\nexpect: [{ state: inactive }]")
                .replace("p.yaml", file);

        List<Problem> problems = Reading.problems(parse(text));

        assertThat(problems).extracting(Problem::file).containsExactly("a.test.yaml", file);
        assertThat(problems.getLast().message()).containsIgnoringCase(message.substring(0, 12));
    }
}
