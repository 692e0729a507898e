package dev.tidemark.agent.simulate;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Small scenarios and policies that tests compare. */
final class Comparisons {

    static final int PAGE = 4096;

    /** A file twice as large as the cgroup is written and read; beside it one that grows until it is killed. */
    static final String SCENARIO = """
            version: 1
            seed: 7
            duration: 8s
            host: { memory: 1GiB, cpus: 2, swap: 0 }
            cgroups:
              - { path: app/writer, max: 8MiB, swap_max: 0 }
              - { path: app/leak, max: 6MiB, high: max, low: 2MiB, swap_max: 0 }
            workloads:
              - cgroup: app/writer
                name: writer
                start: 500ms
                repeat: 2
                steps:
                  - write: { file: data, size: 16MiB, rate: 16MiB/s, chunk: 4KiB }
                  - read: { file: data, rate: 64MiB/s, times: 2 }
              - cgroup: app/leak
                name: leak
                steps:
                  - allocate: { name: heap, size: 30MiB, rate: 4MiB/s }
            """;

    static final String WATERMARK = """
            version: 1
            policies:
              - name: watermark
                cgroups: ["app/*"]
                start: usage > 75% of limit
                stop: usage < 50% of limit
                reclaim: { batch: 256KiB }
                cooldown: 200ms
            """;

    static final String LATE = """
            version: 1
            policies:
              - name: late
                cgroups: ["app/writer"]
                start: usage > 7.5MiB for 100ms or psi.some over 1s > 50%
                stop: 7MiB > usage
            """;

    private Comparisons() {}

    static Scenario scenario(String text) {
        return valid(Scenario.parse("scenario.yaml", text));
    }

    static Candidate candidate(String name, String text) {
        return Candidate.with(name, valid(PolicyFile.parse(name, text, new HostMemory(1L << 30, PAGE))));
    }

    static Plan plan(String scenario, Duration step) {
        return new Plan("scenario.yaml", scenario(scenario), step, Optional.empty(), true);
    }

    static Comparison compare(Plan plan, int threads, Candidate... candidates) throws InterruptedException {
        return Comparison.of(plan, List.of(candidates), threads);
    }

    static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }
}
