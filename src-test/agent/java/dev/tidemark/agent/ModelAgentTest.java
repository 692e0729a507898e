package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The whole agent on the model, in virtual time. */
class ModelAgentTest {

    private static final int PAGE = 4096;

    private static final String SELFTEST = """
            version: 1
            duration: 20s
            host: { memory: 2GiB, cpus: 2, swap: 0 }
            cgroups:
              - { path: lab/writer, max: 32MiB, swap_max: 0 }
            workloads:
              - cgroup: lab/writer
                name: writer
                start: 1500ms
                steps:
                  - write: { file: data, size: 64MiB, rate: 100MiB/s, chunk: 4KiB }
                  - read: { file: data, rate: 200MiB/s, times: 2 }
            """;

    private static final String POLICY = """
            version: 1
            policies:
              - name: watermark
                cgroups: ["lab/*"]
                start: usage > 16MiB
                stop: usage < 10MiB
                reclaim: { batch: 1MiB, writeback: 2MiB }
            """;

    @Test
    void aloneTheLimitIsHitHundredsOfTimesAndWithTheAgentNever() {
        Simulation alone = Simulation.alone(scenario(SELFTEST));
        play(alone);
        Simulation agent = Simulation.withAgent(scenario(SELFTEST), policies(POLICY), complaint -> {
            throw new AssertionError(complaint);
        });
        play(agent);

        assertThat(alone.views().getFirst().maxEvents()).isGreaterThan(100);
        assertThat(agent.views().getFirst().maxEvents()).isZero();
        assertThat(agent.views().getFirst().oomKills()).isZero();
        assertThat(agent.workloads().getFirst().stalled()).isZero();
    }

    @Test
    void theSameRunTwiceIsTheSameToTheLastDecision() {
        assertThat(decisions()).isNotEmpty().isEqualTo(decisions());
    }

    @Test
    void aCgroupThatNoPolicySelectsIsLeftAlone() {
        Simulation host =
                Simulation.withAgent(scenario(SELFTEST), policies(POLICY.replace("lab/*", "other/*")), complaint -> {});

        play(host);

        assertThat(host.end())
                .hasValueSatisfying(report -> assertThat(report.writes()).isZero());
        assertThat(host.views().getFirst().maxEvents()).isGreaterThan(100);
    }

    @Test
    void endingTheAgentEndsItsReclaim() {
        Simulation host = Simulation.withAgent(scenario(SELFTEST), policies(POLICY), complaint -> {});
        host.start();
        host.advance(Duration.ofMillis(1700));

        long atEnd = host.end().orElseThrow().writes();
        host.advance(Duration.ofSeconds(2));

        assertThat(atEnd).isPositive();
        assertThat(host.agent().orElseThrow().decisions()).isNotNull();
        assertThat(host.end())
                .hasValueSatisfying(report -> assertThat(report.writes()).isEqualTo(atEnd));
    }

    private static List<String> decisions() {
        Simulation host = Simulation.withAgent(scenario(SELFTEST), policies(POLICY), complaint -> {});
        Narrator narrator = new Narrator(ModelRun::virtualTime, PAGE);
        List<String> told = new ArrayList<>();
        List<Decision> decisions = new ArrayList<>();
        host.agent().orElseThrow().decisions().subscribe(decisions::add);
        host.agent().orElseThrow().reclaims().subscribe(event -> told.add(narrator.tell(event)));
        play(host);
        decisions.forEach(decision -> told.add(narrator.tell(decision)));
        assertThat(decisions).extracting(Decision::to).contains(TriggerState.ACTIVE, TriggerState.STOPPING);
        return told;
    }

    private static void play(Simulation host) {
        host.start();
        boolean running = true;
        while (running) {
            running = host.advance(Duration.ofMillis(100));
        }
    }

    private static Scenario scenario(String text) {
        return valid(Scenario.parse("scenario.yaml", text));
    }

    private static PolicyFile policies(String text) {
        return valid(PolicyFile.parse("policy.yaml", text, new HostMemory(2L << 30, PAGE)));
    }

    private static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }
}
