package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Where kernels differ; what each does was seen on real ones (src-test/lab, scenario agreement). */
class KernelSeriesTest {

    private static final long ASKED = 2048;

    private static Run withFreshCache(KernelSeries kernel, Lru lru) {
        return Run.started(Scenarios.host()
                        .kernel(kernel, lru)
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "w", new Step.Write("f", 32 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofSeconds(1));
    }

    @Test
    void mglruOf61LeavesDirtyCacheAlone() {
        Run run = withFreshCache(KernelSeries.LINUX_6_1, Lru.MGLRU);

        ReclaimResult result = run.reclaim("a", ASKED, Run.PROACTIVE, -1);

        assertThat(result.outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(run.memcg("a").stat[Stat.PGSCAN_PROACTIVE]).isZero();
        assertThat(run.value("a", Signal.DIRTY)).isEqualTo(32.0 * Scenarios.MIB);
    }

    @Test
    void mglruOf612HasDirtyCacheWrittenAndSortsItOutUnscanned() {
        Run run = withFreshCache(KernelSeries.LINUX_6_12, Lru.MGLRU);

        ReclaimResult result = run.reclaim("a", ASKED, Run.PROACTIVE, -1);

        assertThat(run.value("a", Signal.DIRTY)).isZero();
        assertThat(run.memcg("a").stat[Stat.PGSCAN_PROACTIVE]).isEqualTo(result.pagesReclaimed());
    }

    @Test
    void mglruOf72ScansDirtyCacheLikeAnyOther() {
        Run run = withFreshCache(KernelSeries.LINUX_7_2, Lru.MGLRU);

        run.reclaim("a", ASKED, Run.PROACTIVE, -1);

        assertThat(run.value("a", Signal.DIRTY)).isZero();
        assertThat(run.memcg("a").stat[Stat.PGSCAN_PROACTIVE]).isGreaterThan(2 * ASKED);
    }

    @Test
    void theClassicListsHaveDirtyCacheWrittenOnAll() {
        for (KernelSeries kernel : KernelSeries.values()) {
            Run run = withFreshCache(kernel, Lru.CLASSIC);

            ReclaimResult result = run.reclaim("a", ASKED, Run.PROACTIVE, -1);

            assertThat(result.outcome()).as(kernel.version()).isEqualTo(Outcome.SUCCESS);
            assertThat(run.memcg("a").stat[Stat.PGSCAN_PROACTIVE])
                    .as(kernel.version())
                    .isGreaterThan(2 * ASKED);
        }
    }
}
