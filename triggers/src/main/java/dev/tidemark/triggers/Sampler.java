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
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
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

    private static final long CLOSEST_NANOS = CLOSEST.toNanos();
    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    private final SignalReader reader;
    private final Scheduler clock;
    private final Scheduler.Worker io;
    private final SampleSink out;
    private final Consumer<? super Cgroup> gone;
    private final BiConsumer<? super Cgroup, ? super Throwable> failed;
    private final FastLane fast;
    private final PushReads pushReads;

    private final ConcurrentHashMap<Long, Watched> watched = new ConcurrentHashMap<>();
    private final Joins joins = new Joins();
    // Touched on the io worker only.
    private final Map<Long, Tick> ticks = new HashMap<>();
    private final Burst burst = new Burst();

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
        this.fast = new FastLane(fast.createWorker());
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
            fast.request(entry);
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
        if (entry.hasUsage) {
            entry.poked = true;
            fast.request(entry);
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
            fast.worker.dispose();
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
        entry.tick = tick;
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
            if (usage >= 0 && entry.dueNanos(nanos) < entry.nextTick()) {
                fast.request(entry);
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

    /** One cgroup. */
    private static final class Watched extends DueHeap.Entry {
        private final Cgroup cgroup;
        private final SignalSet signals;
        private final long period;
        private final int usageSlot;
        private final boolean hasUsage;

        private volatile boolean removed;
        private volatile double watermark = Double.POSITIVE_INFINITY;
        private volatile boolean poked;
        private final AtomicBoolean requested = new AtomicBoolean();
        private final AtomicBoolean fullRequested = new AtomicBoolean();
        private volatile @Nullable Tick tick;

        private final FillRate fill = new FillRate();

        private Watched(Cgroup cgroup, SignalSet signals, long period) {
            this.cgroup = cgroup;
            this.signals = signals;
            this.period = period;
            usageSlot = signals.slot(Signal.USAGE);
            hasUsage = usageSlot >= 0;
        }

        private long nextTick() {
            Tick at = tick;
            return at == null ? Evaluation.NONE : at.next;
        }

        /** Takes a value of usage; whether it is the first that has reached the watermark. */
        private boolean observe(long nanos, double usage) {
            return fill.observe(nanos, usage, watermark);
        }

        /** When to read next if it goes on filling like this; {@link Evaluation#NEVER} when nothing comes nearer. */
        private long dueNanos(long now) {
            long halfway = fill.halfwayNanos(watermark, period);
            return halfway == Evaluation.NEVER ? Evaluation.NEVER : Math.max(now + CLOSEST_NANOS, halfway);
        }
    }

    /**
     * Samples of one pass over cgroups, handed on many at a time: whoever takes them sleeps in between, and waking it costs ten times
     * the read. None waits for longer than {@link #LONGEST_NANOS} and one read, and one that shows usage to have reached its watermark
     * not at all. On the io worker.
     */
    private final class Burst {
        private static final int MOST = 512;
        private static final long LONGEST_NANOS = 4_000_000;

        private final Watched[] entries = new Watched[MOST];
        private final Sample[] samples = new Sample[MOST];
        private int size;

        private void add(Watched entry, Sample sample, boolean urgent, long now) {
            entries[size] = entry;
            samples[size++] = sample;
            if (urgent || size == MOST || now - samples[0].nanos() >= LONGEST_NANOS) {
                handOver();
            }
        }

        @SuppressWarnings("NullAway") // below size there are entries; the rest lets go of what has been handed on
        private void handOver() {
            int count = size;
            size = 0;
            for (int i = 0; i < count; i++) {
                publish(entries[i], samples[i]);
                entries[i] = null;
                samples[i] = null;
            }
            if (count > 0) {
                out.flush();
            }
        }
    }

    /** Cgroups to be read from now on; any number of them is one task of the io worker, whose queue may be short. */
    private final class Joins {
        private final Queue<Watched> queue =
                Queues.<Watched>unboundedMultiproducer().get();
        private final AtomicInteger wip = new AtomicInteger();

        private void add(Watched entry) {
            queue.offer(entry);
            if (wip.getAndIncrement() == 0) {
                onIo(this::drain);
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
    private final class Tick {
        private final long period;
        private final List<Watched> entries = new ArrayList<>();
        private boolean running;

        /** When the next one is due. */
        private volatile long next;

        private Tick(long period) {
            this.period = period;
            next = now() + period;
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

    /** Reads of usage between ticks: one timer, for the one that is due first. */
    private final class FastLane {
        private final Scheduler.Worker worker;
        private final Queue<Watched> requests =
                Queues.<Watched>unboundedMultiproducer().get();
        private final AtomicInteger wip = new AtomicInteger();
        // Made once, not for each read.
        private final Runnable serve = this::serve;
        private final Runnable readDue = this::readDue;
        private final Runnable onTimer = this::onTimer;

        // Touched on the worker only.
        private final DueHeap<Watched> heap = new DueHeap<>();
        private long armedFor = Evaluation.NEVER;
        private @Nullable Disposable timer;

        private FastLane(Scheduler.Worker worker) {
            this.worker = worker;
        }

        /** Has a cgroup looked at on the worker; from any thread. At most one request of each is in the queue. */
        private void request(Watched entry) {
            if (!entry.hasUsage || entry.requested.getAndSet(true)) {
                return;
            }
            requests.offer(entry);
            if (wip.getAndIncrement() == 0) {
                try {
                    worker.schedule(() -> contained(serve));
                } catch (RejectedExecutionException e) {
                    refused(e);
                }
            }
        }

        // One at a time: whoever moves wip from 0 schedules it, and it ends with wip at 0 after an empty queue.
        private void serve() {
            int missed = wip.get();
            do {
                for (Watched entry = requests.poll(); entry != null; entry = requests.poll()) {
                    // Given back before the flags it stands for are looked at: what is asked for from here on asks
                    // again.
                    entry.requested.set(false);
                    if (!entry.removed) {
                        boolean poked = entry.poked;
                        entry.poked = false;
                        if (!poked || readUsage(entry)) {
                            plan(entry);
                        }
                    }
                }
                missed = wip.addAndGet(-missed);
            } while (missed != 0);
            arm();
        }

        private void onTimer() {
            contained(readDue);
        }

        private void readDue() {
            armedFor = Evaluation.NEVER;
            timer = null;
            long now = now();
            for (Watched entry = heap.first(); entry != null && entry.due() <= now; entry = heap.first()) {
                heap.remove(entry);
                if (!entry.removed && readUsage(entry)) {
                    plan(entry);
                }
            }
            arm();
        }

        private void plan(Watched entry) {
            long now = now();
            long due = entry.dueNanos(now);
            long tick = entry.nextTick();
            // The tick reads it as well. One that is overdue is held up by slow files: then this has to keep up with
            // usage.
            boolean sooner = due < tick || tick <= now;
            heap.set(entry, sooner && !entry.removed ? due : Evaluation.NEVER);
        }

        private void arm() {
            if (heap.firstDue() >= armedFor || closed.get()) {
                return;
            }
            if (timer != null) {
                timer.dispose();
            }
            armedFor = heap.firstDue();
            timer = worker.schedule(onTimer, Math.max(0, armedFor - now()), TimeUnit.NANOSECONDS);
        }
    }
}
