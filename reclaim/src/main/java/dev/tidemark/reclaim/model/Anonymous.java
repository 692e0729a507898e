package dev.tidemark.reclaim.model;

import dev.tidemark.reclaim.model.DirectReclaim.Charged;

/** Accesses to anonymous memory: {@code do_anonymous_page}, {@code do_swap_page} or none of these ({@code mm/memory.c}). */
final class Anonymous {

    private final Task task;
    private final Folios folios;
    /** The fault at hand has been counted already. */
    private boolean faultCounted;

    private long stallDebt;

    Anonymous(Task task) {
        this.task = task;
        folios = task.kernel.pages.folios;
    }

    /** Accesses a page; tells whether that is done, else it has to be tried again. */
    boolean access(Mapping region, int index) {
        int folio = region.folio(index);
        if (folio != Folios.NONE && stallDebt < Task.SLICE / 4) {
            if (task.kernel.swap.reuse(folio)) {
                task.memcg.mod(Stat.PGFAULT, 1);
                task.spend(Costs.MINOR_FAULT);
            }
            folios.set(folio, Folios.YOUNG);
            task.spend(Costs.TOUCH_PAGE);
            return true;
        }
        return slow(region, index);
    }

    private boolean slow(Mapping region, int index) {
        if (stallDebt >= Task.SLICE / 4) {
            // Many stalls of some microseconds are one of their sum: an event for each would cost more than it tells.
            if (task.synced()) {
                long nanos = stallDebt;
                stallDebt = 0;
                task.stall(nanos);
            }
            return false;
        }
        boolean swapped = region.shadow(index) != Mapping.EMPTY;
        if (!faultCounted) {
            faultCounted = true;
            task.memcg.mod(Stat.PGFAULT, 1);
            if (swapped) {
                task.memcg.mod(Stat.PGMAJFAULT, 1);
            }
        }
        if (task.charging.charge(false) != Charged.YES) {
            return false;
        }
        long shadow = region.shadow(index);
        int in = task.kernel.pages.add(region, index, task.memcg, Folios.ANON | Folios.MAPPED | Folios.YOUNG);
        if (swapped) {
            long nanos = task.kernel.swap.in(task.memcg, shadow);
            if (folios.is(in, Folios.WORKINGSET)) {
                stallDebt += nanos;
            } else {
                // Not the processor's time, but too short for others to matter.
                task.idleUntil(task.local() + nanos);
            }
        }
        task.spend(Costs.MINOR_FAULT);
        faultCounted = false;
        return true;
    }
}
