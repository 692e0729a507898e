package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a cgroup would say, and those of the host, which is the root. Scans and steals are told as on a host: without the
 * proactive ones, which the model counts apart as kernels from 6.15 on do, and without what the agent's own writes of limits took.
 */
final class Signals {

    /** What one file says of one thing. */
    private interface Value {
        /**
         * @param stat the counts of {@code memory.stat}
         */
        double of(MemCgroup memcg, long[] stat, long nowNanos);
    }

    /** Files that are told from a cgroup's counts, which come late: {@link Rstat}. */
    private static final Set<String> COUNTED = Set.of("memory.stat", "memory.zswap.current");

    /** By {@link Signal#index}; null of what the model has not. */
    private static final @Nullable Value[] VALUES =
            new @Nullable Value[Signal.all().size()];
    /** The same for an onlooker: reading some of the above leaves something behind. */
    private static final @Nullable Value[] OBSERVED = new @Nullable Value[VALUES.length];

    static {
        limits();
        pressure("psi.");
        pressure("host.psi.");
        memoryStat();
        events();
        host();
    }

    private final Rstat rstat;
    /** As {@link #VALUES}, null too where the files of this kernel have nothing. */
    private final @Nullable Value[] told = VALUES.clone();
    /** By {@link Signal#index}: whether it is told from a cgroup's counts. */
    private final boolean[] counted = new boolean[VALUES.length];

    Signals(KernelSeries kernel, Rstat rstat) {
        this.rstat = rstat;
        for (Signal signal : Signal.all()) {
            if (!kernel.has(signal.since())) {
                told[signal.index()] = null;
            }
            counted[signal.index()] = COUNTED.contains(signal.file());
        }
    }

    private static void put(String name, Value value) {
        put(name, value, value);
    }

    private static void put(String name, Value value, Value observed) {
        Signal signal = Signal.named(name);
        if (signal == null) {
            throw new IllegalStateException("there is no signal " + name);
        }
        VALUES[signal.index()] = value;
        OBSERVED[signal.index()] = observed;
    }

    /** In the files of all but the root. */
    private static void putBelowRoot(String name, Value value) {
        put(name, (m, stat, now) -> m.isRoot() ? Double.NaN : value.of(m, stat, now));
    }

    private static void limits() {
        put("limit", (m, stat, now) -> limit(m));
        put("protection", (m, stat, now) -> bytes(Math.max(Protection.kept(m, true), Protection.kept(m, false))));
        put("swap.headroom", (m, stat, now) -> swapHeadroom(m));
        putBelowRoot("usage", (m, stat, now) -> bytes(m.memory.usage));
        putBelowRoot("max", (m, stat, now) -> bytes(m.memory.max));
        putBelowRoot("high", (m, stat, now) -> bytes(m.memory.high));
        putBelowRoot("low", (m, stat, now) -> bytes(m.memory.low));
        putBelowRoot("min", (m, stat, now) -> bytes(m.memory.min));
        putBelowRoot("swap.usage", (m, stat, now) -> bytes(m.swap.usage));
        putBelowRoot("zswap.usage", (m, stat, now) -> (double) stat[Stat.ZSWAP]);
        putBelowRoot("swap.max", (m, stat, now) -> bytes(m.swap.max));
    }

    private static void pressure(String prefix) {
        pressure(prefix + "some.", PsiGroup.SOME);
        pressure(prefix + "full.", PsiGroup.FULL);
    }

    private static void pressure(String prefix, int state) {
        put(prefix + "avg10", (m, stat, now) -> m.psi.average(now, state, 0));
        put(prefix + "avg60", (m, stat, now) -> m.psi.average(now, state, 1));
        put(prefix + "avg300", (m, stat, now) -> m.psi.average(now, state, 2));
        put(
                prefix + "total",
                (m, stat, now) -> total(m.psi.totalNanos(now, state)),
                (m, stat, now) -> total(m.psi.lookedNanos(now, state)));
    }

    private static void memoryStat() {
        size("dirty", Stat.FILE_DIRTY);
        size("writeback", Stat.WRITEBACK);
        size("inactive_anon", Stat.INACTIVE_ANON);
        size("active_anon", Stat.ACTIVE_ANON);
        size("inactive_file", Stat.INACTIVE_FILE);
        size("active_file", Stat.ACTIVE_FILE);
        put("anon", (m, stat, now) -> bytes(stat[Stat.INACTIVE_ANON] + stat[Stat.ACTIVE_ANON]));
        put("file", (m, stat, now) -> bytes(stat[Stat.INACTIVE_FILE] + stat[Stat.ACTIVE_FILE]));
        count("pgfault", Stat.PGFAULT);
        count("pgmajfault", Stat.PGMAJFAULT);
        direct("pgscan", Stat.PGSCAN_DIRECT, Stat.PGSCAN_AGENT);
        direct("pgscan_direct", Stat.PGSCAN_DIRECT, Stat.PGSCAN_AGENT);
        count("pgscan_proactive", Stat.PGSCAN_PROACTIVE);
        direct("pgsteal", Stat.PGSTEAL_DIRECT, Stat.PGSTEAL_AGENT);
        direct("pgsteal_direct", Stat.PGSTEAL_DIRECT, Stat.PGSTEAL_AGENT);
        count("pgsteal_proactive", Stat.PGSTEAL_PROACTIVE);
        count("pgrefill", Stat.PGREFILL);
        count("pgactivate", Stat.PGACTIVATE);
        count("pgdeactivate", Stat.PGDEACTIVATE);
        count("pswpin", Stat.PSWPIN);
        count("pswpout", Stat.PSWPOUT);
        put("zswap", (m, stat, now) -> (double) stat[Stat.ZSWAP]);
        size("zswapped", Stat.ZSWAPPED);
        count("zswpin", Stat.ZSWPIN);
        count("zswpout", Stat.ZSWPOUT);
        pair("workingset_refault", Stat.WORKINGSET_REFAULT);
        pair("workingset_activate", Stat.WORKINGSET_ACTIVATE);
        pair("workingset_restore", Stat.WORKINGSET_RESTORE);
        put("refault", (m, stat, now) -> stat[Stat.WORKINGSET_REFAULT] + (double) stat[Stat.WORKINGSET_REFAULT + 1]);
        for (String none :
                new String[] {"pgscan_kswapd", "pgsteal_kswapd", "pgscan_khugepaged", "pgsteal_khugepaged"}) {
            // The model has neither, so they never do anything.
            put(none, (m, stat, now) -> 0);
        }
    }

    private static void size(String name, int item) {
        put(name, (m, stat, now) -> bytes(stat[item]));
    }

    private static void count(String name, int item) {
        put(name, (m, stat, now) -> (double) stat[item]);
    }

    /** Told without the agent's own share; the kernel's file, which an onlooker sees, has both. */
    private static void direct(String name, int item, int agent) {
        put(name, (m, stat, now) -> (double) stat[item], (m, stat, now) -> (double) stat[item] + stat[agent]);
    }

    private static void pair(String name, int stat) {
        count(name + "_anon", stat);
        count(name + "_file", stat + 1);
    }

    private static void events() {
        event("low", MemcgEvent.LOW);
        event("high", MemcgEvent.HIGH);
        event("max", MemcgEvent.MAX);
        event("oom", MemcgEvent.OOM);
        event("oom_kill", MemcgEvent.OOM_KILL);
        putBelowRoot("swap.events.max", (m, stat, now) -> (double) m.events[MemcgEvent.SWAP_MAX]);
        putBelowRoot("swap.events.fail", (m, stat, now) -> (double) m.events[MemcgEvent.SWAP_FAIL]);
    }

    private static void event(String name, int event) {
        putBelowRoot("events." + name, (m, stat, now) -> (double) m.events[event]);
        putBelowRoot("events.local." + name, (m, stat, now) -> (double) m.eventsLocal[event]);
    }

    private static void host() {
        put("host.total", (m, stat, now) -> bytes(m.memory.max));
        put("host.free", (m, stat, now) -> bytes(m.memory.margin()));
        // As the kernel estimates it, but for its watermarks: what is free, and files but for what is in use.
        put(
                "host.available",
                (m, stat, now) -> bytes(m.memory.margin() + stat[Stat.INACTIVE_FILE] + stat[Stat.ACTIVE_FILE]));
        put("host.cached", (m, stat, now) -> bytes(stat[Stat.INACTIVE_FILE] + stat[Stat.ACTIVE_FILE]));
        put("host.anon", (m, stat, now) -> bytes(stat[Stat.INACTIVE_ANON] + stat[Stat.ACTIVE_ANON]));
        put("host.swap.total", (m, stat, now) -> bytes(m.swap.max));
        put("host.swap.free", (m, stat, now) -> bytes(m.swap.margin()));
        size("host.dirty", Stat.FILE_DIRTY);
        size("host.writeback", Stat.WRITEBACK);
        size("host.inactive_anon", Stat.INACTIVE_ANON);
        size("host.active_anon", Stat.ACTIVE_ANON);
        size("host.inactive_file", Stat.INACTIVE_FILE);
        size("host.active_file", Stat.ACTIVE_FILE);
        put("host.vmstat.pgscan_kswapd", (m, stat, now) -> 0);
        count("host.vmstat.pgfault", Stat.PGFAULT);
        count("host.vmstat.pgmajfault", Stat.PGMAJFAULT);
        count("host.vmstat.pswpin", Stat.PSWPIN);
        count("host.vmstat.pswpout", Stat.PSWPOUT);
        count("host.vmstat.zswpin", Stat.ZSWPIN);
        count("host.vmstat.zswpout", Stat.ZSWPOUT);
    }

    /**
     * What the file says, or NaN where this kernel has no such file (the root has no limits, usage or events) or the model no such thing.
     *
     * @param scope whose values are wanted: of a host's signal there is none in a cgroup, and the other way round
     */
    double told(MemCgroup memcg, Scope scope, Signal signal, long nowNanos) {
        long[] stat = counted[signal.index()] ? rstat.read(memcg) : memcg.stat;
        return value(told, memcg, stat, scope, signal, nowNanos);
    }

    /** As {@link #told}, for an onlooker who is no part of the host, and whatever kernel that has. */
    static double observed(MemCgroup memcg, Scope scope, Signal signal, long nowNanos) {
        return value(OBSERVED, memcg, memcg.stat, scope, signal, nowNanos);
    }

    private static double value(
            @Nullable Value[] values, MemCgroup memcg, long[] stat, Scope scope, Signal signal, long nowNanos) {
        Value value = signal.scope() == scope ? values[signal.index()] : null;
        return value == null ? Double.NaN : value.of(memcg, stat, nowNanos);
    }

    private static double limit(MemCgroup memcg) {
        long lowest = PageCounter.MAX;
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            lowest = Math.min(lowest, Math.min(m.memory.max, m.memory.high));
        }
        return bytes(lowest);
    }

    private static double swapHeadroom(MemCgroup memcg) {
        long least = PageCounter.MAX;
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            least = Math.min(least, m.swap.margin());
        }
        return bytes(least);
    }

    /** The file counts whole microseconds. */
    private static double total(long nanos) {
        long micros = nanos / 1_000;
        return micros / 1e6;
    }

    private static double bytes(long pages) {
        return pages == PageCounter.MAX ? Double.POSITIVE_INFINITY : (double) pages * Folios.PAGE_SIZE;
    }
}
