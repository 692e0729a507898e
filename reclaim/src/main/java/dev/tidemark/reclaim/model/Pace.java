package dev.tidemark.reclaim.model;

/** An upper bound on how fast a step goes: time that was lost is not made up for. */
final class Pace {

    private final Task task;
    private final double bytesPerSecond;
    private double nextAllowed;

    /**
     * @param bytesPerSecond positive infinity for as fast as it goes
     */
    Pace(Task task, double bytesPerSecond) {
        this.task = task;
        this.bytesPerSecond = bytesPerSecond;
    }

    void begin() {
        nextAllowed = task.local();
    }

    /** So much has been done; waits when that was too soon. */
    void done(long bytes) {
        if (bytesPerSecond == Double.POSITIVE_INFINITY) {
            return;
        }
        nextAllowed += bytes * 1e9 / bytesPerSecond;
        if (nextAllowed > task.local()) {
            task.idleUntil((long) nextAllowed);
        } else {
            nextAllowed = task.local();
        }
    }
}
