package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class WritebackStarterTest {

    private static final long MIB = 1 << 20;
    private static final Cgroup A = new Cgroup(1, "a");
    private static final Cgroup B = new Cgroup(2, "b");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FakeKernel kernel = new FakeKernel(time);
    private final List<WritebackResult> results = new ArrayList<>();

    @Test
    void startsEachTimeUsageHasGrownByTheStep() {
        WritebackStarter starter = starter("reclaim: {writeback: 2MiB}");

        for (int mib = 10; mib <= 15; mib++) {
            use(starter, A, mib * MIB);
        }

        assertThat(kernel.writebacks).containsExactly("a", "a");
        assertThat(results).hasSize(2);
    }

    @Test
    void onlyWhereNothingWasBeingWrittenWhatTheKernelTellsOfDirtIsAskedFirst() {
        WritebackStarter starter = starter("reclaim: {writeback: 2MiB}");
        kernel.beingWritten = 0;
        for (int mib = 10; mib <= 14; mib++) {
            use(starter, A, mib * MIB);
        }
        kernel.beingWritten = 1;
        for (int mib = 15; mib <= 18; mib++) {
            use(starter, A, mib * MIB);
        }

        assertThat(kernel.growthsTold)
                .containsExactly(MemoryController.LOOK_ANYWAY, 2 * MIB, 2 * MIB, MemoryController.LOOK_ANYWAY);
    }

    @Test
    void whatIsThereAtTheFirstLookIsNoGrowth() {
        WritebackStarter starter = starter("reclaim: {writeback: 2MiB}");

        use(starter, A, 30 * MIB);

        assertThat(kernel.writebacks).isEmpty();
    }

    @Test
    void growthIsCountedFromTheLowestUsageSince() {
        WritebackStarter starter = starter("reclaim: {writeback: 2MiB}");
        use(starter, A, 12 * MIB);
        use(starter, A, 8 * MIB);

        use(starter, A, 10 * MIB);

        assertThat(kernel.writebacks).containsExactly("a");
    }

    @Test
    void oneIsUnderWayPerCgroupAndNoMoreThanAllowedAtAll() {
        kernel.took = Duration.ofSeconds(1);
        WritebackStarter starter = starter("reclaim: {writeback: 2MiB}");
        sample(starter, A, 0);
        sample(starter, B, 0);

        sample(starter, A, 4 * MIB);
        sample(starter, A, 8 * MIB);
        sample(starter, B, 4 * MIB);
        time.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(kernel.writebacks).containsExactly("a");

        sample(starter, B, 4 * MIB);
        time.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(kernel.writebacks).containsExactly("a", "b");
    }

    @Test
    void aPolicyThatDoesNotAskForItGetsNone() {
        WritebackStarter starter = starter("cooldown: 0s");

        use(starter, A, 0);
        use(starter, A, 100 * MIB);

        assertThat(kernel.writebacks).isEmpty();
    }

    @Test
    void anotherStepHoldsFromAReloadOnAndGrowthUntilThenCounts() {
        WritebackStarter starter = starter("reclaim: {writeback: 8MiB}");
        use(starter, A, 0);
        use(starter, A, 3 * MIB);

        starter.reload(policies("reclaim: {writeback: 4MiB}"), List.of(A, B));
        use(starter, A, 4 * MIB);

        assertThat(kernel.writebacks).containsExactly("a");
    }

    @Test
    void aReloadTurnsItOffAndOn() {
        WritebackStarter starter = starter("reclaim: {writeback: 2MiB}");
        use(starter, A, 0);

        starter.reload(policies("cooldown: 0s"), List.of(A, B));
        use(starter, A, 20 * MIB);
        assertThat(kernel.writebacks).isEmpty();

        starter.reload(policies("reclaim: {writeback: 2MiB}"), List.of(A, B));
        use(starter, A, 30 * MIB);
        use(starter, A, 32 * MIB);
        assertThat(kernel.writebacks).containsExactly("a");
    }

    private WritebackStarter starter(String line) {
        WritebackStarter starter = new WritebackStarter(policies(line), kernel, time, 1, results::add);
        starter.appeared(A);
        starter.appeared(B);
        return starter;
    }

    private static List<Policy> policies(String line) {
        String text = """
                version: 1
                policies:
                  - name: test
                    cgroups: ["*"]
                    start: usage > 9MiB
                    stop: usage < 8MiB
                    %s
                """.formatted(line);
        if (!(PolicyFile.parse("test.yaml", text, new HostMemory(1L << 30, FakeKernel.PAGE))
                instanceof Checked.Valid<PolicyFile>(PolicyFile file))) {
            throw new AssertionError(text);
        }
        return file.policies();
    }

    /** A sample, and time for what it starts to end. */
    private void use(WritebackStarter starter, Cgroup cgroup, long bytes) {
        sample(starter, cgroup, bytes);
        time.advanceTimeBy(Duration.ofMillis(10));
    }

    private void sample(WritebackStarter starter, Cgroup cgroup, long bytes) {
        starter.sampled(
                new Sample(cgroup, time.now(TimeUnit.NANOSECONDS), SignalSet.of(Signal.USAGE), new double[] {bytes}));
    }
}
