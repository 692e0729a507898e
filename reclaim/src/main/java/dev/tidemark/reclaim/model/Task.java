package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One process of a workload: when it runs and when it waits. What it does are the {@link Action}s of its {@link Program}; how it
 * gets memory is {@link DirectReclaim} and {@link OverHigh}.
 *
 * <p>It computes ahead of the scheduler by at most {@link #SLICE}, and meets everybody else at the exact instant whenever it
 * leaves the fast path: each round of direct reclaim, each disk access and each sleep is a task on the scheduler. A rate is
 * an upper bound; time lost in a stall is not made up for.
 */
final class Task extends Charger {

    /** How far a process may run ahead of the others. */
    static final long SLICE = 250_000;

    /** On a real scheduler: how late it may be before it gives up catching up (suspend, overload). */
    private static final long MAX_LAG = 1_000_000_000L;

    private enum State {
        NEW,
        RUNNING,
        SLEEPING,
        MEMSTALL,
        ENDED
    }

    final Kernel kernel;
    /** Of the disk it reads from. */
    final SplittableRandom latencies;
    /** Of the program: what it draws here a program on a real kernel can draw as well. */
    final SplitMix random;

    final DirectReclaim charging;
    final Map<String, Mapping> regions = new HashMap<>();

    private final WorkloadSpec spec;
    private final OverHigh overHighDue;
    private final Program program;
    private final Runnable run = this::run;

    private long bornNanos;
    private State state = State.NEW;
    private boolean frozen;
    private boolean parked;
    /** The process' own time, at or a little ahead of the scheduler's. */
    private long local;

    private long sliceStarted;
    private long sliceEnd;
    private long sliceBusy;
    private long stretch = Cpus.ONE;
    /** Which part of a processor it used when it ran last. */
    private long share = Cpus.ONE;
    /** Which part of a processor it is down for. */
    private long wanted;

    private long waitStarted;
    private long startedNanos = -1;
    private long endedNanos = -1;
    private boolean oomKilled;
    private long stalledNanos;
    private long throttledNanos;
    private boolean throttling;

    Task(Kernel kernel, WorkloadSpec spec, MemCgroup memcg, int cpu, long seed) {
        super(memcg, cpu);
        this.kernel = kernel;
        this.spec = spec;
        latencies = new SplittableRandom(seed);
        random = new SplitMix(~seed);
        charging = new DirectReclaim(this);
        overHighDue = new OverHigh(this);
        program = new Program(this, spec);
        memcg.tasks++;
    }

    void start() {
        bornNanos = kernel.clock.now();
        local = bornNanos + spec.start().toNanos();
        kernel.clock.after(spec.start().toNanos(), run);
        if (spec.stops()) {
            kernel.clock.after(spec.stop().toNanos(), this::kill);
        }
    }

    boolean ended() {
        return state == State.ENDED;
    }

    /** Stops it where it is, with what it has; it never runs again. */
    void freeze() {
        frozen = true;
        if (state != State.NEW && !ended()) {
            setState(State.SLEEPING);
        }
    }

    /** {@code oom_badness}: resident and swapped anonymous pages. */
    long badness() {
        long sum = 0;
        for (Mapping region : regions.values()) {
            for (int index = 0; index < region.pages(); index++) {
                sum += region.folio(index) != Folios.NONE || region.shadow(index) != Mapping.EMPTY ? 1 : 0;
            }
        }
        return sum;
    }

    /** It is the victim of the kernel's choice. */
    void oomKilled() {
        oomKilled = true;
        memcg.event(MemcgEvent.OOM_KILL);
    }

    boolean isVictim() {
        return oomKilled;
    }

    /** {@code SIGKILL}. */
    private void kill() {
        if (!ended() && !frozen) {
            end();
        }
    }

    WorkloadReport report() {
        return new WorkloadReport(
                spec.name(),
                spec.cgroup(),
                instant(startedNanos),
                instant(endedNanos),
                oomKilled,
                program.rounds(),
                program.steps(),
                Duration.ofNanos(stalledNanos),
                Duration.ofNanos(throttledNanos));
    }

    private Optional<Duration> instant(long nanos) {
        return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos - bornNanos));
    }

    private void run() {
        if (ended() || frozen) {
            return;
        }
        long now = kernel.clock.now();
        local = Math.max(local, now - MAX_LAG);
        if (state == State.NEW) {
            startedNanos = now;
        }
        wake();
        sliceStarted = local;
        sliceEnd = now + SLICE;
        sliceBusy = 0;
        stretch = kernel.cpus.stretch();
        while (state == State.RUNNING && !parked) {
            if (local >= sliceEnd) {
                measureShare();
                later();
                return;
            }
            if (overHighDue.due()) {
                overHighDue.handle();
            } else {
                program.advance();
            }
        }
    }

    /** Of a slice that came to its end: one cut short says little. */
    private void measureShare() {
        share = Math.min(Cpus.ONE, sliceBusy * Cpus.ONE / (local - sliceStarted));
        want(share);
    }

    private void want(long part) {
        kernel.cpus.want(part - wanted);
        wanted = part;
    }

    private void later() {
        kernel.clock.after(local - kernel.clock.now(), run);
    }

    /** The process' own time. */
    long local() {
        return local;
    }

    /** Whether an action that has just got on may do so again at once, which saves the way through the program. */
    boolean goesOn() {
        return local < sliceEnd && !overHighDue.due();
    }

    /** Works for so long, or longer where the processors are shared. */
    void spend(long nanos) {
        long stretched = stretch == Cpus.ONE ? nanos : nanos * stretch / Cpus.ONE;
        sliceBusy += stretched;
        local += stretched;
    }

    /** Does nothing until that instant of its own time, without telling anybody: for waits too short to matter. */
    void idleUntil(long nanos) {
        local = nanos;
    }

    /** Whether others have come as far as this process; if not, it waits for them, and has to come back with the same. */
    boolean synced() {
        if (local <= kernel.clock.now()) {
            return true;
        }
        setState(State.SLEEPING);
        waitStarted = local;
        later();
        return false;
    }

    void sleep(long nanos) {
        waitAs(State.SLEEPING, nanos);
    }

    /** Sleeps because it has dirtied more than is written ({@code balance_dirty_pages}). */
    void throttle(long nanos) {
        throttling = true;
        sleep(nanos);
    }

    /** {@code psi_memstall_enter} now, {@code psi_memstall_leave} when it wakes; to be called in time with the others. */
    void stall(long nanos) {
        waitAs(State.MEMSTALL, nanos);
    }

    private void waitAs(State waiting, long nanos) {
        waitStarted = local;
        local += nanos;
        setState(waiting);
        later();
    }

    /** Works in the kernel until {@link #unpark}, whenever that is. To be called in time with the others. */
    void park() {
        parked = true;
    }

    void unpark() {
        parked = false;
        local = Math.max(local, kernel.clock.now());
        run();
    }

    private void wake() {
        if (state == State.MEMSTALL) {
            stalledNanos += local - waitStarted;
        } else if (throttling) {
            throttledNanos += local - waitStarted;
            throttling = false;
        }
        setState(State.RUNNING);
    }

    private void setState(State next) {
        int memstall = (next == State.MEMSTALL ? 1 : 0) - (state == State.MEMSTALL ? 1 : 0);
        int running = (next == State.RUNNING ? 1 : 0) - (state == State.RUNNING ? 1 : 0);
        state = next;
        if (memstall != 0 || running != 0) {
            long now = kernel.clock.now();
            for (MemCgroup m = memcg; m != null; m = m.parent) {
                m.psi.change(now, cpu, memstall, running);
            }
            // Waiting for memory is mostly reclaiming it oneself.
            want(next == State.RUNNING ? share : next == State.MEMSTALL ? Cpus.ONE : 0);
        }
    }

    /** Frees all there is of a file or of memory. */
    void giveBack(Mapping gone) {
        spend(kernel.pages.truncate(gone, kernel.swap) * Costs.FREE_PAGE);
    }

    /** It is through, or killed. Its memory goes, its files stay. */
    void end() {
        setState(State.ENDED);
        endedNanos = kernel.clock.now();
        for (Mapping region : regions.values()) {
            kernel.pages.truncate(region, kernel.swap);
        }
        regions.clear();
        program.leave();
        memcg.tasks--;
        kernel.taskEnded();
    }
}
