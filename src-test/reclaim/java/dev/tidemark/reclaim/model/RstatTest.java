package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How late the counts of a cgroup are, and what the kernel makes of that. */
class RstatTest {

    private static final Duration FLUSH = Duration.ofNanos(Rstat.FLUSH_NANOS);
    /** Updates that a reader does not get told yet: 64 for each of two CPUs. */
    private static final double PAGES = 2 * 64;

    private static Scenarios host(KernelSeries kernel) {
        return Scenarios.host().kernel(kernel, Lru.CLASSIC).duration(Duration.ofHours(1));
    }

    /** A page that is written takes two updates, for the list it is on and for being dirty. */
    private static Scenarios writing(KernelSeries kernel, long pages) {
        return host(kernel)
                .cgroup("a", Scenarios.MAX)
                .run("a", "w", new Step.Write("f", pages * 4096, Scenarios.FAST, 4096), sleep());
    }

    private static Step sleep() {
        return new Step.Sleep(Duration.ofMinutes(50));
    }

    private static double observed(Run run, Signal signal) {
        double[] values = new double[1];
        try {
            run.model.observe(run.cgroup("a"), SignalSet.of(signal), values);
        } catch (CgroupGoneException e) {
            throw new AssertionError(e);
        }
        return values[0] / 4096;
    }

    private static double read(Run run) {
        return run.value("a", Signal.DIRTY) / 4096;
    }

    @ParameterizedTest
    @EnumSource(
            value = KernelSeries.class,
            names = {"LINUX_6_12", "LINUX_7_2"})
    void aFewPagesAreToldTwoSecondsLaterAtMost(KernelSeries kernel) {
        Run run = Run.started(writing(kernel, 40)).advance(Duration.ofMillis(1));

        assertThat(read(run)).isZero();
        assertThat(observed(run, Signal.DIRTY)).as("there they are").isEqualTo(40);

        run.advance(FLUSH);
        assertThat(read(run)).isEqualTo(40);
    }

    @Test
    void manyAreToldAtOnce() {
        Run run = Run.started(writing(KernelSeries.LINUX_7_2, 1000)).advance(Duration.ofMillis(5));

        assertThat(read(run)).isBetween(1000 - PAGES, 1000.0);
    }

    @Test
    void a61TellsEachPageAtOnce() {
        Run run = Run.started(writing(KernelSeries.LINUX_6_1, 1)).advance(Duration.ofMillis(1));

        assertThat(read(run)).isEqualTo(1);
    }

    /** Reading a cgroup's file brings up to date what is below it, and nothing above. */
    @Test
    void aReaderFlushesTheSubtree() {
        Run run = Run.started(host(KernelSeries.LINUX_7_2)
                        .cgroup("p", Scenarios.MAX)
                        .cgroup("p/a", Scenarios.MAX)
                        .run("p/a", "w", new Step.Write("f", 1000 * 4096, Scenarios.FAST, 4096), sleep()))
                .advance(Duration.ofMillis(5));

        run.value("p/a", Signal.DIRTY);
        assertThat(run.memcg("p/a").flushed[Stat.FILE_DIRTY]).isPositive();
        assertThat(run.memcg("p").flushed[Stat.FILE_DIRTY]).isZero();

        run.value("p", Signal.DIRTY);
        assertThat(run.memcg("p").flushed[Stat.FILE_DIRTY]).isEqualTo(1000);
        assertThat(run.memcg("p/a").updates()).isZero();
    }

    /** An onlooker's look changes nothing. */
    @Test
    void lookingFlushesNothing() {
        Run run = Run.started(writing(KernelSeries.LINUX_7_2, 1000)).advance(Duration.ofMillis(5));

        assertThat(observed(run, Signal.DIRTY)).isEqualTo(1000);
        assertThat(run.memcg("a").flushed[Stat.FILE_DIRTY]).isZero();
    }

    /** 20 % of what it could have is 6.4 MiB: 6.1 holds it there, the others see no dirty page before the next sum. */
    @ParameterizedTest
    @EnumSource(KernelSeries.class)
    void aBurstIsNotHeldBackBeforeItIsSeen(KernelSeries kernel) {
        Run run = Run.started(host(kernel)
                        .cgroup("a", 32 * Scenarios.MIB)
                        .run("a", "w", new Step.Write("f", 24 * Scenarios.MIB, Scenarios.FAST, 4096), sleep()))
                .advance(Duration.ofMillis(20));
        long dirty = run.memcg("a").stat[Stat.FILE_DIRTY] + run.memcg("a").stat[Stat.WRITEBACK];

        if (kernel == KernelSeries.LINUX_6_1) {
            assertThat(dirty).isLessThan(256 * 7);
        } else {
            assertThat(dirty).isEqualTo(256 * 24);
        }
    }

    /** As the agent does; that much may be written between two looks. */
    @Test
    void whoReadsTheFileLetsTheKernelSee() {
        Run run = Run.started(host(KernelSeries.LINUX_7_2)
                .cgroup("a", 32 * Scenarios.MIB)
                .run("a", "w", new Step.Write("f", 256 * Scenarios.MIB, Scenarios.FAST, 4096), sleep()));

        run.advance(
                Duration.ofMillis(900),
                Duration.ofMillis(1),
                () -> assertThat(run.value("a", Signal.DIRTY) + run.value("a", Signal.WRITEBACK))
                        .isLessThan(32.0 * Scenarios.MIB * 0.24));
        assertThat(run.value("a", Signal.EVENTS_OOM)).isZero();
    }
}
