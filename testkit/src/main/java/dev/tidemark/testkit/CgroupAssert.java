package dev.tidemark.testkit;

import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent;

/** What can be said of a cgroup of a run. */
public final class CgroupAssert {

    private final Claims claims;
    private final Run run;
    private final String path;
    private final Track track;

    CgroupAssert(Claims claims, String path) {
        this.claims = claims;
        this.run = claims.run();
        this.path = path;
        this.track = run.track(path);
    }

    /** The kernel never had to reclaim in a task that allocated: {@code max} of memory.events did not rise, nor in what is below. */
    public CgroupAssert neverHitItsLimit() {
        return never(Moment.Counter.MAX, "never to hit its limit");
    }

    /** {@code max} of memory.events rose, at least once; how often is what follows, if anything. */
    public AmountAssert<CgroupAssert> hitItsLimit() {
        return often(Moment.Counter.MAX, "to hit its limit");
    }

    /** {@code high} of memory.events did not rise. */
    public CgroupAssert neverWentOverItsHighMark() {
        return never(Moment.Counter.HIGH, "never to go over its high mark");
    }

    /** {@code high} of memory.events rose, at least once. */
    public AmountAssert<CgroupAssert> wentOverItsHighMark() {
        return often(Moment.Counter.HIGH, "to go over its high mark");
    }

    /** None of its tasks was killed for lack of memory. */
    public CgroupAssert neverHadATaskKilled() {
        return never(Moment.Counter.OOM_KILL, "never to have a task killed for lack of memory");
    }

    /** A task of it was killed for lack of memory, at least one. */
    public AmountAssert<CgroupAssert> hadTasksKilled() {
        return often(Moment.Counter.OOM_KILL, "to have a task killed for lack of memory");
    }

    /** Usage was below this whenever it was looked at, each {@link Run#resolution}. */
    public CgroupAssert stayedBelow(String size) {
        if (track.peakBytes() >= Unit.BYTES.parse(size)) {
            throw claims.fails("to stay below " + size, "it used " + peak());
        }
        return this;
    }

    /** Usage was this or more when it was looked at, at least once. */
    public CgroupAssert reached(String size) {
        if (track.peakBytes() < Unit.BYTES.parse(size)) {
            throw claims.fails("to reach " + size, "the most it used is " + peak());
        }
        return this;
    }

    /** What it uses now. */
    public AmountAssert<CgroupAssert> uses() {
        return new AmountAssert<>(this, claims, "to use", "it uses", Unit.BYTES, run.read(path, Signal.USAGE.dotted()));
    }

    /** The agent took something of it; how much in all is what follows, if anything. */
    public AmountAssert<CgroupAssert> wasReclaimed() {
        double bytes = reclaimedBytes();
        if (bytes == 0) {
            throw claims.fails("to be reclaimed from", "the agent took nothing of it");
        }
        return new AmountAssert<>(this, claims, "to be reclaimed, in all", "the agent took", Unit.BYTES, bytes);
    }

    /** The agent did not ask the kernel to take anything of it. */
    public CgroupAssert wasLeftAlone() {
        long writes = run.reclaims().stream()
                .filter(event -> event instanceof ReclaimEvent.Reclaimed)
                .filter(event -> event.cgroup().path().equals(path))
                .count();
        if (writes > 0) {
            throw claims.fails(
                    "to be left alone",
                    "the agent asked for its memory %s and took %s"
                            .formatted(Claims.times(writes), Unit.BYTES.format(reclaimedBytes())));
        }
        return this;
    }

    /** For how long at least one of its tasks waited for memory: {@code some} of memory.pressure. */
    public AmountAssert<CgroupAssert> waitedForMemory() {
        return new AmountAssert<>(
                this,
                claims,
                "to wait for memory for",
                "it waited for",
                Unit.DURATION,
                run.read(path, Signal.PSI_SOME_TOTAL.dotted()));
    }

    /**
     * Any signal, now.
     *
     * @param name as in expressions, such as {@code pgscan}
     * @throws IllegalArgumentException when there is none of that name, or it is computed from others
     */
    public AmountAssert<CgroupAssert> signal(String name) {
        double value = run.read(path, name);
        Signal signal = Signal.named(name);
        Unit unit = signal == null ? Unit.COUNT : signal.unit();
        return new AmountAssert<>(this, claims, "to have its " + name + " at", "it is at", unit, value);
    }

    private CgroupAssert never(Moment.Counter counter, String expecting) {
        long count = track.count(counter);
        if (count > 0) {
            throw claims.fails(expecting, "it " + counter.happened + " " + Claims.times(count));
        }
        return this;
    }

    private AmountAssert<CgroupAssert> often(Moment.Counter counter, String expecting) {
        long count = track.count(counter);
        if (count == 0) {
            throw claims.fails(expecting, "it never did");
        }
        return new AmountAssert<>(this, claims, expecting, "it did", Unit.COUNT, count);
    }

    private double reclaimedBytes() {
        return Measures.reclaimedBytes(run, path);
    }

    private String peak() {
        return Unit.BYTES.format(track.peakBytes()) + " at " + Times.instant(track.peakNanos());
    }
}
