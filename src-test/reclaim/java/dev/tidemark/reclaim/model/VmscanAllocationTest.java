package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reclaim is the model's hot path: a simulated day goes through it some million times. */
class VmscanAllocationTest {

    private static final int CALLS = 400;
    /** What a call returns. */
    private static final long PASS_BYTES = 48;

    @ParameterizedTest
    @EnumSource(Lru.class)
    void aCallAllocatesNothingButItsResult(Lru lru) {
        Scenarios scenarios = Scenarios.host()
                .kernel(KernelSeries.NEWEST, lru)
                .duration(Duration.ofHours(1))
                .cgroup("p", Scenarios.MAX)
                .cgroup("p/a", Scenarios.MAX, Scenarios.MAX, Scenarios.MIB, Scenarios.MIB, Scenarios.MAX)
                .cgroup("p/b", Scenarios.MAX);
        for (String path : List.of("p/a", "p/b")) {
            scenarios.run(
                    path,
                    path,
                    new Step.Write(path, 64 * Scenarios.MIB, Scenarios.FAST, 4096),
                    new Step.Sleep(Duration.ofMinutes(50)));
        }
        Run run = Run.started(scenarios).advance(Duration.ofMinutes(3));
        MemCgroup target = run.memcg("p");
        Vmscan vmscan = run.model.kernel().vmscan;
        long before = 0;
        long reclaimed = 0;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 2 * CALLS; i++) {
            if (i == CALLS) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            reclaimed += vmscan.tryToFreeMemCgroupPages(target, 1, true, Reclaimer.PROACTIVE, -1)
                    .reclaimed();
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(reclaimed).isGreaterThan(2 * CALLS * 16);
        assertThat(bytes).isLessThanOrEqualTo(CALLS * PASS_BYTES);
    }
}
