package dev.tidemark.triggers;

import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * Reads of usage between ticks: one timer, for the one that is due first.
 *
 * <p><b>Thread:</b> {@link #request} and {@link #close} from any; reads on the worker. <b>Back-pressure:</b> at most one request of each cgroup
 * is in the queue.
 */
final class UsageReads {
    private final Scheduler.Worker worker;
    private final Scheduler clock;
    private final Consumer<Runnable> contained;
    private final Predicate<Watched> read;
    private final Queue<Watched> requests =
            Queues.<Watched>unboundedMultiproducer().get();
    private final AtomicInteger wip = new AtomicInteger();
    // Made once, not for each read.
    private final Runnable scheduleServe = this::scheduleServe;
    private final Runnable serve = this::serve;
    private final Runnable readDue = this::readDue;
    private final Runnable onTimer = this::onTimer;

    // Touched on the worker only.
    private final DueHeap<Watched> heap = new DueHeap<>();
    private long armedFor = Evaluation.NEVER;
    private @Nullable Disposable timer;

    /**
     * @param worker disposed by {@link #close}
     * @param contained runs a task so that nothing escapes, and not after closing
     * @param read reads usage of a cgroup; whether that worked
     */
    UsageReads(Scheduler.Worker worker, Scheduler clock, Consumer<Runnable> contained, Predicate<Watched> read) {
        this.worker = worker;
        this.clock = clock;
        this.contained = contained;
        this.read = read;
    }

    /** Has a cgroup looked at on the worker. */
    void request(Watched entry) {
        if (!entry.hasUsage() || entry.usageRequested.getAndSet(true)) {
            return;
        }
        requests.offer(entry);
        if (wip.getAndIncrement() == 0) {
            contained.accept(scheduleServe);
        }
    }

    private void scheduleServe() {
        try {
            worker.schedule(() -> contained.accept(serve));
        } catch (RejectedExecutionException e) {
            // Nobody serves, so the gate is opened again: the next request will try.
            for (Watched lost = requests.poll(); lost != null; lost = requests.poll()) {
                lost.usageRequested.set(false);
            }
            wip.set(0);
            throw e;
        }
    }

    // One at a time: whoever moves wip from 0 schedules it, and it ends with wip at 0 after an empty queue.
    private void serve() {
        int missed = wip.get();
        do {
            for (Watched entry = requests.poll(); entry != null; entry = requests.poll()) {
                // Given back before the flags it stands for are looked at: what is asked for from here on asks
                // again.
                entry.usageRequested.set(false);
                if (!entry.removed) {
                    boolean poked = entry.poked;
                    entry.poked = false;
                    if (!poked || read.test(entry)) {
                        plan(entry);
                    }
                }
            }
            missed = wip.addAndGet(-missed);
        } while (missed != 0);
        arm();
    }

    private void onTimer() {
        contained.accept(readDue);
    }

    private void readDue() {
        armedFor = Evaluation.NEVER;
        timer = null;
        long now = now();
        for (Watched entry = heap.first(); entry != null && entry.due() <= now; entry = heap.first()) {
            heap.remove(entry);
            if (!entry.removed && read.test(entry)) {
                plan(entry);
            }
        }
        arm();
    }

    private void plan(Watched entry) {
        long now = now();
        long due = entry.dueNanos(now);
        long tick = entry.nextTick.getAsLong();
        // The tick reads it as well. One that is overdue is held up by slow files: then this has to keep up with
        // usage.
        boolean sooner = due < tick || tick <= now;
        heap.set(entry, sooner && !entry.removed ? due : Evaluation.NEVER);
    }

    private void arm() {
        if (heap.firstDue() >= armedFor) {
            return;
        }
        if (timer != null) {
            timer.dispose();
        }
        armedFor = heap.firstDue();
        timer = worker.schedule(onTimer, Math.max(0, armedFor - now()), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return clock.now(TimeUnit.NANOSECONDS);
    }

    void close() {
        worker.dispose();
    }
}
