package dev.tidemark.triggers;

import java.util.ArrayDeque;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * Decisions on their way out: gathered while state changes and emitted once it is consistent again. A subscriber may call the
 * engine back; what that decides goes to the tail. Confined to the core thread.
 */
final class Outbox {

    private final Sinks.Many<Decision> sink = Sinks.unsafe().many().multicast().directBestEffort();
    private final ArrayDeque<Decision> waiting = new ArrayDeque<>();
    private boolean emitting;
    private long dropped;

    Flux<Decision> decisions() {
        return sink.asFlux();
    }

    void add(Decision decision) {
        waiting.add(decision);
    }

    void emit() {
        if (emitting) {
            return;
        }
        emitting = true;
        try {
            for (Decision decision = waiting.poll(); decision != null; decision = waiting.poll()) {
                if (sink.tryEmitNext(decision) == Sinks.EmitResult.FAIL_OVERFLOW) {
                    dropped++;
                }
            }
        } finally {
            emitting = false;
        }
    }

    /** Decisions that no subscriber could take for want of requests. */
    long dropped() {
        return dropped;
    }
}
