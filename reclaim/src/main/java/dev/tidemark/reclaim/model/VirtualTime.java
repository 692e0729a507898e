package dev.tidemark.reclaim.model;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;

/**
 * A time that passes only when it is told to, as fast as what happens in it can be worked off.
 *
 * <p>What is scheduled runs in {@link #advance}, in the order of its time; what is due at the same nanosecond in the order in
 * which it was scheduled. So one program has one course, whatever machine it runs on.
 *
 * <p><b>Thread:</b> one at a time, the same or another; nothing here is synchronized. <b>Time:</b> nanoseconds from 0.
 * <b>Failure:</b> what a task throws is thrown by {@link #advance}, at the task's time; the tasks after it stay scheduled. Of
 * a disposed time or worker every task is refused.
 */
public final class VirtualTime implements Scheduler {

    private static final int INITIAL = 64;

    /** Stands where no task is. */
    private static final Entry NONE = new Entry(Long.MAX_VALUE, Long.MAX_VALUE, 0, () -> {}, null);

    // From size on there is NONE.
    private Entry[] heap = empty(INITIAL);
    private int size;
    private long now;
    private long scheduled;
    private boolean disposed;

    /** One task that is to run; gone when it has run or was disposed of. */
    private static final class Entry implements Disposable {
        private final long due;
        private final long number;
        private final long period;
        private @Nullable Runnable task;
        private @Nullable Line line;
        private @Nullable Disposable again;

        private Entry(long due, long number, long period, Runnable task, @Nullable Line line) {
            this.due = due;
            this.number = number;
            this.period = period;
            this.task = task;
            this.line = line;
        }

        private boolean before(Entry other) {
            return due < other.due || (due == other.due && number < other.number);
        }

        // It stays in the heap until its time: taking it out would cost a search, and few are disposed of.
        @Override
        public void dispose() {
            task = null;
            if (again != null) {
                again.dispose();
            }
        }

        @Override
        public boolean isDisposed() {
            return task == null && (again == null || again.isDisposed());
        }
    }

    /** Tasks that are disposed of together; that they run one after the other holds for all of them anyway. */
    private final class Line implements Worker {
        private boolean closed;

        @Override
        public Disposable schedule(Runnable task) {
            return add(task, 0, 0, this);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return add(task, unit.toNanos(delay), 0, this);
        }

        @Override
        public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
            return add(task, unit.toNanos(initialDelay), Math.max(1, unit.toNanos(period)), this);
        }

        @Override
        public void dispose() {
            closed = true;
        }

        @Override
        public boolean isDisposed() {
            return closed || disposed;
        }
    }

    /**
     * Lets so much time pass, and does all that is due in it.
     *
     * @throws IllegalArgumentException when that is less than nothing
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + duration);
        }
        long until = Math.addExact(now, duration.toNanos());
        while (size > 0 && heap[0].due <= until) {
            Entry entry = removeFirst();
            now = Math.max(now, entry.due);
            run(entry);
        }
        now = until;
    }

    private void run(Entry entry) {
        Runnable task = entry.task;
        Line line = entry.line;
        if (task == null || disposed || (line != null && line.closed)) {
            return;
        }
        entry.task = null;
        if (entry.period > 0) {
            entry.again = add(task, entry.period, entry.period, line);
        }
        task.run();
    }

    @Override
    public long now(TimeUnit unit) {
        return unit == TimeUnit.NANOSECONDS ? now : unit.convert(now, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return add(task, 0, 0, null);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return add(task, unit.toNanos(delay), 0, null);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        return add(task, unit.toNanos(initialDelay), Math.max(1, unit.toNanos(period)), null);
    }

    @Override
    public Worker createWorker() {
        return new Line();
    }

    /** How many tasks have been scheduled so far. */
    public long scheduled() {
        return scheduled;
    }

    @Override
    public void dispose() {
        disposed = true;
        Arrays.fill(heap, 0, size, NONE);
        size = 0;
    }

    @Override
    public boolean isDisposed() {
        return disposed;
    }

    private Entry add(Runnable task, long delayNanos, long periodNanos, @Nullable Line line) {
        if (disposed || (line != null && line.closed)) {
            RejectedExecutionException refused = Exceptions.failWithRejected();
            throw refused;
        }
        Entry entry = new Entry(Math.addExact(now, Math.max(0, delayNanos)), scheduled++, periodNanos, task, line);
        if (size == heap.length) {
            Entry[] larger = empty(2 * size);
            System.arraycopy(heap, 0, larger, 0, size);
            heap = larger;
        }
        int at = size++;
        while (at > 0) {
            Entry parent = heap[(at - 1) >>> 1];
            if (parent.before(entry)) {
                break;
            }
            heap[at] = parent;
            at = (at - 1) >>> 1;
        }
        heap[at] = entry;
        return entry;
    }

    private static Entry[] empty(int length) {
        Entry[] heap = new Entry[length];
        Arrays.fill(heap, NONE);
        return heap;
    }

    private Entry removeFirst() {
        Entry first = heap[0];
        Entry last = heap[--size];
        heap[size] = NONE;
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].before(heap[child])) {
                child++;
            }
            if (last.before(heap[child])) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        if (size > 0) {
            heap[at] = last;
        }
        return first;
    }
}
