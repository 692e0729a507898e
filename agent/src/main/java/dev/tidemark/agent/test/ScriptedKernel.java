package dev.tidemark.agent.test;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.PolicyTest.Answer;
import dev.tidemark.config.PolicyTest.KernelAnswer;
import dev.tidemark.config.PolicyTest.Life;
import dev.tidemark.config.PolicyTest.Script;
import dev.tidemark.config.PolicyTest.ScriptedCgroup;
import dev.tidemark.config.Series;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitAnswer;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.MemoryController;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.PushRequest.Pressure;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/**
 * A kernel that has nothing but the values that a test writes down, and says what the test has it say.
 *
 * <p>A value holds from its instant until the next one's. {@code usage} is what the cgroup would use if nothing were reclaimed: what
 * this kernel has freed is taken off, for as long as the cgroup lives. Where a value cannot be read ({@code _}, {@code stale}) the
 * whole read fails, as it does on a host where one of the files cannot be read.
 *
 * <p>Pressure that grows by as much as a {@code trigger} asks for within its window is pushed, at most once a window, at the step at
 * which it has.
 *
 * <p><b>Thread:</b> confined to the thread that drives the scheduler, which is a virtual one; nothing blocks. <b>Time:</b> the
 * scheduler's, from 0. <b>Failure:</b> a signal that is read but not written is unknown, and listed in {@link #unwritten}.
 */
public final class ScriptedKernel implements MemoryController {

    private static final int PAGE_SIZE = 4096;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Script script;
    private final Scheduler scheduler;
    private final long intervalNanos;
    private final Map<String, ScriptedCgroup> byPath = new LinkedHashMap<>();
    private final Map<String, Alive> alive = new LinkedHashMap<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final List<Request> inFlight = new ArrayList<>();
    private final Map<String, Set<String>> unwritten = new LinkedHashMap<>();
    private final Disposable.Composite tasks = Disposables.composite();
    private long nextId = 1;

    /** A sample cannot be read, as the test says. */
    private static final class GapException extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        GapException(String signal) {
            super(signal + " cannot be read now, as the test says");
        }
    }

    private static final class Alive {
        private final Cgroup cgroup;
        private final ScriptedCgroup written;
        private final List<FluxSink<Push>> pushes = new ArrayList<>();
        private final Map<LimitFile, Long> limits = new EnumMap<>(LimitFile.class);
        private double freedBytes;

        private Alive(Cgroup cgroup, ScriptedCgroup written) {
            this.cgroup = cgroup;
            this.written = written;
        }
    }

    private record Watcher(CgroupFilter filter, FluxSink<CgroupChange> sink) {}

    /** Begins at time 0 of the scheduler; cgroups that are there from the start are there at once. */
    public ScriptedKernel(Script script, Scheduler scheduler) {
        this.script = script;
        this.scheduler = scheduler;
        this.intervalNanos = script.interval().toNanos();
        for (ScriptedCgroup cgroup : script.cgroups()) {
            byPath.put(cgroup.path(), cgroup);
            for (Life life : cgroup.lives()) {
                if (life.appears().isZero()) {
                    appear(cgroup);
                } else {
                    at(life.appears(), () -> appear(cgroup));
                }
                life.gone().ifPresent(end -> at(end, () -> go(cgroup.path())));
            }
        }
    }

    private static Signal required(String name) {
        Signal signal = Signal.named(name);
        if (signal == null) {
            throw new IllegalStateException("there is no signal " + name);
        }
        return signal;
    }

    private void at(Duration time, Runnable task) {
        tasks.add(scheduler.schedule(task, time.toNanos() - now(), TimeUnit.NANOSECONDS));
    }

    private void appear(ScriptedCgroup written) {
        Alive one = new Alive(new Cgroup(nextId++, written.path()), written);
        alive.put(written.path(), one);
        tell(new CgroupChange.Appeared(one.cgroup), written.path());
    }

    private void go(String path) {
        Alive one = alive.remove(path);
        if (one == null) {
            throw new IllegalStateException(path + " is not there, so it cannot go");
        }
        tell(new CgroupChange.Gone(one.cgroup), path);
        List.copyOf(one.pushes).forEach(FluxSink::complete);
        List.copyOf(inFlight).stream()
                .filter(request -> request.cgroup.equals(one.cgroup) && request.how.answer() != Answer.STUCK)
                .forEach(request -> request.end(Outcome.GONE, 0));
    }

    private void tell(CgroupChange change, String path) {
        List.copyOf(watchers).stream()
                .filter(watcher -> watcher.filter.selects(path))
                .forEach(watcher -> watcher.sink.next(change));
    }

    /** The cgroup that is at a path now. */
    public Optional<Cgroup> cgroup(String path) {
        return Optional.ofNullable(alive.get(path)).map(one -> one.cgroup);
    }

    /** What has been read although the test does not write it: for each path the signals, for the host's the path {@code host}. */
    public Map<String, Set<String>> unwritten() {
        return unwritten;
    }

    @Override
    public Flux<CgroupChange> watch(CgroupFilter filter) {
        return Flux.create(sink -> {
            Watcher watcher = new Watcher(filter, sink);
            watchers.add(watcher);
            sink.onDispose(() -> watchers.remove(watcher));
            alive.values().stream()
                    .filter(one -> filter.selects(one.cgroup.path()))
                    .forEach(one -> sink.next(new CgroupChange.Appeared(one.cgroup)));
            sink.next(new CgroupChange.Listed());
        });
    }

    @Override
    public void read(Cgroup cgroup, SignalSet signals, double[] values) throws IOException {
        boolean host = cgroup.equals(Cgroup.HOST);
        Alive one = host ? null : living(cgroup);
        if (!host && one == null) {
            throw new CgroupGoneException(cgroup);
        }
        for (int slot = 0; slot < signals.size(); slot++) {
            Signal signal = signals.signal(slot);
            values[slot] = one == null ? hostValue(signal) : value(one, signal);
        }
    }

    private @Nullable Alive living(Cgroup cgroup) {
        Alive one = alive.get(cgroup.path());
        return one != null && one.cgroup.equals(cgroup) ? one : null;
    }

    private double hostValue(Signal signal) throws GapException {
        Series series = script.host().get(signal);
        if (series == null && signal.equals(Signal.HOST_TOTAL)) {
            return script.memoryBytes();
        }
        return value("host", signal, series);
    }

    private double value(Alive one, Signal signal) throws GapException {
        for (LimitFile file : LimitFile.values()) {
            if (one.limits.containsKey(file) && signal.equals(signalOf(file))) {
                return bytes(one.limits.get(file));
            }
        }
        double value = value(one.cgroup.path(), signal, one.written.series().get(signal));
        return signal.equals(Signal.USAGE) ? Math.max(0, value - one.freedBytes) : value;
    }

    private double value(String path, Signal signal, @Nullable Series series) throws GapException {
        if (series == null) {
            unwritten.computeIfAbsent(path, _ -> new TreeSet<>()).add(signal.dotted());
            return Double.NaN;
        }
        double value = series.at(now() / intervalNanos);
        if (Double.isNaN(value)) {
            throw new GapException(signal.dotted());
        }
        return value;
    }

    /** Usage now; NaN where it cannot be read. */
    private double usage(Alive one) {
        Series series = one.written.series().get(Signal.USAGE);
        double value = series == null ? Double.NaN : series.at(now() / intervalNanos);
        // Not a number stays so.
        return Double.isNaN(value) ? value : Math.max(0, value - one.freedBytes);
    }

    @Override
    public Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness) {
        return Mono.create(sink -> {
            Request request = new Request(cgroup, nrPages, answerFor(cgroup.path()), now(), sink);
            inFlight.add(request);
            if (request.how.answer() != Answer.STUCK) {
                request.timer.update(
                        scheduler.schedule(request::answer, request.how.takes().toNanos(), TimeUnit.NANOSECONDS));
            }
        });
    }

    private KernelAnswer answerFor(String path) {
        Duration now = Duration.ofNanos(now());
        return script.kernel().reversed().stream()
                .filter(answer -> answer.isFor(path, now))
                .findFirst()
                .orElse(KernelAnswer.DEFAULT);
    }

    /** A request to reclaim that has not been answered. */
    private final class Request {
        private final Cgroup cgroup;
        private final long nrPages;
        private final KernelAnswer how;
        private final long startedNanos;
        private final MonoSink<ReclaimResult> sink;
        private final Disposable.Swap timer = Disposables.swap();

        private Request(
                Cgroup cgroup, long nrPages, KernelAnswer how, long startedNanos, MonoSink<ReclaimResult> sink) {
            this.cgroup = cgroup;
            this.nrPages = nrPages;
            this.how = how;
            this.startedNanos = startedNanos;
            this.sink = sink;
        }

        private void answer() {
            Alive one = living(cgroup);
            if (one == null) {
                end(Outcome.GONE, 0);
                return;
            }
            double usage = usage(one);
            long there = Double.isNaN(usage) ? Long.MAX_VALUE : (long) (usage / PAGE_SIZE);
            long taken = Math.min(Math.round(nrPages * how.frees()), there);
            one.freedBytes += (double) taken * PAGE_SIZE;
            end(
                    switch (how.answer()) {
                        case SUCCESS -> Outcome.SUCCESS;
                        case AGAIN -> Outcome.AGAIN;
                        case REFUSED, STUCK -> Outcome.REFUSED;
                    },
                    taken);
        }

        private void end(Outcome outcome, long taken) {
            timer.dispose();
            inFlight.remove(this);
            Alive one = living(cgroup);
            long worked = now() - startedNanos;
            sink.success(new ReclaimResult(
                    taken,
                    outcome,
                    outcome == Outcome.REFUSED ? "refused, as the test says" : "",
                    one == null ? Double.NaN : usage(one),
                    startedNanos,
                    now(),
                    outcome == Outcome.REFUSED ? 0 : Math.min(how.cpu().toNanos(), worked),
                    Math.round(taken * how.swaps())));
        }
    }

    @Override
    public Mono<LimitAnswer> limits(Cgroup cgroup) {
        return Mono.fromSupplier(() -> limitsNow(cgroup)).subscribeOn(scheduler);
    }

    /** {@inheritDoc} Here nothing is reclaimed for it: usage is what the test says. */
    @Override
    public Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes) {
        return Mono.fromSupplier(() -> {
                    Alive one = living(cgroup);
                    if (one != null
                            && limitsNow(cgroup) instanceof LimitAnswer.Now(CgroupLimits before)
                            && before.of(file) == expectedBytes) {
                        one.limits.put(file, bytes);
                    }
                    return limitsNow(cgroup);
                })
                .subscribeOn(scheduler);
    }

    private LimitAnswer limitsNow(Cgroup cgroup) {
        Alive one = living(cgroup);
        if (one == null) {
            return new LimitAnswer.Gone();
        }
        return new LimitAnswer.Now(new CgroupLimits(
                usage(one),
                written(one, Signal.MIN, 0),
                one.limits.getOrDefault(LimitFile.LOW, written(one, Signal.LOW, 0)),
                one.limits.getOrDefault(LimitFile.HIGH, written(one, Signal.HIGH, CgroupLimits.MAX))));
    }

    /** What the test writes; what a cgroup has that nobody has set otherwise. */
    private long written(Alive one, Signal signal, long otherwise) {
        Series series = one.written.series().get(signal);
        double value = series == null ? Double.NaN : series.at(now() / intervalNanos);
        if (Double.isNaN(value)) {
            return otherwise;
        }
        return value == Double.POSITIVE_INFINITY ? CgroupLimits.MAX : (long) value;
    }

    private static Signal signalOf(LimitFile file) {
        return switch (file) {
            case HIGH -> Signal.HIGH;
            case LOW -> Signal.LOW;
        };
    }

    private static double bytes(long limit) {
        return limit == CgroupLimits.MAX ? Double.POSITIVE_INFINITY : limit;
    }

    @Override
    public void cancel(Cgroup cgroup) {
        List.copyOf(inFlight).stream()
                .filter(request -> request.cgroup.equals(cgroup) && request.how.answer() != Answer.STUCK)
                .forEach(
                        request -> request.timer.update(scheduler.schedule(() -> request.end(Outcome.INTERRUPTED, 0))));
    }

    /** {@inheritDoc} Here there is none to start. */
    @Override
    public Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return Mono.fromSupplier(() -> new WritebackResult(0, 0, now(), now()));
    }

    @Override
    public Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        return Flux.create(sink -> {
            Alive one = living(cgroup);
            if (one == null) {
                sink.complete();
                return;
            }
            one.pushes.add(sink);
            sink.onDispose(() -> one.pushes.remove(sink));
            for (PushRequest request : requests) {
                // Of events nobody here asks to be told.
                if (request instanceof Pressure pressure) {
                    push(one, pressure, sink);
                }
            }
        });
    }

    private void push(Alive one, Pressure pressure, FluxSink<Push> sink) {
        Signal total = total(pressure);
        Series series = one.written.series().get(total);
        if (series == null) {
            unwritten.computeIfAbsent(one.cgroup.path(), _ -> new TreeSet<>()).add(total.dotted());
            return;
        }
        long window = pressure.window().toNanos();
        long[] last = {Long.MIN_VALUE / 2};
        Runnable look = () -> {
            long now = now();
            double grown = series.at(now / intervalNanos) - series.at(Math.max(0, now - window) / intervalNanos);
            if (now - last[0] >= window
                    && Math.round(grown * NANOS_PER_SECOND) >= pressure.stall().toNanos()) {
                last[0] = now;
                sink.next(new Push(one.cgroup, pressure, now));
            }
        };
        long first = intervalNanos - now() % intervalNanos;
        sink.onCancel(scheduler.schedulePeriodically(look, first, intervalNanos, TimeUnit.NANOSECONDS));
    }

    private static Signal total(Pressure pressure) {
        String resource = pressure.resource() == Resource.MEMORY
                ? ""
                : pressure.resource().name().toLowerCase(Locale.ROOT) + '.';
        return required("psi." + resource + (pressure.full() ? "full" : "some") + ".total");
    }

    @Override
    public int pageSize() {
        return PAGE_SIZE;
    }

    @Override
    public void close() {
        tasks.dispose();
        List.copyOf(watchers).forEach(watcher -> watcher.sink.complete());
        alive.values().forEach(one -> List.copyOf(one.pushes).forEach(FluxSink::complete));
        List.copyOf(inFlight).forEach(request -> request.end(Outcome.INTERRUPTED, 0));
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }
}
