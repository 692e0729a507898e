package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/** A kernel with limits and no memory: a write takes as long as the test says, and holds from its beginning or, if so told, its end. */
final class FakeLimits implements MemoryController {

    static final int PAGE = 4096;
    private static final long MIB = 1 << 20;

    private record Place(long id, LimitFile file) {}

    private static final class Write {
        final Place place;
        final long bytes;
        final MonoSink<LimitAnswer> sink;

        Write(Place place, long bytes, MonoSink<LimitAnswer> sink) {
            this.place = place;
            this.bytes = bytes;
            this.sink = sink;
        }
    }

    final Map<Cgroup, Long> usage = new HashMap<>();
    private final Map<Place, Long> values = new HashMap<>();
    private final List<Write> inFlight = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    Duration took = Duration.ofMillis(1);
    /** Does not notice being cancelled. */
    boolean deaf;
    /** Answers this to every write. */
    LimitAnswer instead = new LimitAnswer.Gone();

    boolean answersInstead;
    /** A write does nothing before it ends. */
    boolean late;

    int most;

    private final Scheduler time;

    FakeLimits(Scheduler time) {
        this.time = time;
    }

    long value(Cgroup cgroup, LimitFile file) {
        return values.getOrDefault(new Place(cgroup.id(), file), file == LimitFile.HIGH ? CgroupLimits.MAX : 0L);
    }

    /** Somebody writes. */
    void write(Cgroup cgroup, LimitFile file, long bytes) {
        values.put(new Place(cgroup.id(), file), bytes);
    }

    /** The cgroup is removed. */
    void remove(Cgroup cgroup) {
        usage.remove(cgroup);
    }

    @Override
    public Mono<LimitAnswer> limits(Cgroup cgroup) {
        return Mono.fromSupplier(() -> now(cgroup)).subscribeOn(time);
    }

    private LimitAnswer now(Cgroup cgroup) {
        Long used = usage.get(cgroup);
        return used == null
                ? new LimitAnswer.Gone()
                : new LimitAnswer.Now(
                        new CgroupLimits(used, 0, value(cgroup, LimitFile.LOW), value(cgroup, LimitFile.HIGH)));
    }

    @Override
    public Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes) {
        return Mono.create(sink -> {
            if (answersInstead) {
                sink.success(instead);
                return;
            }
            if (value(cgroup, file) != expectedBytes || !usage.containsKey(cgroup)) {
                sink.success(now(cgroup));
                return;
            }
            calls.add(cgroup.path()
                    + ' '
                    + file.fileName()
                    + ' '
                    + (bytes == CgroupLimits.MAX ? "max" : Double.toString((double) bytes / MIB)));
            Write write = new Write(new Place(cgroup.id(), file), bytes, sink);
            inFlight.add(write);
            most = Math.max(most, inFlight.size());
            if (!late) {
                values.put(write.place, bytes);
            }
            time.schedule(() -> end(cgroup, write), took.toNanos(), TimeUnit.NANOSECONDS);
        });
    }

    private void end(Cgroup cgroup, Write write) {
        if (inFlight.remove(write)) {
            if (late) {
                values.put(write.place, write.bytes);
            }
            write.sink.success(now(cgroup));
        }
    }

    @Override
    public void cancel(Cgroup cgroup) {
        if (!deaf) {
            List.copyOf(inFlight).stream()
                    .filter(write -> write.place.id() == cgroup.id())
                    .forEach(write -> {
                        inFlight.remove(write);
                        time.schedule(() -> write.sink.success(now(cgroup)));
                    });
        }
    }

    @Override
    public void read(Cgroup cgroup, SignalSet signals, double[] found) {
        found[signals.slot(Signal.USAGE)] = usage.getOrDefault(cgroup, 0L);
    }

    @Override
    public Flux<CgroupChange> watch(CgroupFilter filter) {
        return Flux.never();
    }

    @Override
    public Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness) {
        return Mono.error(new IllegalStateException("nothing is to be reclaimed"));
    }

    @Override
    public Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        return Flux.never();
    }

    @Override
    public Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return Mono.error(new IllegalStateException("nothing is to be written back"));
    }

    @Override
    public int pageSize() {
        return PAGE;
    }

    @Override
    public void close() {}
}
