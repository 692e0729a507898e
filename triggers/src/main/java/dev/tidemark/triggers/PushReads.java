package dev.tidemark.triggers;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * Reads of cgroups of which the kernel told something by itself: at once, and several times more while that counts. One task and
 * one timer serve all, however many there are, since the worker's queue may be short.
 *
 * <p><b>Thread:</b> {@link #pushed} from any; reads on the worker. <b>Back-pressure:</b> a cgroup told of again while it is read
 * like this is read so for longer. <b>Failure:</b> one that is not to be read any more is dropped.
 */
final class PushReads {

    /** Reads while a push counts, at most. */
    static final int READS = 16;

    /** The least time between two of them. */
    static final long CLOSEST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long a push counts that has no duration of its own. */
    static final long UNTIMED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Request(long id, long lasts, long period) {}

    private static final class Boost extends DueHeap.Entry {
        private final long id;
        private long until;
        private long every;

        private Boost(long id) {
            this.id = id;
        }
    }

    private final Scheduler.Worker io;
    private final Scheduler clock;
    private final Consumer<Runnable> contained;
    private final LongPredicate read;
    private final Runnable done;

    private final Queue<Request> requests =
            Queues.<Request>unboundedMultiproducer().get();
    private final AtomicInteger wip = new AtomicInteger();

    // Touched on the worker only.
    private final Map<Long, Boost> boosts = new HashMap<>();
    private final DueHeap<Boost> heap = new DueHeap<>();
    private long armedFor = Evaluation.NEVER;
    private @Nullable Disposable timer;

    /**
     * @param contained runs a task so that nothing escapes, and not after closing
     * @param read reads all signals of a cgroup by its id; false when it is not to be read any more
     * @param done called after some reads
     */
    PushReads(Scheduler.Worker io, Scheduler clock, Consumer<Runnable> contained, LongPredicate read, Runnable done) {
        this.io = io;
        this.clock = clock;
        this.contained = contained;
        this.read = read;
        this.done = done;
    }

    /** @param period how often it is read anyway, in nanoseconds */
    void pushed(Push push, long period) {
        long lasts = push.lasts().toNanos();
        requests.offer(new Request(push.cgroup().id(), lasts > 0 ? lasts : UNTIMED_NANOS, period));
        if (wip.getAndIncrement() == 0) {
            contained.accept(this::scheduleServe);
        }
    }

    private void scheduleServe() {
        try {
            io.schedule(() -> contained.accept(this::serve));
        } catch (RejectedExecutionException e) {
            // Nobody serves, so the gate is opened again: the next push will try.
            wip.set(0);
            throw e;
        }
    }

    // One at a time: whoever moves wip from 0 schedules it, and it ends with wip at 0 after an empty queue.
    private void serve() {
        int missed = wip.get();
        do {
            for (Request request = requests.poll(); request != null; request = requests.poll()) {
                begin(request);
            }
            missed = wip.addAndGet(-missed);
        } while (missed != 0);
        done.run();
        arm();
    }

    private void begin(Request request) {
        long now = now();
        Boost boost = boosts.computeIfAbsent(request.id, Boost::new);
        boost.until = Math.max(boost.until, now + request.lasts);
        boost.every = Math.clamp(request.lasts / READS, CLOSEST_NANOS, Math.max(CLOSEST_NANOS, request.period));
        readOnce(boost, now);
    }

    private void readDue() {
        armedFor = Evaluation.NEVER;
        timer = null;
        long now = now();
        for (Boost boost = heap.first(); boost != null && boost.due() <= now; boost = heap.first()) {
            readOnce(boost, now);
        }
        done.run();
        arm();
    }

    private void readOnce(Boost boost, long now) {
        long next = now + boost.every;
        if (read.test(boost.id) && next <= boost.until) {
            heap.set(boost, next);
        } else {
            heap.remove(boost);
            boosts.remove(boost.id);
        }
    }

    private void arm() {
        if (heap.firstDue() >= armedFor) {
            return;
        }
        if (timer != null) {
            timer.dispose();
        }
        armedFor = heap.firstDue();
        timer = io.schedule(() -> contained.accept(this::readDue), Math.max(0, armedFor - now()), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return clock.now(TimeUnit.NANOSECONDS);
    }
}
