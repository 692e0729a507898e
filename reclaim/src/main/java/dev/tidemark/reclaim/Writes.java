package dev.tidemark.reclaim;

import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The writes in flight, at most so many at once.
 *
 * <p>One that is not back at its deadline is cancelled. One that is not back then either is stuck in the kernel, where nothing can
 * reach it: another may run in its place, so that it holds up nobody else, until as many are stuck as may run. So there are never
 * more than twice as many in the kernel, however long it takes.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> the core scheduler's. <b>Back-pressure:</b> {@link #hasRoom}.
 * <b>Failure:</b> an error of the controller is an answer, {@link Outcome#REFUSED}.
 */
final class Writes {

    /** How long a cancelled write may take to come back: the kernel looks for it between two of its own batches. */
    static final Duration GRACE = Duration.ofMillis(100);

    /** What becomes of writes. */
    interface Listener {
        /** It is back, and no longer in flight. */
        void answered(Write write, ReclaimResult result);

        /** It is not back although cancelled; told once. There may be room now. */
        void stuck(Write write);
    }

    private final int most;
    private final MemoryController controller;
    private final Scheduler core;
    private final Listener listener;
    private final Deque<Write> irreplaceable = new ArrayDeque<>();
    private int running;
    private int replaced;

    /** @param most how many may run at once, at least 1 */
    Writes(int most, MemoryController controller, Scheduler core, Listener listener) {
        this.most = most;
        this.controller = controller;
        this.core = core;
        this.listener = listener;
    }

    boolean hasRoom() {
        return running < most;
    }

    /** Whether none is in flight, stuck or not. */
    boolean none() {
        return running + replaced == 0;
    }

    /**
     * Begins one; there must be room.
     *
     * @param reclaimOptions of {@link ReclaimOptions}
     * @param deadline how long it may take
     */
    void begin(Write write, int reclaimOptions, int swappiness, Duration deadline) {
        running++;
        write.deadline = after(deadline, () -> overdue(write));
        controller
                .tryToFreeMemCgroupPages(
                        write.target.cgroup(), write.askedPages, Gfp.GFP_KERNEL, reclaimOptions, swappiness)
                .onErrorResume(error -> Mono.just(failed(error)))
                .publishOn(core)
                .subscribe(result -> {
                    release(write);
                    listener.answered(write, result);
                });
    }

    private ReclaimResult failed(Throwable error) {
        return ReclaimResult.none(
                Outcome.REFUSED, String.valueOf(error.getMessage()), Double.NaN, core.now(TimeUnit.NANOSECONDS));
    }

    /** Makes it come back early, as far as the kernel lets it. */
    void cancel(Write write) {
        controller.cancel(write.target.cgroup());
    }

    private void overdue(Write write) {
        write.overdue = true;
        cancel(write);
        write.deadline = after(GRACE, () -> giveUp(write));
    }

    private void giveUp(Write write) {
        write.stuck = true;
        if (replaced < most) {
            replace(write);
        } else {
            irreplaceable.add(write);
        }
        listener.stuck(write);
    }

    private void replace(Write write) {
        write.replaced = true;
        replaced++;
        running--;
    }

    private void release(Write write) {
        if (write.deadline != null) {
            write.deadline.dispose();
        }
        if (!write.replaced) {
            irreplaceable.remove(write);
            running--;
            return;
        }
        replaced--;
        @Nullable Write next = irreplaceable.poll();
        if (next != null) {
            replace(next);
        }
    }

    private Disposable after(Duration time, Runnable task) {
        return core.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
