package dev.tidemark.agent;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end of a run, by a signal or by its own failure, and the exit status that goes with it.
 *
 * <p>The JVM answers SIGTERM and SIGINT by running its shutdown hooks and exiting with the signal's status. The hook here
 * asks the run to end, waits for it, and exits with the run's own status instead.
 *
 * <p><b>Thread:</b> all methods from any. <b>Time:</b> a run that has not ended {@value #AT_MOST_MILLIS} ms after a
 * signal is cut off.
 */
final class Termination {

    private static final long AT_MOST_MILLIS = 1_900;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int status = ExitStatus.OK;

    /** From now on a signal requests an end. */
    static Termination onSignal() {
        Termination termination = new Termination();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("tidemark-signal").unstarted(termination::shutDown));
        return termination;
    }

    /** Asks the run to end with this status; the first who asks decides. */
    synchronized void request(int withStatus) {
        if (requested.getCount() > 0) {
            status = withStatus;
            requested.countDown();
        }
    }

    /** Blocks until an end is requested; tells the status. */
    int await() throws InterruptedException {
        requested.await();
        return status;
    }

    /** Everything has been let go and said. */
    void finished() {
        finished.countDown();
    }

    private void shutDown() {
        request(ExitStatus.OK);
        boolean ended = false;
        try {
            ended = finished.await(AT_MOST_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ended ? status : ExitStatus.FAILED);
    }
}
