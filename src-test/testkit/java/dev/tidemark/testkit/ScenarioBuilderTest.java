package dev.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScenarioBuilderTest {

    private static ScenarioBuilder everything() {
        return Scenarios.host("2GiB")
                .cpus(2)
                .swap("1GiB")
                .seed(7)
                .cgroup("batch")
                .max("1GiB")
                .cgroup("batch/one job")
                .max("64MiB")
                .high("48MiB")
                .low("8MiB")
                .min("4MiB")
                .swapMax("0B")
                .workload("writer", "batch/one job")
                .startsAt("1s")
                .repeats(3)
                .writes("data", "64MiB")
                .at("16MiB/s")
                .inChunksOf("4KiB")
                .sleeps("1s")
                .reads("data")
                .at("32MiB/s")
                .times(2)
                .removes("data")
                .workload("heap", "other")
                .allocates("heap", "10MiB")
                .touches("heap")
                .times(3)
                .frees("heap")
                .step("sleep", "2s")
                .step("allocate")
                .with("name", "more")
                .with("size", "1MiB")
                .lasts("12s");
    }

    @Test
    void isTheSameAsItsFile() {
        assertThat(everything().yaml()).isEqualTo("""
                version: 1
                seed: 7
                duration: 12s
                host: { memory: 2GiB, cpus: 2, swap: 1GiB }
                cgroups:
                  - { path: batch, max: 1GiB }
                  - { path: "batch/one job", max: 64MiB, high: 48MiB, low: 8MiB, min: 4MiB, swap_max: 0B }
                  - { path: other }
                workloads:
                  - cgroup: "batch/one job"
                    name: writer
                    start: 1s
                    repeat: 3
                    steps:
                      - { write: { file: data, size: 64MiB, rate: 16MiB/s, chunk: 4KiB } }
                      - { sleep: 1s }
                      - { read: { file: data, rate: 32MiB/s, times: 2 } }
                      - { remove: data }
                  - cgroup: other
                    name: heap
                    steps:
                      - { allocate: { name: heap, size: 10MiB } }
                      - { touch: { name: heap, times: 3 } }
                      - { free: heap }
                      - { sleep: 2s }
                      - { allocate: { name: more, size: 1MiB } }
                """);
        assertThat(everything().scenario())
                .isEqualTo(Scenarios.yaml(everything().yaml()));
        assertThat(everything().scenario().workloads()).hasSize(2);
    }

    @Test
    void whatIsWrongIsToldWithItsPlace() {
        ScenarioBuilder wrong = Scenarios.host("2GB")
                .cgroup("a")
                .with("maximum", "64MiB")
                .workload("w", "a")
                .touches("heap");

        assertThatThrownBy(wrong::scenario)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("scenario.yaml:2:18: unknown unit \"GB\"; did you mean \"GiB\"?")
                .hasMessageContaining("\"maximum\"")
                .hasMessageContaining("does not allocate \"heap\" before")
                .hasMessageContaining("duration");
    }
}
