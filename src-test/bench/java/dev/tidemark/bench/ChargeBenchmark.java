package dev.tidemark.bench;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.ChargeCounter;
import dev.tidemark.triggers.ChargeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a charge callback costs below the watermark, beside the cheapest thing that could count at all: {@code
 * LongAdder.increment}. With one allocating thread and with two that charge one cgroup.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChargeBenchmark {

    private final LongAdder adder = new LongAdder();
    private final ChargeCounter pages = armed();
    private final ChargeCounter batches = armed();

    private static ChargeCounter armed() {
        ChargeCounter counter = new ChargeSource(() -> {}).counter(new Cgroup(1, "bench"));
        // Never reached, and looked at all the same.
        counter.arm(Long.MAX_VALUE - 1);
        return counter;
    }

    @Benchmark
    @Threads(1)
    public void adder1() {
        adder.increment();
    }

    @Benchmark
    @Threads(2)
    public void adder2() {
        adder.increment();
    }

    @Benchmark
    @Threads(1)
    public int page1() {
        return pages.charged(1);
    }

    @Benchmark
    @Threads(2)
    public int page2() {
        return pages.charged(1);
    }

    @Benchmark
    @Threads(1)
    public int batch1() {
        return batches.charged(64);
    }

    @Benchmark
    @Threads(2)
    public int batch2() {
        return batches.charged(64);
    }
}
