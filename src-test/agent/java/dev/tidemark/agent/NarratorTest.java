package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NarratorTest {

    private static final Cgroup CGROUP = new Cgroup(7, "batch.slice/a.service");
    private static final long MIB = 1 << 20;
    private static final int PAGE = 4096;

    private final Policy policy = policy();
    private final Narrator narrator = new Narrator(nanos -> "+" + nanos / 1_000_000 + "ms", PAGE);

    @Test
    void aDecisionIsToldWithTheValuesThatMadeIt() {
        Decision decision = new Decision(
                CGROUP,
                CGROUP,
                policy,
                TriggerState.PENDING,
                TriggerState.ACTIVE,
                Decision.Cause.START,
                12_000_000,
                11_000_000,
                List.of(
                        new Decision.Reading("usage", Unit.BYTES, 412.0 * MIB),
                        new Decision.Reading("rate(pgscan, 5s)", Unit.RATE, 1200)));

        assertThat(narrator.tell(decision))
                .isEqualTo("+12ms decision policy=batch cgroup=batch.slice/a.service from=pending to=active cause=start"
                        + " usage=412MiB \"rate(pgscan, 5s)\"=1200/s");
    }

    @Test
    void whoseSignalsDecidedIsToldWhereItIsAnother() {
        Decision decision = new Decision(
                CGROUP,
                new Cgroup(8, "web.slice/web service"),
                policy,
                TriggerState.ACTIVE,
                TriggerState.STOPPING,
                Decision.Cause.RELOADED,
                12_000_000,
                12_000_000,
                List.of());

        assertThat(narrator.tell(decision))
                .isEqualTo(
                        "+12ms decision policy=batch cgroup=batch.slice/a.service from=active to=stopping cause=reloaded"
                                + " watched=\"web.slice/web service\"");
    }

    @Test
    void aWriteIsToldWithWhatItAskedForGotAndTook() {
        ReclaimResult result = new ReclaimResult(128, Outcome.AGAIN, "", 8.0 * MIB, 1_000_000, 3_500_000, 0, 0);

        assertThat(narrator.tell(new Reclaimed(CGROUP, policy, 4_000_000, 256, result, Optional.empty())))
                .isEqualTo(
                        "+4ms reclaim policy=batch cgroup=batch.slice/a.service asked=1MiB moved=512KiB outcome=again"
                                + " took=2.5ms usage=8MiB");
    }

    @Test
    void aRefusalIsNotableAndHasTheKernelsWords() {
        ReclaimResult result = ReclaimResult.none(Outcome.REFUSED, "Permission denied", Double.NaN, 0);
        Reclaimed refused = new Reclaimed(CGROUP, policy, 0, 256, result, Optional.empty());

        assertThat(Narrator.isNotable(refused)).isTrue();
        assertThat(narrator.tell(refused)).contains("outcome=refused").endsWith("message=\"Permission denied\"");
    }

    @Test
    void holdingBackIsToldWithItsReasonAndTheNextTry() {
        assertThat(narrator.tell(new Held(CGROUP, policy, 0, Reason.NO_PROGRESS, 1_000_000)))
                .isEqualTo("+0ms held policy=batch cgroup=batch.slice/a.service reason=no_progress retry_in=1ms");
        assertThat(narrator.tell(new Held(CGROUP, policy, 0, Reason.PSI, 0, 0.125, 0.1)))
                .endsWith("reason=psi seen=12.5% mark=10%");
        assertThat(narrator.tell(new Held(CGROUP, policy, 0, Reason.FLOOR, 0)))
                .isEqualTo("+0ms held policy=batch cgroup=batch.slice/a.service reason=floor");
    }

    private static Policy policy() {
        String text = """
                version: 1
                policies:
                  - name: batch
                    cgroups: ["batch.slice/*"]
                    start: usage > 400MiB
                    stop: usage < 300MiB
                """;
        if (PolicyFile.parse("policy.yaml", text, new HostMemory(1L << 30, PAGE))
                instanceof Checked.Valid<PolicyFile>(PolicyFile file)) {
            return file.policies().getFirst();
        }
        throw new AssertionError(text);
    }
}
