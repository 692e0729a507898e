package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.policies;
import static dev.tidemark.config.Reading.problems;
import static dev.tidemark.config.Reading.rendered;
import static dev.tidemark.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyFileTest {
    static final String SMALLEST = """
            version: 1
            policies:
              - name: batch
                cgroups: [a]
                start: usage > 80% of limit
                stop: usage < 70% of limit
            """;

    @Test
    void defaults() {
        PolicyFile file = valid(SMALLEST);

        assertThat(file.workqueue()).isEqualTo(new Workqueue(4, 1024));
        assertThat(file.budget()).isEqualTo(Budget.UNLIMITED);
        assertThat(file.policies()).hasSize(1);
        Policy policy = file.policies().getFirst();
        assertThat(policy.exclude()).isEmpty();
        assertThat(policy.period()).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.action())
                .isEqualTo(new Reclaim(new Law.Watermark(), new Batch.Time(Duration.ofMillis(20)), -1, 0));
        assertThat(policy.limits()).isEqualTo(new Limits(Budget.UNLIMITED, 0, Duration.ofMillis(500)));
        assertThat(policy.priority()).isZero();
        assertThat(policy.weight()).isEqualTo(100);
        assertThat(policy.cooldown()).isEqualTo(Duration.ZERO);
    }

    @Test
    void fullMapping() {
        PolicyFile file = valid("""
                version: 1
                workqueue: {workers: 8, length: 99}
                policies:
                  - name: batch-2
                    cgroups: ["batch.slice/*.service", 'x/**']
                    exclude:
                      - batch.slice/important.service
                    period: 250ms
                    start: >-
                      usage > 80% of limit
                      or (psi.some over 2s > 1%
                          and rate(pgscan, 5s) > 1000/s) for 1s
                    stop: "usage < 70% of limit"
                    reclaim:
                      law: fixed
                      batch: 32pages
                      swappiness: max
                      writeback: 2MiB
                    limits: { bytes: 128MiB/s, time: 10ms/s, swap_out: 1MiB/s, floor: 1%, deadline: 2s }
                    priority: -3
                    weight: 250
                    cooldown: 1.5m
                limits: { bytes: 1GiB/s, time: 2%, swap_out: 4MiB/s }
                """);

        assertThat(file.workqueue()).isEqualTo(new Workqueue(8, 99));
        assertThat(file.budget()).isEqualTo(new Budget(1 << 30, 0.02, 4 << 20));
        Policy policy = file.policies().getFirst();
        assertThat(policy.name()).isEqualTo("batch-2");
        assertThat(policy.cgroups()).containsExactly(new CgroupGlob("batch.slice/*.service"), new CgroupGlob("x/**"));
        assertThat(policy.exclude()).containsExactly(new CgroupGlob("batch.slice/important.service"));
        assertThat(policy.period()).isEqualTo(Duration.ofMillis(250));
        assertThat(policy.start())
                .hasToString("usage > 80% of limit or"
                        + " (rate(psi.some.total, 2s) > 1% and rate(pgscan, 5s) > 1000/s) for 1s");
        assertThat(policy.stop()).hasToString("usage < 70% of limit");
        assertThat(policy.action()).isEqualTo(new Reclaim(new Law.Fixed(), new Batch.Size(128 << 10), 201, 2 << 20));
        assertThat(policy.limits())
                .isEqualTo(new Limits(new Budget(128 << 20, 0.01, 1 << 20), 85899346, Duration.ofSeconds(2)));
        assertThat(policy.priority()).isEqualTo(-3);
        assertThat(policy.weight()).isEqualTo(250);
        assertThat(policy.cooldown()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void throttleAndProtect() {
        assertThat(action("throttle: {over: 1%, least: 32pages, longest: 1m}"))
                .isEqualTo(new Throttle(new Throttle.Over(85899346), 128 << 10, Duration.ofMinutes(1)));
        assertThat(action("throttle: {delay: 500ms}"))
                .isEqualTo(new Throttle(new Throttle.Delay(Duration.ofMillis(500)), 16 << 20, Duration.ofSeconds(10)));
        assertThat(action("protect: {low: 64MiB, longest: 24h}"))
                .isEqualTo(new Protect(64 << 20, Duration.ofHours(24)));
        assertThat(action("protect: {low: 64MiB}")).isEqualTo(new Protect(64 << 20, Duration.ofSeconds(30)));
    }

    private static Action action(String line) {
        return valid(SMALLEST + "    " + line + "\n").policies().getFirst().action();
    }

    @Test
    void aPolicyDoesOneThing() {
        assertThat(places(
                        policies(SMALLEST + "    throttle: {over: 4MiB}\n    protect: {low: 4MiB}\n    reclaim: {}\n")))
                .containsExactly(
                        "7:15: a policy either reclaims, throttles or protects; write one policy for each",
                        "8:14: a policy either reclaims, throttles or protects; write one policy for each");
        assertThat(places(policies(SMALLEST + "    throttle: {over: 4MiB}\n    limits: {floor: 4MiB}\n")))
                .containsExactly("8:13: limits says how memory is taken, which this policy does not do; leave it out");
    }

    @Test
    void watchAndNoData() {
        Policy policy = valid(SMALLEST + "    watch: ['web/*', db]\n    no_data: hold\n")
                .policies()
                .getFirst();

        assertThat(policy.watch()).containsExactly(new CgroupGlob("web/*"), new CgroupGlob("db"));
        assertThat(policy.noData()).isEqualTo(Policy.NoData.HOLD);
        assertThat(policy.watches("web/a")).isTrue();
        assertThat(policy.watches("a")).isFalse();
        assertThat(valid(SMALLEST).policies().getFirst().noData()).isEqualTo(Policy.NoData.STOP);
        assertThat(valid(SMALLEST).policies().getFirst().watches("a")).isTrue();
    }

    @Test
    void watchingWithoutLooking() {
        String host = SMALLEST.replace("usage > 80% of limit", "host.available < 1GiB")
                .replace("usage < 70% of limit", "cgroup(\"a\").usage < 1GiB");

        assertThat(places(policies(host))).isEmpty();
        assertThat(places(policies(host + "    watch: [a]\n")))
                .containsExactly("7:12: neither start nor stop looks at a signal of what it watches; leave watch out");
        assertThat(places(policies(host.replace("1GiB", "sum(usage)") + "    watch: [a]\n")))
                .isEmpty();
        assertThat(places(policies(
                        SMALLEST.replace("usage > 80% of limit", "psi.some trigger 1s/2s") + "    watch: [a]\n")))
                .isEmpty();
    }

    @Test
    void selectsWhatMatchesAndIsNotExcluded() {
        Policy policy = valid(SMALLEST.replace("[a]", "[\"a/*\", b]\n    exclude: [a/x]"))
                .policies()
                .getFirst();

        assertThat(policy.selects("a/y")).isTrue();
        assertThat(policy.selects("b")).isTrue();
        assertThat(policy.selects("a/x")).isFalse();
        assertThat(policy.selects("a")).isFalse();
        assertThat(policy.reaches("a")).isTrue();
        assertThat(policy.reaches("b")).isFalse();
    }

    @Test
    void everyProblemOfAFileInOneReport() {
        assertThat(rendered(problems(policies("""
                        version: 2
                        policis: []
                        policies:
                          - name: Batch
                            cgroups: "batch.slice/*.service"
                            start: usge > 80% of limit or psi.some > 1%
                            reclaim: {law: watermrk, batch: 4, swappiness: 300}
                            limits: {deadline: 5 s, deadline: 3s}
                        """)))).isEqualTo("""
                        policy.yaml:1:10: this version of Tidemark reads version 1
                        version: 2
                                 ^
                        policy.yaml:2:1: unknown key "policis" in a policy file; did you mean "policies"?
                        policis: []
                        ^^^^^^^
                        policy.yaml:4:5: a policy needs the key "stop"
                          - name: Batch
                            ^^^^
                        policy.yaml:4:11: a policy's name is 1 to 63 lower-case letters, digits and hyphens
                          - name: Batch
                                  ^^^^^
                        policy.yaml:5:14: cgroups is a list but here is a single value; write ["batch.slice/*.service"]
                            cgroups: "batch.slice/*.service"
                                     ^^^^^^^^^^^^^^^^^^^^^^^
                        policy.yaml:6:12: unknown signal "usge"; did you mean "usage"?
                            start: usge > 80% of limit or psi.some > 1%
                                   ^^^^
                        policy.yaml:6:35: cannot compare a duration with a ratio: "psi.some" is a duration that only \
                        grows, "1%" is a ratio; write psi.some over 2s > 1%
                            start: usge > 80% of limit or psi.some > 1%
                                                          ^^^^^^^^^^^^^
                        policy.yaml:7:20: unknown law "watermrk"; did you mean "watermark"?
                            reclaim: {law: watermrk, batch: 4, swappiness: 300}
                                           ^^^^^^^^
                        policy.yaml:7:37: batch is a size such as 4MiB or a time such as 20ms but 4 has no unit; write 4MiB or 4B
                            reclaim: {law: watermrk, batch: 4, swappiness: 300}
                                                            ^
                        policy.yaml:7:52: swappiness is default, none, max, or a whole number from 0 to 200
                            reclaim: {law: watermrk, batch: 4, swappiness: 300}
                                                                           ^^^
                        policy.yaml:8:26: a unit belongs right behind its number; write 5s
                            limits: {deadline: 5 s, deadline: 3s}
                                                 ^
                        policy.yaml:8:29: the key "deadline" is here twice; it is already in line 8
                            limits: {deadline: 5 s, deadline: 3s}
                                                    ^^^^^^^^""");
    }

    /** The line replaces or follows the name in the smallest file. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            period: 0s               | 7:13: period is 1ms to 1h but this is 0s
            period: 2h               | 7:13: period is 1ms to 1h but this is 2h
            period: 9000000000000h   | 7:13: period is 1ms to 1h but this is 9000000000000h
            period: 5MiB             | 7:13: period is a duration such as 500ms but 5MiB is bytes
            period: 5                | 7:13: period is a duration such as 500ms but 5 has no unit; write 5ms or 5s
            period: -5s              | 7:13: period cannot be negative; it is a duration such as 500ms
            period: soon             | 7:13: period is a duration such as 500ms but this is "soon"
            period: 1s + 1s          | 7:16: period is one value, a duration such as 500ms, not an expression
            period:                  | 7:12: period has no value
            period: ~                | 7:13: period has no value
            period: [1s]             | 7:13: period is a single value but here is a list
            cooldown: 25h            | 7:15: cooldown is 0s to 24h but this is 25h
            exclude: x               | 7:14: exclude is a list but here is a single value; write [x]
            exclude: {a: b}          | 7:14: exclude is a list but here is a mapping
            exclude: [/a]            | 7:15: paths are relative to the cgroup root; write them without the leading '/'
            exclude: ["a/{b"]        | 7:15: the '{' is never closed; write {a,b}, or [{] for the character
            exclude: [[a]]           | 7:15: a pattern of cgroups is a single value but here is a list
            reclaim: fixed           | 7:14: reclaim is a mapping with the keys law, batch, swappiness, writeback, but here is a single value
            reclaim: {law: hope}      | 7:20: unknown law "hope"; known are watermark, fixed, tmo, senpai, senpai_limit, aimd
            reclaim: {batch: 1B}     | 7:22: batch is 4KiB to 1GiB but this is 1B
            reclaim: {batch: 2GiB}   | 7:22: batch is 4KiB to 1GiB but this is 2GiB
            reclaim: {batch: 50%}    | 7:22: batch is 4KiB to 1GiB but this is 4GiB
            reclaim: {batch: 5ms/s}  | 7:22: batch is a size such as 4MiB or a time such as 20ms but 5ms/s is a ratio
            reclaim: {batch: 2s}     | 7:22: batch is 1ms to 1s but this is 2s
            reclaim: {batch: big}    | 7:22: batch is a size such as 4MiB or a time such as 20ms but this is "big"
            reclaim: {batch: 4MB}    | 7:23: unknown unit "MB"; did you mean "MiB"?
            reclaim: {swappiness: 201} | 7:27: swappiness is default, none, max, or a whole number from 0 to 200
            reclaim: {swappiness: -1}  | 7:27: swappiness is default, none, max, or a whole number from 0 to 200
            limits: {bytes: 5MiB}    | 7:21: bytes is a rate such as 128MiB/s but 5MiB is bytes
            limits: {bytes: 0B/s}    | 7:21: bytes is at least 1B/s; leave it out, or write max, for no bound
            limits: {deadline: 61s}  | 7:24: deadline is 1ms to 1m but this is 61s
            throttle: {over: 4MiB, least: 1B} | 7:35: least is 4KiB to 1TiB but this is 1B
            throttle: {over: 4MiB, delay: 1s} | 7:22: over and delay both say how far below usage memory.high is put; leave one out
            throttle: {delay: 10ms}  | 7:23: delay is 20ms to 2s but this is 10ms
            throttle: {delay: 3s}    | 7:23: delay is 20ms to 2s but this is 3s
            throttle: {least: 4MiB}  | 7:16: throttle needs the key "over"
            throttle: {over: 4MiB, law: fixed} | 7:28: unknown key "law" in throttle; keys are over, delay, least, longest
            throttle: {over: 4MiB, longest: 0s} | 7:37: longest is 10ms to 24h but this is 0s
            protect: {longest: 5s}   | 7:15: protect needs the key "low"
            protect: {low: usage}    | 7:20: low is a size such as 4MiB but this is "usage"
            protect: {low: 64MiB, most: 1GiB} | 7:27: unknown key "most" in protect; keys are low, longest
            limits: {cpu: 5ms/s}     | 7:14: unknown key "cpu" in limits; keys are bytes, time, swap_out, floor, deadline
            limits: {time: 5ms}      | 7:20: time is a time per second such as 10ms/s, or max, but this is 5ms
            limits: {time: 5ns/s}    | 7:20: time is at least 1us/s; leave it out, or write max, for no bound
            limits: {swap_out: 1s}   | 7:24: swap_out is a rate such as 128MiB/s but 1s is a duration
            priority: 11             | 7:15: priority is a whole number from -10 to 10
            weight: 0                | 7:13: weight is a whole number from 1 to 10000
            watch: x                 | 7:12: watch is a list but here is a single value; write [x]
            watch: []                | 7:12: watch is empty; it needs at least one
            watch: [/x]              | 7:13: paths are relative to the cgroup root; write them without the leading '/'
            no_data: wait            | 7:14: unknown no_data "wait"; known are stop, inactive, hold
            no_data: stopp           | 7:14: unknown no_data "stopp"; did you mean "stop"?
            no_data:                 | 7:13: no_data has no value
            reclaim: {writeback: 1B} | 7:26: writeback is 4KiB to 1GiB but this is 1B
            color: red               | 7:5: unknown key "color" in a policy; keys are name, cgroups, exclude, watch, period, let, marks, start, stop, reclaim, throttle, protect, limits, priority, weight, guards, cooldown, no_data
            peroid: 1s               | 7:5: unknown key "peroid" in a policy; did you mean "period"?
            """)
    void oneProblem(String line, String place) {
        assertThat(places(policies(SMALLEST + "    " + line + "\n"))).containsExactly(place);
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "none", "max", "0", "200"})
    void swappiness(String text) {
        int expected = switch (text) {
            case "default" -> Reclaim.DEFAULT_SWAPPINESS;
            case "none" -> Reclaim.FILES_ONLY;
            case "max" -> Reclaim.ANONYMOUS_ONLY;
            default -> Integer.parseInt(text);
        };

        PolicyFile file = valid(SMALLEST + "    reclaim: {swappiness: " + text + "}\n");

        assertThat(file.policies().getFirst().reclaim().orElseThrow().swappiness())
                .isEqualTo(expected);
    }

    @Test
    void whatHoldsBetweenPolicies() {
        assertThat(places(policies(SMALLEST + SMALLEST.substring(SMALLEST.indexOf("  -")))))
                .containsExactly("7:11: two policies are named \"batch\"; the other is in line 3");
        assertThat(places(policies("version: 1\npolicies: []\n")))
                .containsExactly("2:11: policies is empty; it needs at least one");
        assertThat(places(policies(SMALLEST.replace("[a]", "[]"))))
                .containsExactly("4:14: cgroups is empty; it needs at least one");
        assertThat(places(policies(SMALLEST.replace("batch", "b".repeat(64)))))
                .containsExactly("3:11: a policy's name is 1 to 63 lower-case letters, digits and hyphens");
        assertThat(places(policies(SMALLEST.replace("usage < 70% of limit", "usage"))))
                .containsExactly(
                        "6:11: \"stop\" needs a truth but \"usage\" is bytes; compare it, as in usage > 80% of limit");
        assertThat(places(policies("policies:\n  - {}\n")))
                .containsExactly(
                        "1:1: a policy file needs the key \"version\"",
                        "2:5: a policy needs the key \"name\"",
                        "2:5: a policy needs the key \"cgroups\"",
                        "2:5: a policy needs the key \"start\"",
                        "2:5: a policy needs the key \"stop\"");
    }

    @Test
    void aByteOrderMarkAndOtherLineEndsAreFine() {
        assertThat(valid("\uFEFF" + SMALLEST)).isEqualTo(valid(SMALLEST));
        assertThat(valid(SMALLEST.replace("\n", "\r\n"))).isEqualTo(valid(SMALLEST));
        assertThat(valid(SMALLEST.replace("\n", "\r"))).isEqualTo(valid(SMALLEST));
        assertThat(places(policies(SMALLEST.replace("\n", "\r\n").replace("70%", "70"))))
                .containsExactly("6:19: \"of\" takes a share; write 70% of ...");
    }

    @Test
    void aFloodOfProblemsIsCut() {
        List<Problem> problems = problems(policies("version: 1\n" + "x: 1\n".repeat(5000)));

        assertThat(problems).hasSize(100);
        assertThat(problems.getFirst().line()).isEqualTo(1);
    }
}
