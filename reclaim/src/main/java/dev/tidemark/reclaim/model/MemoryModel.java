package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitAnswer;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.MemoryController;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * A modelled host that plays a scenario.
 *
 * <p><b>Thread:</b> the model works on the scheduler it was given, one task at a time; every method may be called from any
 * thread. <b>Back-pressure:</b> as {@link MemoryController} says. <b>Time:</b> that scheduler's, in nanoseconds; under a
 * virtual scheduler two runs of one scenario are alike to the last page. <b>Failure:</b> a defect of the model ends {@link
 * #finished} with the error.
 */
public final class MemoryModel implements MemoryController {

    private static final int DIRECT_RECLAIM = 0x400;

    private final Scenario scenario;
    private final ModelClock clock;
    private final Kernel kernel;
    private final Sinks.Empty<Void> finished = Sinks.empty();
    private final ModelPushes pushes;
    /** In the order in which they came; subscribing and cancelling must not wait for the model's lock. */
    private final Queue<ReclaimRequest> inFlight = new ConcurrentLinkedQueue<>();

    private final Set<FluxSink<CgroupChange>> watchers = new HashSet<>();
    /** What ends writes of limits that are under way. */
    private final Queue<Runnable> writes = new ConcurrentLinkedQueue<>();

    private final Map<Cgroup, LimitWrite> limitWrites = new ConcurrentHashMap<>();
    private final Signals files;

    private boolean started;

    /**
     * A request to reclaim that a workload has made.
     *
     * @param cgroup path of the cgroup whose {@code memory.reclaim} was written to
     * @param pagesScanned meanwhile on behalf of requests; by all there were, where several were under way
     */
    public record Request(String cgroup, long pagesScanned, ReclaimResult result) {}

    private MemoryModel(Scenario scenario, Scheduler scheduler) {
        this.scenario = scenario;
        clock = new ModelClock(scheduler, finished::tryEmitError);
        kernel = new Kernel(scenario.host(), scenario.seed(), clock, this::taskEnded);
        files = new Signals(scenario.host().kernel(), kernel.rstat);
        pushes = new ModelPushes(kernel.tree, clock);
        for (CgroupSpec spec : scenario.cgroups()) {
            kernel.tree.make(spec);
        }
        SplittableRandom seeds = new SplittableRandom(scenario.seed());
        int cpu = 0;
        for (WorkloadSpec spec : scenario.workloads()) {
            MemCgroup memcg = kernel.tree.make(spec.cgroup());
            kernel.tasks.add(
                    new Task(kernel, spec, memcg, cpu++ % scenario.host().cpus(), seeds.nextLong()));
        }
    }

    /**
     * Builds the host and its cgroups; nothing runs yet.
     *
     * @throws IllegalArgumentException when a workload reads a file that none writes, or touches memory it does not allocate
     */
    public static MemoryModel of(Scenario scenario, Scheduler scheduler) {
        requireKnownNames(scenario);
        return new MemoryModel(scenario, scheduler);
    }

    /** Begins the workloads, each at its time from now on. A second call does nothing. */
    public void start() {
        locked(() -> {
            if (!started) {
                started = true;
                kernel.rstat.start();
                kernel.tasks.forEach(Task::start);
                clock.after(scenario.duration().toNanos(), this::finish);
            }
            return started;
        });
    }

    /**
     * Completes when the last workload has ended, at the latest at the scenario's duration; what still runs then is stopped
     * where it is. Completes at once on {@link #close}.
     */
    public Mono<Void> finished() {
        return finished.asMono();
    }

    /** How the workloads have fared up to now, in the scenario's order. */
    public List<WorkloadReport> report() {
        return locked(() -> kernel.tasks.stream().map(Task::report).toList());
    }

    /** What became of the workloads' own requests to reclaim, in the order in which they ended. */
    public List<Request> requests() {
        return locked(() -> List.copyOf(kernel.requests));
    }

    /** How many pages have been charged for so far. */
    public long chargedPages() {
        return locked(kernel.pages.folios::allocated);
    }

    /** The cgroup at a path now. */
    public Optional<Cgroup> cgroup(String path) {
        return locked(() -> Optional.ofNullable(kernel.tree.at(path)).map(memcg -> memcg.cgroup));
    }

    /**
     * Makes a cgroup, and its parents where they are missing. To one that is there these limits are written: what is above a
     * lower one is reclaimed as by {@link #writeHigh} and {@link #writeMax}, which goes on after this has returned.
     */
    public Cgroup create(CgroupSpec spec) {
        HookTables.requireSleepable();
        return locked(() -> {
            if (kernel.tree.at(spec.path()) == null || clock.isDisposed()) {
                return kernel.tree.make(spec).cgroup;
            }
            MemCgroup memcg = kernel.tree.make(spec.path());
            kernel.tree.protect(memcg, spec);
            LimitWrite.high(kernel, memcg, MemcgTree.pages(spec.highBytes()), Reclaimer.DIRECT, () -> {})
                    .start();
            LimitWrite.max(kernel, memcg, MemcgTree.pages(spec.maxBytes()), () -> {});
            return memcg.cgroup;
        });
    }

    /**
     * A write to {@code memory.max}: the limit holds at once, and the writer reclaims until usage is below it, killing what cannot be
     * brought below. Lazy; completes when the write returns, at once on a closed model, and for a cgroup that is gone.
     *
     * @param bytes {@link Long#MAX_VALUE} for {@code max}
     */
    public Mono<Void> writeMax(Cgroup cgroup, long bytes) {
        return write(cgroup, (memcg, done) -> LimitWrite.max(kernel, memcg, MemcgTree.pages(bytes), done));
    }

    /**
     * A write to {@code memory.high}: the limit holds at once, and the writer reclaims until usage is below it or 16 rounds were for
     * nothing. Lazy; completes when the write returns, at once on a closed model, and for a cgroup that is gone.
     *
     * @param bytes {@link Long#MAX_VALUE} for {@code max}
     */
    public Mono<Void> writeHigh(Cgroup cgroup, long bytes) {
        return write(
                cgroup,
                (memcg, done) -> LimitWrite.high(kernel, memcg, MemcgTree.pages(bytes), Reclaimer.DIRECT, done)
                        .start());
    }

    private Mono<Void> write(Cgroup cgroup, BiConsumer<MemCgroup, Runnable> limit) {
        return this.<Boolean>onClock(true, sink -> {
                    MemCgroup memcg = kernel.tree.online(cgroup);
                    if (memcg == null) {
                        sink.success(true);
                    } else {
                        limit.accept(memcg, () -> sink.success(true));
                    }
                })
                .then();
    }

    /** A task of the model's own thread, which answers later. */
    private <T> Mono<T> onClock(T whenClosed, Consumer<MonoSink<T>> task) {
        return Mono.create(sink -> {
            Runnable abandon = () -> sink.success(whenClosed);
            writes.add(abandon);
            sink.onDispose(() -> writes.remove(abandon));
            clock.after(0, () -> task.accept(sink));
            if (clock.isDisposed()) {
                // It may have been added after close looked.
                abandon.run();
            }
        });
    }

    /**
     * Removes a cgroup as {@code rmdir} does; its pages stay until they are reclaimed. Does nothing when it is gone.
     *
     * @throws IllegalStateException when workloads run in it or cgroups are below it
     */
    public void remove(Cgroup cgroup) {
        HookTables.requireSleepable();
        locked(() -> {
            MemCgroup memcg = kernel.tree.online(cgroup);
            if (memcg != null) {
                kernel.tree.requireRemovable(memcg);
                kernel.charge.drainAllStock(memcg);
                kernel.tree.remove(memcg);
            }
            return cgroup;
        });
    }

    /** {@link #attach(Cgroup, MemcgHooks, int)} without flags: cgroups below cannot have a table of their own. */
    public void attach(Cgroup cgroup, MemcgHooks hooks) {
        attach(cgroup, hooks, 0);
    }

    /**
     * Attaches a table of hooks to a cgroup and all below it, and to those made below it later. Whether it may be overridden
     * there is said by {@link MemcgHooks#ALLOW_OVERRIDE}.
     *
     * <p>The rules are those of the series' v7. There must be no other table in the cgroup, but for one that it inherits and that
     * was attached with the flag, and none below it.
     *
     * @param flags 0 or {@link MemcgHooks#ALLOW_OVERRIDE}
     * @throws MemcgHooksException with EINVAL when the cgroup is gone or this is a hook's thread, EBUSY when another table is in the
     *     way, EOPNOTSUPP for other flags
     */
    public void attach(Cgroup cgroup, MemcgHooks hooks, int flags) {
        changeTables(tables -> tables.attach(required(cgroup), hooks, flags));
    }

    /**
     * Puts another table in place of the one that is attached to the cgroup, there and wherever it is inherited, one cgroup after the
     * other: each charge is told to the old one or to the new one. When this returns, no call of the old one is under way.
     *
     * @throws MemcgHooksException with EINVAL when the cgroup is gone, has no table of its own or this is a hook's thread
     */
    public void swap(Cgroup cgroup, MemcgHooks hooks) {
        changeTables(tables -> tables.swap(required(cgroup), hooks));
    }

    /**
     * Takes the table away that is attached to the cgroup; there, and wherever it is inherited, that of the parent applies again. When
     * this returns, no call of it is under way. Does nothing when none is attached or the cgroup is gone with its last page.
     *
     * @throws MemcgHooksException with EINVAL when this is a hook's thread
     */
    public void detach(Cgroup cgroup) {
        changeTables(tables -> {
            MemCgroup memcg = kernel.tree.withId(cgroup.id());
            if (memcg != null) {
                tables.detach(memcg);
            }
        });
    }

    /**
     * Attaches a table for all cgroups, as v1 of the series did: it holds {@code tryCharge} and nothing else. A cgroup whose own table has
     * that hook keeps to its own.
     *
     * @throws MemcgHooksException with EEXIST when there is one already, EOPNOTSUPP when it has another hook, EINVAL when this is a hook's
     *     thread
     */
    public void attachGlobal(MemcgHooks hooks) {
        changeTables(tables -> tables.attachGlobal(hooks));
    }

    /** Takes that table away; does nothing when there is none. */
    public void detachGlobal() {
        changeTables(HookTables::detachGlobal);
    }

    /** How many calls of hooks ended in an exception. */
    public long hookFailures() {
        return kernel.tree.root.hookCalls.failures();
    }

    /** The first exception out of a hook. */
    public Optional<RuntimeException> firstHookFailure() {
        return Optional.ofNullable(kernel.tree.root.hookCalls.firstFailure());
    }

    /**
     * {@code parent_mem_cgroup}: the cgroup above, also of one that was removed but has pages left; empty for the root, or when it is
     * gone altogether.
     */
    public Optional<Cgroup> parent(Cgroup cgroup) {
        return locked(() -> Optional.ofNullable(kernel.tree.withId(cgroup.id()))
                .map(memcg -> memcg.parent)
                .map(parent -> parent.cgroup));
    }

    /** {@inheritDoc} Here it does not block: the model's files are its own memory. */
    @Override
    public void read(Cgroup cgroup, SignalSet signals, double[] values) throws CgroupGoneException {
        values(cgroup, signals, values, files::told);
    }

    /**
     * As {@link #read}, for an onlooker who is no part of the host: nothing on it is other for his looking. Reading a file of pressure
     * is to take a sum of the CPUs' times, and such sums depend on when they are taken, in the kernel too; the onlooker has a sum of
     * his own, which need not be that of the file. He also sees what the files of an older kernel do not have.
     *
     * @throws CgroupGoneException as {@link #read}
     */
    public void observe(Cgroup cgroup, SignalSet signals, double[] values) throws CgroupGoneException {
        values(cgroup, signals, values, Signals::observed);
    }

    /** What one signal is. */
    private interface Reading {
        double of(MemCgroup memcg, Scope scope, Signal signal, long nowNanos);
    }

    private void values(Cgroup cgroup, SignalSet signals, double[] values, Reading reading) throws CgroupGoneException {
        clock.lock();
        try {
            boolean host = cgroup.equals(Cgroup.HOST);
            MemCgroup memcg = host ? kernel.tree.root : kernel.tree.online(cgroup);
            if (memcg == null) {
                throw new CgroupGoneException(cgroup);
            }
            Scope scope = host ? Scope.HOST : Scope.CGROUP;
            long now = clock.now();
            for (int slot = 0; slot < signals.size(); slot++) {
                values[slot] = reading.of(memcg, scope, signals.signal(slot), now);
            }
        } finally {
            clock.unlock();
        }
    }

    @Override
    public Flux<CgroupChange> watch(CgroupFilter filter) {
        return Flux.create(sink -> clock.after(0, () -> list(filter, sink)));
    }

    private void list(CgroupFilter filter, FluxSink<CgroupChange> sink) {
        if (sink.isCancelled()) {
            return;
        }
        Consumer<MemCgroup> listener = memcg -> {
            if (filter.selects(memcg.cgroup.path())) {
                CgroupChange change =
                        memcg.online ? new CgroupChange.Appeared(memcg.cgroup) : new CgroupChange.Gone(memcg.cgroup);
                clock.after(0, () -> sink.next(change));
            }
        };
        kernel.tree.listen(listener);
        watchers.add(sink);
        sink.onDispose(() -> clock.after(0, () -> {
            kernel.tree.unlisten(listener);
            watchers.remove(sink);
        }));
        listBelow(kernel.tree.root, filter, sink);
        sink.next(new CgroupChange.Listed());
    }

    @Override
    public Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        return pushes.pushes(cgroup, requests);
    }

    private static void listBelow(MemCgroup memcg, CgroupFilter filter, FluxSink<CgroupChange> sink) {
        if (memcg.online && filter.selects(memcg.cgroup.path())) {
            sink.next(new CgroupChange.Appeared(memcg.cgroup));
        }
        if (filter.reaches(memcg.cgroup.path())) {
            for (MemCgroup child = memcg.firstChild; child != null; child = child.nextSibling) {
                listBelow(child, filter, sink);
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>With {@code PROACTIVE} this is a write to {@code memory.reclaim}: it goes in batches of a quarter of the rest and
     * can be cancelled between two of them. Without, it is one call of the kernel's function, which cannot. Subscribed to from
     * within a hook it is {@link ReclaimResult.Outcome#REFUSED}: reclaim sleeps, and a hook must not.
     */
    @Override
    public Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness) {
        return Mono.create(sink -> {
            boolean maySwap = (reclaimOptions & ReclaimOptions.MAY_SWAP) != 0;
            boolean proactive = (reclaimOptions & ReclaimOptions.PROACTIVE) != 0;
            ReclaimRequest request = new ReclaimRequest(
                    kernel, cgroup, nrPages, maySwap, proactive, taken(swappiness), (done, result) -> {
                        inFlight.remove(done);
                        sink.success(result);
                    });
            sink.onCancel(request::cancel);
            inFlight.add(request);
            if ((gfp & DIRECT_RECLAIM) == 0) {
                clock.after(0, () -> request.refuse("Invalid argument: reclaim needs a context that may sleep"));
            } else if (HookCalls.inHook()) {
                clock.after(
                        0, () -> request.refuse("Invalid argument: a hook must not sleep; reclaim from a scheduler"));
            } else {
                clock.after(0, request::start);
            }
            if (clock.isDisposed()) {
                // It may have been added after close looked.
                request.abandon();
            }
        });
    }

    /** A number is a preference: a kernel from before 6.11, which would refuse it, goes by its own. */
    private int taken(int swappiness) {
        boolean number = swappiness >= 0 && swappiness <= ScanCount.MAX_SWAPPINESS;
        return number && !kernel.series.isAtLeast(KernelSeries.LINUX_6_12) ? -1 : swappiness;
    }

    @Override
    public Mono<LimitAnswer> limits(Cgroup cgroup) {
        return onClock(new LimitAnswer.Gone(), sink -> sink.success(limitsNow(cgroup)));
    }

    @Override
    public Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes) {
        return onClock(new LimitAnswer.Gone(), sink -> {
            MemCgroup memcg = kernel.tree.online(cgroup);
            if (memcg == null
                    || !(limitsNow(cgroup) instanceof LimitAnswer.Now(CgroupLimits before))
                    || before.of(file) != expectedBytes) {
                sink.success(limitsNow(cgroup));
                return;
            }
            long pages = MemcgTree.pages(bytes);
            switch (file) {
                case LOW -> {
                    memcg.memory.low = pages;
                    sink.success(limitsNow(cgroup));
                }
                case HIGH -> {
                    LimitWrite write = LimitWrite.high(kernel, memcg, pages, Reclaimer.AGENT, () -> {
                        limitWrites.remove(cgroup);
                        sink.success(limitsNow(cgroup));
                    });
                    limitWrites.put(cgroup, write);
                    write.start();
                }
            }
        });
    }

    private LimitAnswer limitsNow(Cgroup cgroup) {
        MemCgroup memcg = kernel.tree.online(cgroup);
        if (memcg == null) {
            return new LimitAnswer.Gone();
        }
        if (memcg.isRoot()) {
            return new LimitAnswer.Refused("the root has no memory.high and no memory.low");
        }
        return new LimitAnswer.Now(new CgroupLimits(
                (double) memcg.memory.usage * Folios.PAGE_SIZE,
                MemcgTree.bytes(memcg.memory.min),
                MemcgTree.bytes(memcg.memory.low),
                MemcgTree.bytes(memcg.memory.high)));
    }

    @Override
    public void cancel(Cgroup cgroup) {
        LimitWrite write = limitWrites.get(cgroup);
        if (write != null) {
            write.cancel();
        }
        for (ReclaimRequest request : inFlight) {
            if (request.cgroup().id() == cgroup.id()) {
                request.cancel();
            }
        }
    }

    /** {@inheritDoc} Here the flushers of the cgroup and those below are told to write all that is dirty now, however little. */
    @Override
    public Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return Mono.create(sink -> {
            Runnable start = () -> {
                MemCgroup memcg = kernel.tree.online(cgroup);
                int files = memcg == null ? 0 : kernel.writeback.writeAll(memcg);
                sink.success(new WritebackResult(files, 0, clock.now(), clock.now()));
            };
            if (clock.isDisposed()) {
                sink.success(new WritebackResult(0, 0, clock.now(), clock.now()));
            } else {
                clock.after(0, start);
            }
        });
    }

    @Override
    public int pageSize() {
        return Folios.PAGE_SIZE;
    }

    @Override
    public void close() {
        List<FluxSink<CgroupChange>> watching = new ArrayList<>();
        locked(() -> {
            clock.dispose();
            watching.addAll(watchers);
            return clock;
        });
        List.copyOf(inFlight).forEach(ReclaimRequest::abandon);
        watching.forEach(FluxSink::complete);
        List.copyOf(writes).forEach(Runnable::run);
        pushes.close();
        finished.tryEmitEmpty();
    }

    /** The parts, for this package's tests. */
    Kernel kernel() {
        return kernel;
    }

    private void taskEnded() {
        if (kernel.allEnded()) {
            finish();
        }
    }

    private void finish() {
        kernel.tasks.forEach(Task::freeze);
        finished.tryEmitEmpty();
    }

    private MemCgroup required(Cgroup cgroup) {
        if (cgroup.equals(Cgroup.HOST)) {
            throw new MemcgHooksException(
                    MemcgHooksException.Errno.EOPNOTSUPP,
                    "the host is not a cgroup: a table for all of it is attached to the root, \"\"");
        }
        MemCgroup memcg = kernel.tree.online(cgroup);
        if (memcg == null || !memcg.cgroup.equals(cgroup)) {
            throw new MemcgHooksException(
                    MemcgHooksException.Errno.EINVAL,
                    "there is no cgroup " + cgroup + ": look it up again, it was removed or is another host's");
        }
        return memcg;
    }

    private void changeTables(Consumer<HookTables> change) {
        HookTables.requireSleepable();
        locked(() -> {
            change.accept(kernel.tree.hookTables);
            return change;
        });
    }

    private <T> T locked(Supplier<T> body) {
        clock.lock();
        try {
            return body.get();
        } finally {
            clock.unlock();
        }
    }

    private static void requireKnownNames(Scenario scenario) {
        Set<String> written = new HashSet<>();
        scenario.workloads()
                .forEach(workload -> forEach(workload.steps(), step -> {
                    if (step instanceof Step.Write write) {
                        written.add(write.file());
                    } else if (step instanceof Step.Append append) {
                        written.add(append.file());
                    }
                }));
        for (WorkloadSpec workload : scenario.workloads()) {
            Set<String> allocated = new HashSet<>();
            forEach(workload.steps(), step -> {
                if (step instanceof Step.Allocate allocate) {
                    allocated.add(allocate.name());
                } else if (step instanceof Step.Grow grow) {
                    allocated.add(grow.name());
                } else if (step instanceof Step.Touch touch && !allocated.contains(touch.name())) {
                    throw new IllegalArgumentException("workload " + workload.name() + " touches " + touch.name()
                            + ", which none of its earlier steps allocates");
                } else if (step instanceof Step.Read read && !written.contains(read.file())) {
                    throw new IllegalArgumentException(
                            "workload " + workload.name() + " reads " + read.file() + ", which none writes");
                }
            });
        }
    }

    private static void forEach(List<Step> steps, Consumer<Step> look) {
        for (Step step : steps) {
            look.accept(step);
            if (step instanceof Step.Repeat repeat) {
                forEach(repeat.steps(), look);
            }
        }
    }
}
