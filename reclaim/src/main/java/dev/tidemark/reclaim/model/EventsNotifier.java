package dev.tidemark.reclaim.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells of changes of {@code memory.events} of one cgroup, at most once in 10 ms; what comes in between is told at its end
 * ({@code cgroup_file_notify}).
 *
 * <p><b>Thread:</b> the clock's.
 */
final class EventsNotifier {

    /** {@code CGROUP_FILE_NOTIFY_MIN_INTV}: {@code DIV_ROUND_UP(HZ, 100)} jiffies. */
    static final long INTERVAL_NANOS = (Costs.HZ + 99) / 100 * Costs.JIFFY;

    private final ModelClock clock;
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean notified;
    private long notifiedNanos;
    private boolean scheduled;

    EventsNotifier(ModelClock clock) {
        this.clock = clock;
    }

    void add(Runnable listener) {
        listeners.add(listener);
    }

    void remove(Runnable listener) {
        listeners.remove(listener);
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    /** A counter has moved. */
    void changed() {
        long now = clock.now();
        if (scheduled) {
            return;
        }
        if (notified && now <= notifiedNanos + INTERVAL_NANOS) {
            scheduled = true;
            clock.after(notifiedNanos + INTERVAL_NANOS + Costs.JIFFY - now, () -> {
                scheduled = false;
                tell();
            });
        } else {
            tell();
        }
    }

    private void tell() {
        notified = true;
        notifiedNanos = clock.now();
        List.copyOf(listeners).forEach(Runnable::run);
    }
}
