package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Analysis;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Standing;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What policies look at besides the cgroup they act on, through the whole agent on the model. */
class ModelWiringTest {

    private static final int PAGE = 4096;

    /** Batch work that has memory to spare, and a service that has too little and waits for it. */
    private static final String SCENARIO = """
            version: 1
            duration: 60s
            host: { memory: 2GiB, cpus: 4, swap: 0 }
            cgroups:
              - { path: batch/one, max: 512MiB, swap_max: 0 }
              - { path: batch/two, max: 512MiB, swap_max: 0 }
              - { path: web/service, max: 32MiB, swap_max: 0 }
            workloads:
              - cgroup: batch/one
                name: one
                steps: [ { write: { file: a, size: 100MiB, rate: 100MiB/s, chunk: 64KiB } } ]
              - cgroup: batch/two
                name: two
                steps: [ { write: { file: b, size: 100MiB, rate: 100MiB/s, chunk: 64KiB } } ]
              - cgroup: web/service
                name: service
                start: 3s
                steps:
                  - write: { file: c, size: 64MiB, rate: 100MiB/s, chunk: 4KiB }
                  - read: { file: c, rate: 200MiB/s, times: 20 }
            """;

    private final List<Decision> decisions = new ArrayList<>();

    @Test
    void aKernelsPushStartsAPolicyAtOnceAndTheTimeItTookIsKept() {
        Simulation host = start("""
                version: 1
                policies:
                  - name: pushed
                    cgroups: ["web/*"]
                    period: 1h
                    start: psi.some trigger 20ms/500ms
                    stop: (not psi.some trigger 20ms/500ms) for 30s
                """);
        host.advance(Duration.ofSeconds(10));

        assertThat(decisions).extracting(Decision::to).startsWith(TriggerState.ACTIVE);
        assertThat(figure(host, "pushes")).isPositive();
        assertThat(figure(host, "push_to_decision_count")).isPositive();
        assertThat(figure(host, "push_to_decision_max_us")).isZero();
        assertThat(figure(host, "refused_pushes")).isZero();
        assertThat(figure(host, "samples"))
                .as("it looks closely after a push, though its period is an hour")
                .isGreaterThan(10);
    }

    @Test
    void aPushThatIsWantedNoMoreAfterAReloadIsNotTold() {
        String pushed = """
                version: 1
                policies:
                  - name: pushed
                    cgroups: ["web/*"]
                    start: psi.some trigger 20ms/500ms
                    stop: (not psi.some trigger 20ms/500ms) for 30s
                """;
        Simulation host = start(pushed);
        host.advance(Duration.ofSeconds(5));
        long before = figure(host, "pushes");
        assertThat(before).isPositive();

        host.agent().orElseThrow().reload(policies("""
                        version: 1
                        policies:
                          - name: sampled
                            cgroups: ["web/*"]
                            start: usage > 30MiB
                            stop: usage < 20MiB
                        """)).subscribe();
        host.advance(Duration.ofSeconds(5));

        assertThat(figure(host, "pushes")).isEqualTo(before);
    }

    @Test
    void aServiceIsProtectedByTakingFromOthers() {
        Simulation host = start("""
                version: 1
                policies:
                  - name: protect
                    cgroups: ["batch/*"]
                    watch: ["web/*"]
                    period: 100ms
                    start: usage > 24MiB
                    stop: usage < 16MiB
                    reclaim: { batch: 1MiB }
                    limits: { floor: 50MiB }
                """);
        host.advance(Duration.ofSeconds(8));

        assertThat(decisions)
                .filteredOn(decision -> decision.to() == TriggerState.ACTIVE)
                .extracting(decision ->
                        decision.cgroup().path() + " for " + decision.watched().path())
                .containsExactlyInAnyOrder("batch/one for web/service", "batch/two for web/service");
        assertThat(host.views())
                .filteredOn(view -> view.path().startsWith("batch/"))
                .allMatch(view -> view.usageBytes() < 60 << 20);
        assertThat(host.views())
                .filteredOn(view -> view.path().startsWith("web/"))
                .allMatch(view -> view.usageBytes() > 24 << 20);
    }

    @Test
    void valuesFromElsewhereAndOfTheHostAreRead() {
        Simulation host = start("""
                version: 1
                policies:
                  - name: far
                    cgroups: ["batch/one"]
                    period: 100ms
                    start: cgroup("web/service").usage > 24MiB and host.available < 10GiB
                    stop: cgroup("web/service").usage < 1MiB
                    limits: { floor: 50MiB }
                """);
        host.advance(Duration.ofSeconds(2));
        assertThat(decisions).isEmpty();

        host.advance(Duration.ofSeconds(4));

        assertThat(decisions).last().extracting(Decision::to).isEqualTo(TriggerState.ACTIVE);
        Standing standing = standing(host, "batch/one");
        assertThat(standing.start().values()).containsKey("host.available").doesNotContainValue(Double.NaN);
        assertThat(standing.stop().holds()).isFalse();
    }

    private static Standing standing(Simulation host, String path) {
        Agent agent = host.agent().orElseThrow();
        List<Agent.View> views = new ArrayList<>(1);
        agent.view().subscribe(views::add);
        host.advance(Duration.ZERO);
        Cgroup cgroup = host.model().cgroup(path).orElseThrow();
        List<Standing> standings = new ArrayList<>(1);
        agent.standing(cgroup, views.getFirst().policies().getFirst()).subscribe(standings::add);
        host.advance(Duration.ZERO);
        return standings.getFirst();
    }

    private Simulation start(String policies) {
        Scenario scenario = valid(Scenario.parse("scenario.yaml", SCENARIO));
        Simulation host = Simulation.withAgent(scenario, policies(policies), complaint -> {
            throw new AssertionError(complaint);
        });
        host.agent().orElseThrow().decisions().subscribe(decisions::add);
        host.start();
        return host;
    }

    private static long figure(Simulation host, String key) {
        List<Figures.Report> reports = new ArrayList<>(1);
        host.agent().orElseThrow().report(0).subscribe(reports::add);
        host.advance(Duration.ZERO);
        Matcher matcher = Pattern.compile(" " + key + "=([0-9]+)")
                .matcher(reports.getFirst().summary());
        assertThat(matcher.find()).as(key).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static PolicyFile policies(String text) {
        return valid(Analysis.parse("policy.yaml", text, new HostMemory(2L << 30, PAGE)))
                .file();
    }

    private static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }
}
