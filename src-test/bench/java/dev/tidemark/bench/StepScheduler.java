package dev.tidemark.bench;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * A scheduler whose thread is the benchmark's: what has been scheduled, however much later it was meant to be, runs in {@link
 * #step}. So a tick comes when the benchmark wants it. The time is the real one.
 */
final class StepScheduler implements Scheduler {

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    /** Runs what has been scheduled until now, not what that schedules. */
    void step() {
        for (int left = tasks.size(); left > 0; left--) {
            tasks.removeFirst().run();
        }
    }

    @Override
    public Disposable schedule(Runnable task) {
        tasks.addLast(task);
        return Disposables.disposed();
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return schedule(task);
    }

    @Override
    public Worker createWorker() {
        return new StepWorker();
    }

    private final class StepWorker implements Worker {

        @Override
        public Disposable schedule(Runnable task) {
            return StepScheduler.this.schedule(task);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return StepScheduler.this.schedule(task);
        }

        @Override
        public void dispose() {
            tasks.clear();
        }
    }
}
