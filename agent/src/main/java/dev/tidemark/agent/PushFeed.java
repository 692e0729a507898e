package dev.tidemark.agent;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.PushSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Has a kernel tell of what the policies want to be told, for each cgroup apart.
 *
 * <p>Each request has a stream of its own: what the kernel refuses of one cgroup leaves its others alone. A refused one is told
 * once and asked for again only by the next {@link #want}, at a reload; until then sampling has to do.
 *
 * <p><b>Thread:</b> confined to the core thread, on which pushes are handed on. <b>Back-pressure:</b> of each request the
 * latest push is kept.
 */
final class PushFeed implements Disposable {

    private final PushSource source;
    private final Scheduler core;
    private final Consumer<Push> pushed;
    private final BiConsumer<Cgroup, Throwable> refused;
    private final Map<Cgroup, Map<PushRequest, Disposable>> streams = new HashMap<>();
    private boolean disposed;

    /**
     * @param pushed takes pushes, on the core thread
     * @param refused told what the kernel would not do, on the core thread
     */
    PushFeed(PushSource source, Scheduler core, Consumer<Push> pushed, BiConsumer<Cgroup, Throwable> refused) {
        this.source = source;
        this.core = core;
        this.pushed = pushed;
        this.refused = refused;
    }

    /** From now on the kernel is to tell this of the cgroup, and nothing else. */
    void want(Cgroup cgroup, Set<PushRequest> requests) {
        if (disposed || (requests.isEmpty() && !streams.containsKey(cgroup))) {
            return;
        }
        Map<PushRequest, Disposable> running = streams.computeIfAbsent(cgroup, _ -> new HashMap<>());
        running.entrySet().removeIf(entry -> {
            boolean over =
                    !requests.contains(entry.getKey()) || entry.getValue().isDisposed();
            if (over) {
                entry.getValue().dispose();
            }
            return over;
        });
        requests.forEach(request -> running.computeIfAbsent(request, _ -> ask(cgroup, request)));
        if (running.isEmpty()) {
            streams.remove(cgroup);
        }
    }

    /** The cgroup is not there any more, or of no interest. */
    void gone(Cgroup cgroup) {
        Map<PushRequest, Disposable> running = streams.remove(cgroup);
        if (running != null) {
            running.values().forEach(Disposable::dispose);
        }
    }

    /** Wants nothing any more. Idempotent. */
    @Override
    public void dispose() {
        disposed = true;
        Set.copyOf(streams.keySet()).forEach(this::gone);
    }

    private Disposable ask(Cgroup cgroup, PushRequest request) {
        // One at a time, so that the source keeps the latest and not this queue the oldest.
        return source.pushes(cgroup, Set.of(request))
                .publishOn(core, 1)
                .subscribe(pushed, failure -> refused.accept(cgroup, failure));
    }
}
