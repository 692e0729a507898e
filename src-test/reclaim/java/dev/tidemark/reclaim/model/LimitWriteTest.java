package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** Writes to memory.max and memory.high of a cgroup that holds more. */
class LimitWriteTest {

    private static Run holding(Step what) {
        return Run.started(Scenarios.host()
                        .duration(Duration.ofHours(1))
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "worker", what, new Step.Sleep(Duration.ofMinutes(50))))
                .advance(Duration.ofMinutes(1));
    }

    private static Run file() {
        return holding(new Step.Write("f", 16 * Scenarios.MIB, Scenarios.FAST, 4096));
    }

    private static Run heap() {
        return holding(new Step.Allocate("heap", 16 * Scenarios.MIB, Scenarios.FAST));
    }

    @Test
    void aLowerMaxReclaimsUntilUsageIsBelow() {
        Run run = file();

        StepVerifier.withVirtualTime(() -> run.model.writeMax(run.cgroup("a"), 4 * Scenarios.MIB), () -> run.time, 1)
                .thenAwait(Duration.ofNanos(1))
                .expectNoEvent(Duration.ofMillis(1))
                .thenAwait(Duration.ofSeconds(1))
                .verifyComplete();

        assertThat(run.value("a", Signal.USAGE)).isLessThanOrEqualTo(4.0 * Scenarios.MIB);
        assertThat(run.value("a", Signal.EVENTS_MAX)).as("nobody was refused").isZero();
        assertThat(run.value("a", Signal.PSI_SOME_TOTAL))
                .as("the writer waits, no task")
                .isZero();
    }

    /** 16 rounds for nothing, then the only task goes. */
    @Test
    void aLowerMaxKillsWhatCannotBeReclaimed() {
        Run run = heap();

        run.model.writeMax(run.cgroup("a"), 4 * Scenarios.MIB).subscribe();
        run.advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.EVENTS_OOM_KILL)).isEqualTo(1);
        assertThat(run.value("a", Signal.USAGE)).isZero();
        assertThat(run.model.report().get(0).oomKilled()).isTrue();
    }

    @Test
    void aLowerHighKillsNobody() {
        Run run = heap();
        double usage = run.value("a", Signal.USAGE);

        StepVerifier.withVirtualTime(() -> run.model.writeHigh(run.cgroup("a"), 4 * Scenarios.MIB), () -> run.time, 1)
                .thenAwait(Duration.ofSeconds(1))
                .verifyComplete();

        assertThat(run.value("a", Signal.USAGE)).isBetween(usage - 64 * 4096, usage);
        assertThat(run.value("a", Signal.EVENTS_OOM_KILL)).isZero();
        assertThat(run.value("a", Signal.HIGH)).isEqualTo(4.0 * Scenarios.MIB);
    }

    @Test
    void whatTheAgentTakesByALowerHighIsNotTakenForOthers() throws CgroupGoneException {
        Run run = file();
        Signal direct = Signal.PGSCAN_DIRECT;

        run.model
                .setLimit(run.cgroup("a"), LimitFile.HIGH, CgroupLimits.MAX, 8 * Scenarios.MIB)
                .subscribe();
        run.advance(Duration.ofSeconds(3));
        assertThat(run.value("a", Signal.USAGE)).isLessThanOrEqualTo(8.0 * Scenarios.MIB);
        assertThat(run.value("a", direct)).isZero();
        assertThat(run.value("a", Signal.PGSCAN)).isZero();
        double[] seen = new double[1];
        run.model.observe(run.cgroup("a"), SignalSet.of(direct), seen);
        assertThat(seen[0]).as("in the kernel's file").isPositive();

        run.model.writeHigh(run.cgroup("a"), 4 * Scenarios.MIB).subscribe();
        run.advance(Duration.ofSeconds(3));
        assertThat(run.value("a", direct)).as("by somebody else").isPositive();
    }

    @Test
    void aLowerHighReclaims() {
        Run run = file();

        run.model.writeHigh(run.cgroup("a"), 4 * Scenarios.MIB).subscribe();
        run.advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.USAGE)).isLessThanOrEqualTo(4.0 * Scenarios.MIB);
    }

    @Test
    void limitsOfACgroupThatIsThereAreWritten() {
        Run run = file();

        run.create("a", 4 * Scenarios.MIB);
        run.advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.USAGE)).isLessThanOrEqualTo(4.0 * Scenarios.MIB);
    }

    @Test
    void aHigherLimitReturnsAtOnce() {
        Run run = file();

        StepVerifier.withVirtualTime(() -> run.model.writeMax(run.cgroup("a"), 64 * Scenarios.MIB), () -> run.time, 1)
                .thenAwait(Duration.ofNanos(1))
                .verifyComplete();

        assertThat(run.value("a", Signal.PGSCAN)).isZero();
    }

    @Test
    void aCgroupThatIsGoneAndAModelThatIsClosedDoNothing() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        Cgroup cgroup = run.cgroup("a");
        run.model.remove(cgroup);

        StepVerifier.withVirtualTime(() -> run.model.writeMax(cgroup, 0), () -> run.time, 1)
                .thenAwait(Duration.ofNanos(1))
                .verifyComplete();
        run.model.close();
        StepVerifier.create(run.model.writeMax(cgroup, 0)).verifyComplete();
    }
}
