package dev.tidemark.config;

/**
 * The bounds of the queue that carries reclaim out, for all policies together.
 *
 * @param workers reclaim writes in flight at once, 1 to 64
 * @param length cgroups that may wait, 1 to 1,048,576; more are turned away and counted
 */
public record Workqueue(int workers, int length) {
    static final int MAX_WORKERS = 64;
    static final int MAX_LENGTH = 1 << 20;

    /** 4 workers, 1,024 waiting. */
    public static final Workqueue DEFAULT = new Workqueue(4, 1024);

    public Workqueue {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("workers must be 1 to " + MAX_WORKERS + " but was " + workers);
        }
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("length must be 1 to " + MAX_LENGTH + " but was " + length);
        }
    }
}
