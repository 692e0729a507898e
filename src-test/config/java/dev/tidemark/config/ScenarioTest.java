package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.Access;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.DiskSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.SwapKind;
import dev.tidemark.config.Scenario.SwapSpec;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioTest {
    private static final double FAST = Double.POSITIVE_INFINITY;

    static final String SMALLEST = """
            version: 1
            duration: 30s
            host: {memory: 2GiB}
            cgroups:
              - {path: a/b}
            workloads:
              - cgroup: a/b
                name: writer
                steps:
                  - write: {file: data, size: 64MiB}
            """;

    @Test
    void defaults() {
        assertThat(scenario(SMALLEST))
                .isEqualTo(new Scenario(
                        new HostSpec(2L << 30, 1, 0),
                        1,
                        Duration.ofSeconds(30),
                        List.of(new CgroupSpec("a/b", Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, Long.MAX_VALUE)),
                        List.of(new WorkloadSpec(
                                "a/b",
                                "writer",
                                Duration.ZERO,
                                1,
                                List.of(new Step.Write("data", 64 << 20, Double.POSITIVE_INFINITY, 4096))))));
    }

    @Test
    void fullMapping() {
        assertThat(scenario("""
                        version: 1
                        seed: -7
                        duration: 2h
                        host: {memory: 2GiB, cpus: 4, swap: 1GiB}
                        cgroups:
                          - {path: a, max: 50%, high: 40MiB, low: 8MiB, min: 1page, swap_max: 0}
                          - {path: b, max: max, swap_max: max}
                        workloads:
                          - cgroup: a
                            name: w
                            start: 3s
                            repeat: 5
                            steps:
                              - write: {file: data, size: 64MiB, rate: 200MiB/s, chunk: 8KiB}
                              - {read: {file: data, rate: 1GiB/s, times: 2}}
                              - {allocate: {name: heap, size: 10MiB, rate: 100MiB/s}}
                              - {touch: {name: heap, rate: 5MiB/s, times: 3}}
                              - {free: heap}
                              - {remove: data}
                              - {sleep: 2s}
                        """))
                .isEqualTo(new Scenario(
                        new HostSpec(2L << 30, 4, 1 << 30),
                        -7,
                        Duration.ofHours(2),
                        List.of(
                                new CgroupSpec("a", 1 << 30, 40 << 20, 8 << 20, 4096, 0),
                                new CgroupSpec("b", Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, Long.MAX_VALUE)),
                        List.of(new WorkloadSpec(
                                "a",
                                "w",
                                Duration.ofSeconds(3),
                                5,
                                List.of(
                                        new Step.Write("data", 64 << 20, 200 << 20, 8192),
                                        new Step.Read("data", 1 << 30, 2),
                                        new Step.Allocate("heap", 10 << 20, 100 << 20),
                                        new Step.Touch("heap", 5 << 20, 3),
                                        new Step.Free("heap"),
                                        new Step.Remove("data"),
                                        new Step.Sleep(Duration.ofSeconds(2)))))));
    }

    @Test
    void theHostsFullMapping() {
        assertThat(host("""
                        {memory: 4GiB, cpus: 8, kernel: 6.1, lru: mglru, swappiness: 100,
                           swap: {kind: zswap, size: 2GiB, ratio: 2.5, out: 10us, in: 5us, pool: 30%},
                           disk: {read: 500MiB/s, write: max, latency: 4ms, readahead: 8MiB}}"""))
                .isEqualTo(new HostSpec(
                        4L << 30,
                        8,
                        new SwapSpec(
                                SwapKind.ZSWAP, 2L << 30, 2.5, Duration.ofNanos(10_000), Duration.ofNanos(5_000), 0.3),
                        KernelSeries.LINUX_6_1,
                        Lru.MGLRU,
                        100,
                        new DiskSpec(500 << 20, Double.POSITIVE_INFINITY, Duration.ofMillis(4), 8 << 20)));
    }

    @Test
    void theHostsDefaults() {
        HostSpec host = host("{memory: 2GiB}");

        assertThat(host.kernel()).isEqualTo(KernelSeries.LINUX_7_2);
        assertThat(host.lru()).isEqualTo(Lru.CLASSIC);
        assertThat(host.swappiness()).isEqualTo(60);
        assertThat(host.disk()).isEqualTo(new DiskSpec(1 << 30, 256 << 20, Duration.ofNanos(100_000), 128 << 10));
        assertThat(host("{memory: 2GiB, swap: 1GiB}").swap())
                .as("a size alone is zram's")
                .isEqualTo(
                        host("{memory: 2GiB, swap: {kind: zram, size: 1GiB}}").swap())
                .isEqualTo(
                        new SwapSpec(SwapKind.ZRAM, 1 << 30, 3, Duration.ofNanos(8_000), Duration.ofNanos(6_000), 0.2));
    }

    private static HostSpec host(String text) {
        return scenario(SMALLEST.replace("{memory: 2GiB}", text)).host();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            kernel: 6.2                          | 3:30: unknown kernel "6.2"; did you mean "6.1"?
            lru: mglr                            | 3:27: unknown lru "mglr"; did you mean "mglru"?
            swappiness: 201                      | 3:34: swappiness is a whole number from 0 to 200
            swap: {kind: zram}                   | 3:29: swap needs the key "size"
            swap: {kind: disk, size: 1GiB, ratio: 3}  | 3:60: swap of kind disk has no ratio
            swap: {kind: zram, size: 1GiB, pool: 10%} | 3:59: swap of kind zram has no pool
            swap: {kind: zswap, size: 1GiB, pool: 0%} | 3:60: pool is a share above 0% up to 100% but this is 0%
            swap: {kind: zswap, size: 1GiB, ratio: 0.5} | 3:61: ratio is a number from 1 to 64 but this is 0.5
            disk: {reed: 1MiB/s}                 | 3:29: unknown key "reed" in disk; did you mean "read"?
            disk: {readahead: 1KiB}              | 3:40: readahead is 4KiB to 1GiB but this is 1KiB
            """)
    void hostProblems(String keys, String place) {
        assertThat(places(Scenario.parse("s.yaml", SMALLEST.replace("memory: 2GiB", "memory: 2GiB, " + keys))))
                .containsExactly(place);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {free: heap}               | 11:16: this workload does not allocate "heap" before
            {touch: {name: heap}}      | 11:24: this workload does not allocate "heap" before
            {read: {file: dta}}        | 11:23: no workload writes the file "dta"
            {write: {file: x}}         | 11:18: write needs the key "size"
            {write: {file: x, size: 0}} | 11:33: size is 1B to any size but this is 0B
            {wirte: {file: x}}         | 11:10: unknown key "wirte" in a step; did you mean "write"?
            {sleep: 1s, free: x}       | 11:9: a step has exactly one of the keys write, append, sync, read, allocate, grow, touch, free, remove, sleep, reclaim, repeat
            {}                         | 11:9: a step has exactly one of the keys write, append, sync, read, allocate, grow, touch, free, remove, sleep, reclaim, repeat
            sleep                      | 11:9: a step is a mapping with the keys write, append, sync, read, allocate, grow, touch, free, remove, sleep, reclaim, repeat, but here is a single value
            {sync: dta}                | 11:16: no workload writes the file "dta"
            {read: {file: data, pattern: randm}} | 11:38: unknown pattern "randm"; did you mean "random"?
            {read: {file: data, via: mmpa}} | 11:34: unknown via "mmpa"; did you mean "mmap"?
            {read: {file: data, window: 0}} | 11:37: window is 1B to any size but this is 0B
            {read: {file: data, for: 5}} | 11:34: for is a duration such as 500ms but 5 has no unit; write 5ms or 5s
            {sleep: {from: 2s, to: 1s}} | 11:32: to is 2s to 8784h but this is 1s
            {reclaim: {size: 1MiB, swappiness: 201}} | 11:44: swappiness is default, max, or a whole number from 0 to 200
            {reclaim: {size: 1MiB, cgroup: a/c}} | 11:40: the cgroup "a/c" is not listed under cgroups; did you mean "a/b"?
            {repeat: {times: 2}}       | 11:19: repeat needs the key "steps"
            {repeat: {steps: []}}      | 11:26: steps is empty; it needs at least one
            {repeat: {steps: [{touch: {name: heap}}]}} | 11:42: this workload does not allocate "heap" before
            {repeat: {evry: 2s, steps: [{sleep: 1s}]}} | 11:19: unknown key "evry" in repeat; did you mean "every"?
            {sleep: 5}                 | 11:17: sleep is a duration such as 500ms but 5 has no unit; write 5ms or 5s
            """)
    void stepProblems(String step, String place) {
        assertThat(places(Scenario.parse("s.yaml", SMALLEST + "      - " + step + "\n")))
                .containsExactly(place);
    }

    @Test
    void fullMappingOfStepsThatSayMore() {
        assertThat(scenario(SMALLEST.replace("name: writer", "name: writer\n    stop: 20s") + """
                      - append: {file: data, size: 1MiB, rate: 2MiB/s, chunk: 1KiB}
                      - sync: data
                      - read: {file: data, via: read, window: 1MiB, shift: 2pages, pattern: skewed, rate: 1MiB/s, times: 2, for: 3s}
                      - grow: {name: leak, size: 1MiB, rate: 5MiB/s}
                      - touch: {name: leak, window: 5pages, pattern: random}
                      - touch: {name: leak, for: 2s}
                      - sleep: {from: 1s, to: 2s}
                      - reclaim: {size: 4MiB}
                      - reclaim: {size: 4MiB, cgroup: a/b, swappiness: max}
                      - repeat: {times: 3, for: 1h, every: 10m, steps: [{repeat: {steps: [{sleep: 1s}]}}]}
                """)
                        .workloads())
                .containsExactly(new WorkloadSpec(
                        "a/b",
                        "writer",
                        Duration.ZERO,
                        Duration.ofSeconds(20),
                        1,
                        List.of(
                                new Step.Write("data", 64 << 20, FAST, 4096),
                                new Step.Append("data", 1 << 20, 2 << 20, 1024),
                                new Step.Sync("data"),
                                new Step.Read(
                                        "data",
                                        new Access(
                                                1 << 20, 8192, Access.Order.SKEWED, 1 << 20, 2, Duration.ofSeconds(3)),
                                        Step.Read.Via.READ),
                                new Step.Grow("leak", 1 << 20, 5 << 20),
                                new Step.Touch(
                                        "leak", new Access(20480, 20480, Access.Order.RANDOM, FAST, 1, Access.FOREVER)),
                                new Step.Touch(
                                        "leak",
                                        new Access(
                                                Access.WHOLE,
                                                Access.WHOLE,
                                                Access.Order.SEQUENTIAL,
                                                FAST,
                                                Integer.MAX_VALUE,
                                                Duration.ofSeconds(2))),
                                new Step.Sleep(Duration.ofSeconds(1), Duration.ofSeconds(2)),
                                new Step.Reclaim("a/b", 4 << 20, -1),
                                new Step.Reclaim("a/b", 4 << 20, 201),
                                new Step.Repeat(
                                        3,
                                        Duration.ofHours(1),
                                        Duration.ofMinutes(10),
                                        List.of(new Step.Repeat(
                                                Integer.MAX_VALUE,
                                                Access.FOREVER,
                                                Duration.ZERO,
                                                List.of(new Step.Sleep(Duration.ofSeconds(1)))))))));
    }

    @Test
    void manyAlikeAreWrittenOnce() {
        Scenario scenario = scenario("""
                version: 1
                duration: 30s
                host: {memory: 2GiB}
                cgroups:
                  - {path: web-#, count: 2, max: 64MiB}
                  - {path: other}
                workloads:
                  - cgroup: web-#
                    name: server
                    processes: 2
                    steps:
                      - append: {file: log-#, size: 1MiB}
                      - repeat: {times: 2, steps: [{read: {file: log-#}}, {reclaim: {size: 1MiB}}]}
                  - cgroup: web-2
                    name: one
                    steps: [{read: {file: log-4}}]
                """);

        assertThat(scenario.cgroups()).extracting(CgroupSpec::path).containsExactly("web-1", "web-2", "other");
        assertThat(scenario.cgroups().get(1).maxBytes()).isEqualTo(64 << 20);
        assertThat(scenario.workloads())
                .extracting(WorkloadSpec::name)
                .containsExactly("server/1", "server/2", "server/3", "server/4", "one");
        assertThat(scenario.workloads())
                .extracting(WorkloadSpec::cgroup)
                .containsExactly("web-1", "web-1", "web-2", "web-2", "web-2");
        assertThat(scenario.workloads().get(2).steps())
                .containsExactly(
                        new Step.Append("log-3", 1 << 20, FAST, 4096),
                        new Step.Repeat(
                                2,
                                Access.FOREVER,
                                Duration.ZERO,
                                List.of(new Step.Read("log-3", FAST, 1), new Step.Reclaim("web-2", 1 << 20, -1))));
    }

    @Test
    void whatIsWrongWithMany() {
        assertThat(problems(SMALLEST.replace("{path: a/b}", "{path: a/b, count: 2}")))
                .containsExactly("5:12: several cgroups need a # in their path, which stands for their number");
        assertThat(problems(SMALLEST.replace("{path: a/b}", "{path: a/b}\n  - {path: c-#}")))
                .containsExactly("6:12: the # in \"c-#\" stands for a number; say how many there are with count");
        assertThat(problems(SMALLEST.replace("{path: a/b}", "{path: a/b}\n  - {path: a/#, count: 2}\n  - {path: a/2}")))
                .containsExactly("7:12: the cgroup \"a/2\" is here twice; it is already in line 6");
        assertThat(problems(SMALLEST.replace("name: writer", "name: writer\n    start: 5s\n    stop: 4s")))
                .containsExactly("10:11: stop is 5s to 8784h but this is 4s");
        assertThat(problems(SMALLEST.replace("{path: a/b}", "{path: a/#, count: 5001}")
                        .replace("cgroup: a/b", "cgroup: a/#\n    processes: 2")))
                .containsExactly("7:5: with this workload there are more than 10000 processes");
        assertThat(problems(
                        SMALLEST.replace("{path: a/b}", "{path: a/#, count: 2}").replace("cgroup: a/b", "cgroup: a/#")
                                + "      - reclaim: {size: 1MiB, cgroup: a/#}\n"))
                .containsExactly("11:39: here is one cgroup, but 2 are meant");
    }

    @Test
    void whatHoldsBetweenItsParts() {
        assertThat(problems(SMALLEST.replace("cgroup: a/b", "cgroup: a/c")))
                .containsExactly("7:13: the cgroup \"a/c\" is not listed under cgroups; did you mean \"a/b\"?");
        assertThat(problems(SMALLEST.replace("  - {path: a/b}", "  - {path: a/b}\n  - {path: a/b}")))
                .containsExactly("6:12: the cgroup \"a/b\" is here twice; it is already in line 5");
        assertThat(problems(SMALLEST.replace("a/b", "a/*")))
                .containsExactly(
                        "5:12: here is the path of one cgroup; * ? [ ] { } are not possible",
                        "7:13: here is the path of one cgroup; * ? [ ] { } are not possible");
        assertThat(problems(SMALLEST.replace("host: {memory: 2GiB}", "host: {memory: 2}")))
                .containsExactly("3:16: memory is a size such as 4MiB but 2 has no unit; write 2MiB or 2B");
        assertThat(problems("version: 1\n"))
                .containsExactly(
                        "1:1: a scenario needs the key \"host\"",
                        "1:1: a scenario needs the key \"duration\"",
                        "1:1: a scenario needs the key \"cgroups\"",
                        "1:1: a scenario needs the key \"workloads\"");
    }

    private static Scenario scenario(String text) {
        return valid(Scenario.parse("s.yaml", text));
    }

    private static List<String> problems(String text) {
        return places(Scenario.parse("s.yaml", text));
    }
}
