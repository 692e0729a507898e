package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.PushSink;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.util.concurrent.Queues;

/**
 * The kernel's pushes to this process: one thread waits for all of them.
 *
 * <p><b>Thread:</b> every method may be called from any and none but {@link #close} blocks: what there is to do is handed over
 * through a queue that nobody waits for, with one wake-up for as many as have come by the time it is heard. The thread, a daemon,
 * starts with the first subscriber. A handful of others close descriptors and go when there are none left to close.
 * <b>Back-pressure:</b> as {@link PushSink}. <b>Time:</b> the clock given, nanoseconds, read once each time the kernel tells.
 * <b>Failure:</b> that of one stream ends that stream; should the thread break, all end with the error and further subscribers
 * are refused.
 */
final class Pushes {
    /** As closing waits for the kernel and not for us, as many at once take no longer than one. */
    private static final int CLOSERS = 16;

    private static final long CLOSERS_IDLE_SECONDS = 1;

    /** In {@link #handed}: nobody looks any more. Far enough below 0 to stay so whatever is added. */
    private static final int CLOSED = Integer.MIN_VALUE / 2;

    /** Something for the thread to do. */
    private interface Job {
        void run(PushLoop loop);

        /** In place of {@link #run}, on any thread: there is no loop any more. */
        default void refuse(@Nullable Exception why) {}
    }

    private record Begin(PushStream stream) implements Job {
        @Override
        public void run(PushLoop loop) {
            loop.begin(stream);
        }

        @Override
        public void refuse(@Nullable Exception why) {
            stream.sink.end(why);
        }
    }

    private final PushKernel.Opener kernels;
    private final PushOpener opener;
    private final int most;
    private final LongSupplier nanos;
    private final PushLoop.Tally tally = new PushLoop.Tally();
    private final Queue<Job> jobs = Queues.<Job>unboundedMultiproducer().get();
    private final ThreadPoolExecutor closers;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("tidemark-push").unstarted(this::run);
    private final AtomicBoolean started = new AtomicBoolean();

    /**
     * Jobs handed over since the thread last found none. Whoever moves it from 0 wakes the thread, so it starts at 1: before the
     * thread runs there is nobody to be woken.
     */
    private final AtomicInteger handed = new AtomicInteger(1);

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile @Nullable PushKernel kernel;
    private volatile @Nullable Exception broken;

    /** @param most descriptors to keep open at once */
    Pushes(PushKernel.Opener kernels, PushOpener opener, int most, LongSupplier nanos) {
        this.kernels = kernels;
        this.opener = opener;
        this.most = most;
        this.nanos = nanos;
        closers = new ThreadPoolExecutor(
                CLOSERS,
                CLOSERS,
                CLOSERS_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("tidemark-push-close-", 1).factory(),
                // Closed already, and the thread was not done by then.
                (close, _) -> close.run());
        closers.allowCoreThreadTimeOut(true);
    }

    /** See {@link dev.tidemark.triggers.PushSource#pushes}. */
    Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        Set<PushRequest> wanted = Set.copyOf(requests);
        return Flux.create(
                sink -> {
                    PushStream stream = new PushStream(cgroup, wanted, new PushSink(sink));
                    sink.onRequest(_ -> {
                        if (stream.sink.waits()) {
                            hand(_ -> stream.sink.flush());
                        }
                    });
                    sink.onDispose(() -> hand(loop -> loop.letGo(stream)));
                    hand(new Begin(stream));
                    if (started.compareAndSet(false, true)) {
                        thread.start();
                    }
                },
                // Nothing is emitted that was not asked for.
                FluxSink.OverflowStrategy.ERROR);
    }

    /** The cgroup is known to be gone; its streams complete. */
    void gone(Cgroup cgroup) {
        if (started.get()) {
            hand(loop -> loop.gone(cgroup));
        }
    }

    PushLoop.Tally tally() {
        return tally;
    }

    private void hand(Job job) {
        jobs.offer(job);
        int before = handed.getAndIncrement();
        if (before < 0) {
            job.refuse(broken);
        } else if (before == 0) {
            @Nullable PushKernel sleeping = kernel;
            if (sleeping != null) {
                sleeping.wake();
            }
        }
    }

    private void run() {
        try {
            PushKernel opened = kernels.open();
            kernel = opened;
            PushLoop loop = new PushLoop(opened, opener, closers, most, tally);
            try {
                serve(opened, loop);
                opened.close();
            } catch (IOException | RuntimeException e) {
                // It stays open: somebody may be about to wake it, and its number must not be another's by then.
                fail(e);
                loop.endAll(broken);
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            fail(e);
        } finally {
            ended.countDown();
        }
    }

    private void fail(Throwable e) {
        broken = new PushRefusedException(
                "The kernel cannot be waited for, so what it would tell by itself is left to sampling: "
                        + e.getMessage() + '.',
                e);
        handed.set(CLOSED);
        refuseJobs();
    }

    private void refuseJobs() {
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            job.refuse(broken);
        }
    }

    /**
     * Until closed. One job at a time, so that what the kernel tells never waits for many.
     *
     * <p>Jobs are taken only after the wake-up that their first one caused has been heard, and {@link #handed} is above 0 from that
     * first one until all have been done. So nobody is about to wake us while we take jobs; and we close from there.
     */
    private void serve(PushKernel kernel, PushLoop loop) throws IOException {
        boolean working = true;
        int heard = handed.get();
        while (true) {
            if (hear(kernel, loop, working)) {
                working = true;
                heard = handed.get();
            }
            @Nullable Job job = working ? jobs.poll() : null;
            if (job != null) {
                job.run(loop);
            } else if (working && closing) {
                loop.endAll(null);
                if (handed.compareAndSet(heard, CLOSED)) {
                    return;
                }
                heard = handed.get();
            } else if (working) {
                heard = handed.addAndGet(-heard);
                working = heard != 0;
            }
        }
    }

    /** Passes on what the kernel tells; whether it is that somebody woke us. */
    private boolean hear(PushKernel kernel, PushLoop loop, boolean working) throws IOException {
        int ready = kernel.await(!working);
        if (ready == 0) {
            return false;
        }
        long now = nanos.getAsLong();
        boolean woken = false;
        for (int i = 0; i < ready; i++) {
            int key = kernel.key(i);
            if (key == PushKernel.WOKEN) {
                woken = true;
            } else {
                loop.told(key, kernel.failed(i), now);
            }
        }
        return woken;
    }

    /**
     * All streams complete. Waits until the thread has ended and every descriptor is closed.
     *
     * @param atMost for each of the two; then they are left to end by themselves
     */
    void close(Duration atMost) throws InterruptedException {
        closing = true;
        if (started.compareAndSet(false, true)) {
            handed.set(CLOSED);
            refuseJobs();
            ended.countDown();
        } else {
            hand(_ -> {});
            if (!Thread.currentThread().equals(thread) && ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                // What is left of its life takes no time; before it had begun there would be nothing to join.
                thread.join();
            }
        }
        closers.shutdown();
        var _ = closers.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
