package dev.tidemark.reclaim;

import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.FluxSink;

/**
 * The back-pressure that {@link dev.tidemark.triggers.PushSource} promises: of each request the latest push waits until it is asked
 * for.
 *
 * <p><b>Thread:</b> {@link #emit} and {@link #flush} one at a time, {@link #waits} and {@link #end} any.
 */
public final class PushSink {

    private final FluxSink<Push> sink;
    private final Map<PushRequest, Push> waiting = new LinkedHashMap<>();
    private volatile boolean waits;

    /** @param sink with the strategy {@code ERROR}: nothing is emitted that was not asked for */
    public PushSink(FluxSink<Push> sink) {
        this.sink = sink;
    }

    /** Whether {@link #flush} may have something to do for who has just asked for more. */
    public boolean waits() {
        return waits;
    }

    public boolean isCancelled() {
        return sink.isCancelled();
    }

    /** Emits it, or keeps it in place of one of the same request. */
    public void emit(Push push) {
        waiting.put(push.request(), push);
        // Before demand is looked at: whoever asks afterwards sees it and has flush() called.
        waits = true;
        flush();
    }

    /** Emits what waits, the oldest first, as far as it is asked for. */
    public void flush() {
        Iterator<Push> pushes = waiting.values().iterator();
        while (pushes.hasNext() && sink.requestedFromDownstream() > 0 && !sink.isCancelled()) {
            Push push = pushes.next();
            pushes.remove();
            sink.next(push);
        }
        waits = !waiting.isEmpty();
    }

    /** Completes, or ends with the error. Idempotent. */
    public void end(@Nullable Exception error) {
        if (error == null) {
            sink.complete();
        } else {
            sink.error(error);
        }
    }
}
