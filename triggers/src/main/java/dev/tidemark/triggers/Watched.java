package dev.tidemark.triggers;

import dev.tidemark.config.Signal;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * A cgroup that the {@link Sampler} reads.
 *
 * <p><b>Thread:</b> any. <b>Time:</b> nanoseconds of the sampler's clock.
 */
final class Watched extends DueHeap.Entry {
    private static final long CLOSEST_NANOS = Sampler.CLOSEST.toNanos();

    final Cgroup cgroup;
    final SignalSet signals;
    final long period;
    /** Of usage among the signals; negative without. */
    final int usageSlot;

    volatile boolean removed;
    volatile double watermark = Double.POSITIVE_INFINITY;
    volatile boolean poked;
    /** When all its signals are read next. */
    volatile LongSupplier nextTick = () -> Evaluation.NONE;

    final AtomicBoolean usageRequested = new AtomicBoolean();
    final AtomicBoolean fullRequested = new AtomicBoolean();

    private final FillRate fill = new FillRate();

    Watched(Cgroup cgroup, SignalSet signals, long period) {
        this.cgroup = cgroup;
        this.signals = signals;
        this.period = period;
        usageSlot = signals.slot(Signal.USAGE);
    }

    boolean hasUsage() {
        return usageSlot >= 0;
    }

    /** Takes a value of usage; whether it is the first that has reached the watermark. */
    boolean observe(long nanos, double usage) {
        return fill.observe(nanos, usage, watermark);
    }

    /** When to read next if it goes on filling like this; {@link Evaluation#NEVER} when nothing comes nearer. */
    long dueNanos(long now) {
        long halfway = fill.halfwayNanos(watermark, period);
        return halfway == Evaluation.NEVER ? Evaluation.NEVER : Math.max(now + CLOSEST_NANOS, halfway);
    }
}
