package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Laws that wait between amounts, in the engine: sampled each second, rounds of 6 s. */
class PacedReclaimTest {

    private static final long MIB = 1 << 20;
    private static final Cgroup A = new Cgroup(1, "a");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FakeKernel kernel = new FakeKernel(time);
    private final Map<Signal, Double> values = new HashMap<>(Map.of(Signal.PSI_SOME_TOTAL, 0.0));

    @SuppressWarnings("NullAway.Init") // each test begins with run
    private TriggerEngine triggers;

    @SuppressWarnings("NullAway.Init") // as that
    private ReclaimEngine engine;

    @Test
    void eachRoundItsAmount_inBatches() {
        run("""
              - name: offload
                cgroups: [a]
                start: usage > 1MiB
                stop: usage < 1MiB
                reclaim: { law: { tmo: { ratio: 1%, most: 1% } }, batch: 4MiB }
            """);

        use(1000 * MIB, Duration.ofSeconds(13));

        assertThat(kernel.calls)
                .containsExactly(
                        new Call("a", 1024, 6000),
                        new Call("a", 1024, 6001),
                        new Call("a", 512, 6002),
                        new Call("a", 1024, 12000),
                        new Call("a", 1024, 12001),
                        new Call("a", 486, 12002));
    }

    @Test
    void stallsOfTheRoundBeforeDecideHowMuch() {
        run("""
              - name: offload
                cgroups: [a]
                start: usage > 1MiB
                stop: usage < 1MiB
                reclaim: { law: { tmo: { ratio: 1%, threshold: 2% } }, batch: 64MiB }
            """);

        use(1000 * MIB, Duration.ofSeconds(3));
        values.put(Signal.PSI_SOME_TOTAL, 0.05);
        use(1000 * MIB, Duration.ofSeconds(4));

        assertThat(kernel.calls)
                .as("50 ms in the 5 s up to the last sample are half of the threshold")
                .containsExactly(new Call("a", 1280, 6000));
    }

    @Test
    void watched_theLawLooksAtWhatIsActedOn() {
        run("""
              - name: offload
                cgroups: [a]
                watch: [service]
                start: usage > 1MiB
                stop: usage < 1MiB
                reclaim: { law: senpai }
            """);

        assertThat(triggers.signals(A).signals())
                .contains(Signal.USAGE, Signal.PSI_SOME_AVG10, Signal.PSI_IO_SOME_AVG60, Signal.INACTIVE_FILE);
        Cgroup service = new Cgroup(2, "service");
        triggers.appeared(service);
        assertThat(triggers.signals(service).signals()).containsExactly(Signal.USAGE);
    }

    @Test
    void waitingForARoundDoesNotHoldUpAnotherPolicy() {
        run("""
              - name: offload
                cgroups: [a]
                start: usage > 1MiB
                stop: usage < 1MiB
                reclaim: { law: tmo }
              - name: urgent
                cgroups: [a]
                start: usage > 1200MiB
                stop: usage < 1100MiB
                reclaim: { batch: 64MiB }
            """);
        use(1000 * MIB, Duration.ofSeconds(2));

        use(1300 * MIB, Duration.ofMillis(1));

        assertThat(kernel.calls).startsWith(new Call("a", 16384, 2000));
    }

    @Test
    void aReloadThatLeavesTheLawLeavesTheRound() {
        String policy = """
              - name: offload
                cgroups: [a]
                start: usage > 1MiB
                stop: usage < 1MiB
                reclaim: { law: { tmo: { ratio: 1%, most: 1% } }, batch: 64MiB }
            """;
        run(policy);
        use(1000 * MIB, Duration.ofSeconds(4));

        PolicyFile other = parse(policy.replace("64MiB", "32MiB"));
        triggers.reload(other.policies());
        engine.reload(other);
        use(1000 * MIB, Duration.ofSeconds(3));

        assertThat(kernel.calls).containsExactly(new Call("a", 2560, 6000));
    }

    private void run(String policies) {
        PolicyFile file = parse(policies);
        triggers = new TriggerEngine(file.policies(), time);
        engine = new ReclaimEngine(triggers, kernel, file, time);
        triggers.decisions().subscribe(engine::decided);
        triggers.appeared(A);
    }

    /** Usage as of now, seen now and each second from then on. */
    private void use(long bytes, Duration duration) {
        kernel.usage.put(A, bytes);
        Duration left = duration;
        while (left.isPositive()) {
            sample();
            Duration step = left.compareTo(Duration.ofSeconds(1)) < 0 ? left : Duration.ofSeconds(1);
            time.advanceTimeBy(step);
            left = left.minus(step);
        }
    }

    private void sample() {
        SignalSet signals = triggers.signals(A);
        double[] seen = new double[signals.size()];
        for (int slot = 0; slot < seen.length; slot++) {
            seen[slot] = signals.signal(slot) == Signal.USAGE
                    ? kernel.usage.getOrDefault(A, 0L)
                    : values.getOrDefault(signals.signal(slot), Double.NaN);
        }
        Sample sample = new Sample(A, time.now(TimeUnit.NANOSECONDS), signals, seen);
        triggers.sample(sample);
        engine.sampled(sample);
    }

    private static PolicyFile parse(String policies) {
        String text = "version: 1\npolicies:\n" + policies;
        return switch (PolicyFile.parse("test.yaml", text, new HostMemory(1L << 32, FakeKernel.PAGE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }
}
