package dev.tidemark.bench;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Ingress;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SampleSink;
import dev.tidemark.triggers.Sampler;
import dev.tidemark.triggers.SignalReader;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import dev.tidemark.triggers.TriggerState;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The whole way from a read to a decision: a tick of the Sampler reads {@value #CGROUPS} cgroups, each read makes a sample, the
 * Ingress takes it to the core thread, the TriggerEngine evaluates and decides, and a subscriber of the decisions counts them.
 * Time and bytes are those of one sample, on all threads together; only reading files is left out, the values are made up.
 *
 * <p>{@link #calm}: nothing changes, no sample makes a decision. {@link #deciding}: every other tick usage is above START,
 * then below STOP, so that each sample makes a decision (and each second one a further one, when STOPPING is over). {@link #answer}: one
 * cgroup, from the tick until its decision has come out on the core thread, with the wake-up of that thread in it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SampleToDecisionBenchmark {

    static final int CGROUPS = 1_000;

    private static final double LIMIT = 64L << 20;
    private static final double CALM = 0.75 * LIMIT;
    private static final double HIGH = 0.90 * LIMIT;
    private static final double LOW = 0.60 * LIMIT;

    private static final String POLICY = """
            version: 1
            policies:
              - name: bench
                cgroups: ["bench/*"]
                period: 1s
                start: usage > 80% of limit or (psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s) for 1s
                stop: usage < 70% of limit
            """;

    /** One agent's way, over as many cgroups. */
    private static final class Way {
        private final StepScheduler files = new StepScheduler();
        private final StepScheduler usage = new StepScheduler();
        private final Scheduler core = Schedulers.newSingle("bench-core", true);
        private final TriggerEngine triggers;
        private final Sampler sampler;
        private final int cgroups;
        private final AtomicLong taken = new AtomicLong();
        private long decided;
        private volatile double level = CALM;
        private long expected;

        Way(int cgroups) {
            this.cgroups = cgroups;
            PolicyFile policies = policies();
            triggers = new TriggerEngine(policies.policies(), core);
            triggers.decisions().subscribe(this::decided);
            Ingress<Sample.Key, Sample> ingress = new Ingress<>(core, (_, sample) -> take(sample), failure -> {
                throw new IllegalStateException(failure);
            });
            SignalReader reader = (_, signals, values) -> values(signals, values);
            sampler = new Sampler(
                    reader,
                    files,
                    usage,
                    new SampleSink() {
                        @Override
                        public void accept(Sample sample) {
                            ingress.put(sample.key(), sample);
                        }

                        @Override
                        public void flush() {
                            ingress.flush();
                        }
                    },
                    cgroup -> {
                        throw new IllegalStateException(cgroup + " is gone");
                    },
                    (cgroup, failure) -> {
                        throw new IllegalStateException(cgroup.toString(), failure);
                    });
            // This thread waits meanwhile, so the step scheduler is still one thread's at a time.
            Mono.fromRunnable(this::appear).subscribeOn(core).block();
        }

        private void appear() {
            for (int number = 1; number <= cgroups; number++) {
                Cgroup cgroup = new Cgroup(number, "bench/" + number);
                triggers.appeared(cgroup);
                sampler.add(cgroup, triggers.signals(cgroup), triggers.period(cgroup));
            }
        }

        private static PolicyFile policies() {
            return switch (PolicyFile.parse("bench", POLICY, new HostMemory(1L << 30, 4096))) {
                case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
                case Checked.Invalid<PolicyFile>(List<?> problems) ->
                    throw new IllegalStateException(problems.toString());
            };
        }

        /** What a file thread would have read. */
        private void values(SignalSet signals, double[] values) {
            double now = System.nanoTime() / 1e9;
            for (int slot = 0; slot < signals.size(); slot++) {
                Signal signal = signals.signal(slot);
                values[slot] = signal.equals(Signal.USAGE) ? level : signal.equals(Signal.LIMIT) ? LIMIT : now * 1e-3;
            }
        }

        private void take(Sample sample) {
            triggers.sample(sample);
            // Last: whoever waits for this must find the decision made.
            taken.incrementAndGet();
        }

        private void decided(Decision decision) {
            decided++;
            if (decision.to() == TriggerState.STOPPING) {
                triggers.drained(decision.cgroup(), decision.policy());
            }
        }

        /** One tick, until the core has taken the last of its samples. */
        long tick(double usageLevel) {
            level = usageLevel;
            expected += cgroups;
            files.step();
            while (taken.get() < expected) {
                Thread.onSpinWait();
            }
            return decided;
        }

        void close() {
            sampler.close();
            triggers.close();
            core.dispose();
        }
    }

    private Way many = new Way(0);
    private Way one = new Way(0);
    private boolean high;

    @Setup(Level.Trial)
    public void begin() {
        many = new Way(CGROUPS);
        one = new Way(1);
        // The first samples, which are read as the cgroups are added.
        many.tick(CALM);
        one.tick(CALM);
    }

    @TearDown(Level.Trial)
    public void end() {
        many.close();
        one.close();
    }

    @Benchmark
    @OperationsPerInvocation(CGROUPS)
    public long calm() {
        return many.tick(CALM);
    }

    @Benchmark
    @OperationsPerInvocation(CGROUPS)
    public long deciding() {
        high = !high;
        return many.tick(high ? HIGH : LOW);
    }

    @Benchmark
    public long answer() {
        high = !high;
        return one.tick(high ? HIGH : LOW);
    }
}
