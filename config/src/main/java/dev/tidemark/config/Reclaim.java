package dev.tidemark.config;

import java.time.Duration;
import java.util.Set;

/**
 * Takes memory.
 *
 * @param law decides how much to ask for and when to go on
 * @param batch the most a single request asks for
 * @param swappiness {@link #DEFAULT_SWAPPINESS} leaves the kernel's setting; 0 to 200 overrides it, which is a preference: a kernel
 *     that cannot be told goes by its own; {@link #ANONYMOUS_ONLY} and {@link #FILES_ONLY} are not: where they cannot be had, nothing
 *     is taken
 * @param writebackBytes after how much growth of usage the writeback of the files that the cgroup's tasks have open for
 *     writing is started, so that reclaim does not meet dirty pages; {@link #NO_WRITEBACK} leaves it to the kernel
 */
public record Reclaim(Law law, Batch batch, int swappiness, long writebackBytes) implements Action {
    public static final int DEFAULT_SWAPPINESS = -1;
    public static final int FILES_ONLY = -2;
    public static final int ANONYMOUS_ONLY = 201;
    public static final long NO_WRITEBACK = 0;
    static final Batch DEFAULT_BATCH = new Batch.Time(Duration.ofMillis(20));

    /** The watermark law, batches of about 20 ms, the kernel's swappiness, writeback left to the kernel. */
    public static final Reclaim DEFAULT =
            new Reclaim(new Law.Watermark(), DEFAULT_BATCH, DEFAULT_SWAPPINESS, NO_WRITEBACK);

    public Reclaim {
        if (swappiness < FILES_ONLY || swappiness > ANONYMOUS_ONLY) {
            throw new IllegalArgumentException("swappiness must be -2 to 201 but was " + swappiness);
        }
        if (writebackBytes < NO_WRITEBACK) {
            throw new IllegalArgumentException("writebackBytes must not be negative but was " + writebackBytes);
        }
    }

    /** Whether anonymous memory may go, into swap. */
    public boolean mayTakeAnon() {
        return swappiness != FILES_ONLY;
    }

    @Override
    public Set<Signal> signals() {
        return law.signals();
    }
}
