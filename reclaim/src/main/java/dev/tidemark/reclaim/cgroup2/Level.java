package dev.tidemark.reclaim.cgroup2;

import org.jspecify.annotations.Nullable;

/**
 * A cgroup as a level of the hierarchy: its limits as last read, what is kept for it, and the levels above, each shared by all that are below it.
 *
 * <p><b>Thread:</b> any.
 */
final class Level {
    private final String path;
    private final Directory directory;
    private final @Nullable Level above;

    /** As {@link LimitCache} last read them; null before. */
    @Nullable
    volatile OwnLimits limits;

    /** As {@link Protections} last worked it out; null before, and where nothing is kept for the level above. */
    volatile Protections.@Nullable Kept kept;

    /** As {@link Protections} last added them up; null before. */
    volatile Protections.@Nullable Claims claims;

    Level(String path, Directory directory, @Nullable Level above) {
        this.path = path;
        this.directory = directory;
        this.above = above;
    }

    /** Relative to the root, which is "". */
    String path() {
        return path;
    }

    Directory directory() {
        return directory;
    }

    /** The level above; null above the root. */
    @Nullable
    Level above() {
        return above;
    }
}
