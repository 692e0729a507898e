package dev.tidemark.reclaim.cgroup2;

import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Threads for work that may be stuck in the kernel: what waits is for whichever of them is free first.
 *
 * <p>Reactor's bounded elastic scheduler gives a task to one of its threads for good when all are busy, if only for the instant between
 * the end of a task and its thread's being free again. A task that is given to a thread that is stuck never runs.
 *
 * <p><b>Thread:</b> platform threads, daemons, made when none is free and kept for a day: what a new one needs before its first write, a move
 * to another cgroup perhaps, takes milliseconds. <b>Back-pressure:</b> none, the queue has no bound; whoever asks has. <b>Failure:</b>
 * what comes after its end is rejected.
 */
final class ReclaimThreads {
    private static final Duration KEPT = Duration.ofDays(1);

    private ReclaimThreads() {}

    /** Takes what a free thread waits for; refuses all else, so that the executor makes another thread as long as it may. */
    private static final class HandOver extends LinkedTransferQueue<Runnable> {
        @Serial
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }
    }

    static Scheduler atMost(int threads) {
        AtomicInteger number = new AtomicInteger();
        return Schedulers.fromExecutorService(
                new ThreadPoolExecutor(
                        0,
                        threads,
                        KEPT.toSeconds(),
                        TimeUnit.SECONDS,
                        new HandOver(),
                        task -> Thread.ofPlatform()
                                .daemon()
                                .name("tidemark-reclaim-" + number.incrementAndGet())
                                .unstarted(task),
                        ReclaimThreads::enqueue),
                "tidemark-reclaim");
    }

    /** All threads there may be are busy. */
    private static void enqueue(Runnable task, ThreadPoolExecutor executor) {
        if (executor.isShutdown()) {
            throw new RejectedExecutionException("the threads for reclaim have been let go");
        }
        // Of this queue put does not wait.
        ((HandOver) executor.getQueue()).put(task);
        // It may have been shut down meanwhile, and nobody takes what is in the queue then.
        if (executor.isShutdown() && executor.remove(task)) {
            throw new RejectedExecutionException("the threads for reclaim have been let go");
        }
    }
}
