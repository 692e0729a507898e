package dev.tidemark.reclaim.model;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * The model's time and its one thread of work.
 *
 * <p><b>Thread:</b> everything scheduled runs one after the other on the scheduler given, under one lock; the lock lets
 * other threads look ({@link MemoryModel#read}) when that scheduler is a real one, and is never contended in virtual time.
 * <b>Time:</b> {@link Scheduler#now} in nanoseconds. <b>Failure:</b> an exception out of a task is a defect of the model; it
 * is handed to the listener, which ends the run, and thrown on.
 */
final class ModelClock implements Disposable {

    private final ReentrantLock lock = new ReentrantLock();
    private final Scheduler scheduler;
    private final Scheduler.Worker worker;
    private final Consumer<Throwable> failure;

    ModelClock(Scheduler scheduler, Consumer<Throwable> failure) {
        this.scheduler = scheduler;
        this.worker = scheduler.createWorker();
        this.failure = failure;
    }

    long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }

    /** Runs the task after that many nanoseconds; after {@link #dispose} nothing runs any more. */
    void after(long nanos, Runnable task) {
        if (worker.isDisposed()) {
            return;
        }
        if (nanos <= 0) {
            worker.schedule(() -> guarded(task));
        } else {
            worker.schedule(() -> guarded(task), nanos, TimeUnit.NANOSECONDS);
        }
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    @Override
    public void dispose() {
        worker.dispose();
    }

    @Override
    public boolean isDisposed() {
        return worker.isDisposed();
    }

    private void guarded(Runnable task) {
        lock.lock();
        try {
            if (!worker.isDisposed()) {
                task.run();
            }
        } catch (RuntimeException | Error e) {
            failure.accept(e);
            throw e;
        } finally {
            lock.unlock();
        }
    }
}
