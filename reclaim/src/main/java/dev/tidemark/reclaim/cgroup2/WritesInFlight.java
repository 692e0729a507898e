package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Writes to files of cgroups that are under way or about to be, each of which can be broken off; one is by itself when its cgroup is
 * about to be removed ({@link RemovalWatch}).
 *
 * <p><b>Thread:</b> all methods from any. The work itself blocks threads of the reclaim scheduler. A write that is cancelled is broken off by a
 * short-lived daemon thread, because closing a channel waits until the kernel lets its writer go. <b>Back-pressure:</b> none of its own; what
 * the scheduler rejects is an error signal. <b>Failure:</b> {@link #failedCloses} counts channels that could not be closed.
 */
final class WritesInFlight {
    /** For a thread to settle; one that does not is busy with a write, and settles before its next. */
    private static final Duration SETTLE_AT_MOST = Duration.ofSeconds(1);

    private final Scheduler reclaim;
    private final boolean dryRun;
    private final Function<Cgroup, CgroupFiles> files;
    private final Set<InFlight> flights = ConcurrentHashMap.newKeySet();
    private final Set<Thread> breakers = ConcurrentHashMap.newKeySet();
    private final RemovalWatch removals = new RemovalWatch(flights, this::cancel);
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder failedCloses = new LongAdder();

    /** Set before anything is run. */
    private @Nullable ReclaimCgroup reclaimCgroup;

    private volatile boolean stopped;

    /** @param files what a cgroup is looked at with while it is written to */
    WritesInFlight(Scheduler reclaim, boolean dryRun, Function<Cgroup, CgroupFiles> files) {
        this.reclaim = reclaim;
        this.dryRun = dryRun;
        this.files = files;
    }

    /**
     * To be called once, before anything is run.
     *
     * @param cgroup where the threads of the reclaim scheduler are to run; null for where they are
     */
    void start(@Nullable ReclaimCgroup cgroup) {
        reclaimCgroup = cgroup;
        removals.start();
    }

    /** Work on a reclaim thread that {@link #cancel} breaks off. Lazy. */
    <T> Mono<T> run(Cgroup cgroup, Function<InFlight, T> work) {
        return Mono.defer(() -> {
            InFlight flight = new InFlight(cgroup);
            flights.add(flight);
            if (stopped) {
                flight.cancel();
            }
            return Mono.fromCallable(() -> begun(flight, work))
                    .subscribeOn(reclaim)
                    // Once started, only the return of the write ends it, whoever lost interest.
                    .doFinally(_ -> {
                        if (!flight.isStarted()) {
                            flights.remove(flight);
                        }
                    });
        });
    }

    private <T> T begun(InFlight flight, Function<InFlight, T> work) {
        flight.start();
        try {
            enterReclaimCgroup();
            watchRemoval(flight);
            return work.apply(flight);
        } finally {
            flights.remove(flight);
        }
    }

    private void watchRemoval(InFlight flight) {
        if (flight.cgroup().path().isEmpty() || dryRun) {
            return;
        }
        CgroupFiles open = files.apply(flight.cgroup());
        try {
            flight.watched(open, RemovalWatch.isPopulated(open));
            removals.begun();
        } catch (IOException _) {
            // Gone, or not ours to look at: the write itself tells.
            return;
        }
    }

    private void enterReclaimCgroup() {
        @Nullable ReclaimCgroup cgroup = reclaimCgroup;
        if (cgroup != null) {
            cgroup.enter();
        }
    }

    /** Has so many threads of the reclaim scheduler started and moved to their cgroup. Lazy. */
    Mono<Void> settle(int threads) {
        if (reclaimCgroup == null) {
            return Mono.empty();
        }
        return Mono.defer(() -> {
            // Each stays until all are there: a thread that is done would be given the next turn too.
            CountDownLatch missing = new CountDownLatch(threads);
            return Flux.range(0, threads)
                    .flatMap(_ -> Mono.fromCallable(() -> settled(missing)).subscribeOn(reclaim), threads)
                    .then();
        });
    }

    private boolean settled(CountDownLatch missing) throws InterruptedException {
        enterReclaimCgroup();
        missing.countDown();
        return missing.await(SETTLE_AT_MOST.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Breaks off whatever is under way for a cgroup, or about to be. Never blocks. */
    void cancel(Cgroup cgroup) {
        for (InFlight flight : flights) {
            if (flight.cgroup().id() == cgroup.id()) {
                cancel(flight);
            }
        }
    }

    private void cancel(InFlight flight) {
        @Nullable FileChannel channel = flight.cancel();
        if (channel == null) {
            return;
        }
        cancelled.increment();
        // At most one a write in flight. Not one thread for all: a write stuck in the kernel would hold up the others.
        Thread breaker =
                Thread.ofPlatform().daemon().name("tidemark-cgroup-cancel").unstarted(() -> breakOff(channel));
        breakers.add(breaker);
        breaker.start();
    }

    private void breakOff(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            failedCloses.increment();
        } finally {
            breakers.remove(Thread.currentThread());
        }
    }

    int size() {
        return flights.size();
    }

    /** Writes that were broken off. */
    long cancelled() {
        return cancelled.sum();
    }

    long failedCloses() {
        return failedCloses.sum();
    }

    /** Breaks everything off; what begins later is cancelled before it writes. Never blocks. */
    void stop() {
        stopped = true;
        flights.forEach(this::cancel);
        removals.stop();
    }

    /** Waits until what was broken off has ended, for so long with each at most. */
    void awaitEnd(Duration atMost) throws InterruptedException {
        removals.awaitEnd(atMost);
        for (Thread breaker : breakers) {
            breaker.join(atMost.toMillis());
        }
    }
}
