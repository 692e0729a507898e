package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Resource;
import java.time.Duration;

/** What a kernel can be asked to tell of a cgroup by itself, instead of being looked at for it. */
public sealed interface PushRequest {

    /**
     * That tasks of the cgroup have waited for at least {@code stall} within {@code window}; at most once a window.
     *
     * @param full whether all tasks had to wait; otherwise some
     * @param stall 1 us to {@code window}
     * @param window 500 ms to 10 s
     */
    record Pressure(Resource resource, boolean full, Duration stall, Duration window) implements PushRequest {}

    /** That a counter of memory.events has moved. */
    record Events() implements PushRequest {}
}
