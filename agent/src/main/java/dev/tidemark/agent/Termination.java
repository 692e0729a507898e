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
    private volatile boolean begun;

    private final Thread hook = Thread.ofPlatform().name("tidemark-signal").unstarted(this::shutDown);

    /** From now on a signal requests an end. */
    static Termination onSignal() {
        Termination termination = new Termination();
        Runtime.getRuntime().addShutdownHook(termination.hook);
        return termination;
    }

    /** The run has failed: whoever ends the process now says with which status. */
    void withdraw() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal was quicker, and the hook waits.
            status = ExitStatus.FAILED;
            finished();
        }
    }

    /** From now on there is something to end; until now a signal ends the process on the spot. */
    void begun() {
        begun = true;
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
        if (!begun) {
            Runtime.getRuntime().halt(status);
        }
        boolean ended = false;
        try {
            ended = finished.await(AT_MOST_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ended ? status : ExitStatus.FAILED);
    }
}
