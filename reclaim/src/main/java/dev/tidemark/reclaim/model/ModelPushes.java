package dev.tidemark.reclaim.model;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.PushSink;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * What the modelled kernel tells by itself, as the real one does: pressure by its triggers' rule and changes of memory.events.
 *
 * <p><b>Thread:</b> everything is done and emitted on the clock's; {@link #pushes} may be called, subscribed to and cancelled from
 * any. <b>Failure:</b> a stream that asks for what the model does not have is refused as a whole.
 */
final class ModelPushes {

    private static final String[] EVENTS = {"low", "high", "max", "oom", "oom_kill"};

    private final MemcgTree tree;
    private final ModelClock clock;
    private final List<Stream> streams = new ArrayList<>();

    ModelPushes(MemcgTree tree, ModelClock clock) {
        this.tree = tree;
        this.clock = clock;
        tree.listen(this::changed);
    }

    Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        Set<PushRequest> wanted = Set.copyOf(requests);
        return Flux.create(
                sink -> {
                    PushSink pushes = new PushSink(sink);
                    Stream stream = new Stream(cgroup, pushes);
                    sink.onRequest(_ -> {
                        if (pushes.waits()) {
                            clock.after(0, pushes::flush);
                        }
                    });
                    sink.onDispose(() -> clock.after(0, () -> end(stream)));
                    if (clock.isDisposed()) {
                        pushes.end(null);
                    } else {
                        clock.after(0, () -> begin(stream, wanted));
                    }
                },
                FluxSink.OverflowStrategy.ERROR);
    }

    /** All streams complete. Any thread; nothing runs on the clock any more. */
    void close() {
        List<Stream> ended;
        clock.lock();
        try {
            ended = List.copyOf(streams);
            streams.clear();
        } finally {
            clock.unlock();
        }
        ended.forEach(stream -> stream.sink.end(null));
    }

    private void begin(Stream stream, Set<PushRequest> requests) {
        @Nullable MemCgroup memcg = stream.cgroup.equals(Cgroup.HOST) ? tree.root : tree.online(stream.cgroup);
        if (memcg == null) {
            stream.sink.end(null);
            return;
        }
        for (PushRequest request : requests) {
            if (request instanceof PushRequest.Pressure pressure && pressure.resource() != Resource.MEMORY) {
                stream.sink.end(new PushRefusedException("The model keeps pressure of memory only: what waits for "
                        + pressure.resource().name().toLowerCase(Locale.ROOT) + " is told on a real host alone."));
                return;
            }
        }
        if (!stream.sink.isCancelled()) {
            streams.add(stream);
            requests.forEach(request -> stream.ask(memcg, request));
        }
    }

    private void changed(MemCgroup memcg) {
        if (!memcg.online) {
            for (Stream stream : List.copyOf(streams)) {
                if (stream.cgroup.id() == memcg.cgroup.id()) {
                    clock.after(0, () -> complete(stream));
                }
            }
        }
    }

    private void complete(Stream stream) {
        end(stream);
        stream.sink.end(null);
    }

    private void end(Stream stream) {
        if (streams.remove(stream)) {
            stream.withdrawals.forEach(Runnable::run);
        }
    }

    /** One subscriber. */
    private final class Stream {
        private final Cgroup cgroup;
        private final PushSink sink;
        private final List<Runnable> withdrawals = new ArrayList<>();

        Stream(Cgroup cgroup, PushSink sink) {
            this.cgroup = cgroup;
            this.sink = sink;
        }

        void ask(MemCgroup memcg, PushRequest request) {
            switch (request) {
                case PushRequest.Pressure pressure -> askPressure(memcg, pressure);
                case PushRequest.Events events -> askEvents(memcg, events);
            }
        }

        private void askPressure(MemCgroup memcg, PushRequest.Pressure request) {
            int state = request.full() ? PsiGroup.FULL : PsiGroup.SOME;
            PsiTrigger trigger = new PsiTrigger(
                    state, request.stall().toNanos(), request.window().toNanos());
            Duration lasts = request.window()
                    .plus(request.window().dividedBy(PsiMonitor.LOOKS))
                    .plusNanos(2 * Costs.JIFFY);
            long[] before = {memcg.psi.totalNanos(clock.now(), state)};
            memcg.psi.watch(clock, trigger, () -> {
                long total = memcg.psi.totalNanos(clock.now(), state);
                tell(request, lasts, "total +" + Unit.DURATION.format((total - before[0]) / 1e9));
                before[0] = total;
            });
            withdrawals.add(() -> memcg.psi.unwatch(trigger));
        }

        private void askEvents(MemCgroup memcg, PushRequest.Events request) {
            long[] before = memcg.events.clone();
            Runnable listener = () -> {
                tell(request, Duration.ZERO, grown(before, memcg.events));
                System.arraycopy(memcg.events, 0, before, 0, before.length);
            };
            memcg.watchEvents(clock, listener);
            withdrawals.add(() -> memcg.unwatchEvents(listener));
        }

        /** After what is going on in the kernel at this instant. */
        private void tell(PushRequest request, Duration lasts, String moved) {
            Push push = new Push(cgroup, request, clock.now(), lasts, moved);
            clock.after(0, () -> {
                if (streams.contains(this)) {
                    sink.emit(push);
                }
            });
        }

        private static String grown(long[] before, long[] now) {
            List<String> grown = new ArrayList<>();
            for (int event = 0; event < EVENTS.length; event++) {
                if (now[event] > before[event]) {
                    grown.add(EVENTS[event] + " +" + (now[event] - before[event]));
                }
            }
            return String.join(" ", grown);
        }
    }
}
