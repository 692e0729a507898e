package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** A kernel that does as it is told: how long a reclaim takes and what it moves is set by the test. */
final class FakeKernel implements MemoryController {

    static final int PAGE = 4096;

    /** What the kernel does with a request, given how many pages were asked for. */
    interface Behaviour {
        long pagesMoved(long asked);
    }

    record Call(String path, long nrPages, long atMillis) {}

    final List<Call> calls = new ArrayList<>();
    final List<String> writebacks = new ArrayList<>();
    int beingWritten = 1;
    final List<Long> growthsTold = new ArrayList<>();
    final Map<Cgroup, Long> usage = new HashMap<>();
    Duration took = Duration.ofMillis(1);

    /** CPU of each request that is answered. */
    Duration cpu = Duration.ZERO;

    /** Of what is moved, pages that go to swap. */
    Behaviour swapped = _ -> 0;

    Outcome outcome = Outcome.SUCCESS;
    Behaviour behaviour = asked -> asked;
    boolean deaf;

    /** Cgroups for which the controller itself fails. */
    final Set<Cgroup> broken = new HashSet<>();

    /** How long a request takes by what it asks for. */
    LongFunction<Duration> tookFor = _ -> took;

    int running;
    int mostRunning;

    private final Scheduler time;
    private final Map<Cgroup, Sinks.One<ReclaimResult>> inFlight = new HashMap<>();

    FakeKernel(Scheduler time) {
        this.time = time;
    }

    @Override
    public Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness) {
        return Mono.defer(() -> {
            long started = now();
            calls.add(new Call(cgroup.path(), nrPages, TimeUnit.NANOSECONDS.toMillis(started)));
            if (broken.contains(cgroup)) {
                throw new IllegalStateException("out of order");
            }
            running++;
            mostRunning = Math.max(mostRunning, running);
            Sinks.One<ReclaimResult> answer = Sinks.one();
            if (inFlight.put(cgroup, answer) != null) {
                throw new IllegalStateException("two reclaims at once in " + cgroup);
            }
            long nanos = tookFor.apply(nrPages).toNanos();
            time.schedule(() -> complete(cgroup, nrPages, outcome, started), nanos, TimeUnit.NANOSECONDS);
            return answer.asMono();
        });
    }

    private void complete(Cgroup cgroup, long asked, Outcome how, long started) {
        Sinks.One<ReclaimResult> answer = inFlight.remove(cgroup);
        if (answer == null) {
            return;
        }
        running--;
        long before = usage.getOrDefault(cgroup, 0L);
        long moved = how == Outcome.INTERRUPTED ? 0 : Math.min(behaviour.pagesMoved(asked), before / PAGE);
        usage.put(cgroup, before - moved * PAGE);
        answer.tryEmitValue(new ReclaimResult(
                moved, how, "", before - moved * PAGE, started, now(), cpu.toNanos(), swapped.pagesMoved(moved)));
    }

    @Override
    public void cancel(Cgroup cgroup) {
        if (!deaf && inFlight.containsKey(cgroup)) {
            long started = now();
            time.schedule(() -> complete(cgroup, 0, Outcome.INTERRUPTED, started));
        }
    }

    /** The write that did not come back comes back. */
    void wake(Cgroup cgroup) {
        complete(cgroup, 0, Outcome.AGAIN, now());
    }

    private long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    @Override
    public void read(Cgroup cgroup, SignalSet signals, double[] values) {
        values[signals.slot(Signal.USAGE)] = usage.getOrDefault(cgroup, 0L);
    }

    @Override
    public Flux<CgroupChange> watch(CgroupFilter filter) {
        return Flux.never();
    }

    @Override
    public Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        return Flux.never();
    }

    @Override
    public Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return Mono.fromCallable(() -> {
                    writebacks.add(cgroup.path());
                    growthsTold.add(grownBytes);
                    return new WritebackResult(beingWritten, 0, now(), now());
                })
                .delaySubscription(took, time);
    }

    @Override
    public Mono<LimitAnswer> limits(Cgroup cgroup) {
        return Mono.just(new LimitAnswer.Refused("this kernel has none"));
    }

    @Override
    public Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes) {
        return limits(cgroup);
    }

    @Override
    public int pageSize() {
        return PAGE;
    }

    @Override
    public void close() {}
}
