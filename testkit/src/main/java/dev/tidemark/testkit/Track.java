package dev.tidemark.testkit;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is followed of the cgroup at one path, also over its being removed and made anew. */
final class Track {

    private static final SignalSet SEEN =
            SignalSet.of(Signal.USAGE, Signal.EVENTS_MAX, Signal.EVENTS_HIGH, Signal.EVENTS_OOM_KILL);

    /** What a counter came to of those that are gone, and of the one that is there. */
    private static final class Count {
        long before;
        long now;
    }

    private final String path;
    private final MemoryModel model;
    private final double[] values = new double[SEEN.size()];
    private final Map<Moment.Counter, Count> counts = new EnumMap<>(Moment.Counter.class);
    private @Nullable Cgroup known;
    private double peakBytes;
    private long peakNanos;

    Track(String path, MemoryModel model) {
        this.path = path;
        this.model = model;
        for (Moment.Counter counter : Moment.Counter.values()) {
            counts.put(counter, new Count());
        }
    }

    /** Looks at it, and tells of what rose since the last look. */
    void look(long lastNanos, long nowNanos, Timeline timeline) {
        Optional<Cgroup> found = model.cgroup(path);
        if (found.isEmpty()) {
            return;
        }
        Cgroup cgroup = found.get();
        if (known != null && !known.equals(cgroup)) {
            for (Count count : counts.values()) {
                count.before += count.now;
                count.now = 0;
            }
        }
        known = cgroup;
        try {
            model.observe(cgroup, SEEN, values);
        } catch (CgroupGoneException e) {
            throw new IllegalStateException(cgroup + " was there at this very instant", e);
        }
        double usage = values[SEEN.slot(Signal.USAGE)];
        if (usage > peakBytes) {
            peakBytes = usage;
            peakNanos = nowNanos;
        }
        counts.forEach((counter, count) -> {
            long value = (long) values[SEEN.slot(counter.signal())];
            if (value > count.now) {
                timeline.rose(path, counter, lastNanos, nowNanos, value - count.now);
                count.now = value;
            }
        });
    }

    long count(Moment.Counter counter) {
        Count count = counts.get(counter);
        return count == null ? 0 : count.before + count.now;
    }

    double peakBytes() {
        return peakBytes;
    }

    long peakNanos() {
        return peakNanos;
    }
}
