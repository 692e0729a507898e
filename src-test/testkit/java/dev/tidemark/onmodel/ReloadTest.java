package dev.tidemark.onmodel;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.PolicyChanges;
import dev.tidemark.testkit.OnScenario;
import dev.tidemark.testkit.Policies;
import dev.tidemark.testkit.Run;
import dev.tidemark.testkit.Runs;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * New policies in a running agent: of a writer that wants more than it may have, for as long as the scenario lasts, and of one that does
 * not.
 */
@OnScenario("""
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
        """)
class ReloadTest {

    private static final String WRITER = policy("writer", "lab/*", "usage > 16MiB", "usage < 10MiB");
    private static final String READER = policy("reader", "quiet/*", "usage > 40MiB", "usage < 30MiB");

    /** It never reaches its STOP, so it is at work all the time. */
    private static final String BUSY = policy("writer", "lab/*", "usage > 1MiB", "usage < 64KiB");

    @Test
    void theSamePoliciesAgainChangeNothing(Runs runs) {
        Run undisturbed = runs.with(file(WRITER, READER)).until("15s");
        Run reloaded = runs.with(file(WRITER, READER)).until("3s");

        PolicyChanges changes = reloaded.reload(file("  # moved\n", READER, WRITER));
        reloaded.until("15s");

        assertThat(changes.unchanged()).containsExactly("reader", "writer");
        assertThat(reloaded).policy("writer").becameActive();
        assertThat(reloaded.decisions()).hasSameSizeAs(undisturbed.decisions());
        assertThat(told(reloaded)).isEqualTo(told(undisturbed));
    }

    @Test
    void aPolicyThatDidNotChangeKeepsItsStateBesideOneThatDid(Runs runs) {
        String waiting = policy("writer", "lab/*", "usage > 16MiB for 5s", "usage < 10MiB");
        Run undisturbed = runs.with(file(waiting, READER)).until("15s");
        Run reloaded = runs.with(file(waiting, READER)).until("3s");

        reloaded.reload(file(waiting, READER.replace("40MiB", "41MiB")));
        reloaded.until("15s");

        // The wait of 5 s goes on over the reload at 3 s.
        assertThat(reloaded).policy("writer").becameActive().between("6s", "7s");
        assertThat(told(reloaded)).isEqualTo(told(undisturbed));
    }

    /** cf. katalyst#840, disabledWhileActive. */
    @Test
    void aPolicyRemovedWhileActiveHasItsWorkCancelled(Runs runs) {
        Run run = runs.with(file(BUSY, READER)).until("3s");
        assertThat(run).policy("writer").isActive();

        PolicyChanges changes = run.reload(file(READER));
        run.advance("1ms");
        long writes = run.figure("writes");
        run.advance("3s");

        assertThat(changes.removed()).containsExactly("writer");
        assertThat(run.decisions())
                .filteredOn(decision -> decision.cause() == Decision.Cause.RELOADED)
                .singleElement()
                .extracting(Decision::to)
                .isEqualTo(TriggerState.STOPPING);
        assertThat(run).policy("writer").isNotActive();
        assertThat(run.figure("writes")).isEqualTo(writes).isPositive();
        assertThat(run).cgroup("lab/writer").uses().atLeast("30MiB");
    }

    @Test
    void aChangedPolicyBeginsAnew(Runs runs) {
        Run run = runs.with(file(BUSY)).until("3s");

        run.reload(file(WRITER));
        run.advance("4s");

        assertThat(run.decisions())
                .extracting(decision -> decision.to() + " " + decision.cause())
                .containsSubsequence("STOPPING RELOADED", "INACTIVE DRAINED", "ACTIVE START", "STOPPING STOP");
    }

    @Test
    void aNewlySelectedCgroupIsServed(Runs runs) {
        Run run = runs.with(file(READER)).until("3s");
        assertThat(run.seen()).containsExactly("quiet/reader");

        run.reload(file(READER, WRITER));
        run.advance("3s");

        assertThat(run.seen()).containsExactly("lab/writer", "quiet/reader");
        assertThat(run).cgroup("lab/writer").wasReclaimed();
    }

    @Test
    void aCgroupThatNoPolicySelectsAnyMoreIsLookedAtNoMore(Runs runs) {
        Run run = runs.with(file(WRITER, READER)).until("5s");
        assertThat(run).cgroup("lab/writer").wasReclaimed();

        run.reload(file(READER));
        run.advance("1s");
        long samples = run.figure("samples");
        run.advance("10s");

        assertThat(run.seen()).containsExactly("quiet/reader");
        assertThat(run.figure("samples") - samples).isEqualTo(10);
        assertThat(run.decisions()).noneMatch(decision -> decision.cause() == Decision.Cause.GONE);
    }

    @Test
    void thePeriodIsFollowed(Runs runs) {
        Run run = runs.with(file(READER)).until("10s");
        long slow = run.figure("samples");

        run.reload(file(READER.replace("start:", "period: 100ms\n    start:")));
        run.advance("10s");

        assertThat(slow).isBetween(10L, 12L);
        assertThat(run.figure("samples") - slow).isBetween(100L, 103L);
    }

    @Test
    void reloadingBackAndForthEndsWhereItBegan(Runs runs) {
        Run run = runs.with(file(WRITER, READER));
        for (int i = 0; i < 20; i++) {
            run.reload(i % 2 == 0 ? file(READER) : file(WRITER, READER));
            run.advance("137ms");
        }
        run.advance("5s");

        assertThat(run.seen()).containsExactly("lab/writer", "quiet/reader");
        assertThat(run.decisions()).last().extracting(Decision::to).isNotEqualTo(TriggerState.PENDING);
        assertThat(run).hitNoLimit();
    }

    /** Decisions as text: those of a reloaded policy are of another object. */
    private static List<String> told(Run run) {
        return run.decisions().stream()
                .map(decision -> "%d %s %s %s %s"
                        .formatted(
                                decision.nanos(),
                                decision.policy().name(),
                                decision.cgroup(),
                                decision.to(),
                                decision.readings()))
                .toList();
    }

    private static Policies file(String... policies) {
        return Policies.yaml("version: 1\npolicies:\n" + String.join("", policies));
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
}
