package dev.tidemark.triggers;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * What time alone changes, and the one timer for all of it. A timer that fires early is set again. Confined to the core thread, but
 * for {@link #close}.
 */
final class Deadlines implements AutoCloseable {

    private final Scheduler core;
    private final Runnable serve;
    private final Consumer<? super Throwable> refused;
    private final DueHeap<DueHeap.Entry> heap = new DueHeap<>();
    private final Disposable.Swap timer = Disposables.swap();
    private final Runnable onTimer = this::onTimer;
    private long armedFor = Evaluation.NEVER;

    /**
     * @param serve deals with everything that is due and arms again
     * @param refused told when the scheduler takes no timer
     */
    Deadlines(Scheduler core, Runnable serve, Consumer<? super Throwable> refused) {
        this.core = core;
        this.serve = serve;
        this.refused = refused;
    }

    void set(DueHeap.Entry entry, long due) {
        heap.set(entry, due);
    }

    void remove(DueHeap.Entry entry) {
        heap.remove(entry);
    }

    /** What is due first and not after {@code now}; null when nothing is. */
    DueHeap.@Nullable Entry due(long now) {
        return heap.firstDue() <= now ? heap.first() : null;
    }

    /** Has the timer fire when the first is due. */
    void arm() {
        if (heap.firstDue() >= armedFor || timer.isDisposed()) {
            // A timer that is too early is left: it finds nothing due and is set again.
            return;
        }
        armedFor = heap.firstDue();
        try {
            timer.update(core.schedule(onTimer, Math.max(0, armedFor - now()), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            armedFor = Evaluation.NEVER;
            refused.accept(e);
        }
    }

    private void onTimer() {
        if (!timer.isDisposed()) {
            armedFor = Evaluation.NEVER;
            serve.run();
        }
    }

    private long now() {
        return core.now(TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.dispose();
    }
}
