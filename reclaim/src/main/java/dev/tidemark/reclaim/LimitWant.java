package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Protect;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Throttle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** What one policy that is active for a cgroup wants to be in one of its files. Confined to the core thread. */
final class LimitWant {
    static final long NOTHING_YET = -1;

    final Policy policy;
    long bytes = NOTHING_YET;
    /** It has had its time, or cannot have what it wants: it wants nothing any more. */
    boolean over;

    boolean told;
    long changedNanos;

    /** When it will have had its time. */
    long untilNanos = LimitStanding.NEVER;

    @Nullable
    Disposable timer;

    /** Why it does not have what it wants. */
    @Nullable
    LimitEvent against;

    LimitWant(Policy policy) {
        this.policy = policy;
    }

    /** To what it wants it set. */
    long of(double usageBytes, CgroupLimits limits, int pageSize) {
        double wanted = switch (policy.action()) {
            case Throttle throttle -> {
                double least = Math.max(throttle.leastBytes(), Math.max(limits.lowBytes(), limits.minBytes()));
                yield Math.max(least, high(throttle.by(), usageBytes));
            }
            case Protect protect -> protect.lowBytes();
            case Reclaim _ -> throw new IllegalStateException("reclaim sets no limit");
        };
        return (long) wanted / pageSize * pageSize;
    }

    private static double high(Throttle.By by, double usageBytes) {
        return switch (by) {
            case Throttle.Over(long bytes) -> usageBytes - bytes;
            case Throttle.Delay(Duration time) -> HighDelay.highBytes(usageBytes, time);
        };
    }

    Duration longest() {
        return switch (policy.action()) {
            case Throttle throttle -> throttle.longest();
            case Protect protect -> protect.longest();
            case Reclaim _ -> throw new IllegalStateException("reclaim sets no limit");
        };
    }

    void end() {
        if (timer != null) {
            timer.dispose();
        }
    }
}
