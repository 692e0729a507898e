package dev.tidemark.triggers;

import dev.tidemark.config.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * Reads cgroups: all signals once a period, and usage more often the nearer it is to a watermark.
 *
 * <p>One tick serves all cgroups of a period. Between ticks usage alone is read again, on another worker, after half the
 * time in which it would reach its watermark at the rate at which it fills, but not sooner than after 1 ms; when that is
 * after the next tick nothing is scheduled. The rate is the fastest seen lately, forgotten by half in about {@value
 * FillRate#HALF_LIFE_MILLIS} ms: usage that falls, because it is being reclaimed, says nothing of how fast it will fill.
 *
 * <p>A read allocates the sample that it hands out, which goes to another thread; between ticks also the task by which the
 * scheduler times it. Nothing else.
 *
 * <p><b>Thread:</b> {@link #add}, {@link #remove}, {@link #watermark}, {@link #poke}, {@link #pushed} and {@link #close} from any, none of
 * them blocks. Files are read on one worker of each scheduler; the consumers are called there and must not block.
 * <b>Back-pressure:</b> when reading takes longer than a period, ticks are left out and counted in {@link #missedTicks};
 * they never come in a burst. Pokes of a cgroup that has not been read since are one. <b>Time:</b> the schedulers'
 * nanoseconds, which must be one clock; a sample carries the time at which its read began. <b>Failure:</b> a cgroup that is
 * gone is told and dropped. Whatever else goes wrong with one is told and counted in {@link #failures}; the next is read as
 * if nothing had been, and this one again at its next tick.
 */
public final class Sampler implements AutoCloseable {

    /** The shortest time between two reads of one cgroup. */
    public static final Duration CLOSEST = Duration.ofMillis(1);

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    private final SignalReader reader;
    private final Scheduler clock;
    private final Scheduler.Worker io;
    private final SampleSink out;
    private final Consumer<? super Cgroup> gone;
    private final BiConsumer<? super Cgroup, ? super Throwable> failed;
    private final UsageReads usageReads;
    private final PushReads pushReads;

    private final ConcurrentHashMap<Long, Watched> watched = new ConcurrentHashMap<>();
    private final Joins joins = new Joins();
    // Touched on the io worker only.
    private final Map<Long, Tick> ticks = new HashMap<>();
    private final Burst burst;

    private final AtomicBoolean closed = new AtomicBoolean();
    private final LongAdder reads = new LongAdder();
    private final LongAdder fastReads = new LongAdder();
    private final LongAdder missedTicks = new LongAdder();
    private final LongAdder pushes = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /**
     * @param io all signals are read on a worker of this
     * @param fast usage between ticks is read on a worker of this, so that slow files do not hold it up
     * @param out takes the samples
     * @param gone told when a read finds a cgroup gone; it has been removed
     * @param failed told what else goes wrong; must not throw
     */
    public Sampler(
            SignalReader reader,
            Scheduler io,
            Scheduler fast,
            SampleSink out,
            Consumer<? super Cgroup> gone,
            BiConsumer<? super Cgroup, ? super Throwable> failed) {
        this.reader = reader;
        this.clock = io;
        this.io = io.createWorker();
        this.out = out;
        this.gone = gone;
        this.failed = failed;
        burst = new Burst(this::publish, out::flush);
        usageReads = new UsageReads(fast.createWorker(), clock, this::contained, this::readUsage);
        pushReads = new PushReads(this.io, clock, this::contained, this::readPushed, burst::handOver);
    }

    /**
     * Reads a cgroup from now on: at once, then with the other cgroups of its period. One that is read already is read as
     * told now.
     */
    public void add(Cgroup cgroup, SignalSet signals, Duration period) {
        if (signals.isEmpty()) {
            throw new IllegalArgumentException("nothing to read of " + cgroup);
        }
        if (period.compareTo(CLOSEST) < 0) {
            throw new IllegalArgumentException("period >= 1 ms required but it was " + period);
        }
        Watched entry = new Watched(cgroup, signals, period.toNanos());
        Watched before = watched.put(cgroup.id(), entry);
        if (before != null) {
            before.removed = true;
            entry.watermark = before.watermark;
        }
        joins.add(entry);
    }

    /** Reads a cgroup no more. A read that is under way is not told any more. */
    public void remove(Cgroup cgroup) {
        Watched entry = watched.remove(cgroup.id());
        if (entry != null) {
            entry.removed = true;
        }
    }

    /**
     * Below which usage, in bytes, nothing of interest happens: the sooner it is reached at the present rate, the more often
     * usage is read.
     *
     * @param bytes positive infinity for none, see {@link TriggerEngine#startWatermark}
     */
    public void watermark(Cgroup cgroup, double bytes) {
        Watched entry = watched.get(cgroup.id());
        if (entry != null && entry.watermark != bytes) {
            entry.watermark = bytes;
            usageReads.request(entry);
        }
    }

    /**
     * Reads the usage of a cgroup now: something else has seen it move. Without usage among its signals all of them are
     * read. Nothing happens when the cgroup is not read at all.
     */
    public void poke(long cgroupId) {
        Watched entry = watched.get(cgroupId);
        if (entry == null) {
            return;
        }
        if (entry.hasUsage()) {
            entry.poked = true;
            usageReads.request(entry);
        } else if (!entry.fullRequested.getAndSet(true)) {
            onIo(() -> {
                entry.fullRequested.set(false);
                readAll(entry);
                burst.handOver();
            });
        }
    }

    /**
     * The kernel told of a cgroup by itself, and that has been confirmed: all its signals are read now, and up to {@value
     * PushReads#READS} times more while that counts (1 s when it has no duration), at least 10 ms apart.
     */
    public void pushed(Push push) {
        pushes.increment();
        Watched entry = watched.get(push.cgroup().id());
        if (entry != null) {
            pushReads.pushed(push, entry.period);
        }
    }

    private boolean readPushed(long cgroupId) {
        Watched entry = watched.get(cgroupId);
        if (entry != null) {
            readAll(entry);
        }
        return entry != null;
    }

    /** Pushes so far. */
    public long pushes() {
        return pushes.sum();
    }

    /** Reads of all signals of a cgroup so far. */
    public long reads() {
        return reads.sum();
    }

    /** Reads of usage alone so far. */
    public long fastReads() {
        return fastReads.sum();
    }

    /** Ticks left out because reading took longer than a period. */
    public long missedTicks() {
        return missedTicks.sum();
    }

    /** Reads that failed, but for cgroups that were gone. */
    public long failures() {
        return failures.sum();
    }

    /** Reads nothing any more. Idempotent. The schedulers remain. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            watched.values().forEach(entry -> entry.removed = true);
            watched.clear();
            io.dispose();
            usageReads.close();
        }
    }

    private void onIo(Runnable task) {
        try {
            io.schedule(() -> contained(task));
        } catch (RejectedExecutionException e) {
            refused(e);
        }
    }

    /** A task that throws would end a periodic task, and wedge virtual time. */
    private void contained(Runnable task) {
        try {
            if (!closed.get()) {
                task.run();
            }
        } catch (RejectedExecutionException e) {
            refused(e);
        }
    }

    /** Closing refuses what was about to be scheduled, and that is as it should be. Otherwise the scheduler is unfit. */
    private void refused(RejectedExecutionException e) {
        if (!closed.get()) {
            throw e;
        }
    }

    private void join(Watched entry) {
        if (entry.removed) {
            return;
        }
        Tick tick = ticks.computeIfAbsent(entry.period, Tick::new);
        entry.nextTick = tick;
        tick.entries.add(entry);
        readAll(entry);
    }

    /** Reads all signals of a cgroup; on the io worker. The sample goes out with the burst. */
    private void readAll(Watched entry) {
        readAll(entry, now());
    }

    /** As that; from an instant that is now until the one that it tells. */
    private long readAll(Watched entry, long nanos) {
        double[] values = new double[entry.signals.size()];
        reads.increment();
        boolean known = read(entry, entry.signals, values);
        long now = now();
        if (known) {
            int usage = entry.usageSlot;
            boolean reached = usage >= 0 && entry.observe(nanos, values[usage]);
            burst.add(entry, new Sample(entry.cgroup, nanos, entry.signals, values), reached, now);
            if (usage >= 0 && entry.dueNanos(nanos) < entry.nextTick.getAsLong()) {
                usageReads.request(entry);
            }
        }
        return now;
    }

    /** Reads usage alone; on the fast worker. Tells whether that worked. */
    private boolean readUsage(Watched entry) {
        long nanos = now();
        double[] values = new double[1];
        fastReads.increment();
        if (!read(entry, USAGE, values)) {
            return false;
        }
        entry.observe(nanos, values[0]);
        publish(entry, new Sample(entry.cgroup, nanos, USAGE, values));
        out.flush();
        return true;
    }

    private boolean read(Watched entry, SignalSet signals, double[] values) {
        try {
            reader.read(entry.cgroup, signals, values);
            return true;
        } catch (CgroupGoneException e) {
            if (watched.remove(entry.cgroup.id(), entry)) {
                entry.removed = true;
                tellGone(entry);
            }
        } catch (IOException e) {
            fail(entry, e);
        } catch (Throwable t) {
            Failures.rethrowIfFatal(t);
            fail(entry, t);
        }
        return false;
    }

    private void tellGone(Watched entry) {
        try {
            gone.accept(entry.cgroup);
        } catch (Throwable t) {
            Failures.rethrowIfFatal(t);
            fail(entry, t);
        }
    }

    private void publish(Watched entry, Sample sample) {
        if (entry.removed) {
            return;
        }
        try {
            out.accept(sample);
        } catch (Throwable t) {
            Failures.rethrowIfFatal(t);
            fail(entry, t);
        }
    }

    private void fail(Watched entry, Throwable t) {
        if (entry.removed) {
            // Nobody asks any more; closing interrupts what is being read.
            return;
        }
        failures.increment();
        failed.accept(entry.cgroup, t);
    }

    private long now() {
        return clock.now(TimeUnit.NANOSECONDS);
    }

    /** Cgroups to be read from now on; any number of them is one task of the io worker, whose queue may be short. */
    private final class Joins {
        private final Queue<Watched> queue =
                Queues.<Watched>unboundedMultiproducer().get();
        private final AtomicInteger wip = new AtomicInteger();

        private void add(Watched entry) {
            queue.offer(entry);
            if (wip.getAndIncrement() == 0) {
                try {
                    onIo(this::drain);
                } catch (RejectedExecutionException e) {
                    // Nobody serves, so the gate is opened again: the next to be added will try.
                    wip.set(0);
                    throw e;
                }
            }
        }

        private void drain() {
            int missed = wip.get();
            do {
                for (Watched entry = queue.poll(); entry != null; entry = queue.poll()) {
                    join(entry);
                }
                burst.handOver();
                // Not sooner: ten thousand first reads, which open the files, may take longer than a period.
                List.copyOf(ticks.values()).forEach(Tick::start);
                missed = wip.addAndGet(-missed);
            } while (missed != 0);
        }
    }

    /** All cgroups of one period; on the io worker. */
    private final class Tick implements LongSupplier {
        private final long period;
        private final List<Watched> entries = new ArrayList<>();
        private boolean running;

        /** When the next one is due. */
        private volatile long next;

        private Tick(long period) {
            this.period = period;
            next = now() + period;
        }

        @Override
        public long getAsLong() {
            return next;
        }

        private void start() {
            if (!running) {
                running = true;
                next = now() + period;
                schedule();
            }
        }

        private void schedule() {
            io.schedule(() -> contained(this::run), Math.max(0, next - now()), TimeUnit.NANOSECONDS);
        }

        private void run() {
            // Before the reads, which ask when the next is due.
            long at = next;
            next = at + period;
            long now = now();
            for (int i = 0; i < entries.size() && !closed.get(); i++) {
                Watched entry = entries.get(i);
                if (!entry.removed) {
                    now = readAll(entry, now);
                }
            }
            burst.handOver();
            entries.removeIf(entry -> entry.removed);
            if (entries.isEmpty()) {
                running = false;
                ticks.remove(period, this);
                return;
            }
            long late = now() - (at + period);
            if (late > 0) {
                long missed = Math.ceilDiv(late, period);
                missedTicks.add(missed);
                next = at + (1 + missed) * period;
            }
            schedule();
        }
    }
}
