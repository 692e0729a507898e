package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One process of a workload: runs its steps page by page in virtual time.
 *
 * <p>It computes ahead of the scheduler by at most {@link #SLICE}, and meets everybody else at the exact instant whenever it
 * leaves the fast path: each round of direct reclaim, each disk access and each sleep is a task on the scheduler. A rate is
 * an upper bound; time lost in a stall is not made up for.
 */
final class Task extends Charger {

    /** How far a process may run ahead of the others. */
    static final long SLICE = 250_000;
    /** {@code fault_around_bytes} 64 KiB. */
    static final int FAULT_AROUND_PAGES = 16;

    /** On a real scheduler: how late it may be before it gives up catching up (suspend, overload). */
    private static final long MAX_LAG = 1_000_000_000L;

    private enum State {
        NEW,
        RUNNING,
        SLEEPING,
        MEMSTALL,
        ENDED
    }

    private enum Charged {
        YES,
        /** It has been put to sleep, or was killed: come back later with the same. */
        WAIT,
        /** Not to be had without trying hard, and this one does not try hard. */
        NO
    }

    private final Kernel kernel;
    private final Pages pages;
    private final Folios folios;
    private final WorkloadSpec spec;
    private final Files files;
    private final Map<String, Mapping> regions = new HashMap<>();
    private final SplittableRandom random;

    private long bornNanos;
    private State state = State.NEW;
    private boolean frozen;
    /** The process' own time, at or a little ahead of the scheduler's. */
    private long local;

    private int round;
    private int step;
    private boolean stepEntered;
    private long stepStarted;
    /** Bytes or pages of the step that are done, and how often over. */
    private long done;

    private int pass;
    private double nextAllowed;
    private @Nullable Mapping mapping;

    private int raIndex;
    private int raEnd;
    private boolean raActive;
    /** The fault at hand has been counted already; its page has come from the disk meanwhile. */
    private boolean faultCounted;

    private boolean charging;
    private int chargeRetries;
    private boolean chargeDrained;
    private long chargeReclaimed;
    private @Nullable MemCgroup overLimit;

    private boolean highActive;
    private boolean highReclaimed;
    private boolean highInRetry;
    private boolean highSlept;
    private int highRetries;
    private long highPages;
    private long highDelay;
    private long highProgress;

    private int dirtied;
    private long stallDebt;
    private long waitStarted;

    private final long[] stepNanos;
    private long startedNanos = -1;
    private long endedNanos = -1;
    private boolean oomKilled;
    private long stalledNanos;
    private long throttledNanos;
    private boolean throttling;

    Task(Kernel kernel, WorkloadSpec spec, MemCgroup memcg, int cpu, long seed) {
        super(memcg, cpu);
        this.kernel = kernel;
        this.pages = kernel.pages;
        this.folios = kernel.pages.folios;
        this.spec = spec;
        this.files = kernel.files;
        this.random = new SplittableRandom(seed);
        this.stepNanos = new long[spec.steps().size()];
        memcg.tasks++;
    }

    void start() {
        bornNanos = kernel.clock.now();
        local = bornNanos + spec.start().toNanos();
        kernel.clock.after(spec.start().toNanos(), this::run);
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

    void oomKill() {
        oomKilled = true;
        memcg.event(MemcgEvent.OOM_KILL);
        end();
    }

    WorkloadReport report() {
        List<Duration> steps = new ArrayList<>();
        for (long nanos : stepNanos) {
            steps.add(Duration.ofNanos(nanos));
        }
        return new WorkloadReport(
                spec.name(),
                spec.cgroup(),
                instant(startedNanos),
                instant(endedNanos),
                oomKilled,
                round,
                steps,
                Duration.ofNanos(stalledNanos),
                Duration.ofNanos(throttledNanos));
    }

    private Optional<Duration> instant(long nanos) {
        return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos - bornNanos));
    }

    // ---- running and waiting -------------------------------------------------------------------------------------

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
        while (!ended() && state == State.RUNNING) {
            if (local - now >= SLICE) {
                later();
                return;
            }
            advance();
        }
    }

    private void later() {
        kernel.clock.after(local - kernel.clock.now(), this::run);
    }

    /** Whether others have come as far as this process; if not, it waits for them, and has to come back with the same. */
    private boolean synced() {
        if (local <= kernel.clock.now()) {
            return true;
        }
        setState(State.SLEEPING);
        waitStarted = local;
        later();
        return false;
    }

    private void sleep(long nanos) {
        waitAs(State.SLEEPING, nanos);
    }

    /** {@code psi_memstall_enter} now, {@code psi_memstall_leave} when it wakes; to be called in time with the others. */
    private void stall(long nanos) {
        waitAs(State.MEMSTALL, nanos);
    }

    private void waitAs(State waiting, long nanos) {
        waitStarted = local;
        local += nanos;
        setState(waiting);
        later();
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
        }
    }

    // ---- steps ---------------------------------------------------------------------------------------------------

    private void advance() {
        if (highActive || (!charging && overHighAtReturn())) {
            handleOverHigh();
            return;
        }
        if (step == spec.steps().size()) {
            if (round + 1 >= spec.repeat() && !synced()) {
                return;
            }
            round++;
            step = 0;
            if (round >= spec.repeat()) {
                end();
            }
            return;
        }
        Step current = spec.steps().get(step);
        if (!stepEntered) {
            enter(current);
        }
        boolean over = switch (current) {
            case Step.Write write -> write(write);
            case Step.Read read -> read(read);
            case Step.Allocate allocate -> allocate(allocate);
            case Step.Touch touch -> touch(touch);
            case Step.Free free -> {
                giveBack(regions.remove(free.name()));
                yield true;
            }
            case Step.Remove remove -> {
                giveBack(files.remove(remove.file()));
                yield true;
            }
            case Step.Sleep sleep -> sleepStep(sleep);
        };
        if (over && !ended()) {
            stepNanos[step] += local - stepStarted;
            step++;
            stepEntered = false;
            mapping = null;
        }
    }

    private void enter(Step current) {
        stepEntered = true;
        stepStarted = local;
        done = 0;
        pass = 0;
        nextAllowed = local;
        mapping = switch (current) {
            case Step.Write write -> files.open(memcg, write.file(), pagesOf(write.bytes()));
            case Step.Read read -> files.find(read.file());
            case Step.Allocate allocate -> {
                giveBack(regions.remove(allocate.name()));
                Mapping region = new Mapping(true, memcg);
                region.extendTo(pagesOf(allocate.bytes()));
                regions.put(allocate.name(), region);
                yield region;
            }
            case Step.Touch touch -> regions.get(touch.name());
            // Free, Remove and Sleep have no page to go on from.
            default -> null;
        };
    }

    /** {@code generic_perform_write}; a page is dirtied by each piece written into it. */
    private boolean write(Step.Write step) {
        Mapping file = mapping;
        if (file == null || done >= step.bytes()) {
            return true;
        }
        int index = (int) (done >> Folios.PAGE_SHIFT);
        long untilPage = Folios.PAGE_SIZE - (done & Folios.PAGE_SIZE - 1);
        long untilChunk = step.chunkBytes() - done % step.chunkBytes();
        long n = Math.min(Math.min(untilPage, untilChunk), step.bytes() - done);
        int folio = file.folio(index);
        if (folio == Folios.NONE) {
            if (charge(false) != Charged.YES) {
                return false;
            }
            folio = pages.add(file, index, memcg, 0);
        } else {
            // Another task may have brought it in while this one was waiting for its charge.
            charging = false;
        }
        pages.setDirty(folio, local);
        done += n;
        local += Costs.WRITE_PAGE * n / Folios.PAGE_SIZE;
        if (n == untilChunk) {
            local += Costs.SYSCALL;
        }
        pace(n, step.bytesPerSecond());
        if (++dirtied >= Writeback.RATELIMIT_PAGES) {
            dirtied = 0;
            long pause = kernel.writeback.balanceDirtyPages(memcg);
            if (pause > 0) {
                throttling = true;
                sleep(pause);
            }
        }
        return false;
    }

    /** Loads each page of a file through a mapping that lives as long as the step. */
    private boolean read(Step.Read step) {
        Mapping file = mapping;
        if (file == null) {
            return true;
        }
        if (raActive) {
            readahead(file);
            return false;
        }
        if (done >= file.pages()) {
            done = 0;
            pass++;
        }
        if (pass >= step.times() || file.pages() == 0) {
            unmap(file);
            return true;
        }
        int index = (int) done;
        int folio = file.folio(index);
        if (folio == Folios.NONE) {
            if (!faultCounted) {
                memcg.mod(Stat.PGFAULT, 1);
                memcg.mod(Stat.PGMAJFAULT, 1);
                faultCounted = true;
            }
            raActive = true;
            raIndex = index;
            raEnd = Math.min(index + kernel.disk.readaheadPages(), file.pages());
            return false;
        }
        if (folios.is(folio, Folios.LOCKED)) {
            // Somebody else is reading it.
            sleep(kernel.disk.latencyNanos());
            return false;
        }
        if (folios.is(folio, Folios.MAPPED)) {
            folios.set(folio, Folios.YOUNG);
            local += Costs.TOUCH_PAGE;
        } else {
            fault(file, index);
        }
        faultCounted = false;
        done++;
        pace(Folios.PAGE_SIZE, step.bytesPerSecond());
        return false;
    }

    /** {@code filemap_map_pages}: a minor fault maps what is resident around; one that came from the disk maps its page. */
    private void fault(Mapping file, int index) {
        int from = index;
        int to = index + 1;
        if (!faultCounted) {
            memcg.mod(Stat.PGFAULT, 1);
            from = index & -FAULT_AROUND_PAGES;
            to = Math.min(from + FAULT_AROUND_PAGES, file.pages());
        }
        for (int i = from; i < to; i++) {
            int folio = file.folio(i);
            if (folio != Folios.NONE && !folios.is(folio, Folios.LOCKED)) {
                folios.set(folio, Folios.MAPPED | Folios.YOUNG);
            }
        }
        local += Costs.MINOR_FAULT;
    }

    /** Charges the pages of a window, one by one, then reads those that were not there in one request. */
    private void readahead(Mapping file) {
        int first = (int) done;
        while (raIndex < raEnd) {
            if (file.folio(raIndex) == Folios.NONE) {
                Charged charged = charge(raIndex != first);
                if (charged == Charged.WAIT) {
                    return;
                }
                if (charged == Charged.NO) {
                    raEnd = raIndex;
                    break;
                }
                pages.add(file, raIndex, memcg, Folios.LOCKED | Folios.FAULT);
            } else {
                charging = false;
            }
            raIndex++;
        }
        if (!synced()) {
            return;
        }
        raActive = false;
        int start = first;
        int end = raEnd;
        int read = 0;
        for (int i = start; i < end; i++) {
            int folio = file.folio(i);
            read += folio != Folios.NONE && folios.is(folio, Folios.LOCKED) ? 1 : 0;
        }
        long usual = kernel.disk.latencyNanos();
        long latency = usual * 3 / 4 + (usual < 2 ? 0 : random.nextLong(usual / 2));
        long nanos = latency + read * kernel.disk.readPageNanos();
        kernel.clock.after(local - kernel.clock.now() + nanos, () -> unlock(file, start, end));
        int faulting = file.folio(first);
        if (faulting != Folios.NONE && folios.is(faulting, Folios.WORKINGSET)) {
            stall(nanos);
        } else {
            sleep(nanos);
        }
    }

    private void unlock(Mapping file, int start, int end) {
        for (int i = start; i < end; i++) {
            int folio = file.folio(i);
            if (folio != Folios.NONE) {
                folios.clear(folio, Folios.LOCKED);
            }
        }
    }

    /** {@code zap_pte_range}: what was touched while mapped is marked accessed. */
    private void unmap(Mapping file) {
        for (int i = 0; i < file.pages(); i++) {
            int folio = file.folio(i);
            if (folio != Folios.NONE && folios.testClear(folio, Folios.MAPPED)) {
                if (folios.testClear(folio, Folios.YOUNG)) {
                    pages.markAccessed(folio);
                }
            }
        }
    }

    private boolean allocate(Step.Allocate step) {
        Mapping region = mapping;
        if (region == null || done >= region.pages()) {
            return true;
        }
        anonymous(region, step.bytesPerSecond());
        return false;
    }

    private boolean touch(Step.Touch step) {
        Mapping region = mapping;
        if (region == null || region.pages() == 0) {
            return true;
        }
        if (done >= region.pages()) {
            done = 0;
            pass++;
        }
        if (pass >= step.times()) {
            return true;
        }
        anonymous(region, step.bytesPerSecond());
        return false;
    }

    /** One access to anonymous memory: {@code do_anonymous_page}, {@code do_swap_page} or none of these. */
    private void anonymous(Mapping region, double rate) {
        if (stallDebt >= SLICE / 4) {
            // Many stalls of some microseconds are one of their sum: an event for each would cost more than it tells.
            if (synced()) {
                long nanos = stallDebt;
                stallDebt = 0;
                stall(nanos);
            }
            return;
        }
        int index = (int) done;
        int folio = region.folio(index);
        if (folio != Folios.NONE) {
            if (kernel.swap.reuse(folio)) {
                memcg.mod(Stat.PGFAULT, 1);
                local += Costs.MINOR_FAULT;
            }
            folios.set(folio, Folios.YOUNG);
            local += Costs.TOUCH_PAGE;
        } else {
            boolean swapped = region.shadow(index) != Mapping.EMPTY;
            if (!faultCounted) {
                faultCounted = true;
                memcg.mod(Stat.PGFAULT, 1);
                memcg.mod(Stat.PGMAJFAULT, swapped ? 1 : 0);
            }
            if (charge(false) != Charged.YES) {
                return;
            }
            long shadow = region.shadow(index);
            int in = pages.add(region, index, memcg, Folios.ANON | Folios.MAPPED | Folios.YOUNG);
            if (swapped) {
                long nanos = kernel.swap.in(memcg, shadow);
                if (folios.is(in, Folios.WORKINGSET)) {
                    stallDebt += nanos;
                } else {
                    local += nanos;
                }
            }
            local += Costs.MINOR_FAULT;
        }
        faultCounted = false;
        done++;
        pace(Folios.PAGE_SIZE, rate);
    }

    private boolean sleepStep(Step.Sleep step) {
        if (done > 0) {
            return true;
        }
        done = 1;
        sleep(step.duration().toNanos());
        return false;
    }

    private void giveBack(@Nullable Mapping gone) {
        if (gone != null) {
            local += pages.truncate(gone, kernel.swap) * Costs.FREE_PAGE;
        }
    }

    /** Holds the rate: a burst to make up for lost time is not allowed. */
    private void pace(long bytes, double bytesPerSecond) {
        if (Double.isInfinite(bytesPerSecond)) {
            return;
        }
        nextAllowed += bytes * 1e9 / bytesPerSecond;
        if (nextAllowed > local) {
            local = (long) nextAllowed;
        } else {
            nextAllowed = local;
        }
    }

    private static int pagesOf(long bytes) {
        return Math.toIntExact(Math.ceilDiv(bytes, Folios.PAGE_SIZE));
    }

    // ---- charging ------------------------------------------------------------------------------------------------

    /** {@code try_charge_memcg} for one page, left and entered again at each sleep. */
    private Charged charge(boolean noRetry) {
        Charge charge = kernel.charge;
        MemCgroup over = overLimit;
        long killNanos = 0;
        if (!charging || over == null) {
            over = charge.tryCharge(this, Charge.MEMCG_CHARGE_BATCH);
            if (over != null) {
                over = charge.tryCharge(this, 1);
            }
            if (over == null) {
                return Charged.YES;
            }
            if (!synced()) {
                return Charged.WAIT;
            }
            charging = true;
            chargeRetries = Charge.MAX_RECLAIM_RETRIES;
            chargeDrained = false;
        } else {
            if (over.memory.margin() < 1) {
                if (!chargeDrained) {
                    charge.drainAllStock(over);
                    chargeDrained = true;
                } else if (noRetry) {
                    charging = false;
                    return Charged.NO;
                } else if (chargeReclaimed == 0 && chargeRetries-- == 0) {
                    over.event(MemcgEvent.OOM);
                    kernel.oomKill(over);
                    if (ended()) {
                        return Charged.WAIT;
                    }
                    chargeRetries = Charge.MAX_RECLAIM_RETRIES;
                    killNanos = Costs.OOM_KILL;
                }
            }
            over = charge.tryCharge(this, 1);
            if (over == null) {
                charging = false;
                local += killNanos;
                return Charged.YES;
            }
        }
        overLimit = over;
        over.event(MemcgEvent.MAX);
        Vmscan.Pass pass =
                kernel.vmscan.tryToFreeMemCgroupPages(over, Charge.nrToReclaim(this, 1, over), true, false, -1);
        chargeReclaimed = pass.reclaimed();
        stall(killNanos + pass.nanos());
        return Charged.WAIT;
    }

    /** {@code __mem_cgroup_handle_over_high}: reclaim while it helps, then sleep for what is still due. */
    private void handleOverHigh() {
        if (!highActive) {
            if (!synced()) {
                return;
            }
            highActive = true;
            highPages = Charge.nrPagesOverHigh(this);
            highDelay = hookDelayJiffies;
            highRetries = Charge.MAX_RECLAIM_RETRIES;
            highInRetry = false;
            highReclaimed = false;
            highSlept = false;
            overHigh = 0;
            hookDelayJiffies = 0;
            hookOverHigh = false;
        }
        while (!highSlept) {
            if (!highReclaimed) {
                highReclaimed = true;
                Vmscan.Pass pass =
                        Charge.reclaimHigh(kernel.vmscan, memcg, highInRetry ? Vmscan.SWAP_CLUSTER_MAX : highPages);
                highProgress = pass.reclaimed();
                if (pass.nanos() > 0) {
                    stall(pass.nanos());
                    return;
                }
            }
            long penalty = Charge.delayJiffies(memcg, highPages, highDelay);
            if (penalty <= Charge.MIN_DELAY_JIFFIES) {
                break;
            }
            if (highProgress > 0 || highRetries-- > 0) {
                highInRetry = true;
                highReclaimed = false;
                continue;
            }
            highSlept = true;
            stall(penalty * Costs.JIFFY);
            return;
        }
        highActive = false;
    }

    private void end() {
        setState(State.ENDED);
        endedNanos = kernel.clock.now();
        for (Mapping region : regions.values()) {
            pages.truncate(region, kernel.swap);
        }
        regions.clear();
        Mapping mapped = mapping;
        if (mapped != null && !mapped.anon) {
            unmap(mapped);
        }
        memcg.tasks--;
        kernel.taskEnded();
    }
}
