package dev.tidemark.reclaim.model;

import dev.tidemark.triggers.Cgroup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One cgroup: its counters, its lists and its place in the tree ({@code struct mem_cgroup}, {@code struct lruvec}). */
final class MemCgroup {

    private static final VarHandle HOOKS;

    static {
        try {
            HOOKS = MethodHandles.lookup().findVarHandle(MemCgroup.class, "inForce", MemcgHooks.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Cgroup cgroup;
    final @Nullable MemCgroup parent;

    @Nullable
    MemCgroup firstChild;

    @Nullable
    MemCgroup lastChild;

    @Nullable
    MemCgroup prevSibling;

    @Nullable
    MemCgroup nextSibling;

    final PageCounter memory;
    final PageCounter swap;
    final PsiGroup psi;

    /** By {@link Stat}: of this cgroup alone, and with all below it. */
    final long[] local = new long[Stat.COUNT];

    final long[] stat = new long[Stat.COUNT + 1];
    /** {@link #stat} when it was last summed up, on which the kernel decides; the same where it always knows. */
    final long[] flushed;

    private final boolean lateStats;
    /** {@link #stat} of this cgroup and of all above it: a page more or less counts in each. */
    private final long[][] stats;

    /** By {@link MemcgEvent}: {@code memory.events.local} and {@code memory.events}. */
    final long[] eventsLocal = new long[MemcgEvent.COUNT];

    final long[] events = new long[MemcgEvent.COUNT];
    /** There while somebody watches {@code memory.events}. */
    private @Nullable EventsNotifier notifier;

    final Folios.Chain[] lru = {new Folios.Chain(), new Folios.Chain(), new Folios.Chain(), new Folios.Chain()};
    /** Dirty file pages, the newest at the head. */
    final Folios.Chain dirty = new Folios.Chain();

    long anonCost;
    long fileCost;
    long nonresidentAge;
    /** {@code WORKINGSET_ACTIVATE} of anonymous and file pages when reclaim last looked. */
    final long[] refaults = new long[2];

    /** There once pages have been put on lists by generation. */
    @Nullable
    Generations generations;

    /** Of the memory charged here, what zswap's pool takes for pages swapped out of this cgroup alone. */
    long zswapPages;

    boolean congested;
    /** Where partial walks of the subtree stand ({@code struct mem_cgroup_reclaim_iter}). */
    @Nullable
    MemCgroup iterPosition;

    /** Where the table was attached that is in force here: here, or above; null for none. {@link HookTables} owns this. */
    @Nullable
    MemCgroup hooksFrom;
    /** That table, and the flags it was attached with. */
    @Nullable
    MemcgHooks attachedHooks;

    int hooksFlags;
    /** What is called. To be read by {@link #hooks} and {@link #hooksInSection}, which say how. */
    @Nullable
    MemcgHooks inForce;

    /** All cgroups of one host have the same. */
    final HookCalls hookCalls;

    boolean online = true;
    int tasks;
    boolean flushing;
    /** Dirty pages the flusher still has to write whatever the thresholds say. */
    int flushAll;

    /** @param lateStats whether {@link Rstat} sums up what it counts */
    MemCgroup(Cgroup cgroup, @Nullable MemCgroup parent, int cpus, long nowNanos, boolean lateStats) {
        this.cgroup = cgroup;
        this.parent = parent;
        stats = parent == null ? new long[1][] : Arrays.copyOf(parent.stats, parent.stats.length + 1);
        stats[stats.length - 1] = stat;
        this.lateStats = lateStats;
        flushed = lateStats ? new long[Stat.COUNT] : stat;
        memory = new PageCounter(parent == null ? null : parent.memory);
        swap = new PageCounter(parent == null ? null : parent.swap);
        psi = new PsiGroup(cpus, nowNanos);
        hookCalls = parent == null ? new HookCalls() : parent.hookCalls;
    }

    /** {@code READ_ONCE(memcg->bpf_ops)}: a plain read that the compiler may not keep. For a look, not for a call. */
    @Nullable
    MemcgHooks hooks() {
        return (MemcgHooks) HOOKS.getOpaque(this);
    }

    /** What may be called until the reader's section ends. */
    @Nullable
    MemcgHooks hooksInSection() {
        return (MemcgHooks) HOOKS.getVolatile(this);
    }

    /** Only for {@link HookTables}. */
    void setHooks(@Nullable MemcgHooks table) {
        HOOKS.setVolatile(this, table);
    }

    /** {@code mod_memcg_state} and {@code count_memcg_events}. */
    void mod(int item, long delta) {
        local[item] += delta;
        long updates = Math.abs(delta);
        for (long[] each : stats) {
            each[item] += delta;
            each[Stat.UPDATES] += updates;
        }
    }

    /** How many pages and events have been counted here and below since {@link #flush}. */
    long updates() {
        return stat[Stat.UPDATES];
    }

    /** Sums up what was counted. */
    void flush() {
        if (lateStats && updates() > 0) {
            System.arraycopy(stat, 0, flushed, 0, Stat.COUNT);
            stat[Stat.UPDATES] = 0;
        }
    }

    /** {@code memcg_memory_event}. The root has no {@code memory.events}, so nothing is counted there. */
    void event(int event) {
        if (parent != null) {
            eventsLocal[event]++;
        }
        for (MemCgroup m = this; m.parent != null; m = m.parent) {
            m.events[event]++;
            // Those of swap are in memory.swap.events.
            if (m.notifier != null && event <= MemcgEvent.OOM_KILL) {
                m.notifier.changed();
            }
        }
    }

    /** Has the listener told of changes of {@code memory.events}, here and below. */
    void watchEvents(ModelClock clock, Runnable listener) {
        if (notifier == null) {
            notifier = new EventsNotifier(clock);
        }
        notifier.add(listener);
    }

    void unwatchEvents(Runnable listener) {
        EventsNotifier present = notifier;
        if (present != null) {
            present.remove(listener);
            if (present.isEmpty()) {
                notifier = null;
            }
        }
    }

    boolean isRoot() {
        return parent == null;
    }

    boolean isDescendantOf(MemCgroup ancestor) {
        for (MemCgroup m = this; m != null; m = m.parent) {
            if (m == ancestor) {
                return true;
            }
        }
        return false;
    }

    /** {@code mem_cgroup_from_counter}: whose counter that is, this cgroup's or one's above it. */
    MemCgroup levelOf(PageCounter counter) {
        MemCgroup m = this;
        while (m.memory != counter && m.swap != counter && m.parent != null) {
            m = m.parent;
        }
        return m;
    }

    /** Pages on the four lists, with all below. */
    long lruPages() {
        return stat[Stat.INACTIVE_ANON] + stat[Stat.ACTIVE_ANON] + stat[Stat.INACTIVE_FILE] + stat[Stat.ACTIVE_FILE];
    }

    @Override
    public String toString() {
        return cgroup.toString();
    }
}
