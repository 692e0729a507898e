package dev.tidemark.agent.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.agent.PolicyTests;
import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.PolicyTest.Script;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class ScriptedKernelTest {

    private static final int BATCH = 256;

    private static final CgroupFilter ALL = new CgroupFilter() {
        @Override
        public boolean selects(String path) {
            return true;
        }

        @Override
        public boolean reaches(String path) {
            return true;
        }
    };

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

    @AfterEach
    void end() {
        time.dispose();
    }

    private ScriptedKernel kernel(String body) {
        String text = """
                version: 1
                policies: p.yaml
                tests:
                  - name: t
                    expect: [{ cgroup: a, state: inactive }]
                """ + body.lines().map(line -> "    " + line + "\n").reduce("", String::concat);
        String policy = """
                version: 1
                policies: [{ name: p, cgroups: [a], start: usage > 80% of limit, stop: usage < 60% of limit }]
                """;
        Script script = (Script)
                PolicyTests.read(text, Map.of("p.yaml", policy)).getFirst().input();
        return new ScriptedKernel(script, time);
    }

    private static Cgroup a(ScriptedKernel kernel) {
        return kernel.cgroup("a").orElseThrow();
    }

    private static double read(ScriptedKernel kernel, Cgroup cgroup, Signal signal) throws IOException {
        double[] values = new double[1];
        kernel.read(cgroup, SignalSet.of(signal), values);
        return values[0];
    }

    private void advance(long millis) {
        time.advanceTimeBy(Duration.ofMillis(millis));
    }

    private List<ReclaimResult> ask(ScriptedKernel kernel, int pages) {
        List<ReclaimResult> results = new ArrayList<>();
        kernel.tryToFreeMemCgroupPages(a(kernel), pages, 0, 0, -1).subscribe(results::add);
        return results;
    }

    @Test
    void aValueHoldsUntilTheNext() throws IOException {
        ScriptedKernel kernel = kernel("interval: 500ms\nseries: { a: { usage: 1MiB+1MiBx1, limit: max } }");

        advance(499);
        assertThat(read(kernel, a(kernel), Signal.USAGE)).isEqualTo(1 << 20);
        assertThat(read(kernel, a(kernel), Signal.LIMIT)).isInfinite();
        advance(1);
        assertThat(read(kernel, a(kernel), Signal.USAGE)).isEqualTo(2 << 20);
        advance(3_600_000);
        assertThat(read(kernel, a(kernel), Signal.USAGE)).isEqualTo(2 << 20);
    }

    @Test
    void aGapOfOneSignalFailsTheWholeRead() {
        ScriptedKernel kernel = kernel("series: { a: { usage: 1MiB _, limit: 1MiB } }");
        double[] values = new double[2];

        advance(1000);

        assertThatThrownBy(() -> kernel.read(a(kernel), SignalSet.of(Signal.USAGE, Signal.LIMIT), values))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(CgroupGoneException.class)
                .hasMessage("usage cannot be read now, as the test says");
    }

    @Test
    void whatIsNotWrittenIsUnknownAndListed() throws IOException {
        ScriptedKernel kernel = kernel("memory: 2GiB\nseries: { a: { usage: 1MiB } }");

        assertThat(read(kernel, a(kernel), Signal.LIMIT)).isNaN();
        assertThat(read(kernel, Cgroup.HOST, Signal.HOST_AVAILABLE)).isNaN();
        assertThat(read(kernel, Cgroup.HOST, Signal.HOST_TOTAL)).isEqualTo(2L << 30);
        assertThat(kernel.unwritten()).isEqualTo(Map.of("a", Set.of("limit"), "host", Set.of("host.available")));
    }

    @Test
    void whatIsFreedIsTakenOffUsage() throws IOException {
        ScriptedKernel kernel = kernel("series: { a: { usage: 4MiB+1MiBx3 } }");

        List<ReclaimResult> results = ask(kernel, BATCH);
        assertThat(results).as("it takes a millisecond").isEmpty();
        advance(1);

        assertThat(results).hasSize(1).first().satisfies(result -> {
            assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(result.pagesReclaimed()).isEqualTo(BATCH);
            assertThat(result.usageBytes()).isEqualTo(3 << 20);
            assertThat(result.tookNanos()).isEqualTo(1_000_000);
            assertThat(result.cpuNanos()).as("all of it unless said otherwise").isEqualTo(1_000_000);
            assertThat(result.swappedOutPages()).isZero();
        });
        advance(1000);
        assertThat(read(kernel, a(kernel), Signal.USAGE)).isEqualTo(4 << 20);
    }

    @Test
    void noMoreIsFreedThanThereIs() throws IOException {
        ScriptedKernel kernel = kernel("series: { a: { usage: 512KiB } }");

        List<ReclaimResult> results = ask(kernel, BATCH);
        advance(1);

        assertThat(results.getFirst().pagesReclaimed()).isEqualTo(128);
        assertThat(read(kernel, a(kernel), Signal.USAGE)).isZero();
    }

    @Test
    void theLastAnswerThatFitsCounts() {
        ScriptedKernel kernel = kernel("""
                series: { a: { usage: 4MiB } }
                kernel:
                  - { answer: again, frees: 50%, takes: 10ms, cpu: 4ms, swaps: 25% }
                  - { from: 1s, answer: refused }
                  - { cgroups: b, answer: stuck }
                """);

        List<ReclaimResult> first = ask(kernel, BATCH);
        advance(1000);
        List<ReclaimResult> second = ask(kernel, BATCH);
        advance(1);

        assertThat(first.getFirst().outcome()).isEqualTo(Outcome.AGAIN);
        assertThat(first.getFirst().pagesReclaimed()).isEqualTo(BATCH / 2);
        assertThat(first.getFirst().tookNanos()).isEqualTo(10_000_000);
        assertThat(first.getFirst().cpuNanos()).isEqualTo(4_000_000);
        assertThat(first.getFirst().swappedOutPages()).isEqualTo(BATCH / 8);
        assertThat(second.getFirst().cpuNanos()).isZero();
        assertThat(second.getFirst().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(second.getFirst().message()).isEqualTo("refused, as the test says");
    }

    @Test
    void aCancelledRequestEndsAtOnceAndHasTakenNothing() throws IOException {
        ScriptedKernel kernel = kernel("series: { a: { usage: 4MiB } }\nkernel: { takes: 1m }");

        List<ReclaimResult> results = ask(kernel, BATCH);
        advance(7);
        kernel.cancel(a(kernel));
        advance(0);

        assertThat(results.getFirst().outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(results.getFirst().tookNanos()).isEqualTo(7_000_000);
        assertThat(read(kernel, a(kernel), Signal.USAGE)).isEqualTo(4 << 20);
        advance(120_000);
        assertThat(results).hasSize(1);
    }

    @Test
    void aStuckRequestIsDeafUntilTheEnd() {
        ScriptedKernel kernel = kernel("series: { a: { usage: 4MiB, gone: 1m } }\nkernel: { answer: stuck }");

        List<ReclaimResult> results = ask(kernel, BATCH);
        kernel.cancel(a(kernel));
        advance(120_000);
        assertThat(results).isEmpty();

        kernel.close();
        assertThat(results).hasSize(1);
    }

    @Test
    void aCgroupThatComesBackIsAnotherOne() throws IOException {
        ScriptedKernel kernel = kernel("series: { a: { usage: 4MiB, appears: [0s, 3s], gone: 2s } }");
        List<CgroupChange> changes = new ArrayList<>();
        kernel.watch(ALL).subscribe(changes::add);
        Cgroup first = a(kernel);
        ask(kernel, BATCH);

        advance(1999);
        List<ReclaimResult> inFlight = ask(kernel, BATCH);
        advance(1);
        assertThat(inFlight.getFirst().outcome()).isEqualTo(Outcome.GONE);
        assertThat(kernel.cgroup("a")).isEmpty();
        assertThatThrownBy(() -> read(kernel, first, Signal.USAGE)).isInstanceOf(CgroupGoneException.class);

        advance(1000);
        Cgroup second = a(kernel);
        assertThat(second).isNotEqualTo(first);
        assertThatThrownBy(() -> read(kernel, first, Signal.USAGE)).isInstanceOf(CgroupGoneException.class);
        assertThat(read(kernel, second, Signal.USAGE))
                .as("nothing is freed of it")
                .isEqualTo(4 << 20);
        assertThat(changes)
                .containsExactly(
                        new CgroupChange.Appeared(first),
                        new CgroupChange.Listed(),
                        new CgroupChange.Gone(first),
                        new CgroupChange.Appeared(second));
    }

    /** 150 ms within a second, and then not again before the second is over. */
    @Test
    void pressureIsPushedAsTheKernelDoes() {
        ScriptedKernel kernel =
                kernel("interval: 100ms\nseries: { a: { usage: 1MiB, psi.some: 0x5 0+50msx20 1sx20, gone: 10s } }");
        PushRequest request =
                new PushRequest.Pressure(Resource.MEMORY, false, Duration.ofMillis(150), Duration.ofSeconds(1));
        List<Long> millis = new ArrayList<>();
        boolean[] completed = {false};

        kernel.pushes(a(kernel), Set.of(request))
                .map(Push::nanos)
                .subscribe(nanos -> millis.add(nanos / 1_000_000), error -> {}, () -> completed[0] = true);
        advance(9_999);

        // The series grows from 700 ms on; after 2,600 ms it does not grow any more.
        assertThat(millis).containsExactly(900L, 1900L, 2900L);
        assertThat(completed[0]).isFalse();
        advance(1);
        assertThat(completed[0]).isTrue();
    }

    @Test
    void aTriggerWithoutSeriesIsListed() {
        ScriptedKernel kernel = kernel("series: { a: { usage: 1MiB } }");

        kernel.pushes(
                        a(kernel),
                        Set.of(new PushRequest.Pressure(
                                Resource.IO, true, Duration.ofMillis(150), Duration.ofSeconds(1))))
                .subscribe();
        advance(5_000);

        assertThat(kernel.unwritten()).isEqualTo(Map.of("a", Set.of("psi.io.full.total")));
    }
}
