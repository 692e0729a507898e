package dev.tidemark.reclaim.model;

import dev.tidemark.config.Signal;

/** What the files of a cgroup would say. */
final class Signals {

    private Signals() {}

    /** The value, or NaN where the kernel has no such file: the root has no limits, usage or events. */
    static double value(MemCgroup memcg, Signal signal, long nowNanos) {
        return switch (signal) {
            case LIMIT -> limit(memcg);
            case USAGE -> notRoot(memcg, bytes(memcg.memory.usage));
            case MAX -> notRoot(memcg, bytes(memcg.memory.max));
            case HIGH -> notRoot(memcg, bytes(memcg.memory.high));
            case SWAP_USAGE -> notRoot(memcg, bytes(memcg.swap.usage));
            case PSI_SOME_AVG10 -> memcg.psi.average(nowNanos, PsiGroup.SOME, 0);
            case PSI_SOME_AVG60 -> memcg.psi.average(nowNanos, PsiGroup.SOME, 1);
            case PSI_SOME_AVG300 -> memcg.psi.average(nowNanos, PsiGroup.SOME, 2);
            case PSI_SOME_TOTAL -> total(memcg, nowNanos, PsiGroup.SOME);
            case PSI_FULL_AVG10 -> memcg.psi.average(nowNanos, PsiGroup.FULL, 0);
            case PSI_FULL_AVG60 -> memcg.psi.average(nowNanos, PsiGroup.FULL, 1);
            case PSI_FULL_AVG300 -> memcg.psi.average(nowNanos, PsiGroup.FULL, 2);
            case PSI_FULL_TOTAL -> total(memcg, nowNanos, PsiGroup.FULL);
            case PGFAULT -> (double) memcg.stat[Stat.PGFAULT];
            case PGMAJFAULT -> (double) memcg.stat[Stat.PGMAJFAULT];
            case PGSCAN -> (double) (memcg.stat[Stat.PGSCAN_DIRECT] + memcg.stat[Stat.PGSCAN_PROACTIVE]);
            case PGSTEAL -> (double) (memcg.stat[Stat.PGSTEAL_DIRECT] + memcg.stat[Stat.PGSTEAL_PROACTIVE]);
            case REFAULT -> (double) (memcg.stat[Stat.WORKINGSET_REFAULT] + memcg.stat[Stat.WORKINGSET_REFAULT + 1]);
            case EVENTS_MAX -> notRoot(memcg, (double) memcg.events[MemcgEvent.MAX]);
            case EVENTS_HIGH -> notRoot(memcg, (double) memcg.events[MemcgEvent.HIGH]);
            case EVENTS_OOM -> notRoot(memcg, (double) memcg.events[MemcgEvent.OOM]);
            case EVENTS_OOM_KILL -> notRoot(memcg, (double) memcg.events[MemcgEvent.OOM_KILL]);
            case DIRTY -> bytes(memcg.stat[Stat.FILE_DIRTY]);
            case WRITEBACK -> bytes(memcg.stat[Stat.WRITEBACK]);
        };
    }

    private static double limit(MemCgroup memcg) {
        long lowest = PageCounter.MAX;
        for (MemCgroup m = memcg; m != null; m = m.parent) {
            lowest = Math.min(lowest, Math.min(m.memory.max, m.memory.high));
        }
        return bytes(lowest);
    }

    /** The file counts whole microseconds. */
    private static double total(MemCgroup memcg, long nowNanos, int state) {
        long micros = memcg.psi.totalNanos(nowNanos, state) / 1_000;
        return micros / 1e6;
    }

    private static double notRoot(MemCgroup memcg, double value) {
        return memcg.isRoot() ? Double.NaN : value;
    }

    private static double bytes(long pages) {
        return pages == PageCounter.MAX ? Double.POSITIVE_INFINITY : (double) pages * Folios.PAGE_SIZE;
    }
}
