package dev.tidemark.triggers;

import java.time.Duration;

/**
 * A kernel told of something by itself. It has been confirmed: the counter behind it has really moved.
 *
 * @param nanos when it was known that the kernel told
 * @param lasts how long it counts: the kernel tells again before that is over if it goes on. Zero for {@link
 *     PushRequest.Events}, which have no duration
 * @param moved what confirmed it, for people: {@code total +152ms}, {@code max +3 high +1}
 */
public record Push(Cgroup cgroup, PushRequest request, long nanos, Duration lasts, String moved) {

    /** Counts for the window that was asked for. */
    public Push(Cgroup cgroup, PushRequest request, long nanos) {
        this(cgroup, request, nanos, window(request), "");
    }

    private static Duration window(PushRequest request) {
        return switch (request) {
            case PushRequest.Pressure pressure -> pressure.window();
            case PushRequest.Events() -> Duration.ZERO;
        };
    }
}
