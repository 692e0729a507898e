package dev.tidemark.agent;

import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The threads and the clock of an agent. Every timer and every reading of the time goes through these.
 *
 * @param core the one thread that owns all state; nothing that it calls blocks
 * @param files periodic reads of kernel files, which may wait for a lock in the kernel
 * @param usage reads of memory.current near a watermark, which do not; apart from {@code files} so that a slow file
 *     never delays them
 * @param reclaim writes to memory.reclaim and to limits and starts of writeback, each of which occupies a thread until the kernel
 *     returns
 * @param control reads and checks of policy files, which are long by the core's measure
 * @param state writes of the {@link StateFile}, one thread; apart from {@code control}, since a policy waits for them
 */
record AgentSchedulers(
        Scheduler core, Scheduler files, Scheduler usage, Scheduler reclaim, Scheduler control, Scheduler state) {

    private static final int MANY = 1024;

    /**
     * Threads for reclaim, a worker: one for a request and one for a request that is stuck in the kernel, for when that is given up so that
     * others are served; the same two for a limit; and one for a start of writeback. Each of them is bounded by the number of workers
     * where it comes from, so none ever waits for a thread.
     */
    private static final int THREADS_A_WORKER = 5;

    /**
     * Platform threads, in real time: a blocked write would pin a virtual thread's carrier.
     *
     * @param workers requests to reclaim in flight at once
     */
    static AgentSchedulers threads(int workers) {
        return new AgentSchedulers(
                Schedulers.newSingle("tidemark-core"),
                Schedulers.newBoundedElastic(1, MANY, "tidemark-files"),
                Schedulers.newBoundedElastic(1, MANY, "tidemark-usage"),
                Cgroup2Options.reclaimThreads(THREADS_A_WORKER * workers),
                // A thread of Reactor's own would count as one that must not block.
                Schedulers.newSingle(task -> new Thread(task, "tidemark-control")),
                Schedulers.newSingle(task -> new Thread(task, "tidemark-state")));
    }

    /** Everything on one scheduler: a virtual one gives the same run each time. */
    static AgentSchedulers all(Scheduler scheduler) {
        return new AgentSchedulers(scheduler, scheduler, scheduler, scheduler, scheduler, scheduler);
    }

    void dispose() {
        state.dispose();
        control.dispose();
        reclaim.dispose();
        usage.dispose();
        files.dispose();
        core.dispose();
    }
}
