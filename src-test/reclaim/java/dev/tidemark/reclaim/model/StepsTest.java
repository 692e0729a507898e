package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.Access;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the steps of a workload do, but for what reclaim makes of it. */
class StepsTest {

    private static final long MIB = Scenarios.MIB;

    private static Run run(Step... steps) {
        return Run.started(Scenarios.host()
                .duration(Duration.ofHours(1))
                .cgroup("a", Scenarios.MAX)
                .run("a", "w", steps));
    }

    private static Step write(String file, long bytes) {
        return new Step.Write(file, bytes, Scenarios.FAST, 4096);
    }

    private static Duration ended(Run run) {
        return run.model.report().getFirst().ended().orElseThrow();
    }

    /** The numbers a program on a real kernel has to draw as well. */
    @Test
    void chanceIsThatOfSplittableRandom() {
        SplittableRandom theirs = new SplittableRandom(42);
        SplitMix ours = new SplitMix(42);

        assertThat(IntStream.range(0, 100).mapToObj(i -> ours.next()))
                .isEqualTo(
                        IntStream.range(0, 100).mapToObj(i -> theirs.nextLong()).toList());
    }

    @Test
    void fourOfFiveSkewedDrawsAreInTheFirstFifth() {
        SplitMix random = new SplitMix(1);
        long first = IntStream.range(0, 100_000)
                .filter(i -> random.skewedBelow(1000) < 200)
                .count();

        assertThat(first).isCloseTo(81_800L, withPercentage(1));
    }

    @Test
    void appendingGoesOnWhereTheFileEnds() {
        Run run = run(
                        write("f", 10_000),
                        new Step.Append("f", 5_000, Scenarios.FAST, 1000),
                        new Step.Append("g", 4096, Scenarios.FAST, 4096))
                .advance(Duration.ofSeconds(1));

        // 15,000 bytes of the one, a page of the other.
        assertThat(run.memcg("a").lruPages()).isEqualTo(4 + 1);
    }

    @Test
    void writingAgainWritesOver() {
        Run run = run(write("f", MIB), write("f", MIB / 2)).advance(Duration.ofSeconds(1));

        assertThat(run.memcg("a").lruPages()).isEqualTo(256);
    }

    @Test
    void syncWaitsUntilNothingOfTheFileIsDirty() {
        Run run = run(write("f", 64 * MIB), new Step.Sync("f")).advance(Duration.ofSeconds(5));

        assertThat(run.value("a", Signal.DIRTY)).isZero();
        assertThat(run.value("a", Signal.WRITEBACK)).isZero();
        // 64 MiB at the disk's 256 MiB/s, less what the flushers had written before.
        assertThat(ended(run)).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
    }

    @Test
    void growingKeepsWhatIsThereAndAllocatingDoesNot() {
        Step grow = new Step.Grow("x", MIB, Scenarios.FAST);
        Step sleep = new Step.Sleep(Duration.ofHours(1));

        assertThat(run(grow, grow, grow, sleep)
                        .advance(Duration.ofSeconds(1))
                        .memcg("a")
                        .lruPages())
                .isEqualTo(3 * 256);
        Step allocate = new Step.Allocate("x", MIB, Scenarios.FAST);
        assertThat(run(grow, allocate, sleep)
                        .advance(Duration.ofSeconds(1))
                        .memcg("a")
                        .lruPages())
                .isEqualTo(256);
    }

    /** A file read by calls is in no page table: it faults never, and is marked accessed by each read. */
    @Test
    void readingByCallsFaultsNothing() {
        Access twice = Access.whole(Scenarios.FAST, 3);
        Run run = run(write("f", MIB), new Step.Sync("f"), new Step.Read("f", twice, Step.Read.Via.READ))
                .advance(Duration.ofSeconds(1));

        assertThat(run.value("a", Signal.PGFAULT)).isZero();
        assertThat(run.memcg("a").stat[Stat.ACTIVE_FILE]).isEqualTo(256);
    }

    /** Four windows of 4 MiB with 2 MiB between them fit into 10 MiB: 2 passes over each. */
    @Test
    void aWindowMovesOverAllThereIs() {
        Access access = new Access(4 * MIB, 2 * MIB, Access.Order.SEQUENTIAL, 4.0 * MIB, 2, Access.FOREVER);
        Run run = run(new Step.Allocate("x", 10 * MIB, Scenarios.FAST), new Step.Touch("x", access))
                .advance(Duration.ofMinutes(1));

        assertThat(run.model.report().getFirst().steps().get(1).toMillis()).isCloseTo(8_000L, withPercentage(1));
    }

    @Test
    void aWindowStaysForItsTime() {
        Access access =
                new Access(4 * MIB, 4 * MIB, Access.Order.RANDOM, 1e9, Integer.MAX_VALUE, Duration.ofSeconds(3));
        Run run = run(new Step.Allocate("x", 10 * MIB, Scenarios.FAST), new Step.Touch("x", access))
                .advance(Duration.ofMinutes(1));

        assertThat(run.model.report().getFirst().steps().get(1).toMillis()).isCloseTo(9_000L, withPercentage(1));
    }

    @Test
    void repeatedRoundsBeginAtTheirInstantsAndLateOnesAreLeftOut() {
        Step sleep = new Step.Sleep(Duration.ofMillis(2500));
        Run run = run(new Step.Repeat(3, Access.FOREVER, Duration.ofSeconds(1), List.of(sleep)))
                .advance(Duration.ofMinutes(1));

        // At 0, 3 and 6 s.
        assertThat(ended(run).toMillis()).isBetween(8500L, 8501L);
    }

    @Test
    void aPhaseIsOverByItsTimeAtTheLatestBetweenRounds() {
        Step sleep = new Step.Sleep(Duration.ofMillis(100));
        Step each = new Step.Repeat(Integer.MAX_VALUE, Duration.ofSeconds(10), Duration.ofSeconds(4), List.of(sleep));
        Step nested = new Step.Repeat(2, Access.FOREVER, Duration.ZERO, List.of(each));

        assertThat(ended(run(nested).advance(Duration.ofMinutes(1))).toMillis()).isBetween(20_000L, 20_001L);
    }

    @Test
    void thinkingTimesAreDrawnBetweenTheirBounds() {
        List<Long> ends = new ArrayList<>();
        for (long seed = 1; seed <= 20; seed++) {
            Run run = Run.started(Scenarios.host()
                            .seed(seed)
                            .cgroup("a", Scenarios.MAX)
                            .run("a", "w", new Step.Sleep(Duration.ofSeconds(1), Duration.ofSeconds(3))))
                    .advance(Duration.ofMinutes(1));
            ends.add(ended(run).toMillis());
        }

        assertThat(ends).allSatisfy(millis -> assertThat(millis).isBetween(1000L, 3000L));
        assertThat(ends.stream().distinct()).hasSizeGreaterThan(15);
    }

    @Test
    void reclaimIsAWriteToMemoryReclaim() {
        Run run = run(
                        new Step.Write("f", 16 * MIB, Scenarios.FAST, 4096),
                        new Step.Sync("f"),
                        new Step.Reclaim("a", 4 * MIB, -1))
                .advance(Duration.ofSeconds(5));

        assertThat(run.memcg("a").stat[Stat.PGSTEAL_PROACTIVE]).isBetween(1024L, 1200L);
        assertThat(run.value("a", Signal.PSI_SOME_TOTAL))
                .as("it is no pressure")
                .isZero();
        assertThat(run.model.report().getFirst().ended()).isPresent();
    }

    @Test
    void oneThatIsStoppedGivesItsMemoryBackAndKeepsItsFiles() {
        WorkloadSpec workload = new WorkloadSpec(
                "a",
                "w",
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                1,
                List.of(
                        write("f", MIB),
                        new Step.Allocate("x", MIB, Scenarios.FAST),
                        new Step.Touch("x", 1000, Integer.MAX_VALUE)));
        Run run = new Run(new Scenario(
                new HostSpec(1 << 30, 1, 0),
                1,
                Duration.ofMinutes(1),
                List.of(new CgroupSpec("a", Scenarios.MAX, Scenarios.MAX, 0, 0, 0)),
                List.of(workload)));
        run.model.start();
        run.advance(Duration.ofSeconds(10));

        WorkloadReport report = run.model.report().getFirst();
        assertThat(report.ended()).contains(Duration.ofSeconds(3));
        assertThat(report.oomKilled()).isFalse();
        assertThat(run.memcg("a").lruPages()).isEqualTo(256);
    }

    /** Two CPUs: two busy processes take as long as one, four take twice as long. */
    @Test
    void processesShareTheProcessors() {
        List<Double> seconds = new ArrayList<>();
        for (int processes : new int[] {1, 2, 4}) {
            Scenarios scenarios = Scenarios.host().cgroup("a", Scenarios.MAX);
            for (int i = 0; i < processes; i++) {
                scenarios.run(
                        "a",
                        "w" + i,
                        new Step.Allocate("x", 4 * MIB, Scenarios.FAST),
                        new Step.Touch("x", Scenarios.FAST, 1000));
            }
            Run run = Run.started(scenarios).advance(Duration.ofMinutes(1));
            seconds.add(run.model.report().getLast().ended().orElseThrow().toNanos() / 1e9);
        }

        assertThat(seconds.get(1)).isCloseTo(seconds.get(0), withPercentage(1));
        assertThat(seconds.get(2)).isCloseTo(2 * seconds.get(0), withPercentage(5));
    }

    /** A process that holds its rate wants only part of a processor. */
    @Test
    void whoWaitsLeavesTheProcessorToOthers() {
        Scenarios scenarios = Scenarios.host()
                .cgroup("a", Scenarios.MAX)
                .run(
                        "a",
                        "busy",
                        new Step.Allocate("x", 4 * MIB, Scenarios.FAST),
                        new Step.Touch("x", Scenarios.FAST, 1000));
        for (int i = 0; i < 6; i++) {
            scenarios.run(
                    "a",
                    "calm" + i,
                    new Step.Allocate("x", 4 * MIB, Scenarios.FAST),
                    new Step.Touch("x", 4.0 * MIB, 1000));
        }
        Run run = Run.started(scenarios).advance(Duration.ofMinutes(1));

        assertThat(run.model.report().getFirst().ended().orElseThrow().toMillis())
                .isBetween(100L, 115L);
    }
}
