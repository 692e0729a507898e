package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Analysis;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** New policies in a running agent, on the model and in virtual time. */
class ModelReloadTest {

    private static final int PAGE = 4096;

    /** A writer that wants more than it may have, for as long as the scenario lasts, and one that does not. */
    private static final String SCENARIO = """
            version: 1
            duration: 60s
            host: { memory: 2GiB, cpus: 2, swap: 0 }
            cgroups:
              - { path: lab/writer, max: 64MiB, swap_max: 0 }
              - { path: quiet/reader, max: 64MiB, swap_max: 0 }
            workloads:
              - cgroup: lab/writer
                name: writer
                steps:
                  - write: { file: data, size: 600MiB, rate: 10MiB/s, chunk: 64KiB }
              - cgroup: quiet/reader
                name: reader
                steps:
                  - write: { file: log, size: 10MiB, rate: 10MiB/s, chunk: 64KiB }
            """;

    private static final String HEAD = "version: 1\npolicies:\n";
    private static final String WRITER = policy("writer", "lab/*", "usage > 16MiB", "usage < 10MiB");
    private static final String READER = policy("reader", "quiet/*", "usage > 40MiB", "usage < 30MiB");

    private final List<Decision> decisions = new ArrayList<>();

    @Test
    void theSamePoliciesAgainChangeNothing() {
        List<String> undisturbed = run(HEAD + WRITER + READER, List.of());

        List<String> reloaded = run(HEAD + WRITER + READER, List.of("# moved\n" + HEAD + READER + WRITER));

        assertThat(reloaded).isNotEmpty().isEqualTo(undisturbed);
    }

    @Test
    void aPolicyThatDidNotChangeKeepsItsStateBesideOneThatDid() {
        String waiting = policy("writer", "lab/*", "usage > 16MiB for 5s", "usage < 10MiB");
        List<String> undisturbed = run(HEAD + waiting + READER, List.of());

        List<String> reloaded =
                run(HEAD + waiting + READER, List.of(HEAD + waiting + READER.replace("40MiB", "41MiB")));

        assertThat(reloaded)
                .as("the wait of 5 s goes on over the reload at 3 s")
                .anyMatch(line -> line.contains("policy=writer") && line.contains("to=active"))
                .isEqualTo(undisturbed);
    }

    /** cf. katalyst#840, disabledWhileActive. */
    @Test
    void aPolicyRemovedWhileActiveHasItsWorkCancelled() {
        // It never reaches its STOP, so it is at work all the time.
        String busy = policy("writer", "lab/*", "usage > 1MiB", "usage < 64KiB");
        Simulation host = start(HEAD + busy + READER);
        host.advance(Duration.ofSeconds(3));
        assertThat(decisions).last().extracting(Decision::to).isEqualTo(TriggerState.ACTIVE);

        PolicyChanges changes = reload(host, HEAD + READER);
        host.advance(Duration.ofMillis(1));
        long writes = writes(host);
        host.advance(Duration.ofSeconds(3));

        assertThat(changes.removed()).containsExactly("writer");
        assertThat(decisions)
                .filteredOn(decision -> decision.cause() == Decision.Cause.RELOADED)
                .singleElement()
                .extracting(Decision::to)
                .isEqualTo(TriggerState.STOPPING);
        assertThat(decisions).last().extracting(Decision::to).isEqualTo(TriggerState.INACTIVE);
        assertThat(writes(host)).isEqualTo(writes).isPositive();
        assertThat(host.views().getFirst().usageBytes()).isGreaterThan(30 << 20);
    }

    @Test
    void aChangedPolicyBeginsAnew() {
        String busy = policy("writer", "lab/*", "usage > 1MiB", "usage < 64KiB");
        Simulation host = start(HEAD + busy);
        host.advance(Duration.ofSeconds(3));

        reload(host, HEAD + WRITER);
        host.advance(Duration.ofSeconds(4));

        assertThat(decisions)
                .extracting(decision -> decision.to() + " " + decision.cause())
                .containsSubsequence("STOPPING RELOADED", "INACTIVE DRAINED", "ACTIVE START", "STOPPING STOP");
    }

    @Test
    void aNewlySelectedCgroupIsServed() {
        Simulation host = start(HEAD + READER);
        host.advance(Duration.ofSeconds(3));
        assertThat(seen(host)).containsExactly("quiet/reader");

        reload(host, HEAD + READER + WRITER);
        host.advance(Duration.ofSeconds(3));

        assertThat(seen(host)).containsExactlyInAnyOrder("quiet/reader", "lab/writer");
        assertThat(writes(host)).isPositive();
    }

    @Test
    void aCgroupThatNoPolicySelectsAnyMoreIsLookedAtNoMore() {
        Simulation host = start(HEAD + WRITER + READER);
        host.advance(Duration.ofSeconds(5));
        assertThat(writes(host)).isPositive();

        reload(host, HEAD + READER);
        host.advance(Duration.ofSeconds(1));
        long samples = figure(host, "samples");
        host.advance(Duration.ofSeconds(10));

        assertThat(seen(host)).containsExactly("quiet/reader");
        assertThat(figure(host, "samples") - samples).isEqualTo(10);
        assertThat(decisions).noneMatch(decision -> decision.cause() == Decision.Cause.GONE);
    }

    @Test
    void thePeriodIsFollowed() {
        Simulation host = start(HEAD + READER);
        host.advance(Duration.ofSeconds(10));
        long slow = figure(host, "samples");

        reload(host, HEAD + READER.replace("start:", "period: 100ms\n    start:"));
        host.advance(Duration.ofSeconds(10));

        assertThat(slow).isBetween(10L, 12L);
        assertThat(figure(host, "samples") - slow).isBetween(100L, 103L);
    }

    @Test
    void reloadingBackAndForthEndsWhereItBegan() {
        Simulation host = start(HEAD + WRITER + READER);
        for (int i = 0; i < 20; i++) {
            reload(host, i % 2 == 0 ? HEAD + READER : HEAD + WRITER + READER);
            host.advance(Duration.ofMillis(137));
        }
        host.advance(Duration.ofSeconds(5));

        assertThat(seen(host)).containsExactlyInAnyOrder("quiet/reader", "lab/writer");
        assertThat(decisions).last().extracting(Decision::to).isNotEqualTo(TriggerState.PENDING);
        assertThat(host.views().getFirst().maxEvents()).isZero();
    }

    @Test
    void twoReloadsAtOneInstantAreTakenInTheirOrder() {
        Simulation host = start(HEAD + READER);
        host.advance(Duration.ofSeconds(1));
        Agent agent = host.agent().orElseThrow();

        agent.reload(policies(HEAD + WRITER)).subscribe();
        agent.reload(policies(HEAD + READER)).subscribe();
        host.advance(Duration.ofSeconds(2));

        assertThat(seen(host)).containsExactly("quiet/reader");
    }

    private List<String> run(String policies, List<String> reloads) {
        decisions.clear();
        Simulation host = start(policies);
        host.advance(Duration.ofSeconds(3));
        for (String text : reloads) {
            reload(host, text);
        }
        host.advance(Duration.ofSeconds(12));
        Narrator narrator = new Narrator(ModelRun::virtualTime, PAGE);
        return decisions.stream().map(narrator::tell).toList();
    }

    private Simulation start(String policies) {
        Simulation host = Simulation.withAgent(scenario(), policies(policies), complaint -> {
            throw new AssertionError(complaint);
        });
        host.agent().orElseThrow().decisions().subscribe(decisions::add);
        host.start();
        return host;
    }

    private static PolicyChanges reload(Simulation host, String text) {
        List<PolicyChanges> changes = new ArrayList<>(1);
        host.agent().orElseThrow().reload(policies(text)).subscribe(changes::add);
        host.advance(Duration.ZERO);
        return changes.getFirst();
    }

    private static List<String> seen(Simulation host) {
        List<Agent.View> views = new ArrayList<>(1);
        host.agent().orElseThrow().view().subscribe(views::add);
        host.advance(Duration.ZERO);
        return views.getFirst().cgroups().stream().map(cgroup -> cgroup.path()).toList();
    }

    private static long writes(Simulation host) {
        return figure(host, "writes");
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

    private static String policy(String name, String cgroups, String start, String stop) {
        return """
              - name: %s
                cgroups: ["%s"]
                start: %s
                stop: %s
                reclaim: { batch: 1MiB, writeback: 2MiB }
            """.formatted(name, cgroups, start, stop);
    }

    private static Scenario scenario() {
        return valid(Scenario.parse("scenario.yaml", SCENARIO));
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
