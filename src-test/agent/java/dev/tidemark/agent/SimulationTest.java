package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a simulation adds to its parts; what the agent does on it is tested with the test kit. */
class SimulationTest {

    private static final String SCENARIO = """
            version: 1
            duration: 20s
            host: { memory: 2GiB, cpus: 2, swap: 0 }
            cgroups:
              - { path: lab/writer, max: 32MiB, swap_max: 0 }
              - { path: quiet/reader, max: 32MiB, swap_max: 0 }
            workloads:
              - cgroup: lab/writer
                name: writer
                start: 1500ms
                steps:
                  - write: { file: data, size: 64MiB, rate: 100MiB/s, chunk: 4KiB }
                  - read: { file: data, rate: 200MiB/s, times: 2 }
            """;

    @Test
    void endingTheAgentEndsItsReclaim() {
        Simulation host = withAgent("lab/*");
        host.start();
        host.advance(Duration.ofMillis(1700));

        long atEnd = host.end().orElseThrow().writes();
        host.advance(Duration.ofSeconds(2));

        assertThat(atEnd).isPositive();
        assertThat(host.end())
                .hasValueSatisfying(report -> assertThat(report.writes()).isEqualTo(atEnd));
    }

    @Test
    void twoReloadsAtOneInstantAreTakenInTheirOrder() {
        Simulation host = withAgent("quiet/*");
        host.start();
        host.advance(Duration.ofSeconds(1));
        Agent agent = host.agent().orElseThrow();

        agent.reload(policies("lab/*")).subscribe();
        agent.reload(policies("quiet/*")).subscribe();
        host.advance(Duration.ofSeconds(2));

        assertThat(host.seen()).extracting(Cgroup::path).containsExactly("quiet/reader");
    }

    @Test
    void whatTheAgentIsAskedIsAnsweredAtThisInstant() {
        Simulation host = withAgent("lab/*");
        host.start();
        host.advance(Duration.ofMillis(1700));

        assertThat(host.figure("writes")).isPositive();
        assertThat(host.seen()).extracting(Cgroup::path).containsExactly("lab/writer");
        assertThat(host.standing("lab/writer", "watermark")).isPresent();
        assertThat(host.standing("quiet/reader", "watermark")).isEmpty();
        assertThat(host.standing("nowhere", "watermark")).isEmpty();
        assertThat(host.reload(policies("quiet/*")).changed()).containsExactly("watermark");
        assertThat(host.now()).isEqualTo(Duration.ofMillis(1700));
    }

    @Test
    void whatIsNotThereCannotBeAskedFor() {
        Simulation host = withAgent("lab/*");
        host.start();

        assertThatThrownBy(() -> host.figure("frees"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no figure frees in: summary: starts=0 ");
        assertThatThrownBy(() -> host.standing("lab/writer", "mark"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the agent has no policy mark, but [watermark]");
    }

    @Test
    void aHostWithoutAnAgentDecidesNothing() {
        Simulation host = Simulation.alone(valid(Scenario.parse("scenario.yaml", SCENARIO)));
        host.start();

        assertThat(host.hasAgent()).isFalse();
        assertThat(host.decisions().collectList().block()).isEmpty();
        assertThatThrownBy(host::seen)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is no agent on this host");
    }

    private static Simulation withAgent(String cgroups) {
        Scenario scenario = valid(Scenario.parse("scenario.yaml", SCENARIO));
        return Simulation.withAgent(scenario, policies(cgroups), complaint -> {
            throw new AssertionError(complaint);
        });
    }

    private static PolicyFile policies(String cgroups) {
        return valid(PolicyFile.parse("policy.yaml", """
                version: 1
                policies:
                  - name: watermark
                    cgroups: ["%s"]
                    start: usage > 16MiB
                    stop: usage < 10MiB
                    reclaim: { batch: 1MiB, writeback: 2MiB }
                """.formatted(cgroups), new HostMemory(2L << 30, 4096)));
    }

    private static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }
}
