package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of every cgroup that is read. A cgroup that nobody reads any more lets go of them.
 *
 * <p>A plain map, and now and then a look at all of it: what is asked for with each sample of ten thousand cgroups should not have to
 * be put into an order each time.
 *
 * <p><b>Thread:</b> any. <b>Time:</b> as given, nanoseconds of one clock.
 */
final class CgroupTable {
    /** Longer than nearly every policy's period. */
    private static final long IDLE_NANOS = Duration.ofMinutes(10).toNanos();

    private static final long SWEEP_NANOS = Duration.ofMinutes(1).toNanos();

    private final CgroupFs fs;
    private final KeptFiles.Room budget;
    private final LimitCache limits;
    private final Map<Cgroup, CgroupFiles> table = new ConcurrentHashMap<>();
    // A race costs a sweep too many.
    private volatile long sweptNanos;

    CgroupTable(CgroupFs fs, KeptFiles.Room budget, LimitCache limits, long now) {
        this.fs = fs;
        this.budget = budget;
        this.limits = limits;
        this.sweptNanos = now;
    }

    CgroupFiles files(Cgroup cgroup, long now) {
        if (now - sweptNanos >= SWEEP_NANOS) {
            sweptNanos = now;
            sweep(now);
        }
        @Nullable CgroupFiles present = table.get(cgroup);
        CgroupFiles files = present != null ? present : table.computeIfAbsent(cgroup, of -> opened(of, now));
        files.usedNanos = now;
        return files;
    }

    /** As {@link #files}, {@linkplain CgroupFiles#enter entered}. */
    CgroupFiles entered(Cgroup cgroup, long now, Scratch scratch) {
        while (true) {
            CgroupFiles files = files(cgroup, now);
            // Only what has been taken out is closed, so the next one is another.
            if (files.enter(scratch)) {
                return files;
            }
        }
    }

    Collection<CgroupFiles> all() {
        return table.values();
    }

    private CgroupFiles opened(Cgroup cgroup, long now) {
        return new CgroupFiles(fs, budget, cgroup, limits.leaf(cgroup), now);
    }

    private void sweep(long now) {
        table.forEach((cgroup, files) -> {
            if (now - files.usedNanos >= IDLE_NANOS) {
                forget(cgroup);
            }
        });
    }

    /** Nobody reads it any more. */
    void forget(Cgroup cgroup) {
        @Nullable CgroupFiles removed = table.remove(cgroup);
        if (removed != null) {
            limits.unread();
            removed.close();
        }
    }

    /** All of them. */
    void clear() {
        table.keySet().forEach(this::forget);
    }
}
