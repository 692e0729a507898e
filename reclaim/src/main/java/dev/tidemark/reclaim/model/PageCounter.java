package dev.tidemark.reclaim.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Pages charged to a cgroup and all above it ({@code mm/page_counter.c}).
 *
 * <p><b>Thread:</b> {@link #tryCharge}, {@link #uncharge} and reads of {@link #usage} from any, wait-free but for the
 * hierarchy's depth, without locks and allocation; {@code max} and {@code high} may be written meanwhile. Protection ({@code
 * low}, {@code min} and what is made of them) belongs to the thread that reclaims. <b>Failure:</b> giving back more than was
 * charged is a defect and thrown as an {@link IllegalStateException}.
 */
final class PageCounter {

    /** {@code PAGE_COUNTER_MAX}: no limit. */
    static final long MAX = Long.MAX_VALUE;

    private static final VarHandle USAGE;

    static {
        try {
            USAGE = MethodHandles.lookup().findVarHandle(PageCounter.class, "usage", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final @Nullable PageCounter parent;
    /** Pages. Written here only. */
    volatile long usage;

    volatile long max = MAX;
    volatile long high = MAX;
    long low;
    long min;
    /** Effective protection, as the last walk of reclaim left it. */
    long elow;

    long emin;

    PageCounter(@Nullable PageCounter parent) {
        this.parent = parent;
    }

    /**
     * {@code page_counter_try_charge}: charges all levels or none; returns the level that was full, or null.
     *
     * <p>As the kernel does, it adds first and looks then: of two racing charges that fit only one by one both may fail, and
     * until a failed one has backed off the counter shows it. What stays charged is never above {@code max} (the add and the
     * look are in one order with all other adds, so of the charges that stay the last to add has seen all the others).
     */
    @Nullable
    PageCounter tryCharge(long pages) {
        for (PageCounter c = this; c != null; c = c.parent) {
            if ((long) USAGE.getAndAdd(c, pages) + pages > c.max) {
                c.cancel(pages);
                for (PageCounter undo = this; undo != c && undo != null; undo = undo.parent) {
                    undo.cancel(pages);
                }
                return c;
            }
        }
        return null;
    }

    /** {@code page_counter_charge}: whatever the limits; below 0 gives back. */
    void charge(long pages) {
        for (PageCounter c = this; c != null; c = c.parent) {
            USAGE.getAndAdd(c, pages);
        }
    }

    /** {@code page_counter_uncharge}. */
    void uncharge(long pages) {
        for (PageCounter c = this; c != null; c = c.parent) {
            c.cancel(pages);
        }
    }

    /** {@code page_counter_cancel}: this level alone. */
    private void cancel(long pages) {
        long left = (long) USAGE.getAndAdd(this, -pages) - pages;
        if (left < 0) {
            throw new IllegalStateException("page counter underflow: " + left + " after giving back " + pages);
        }
    }

    /** Pages that still fit below {@code max} at this level alone. */
    long margin() {
        long limit = max;
        return limit == MAX ? MAX : Math.max(0, limit - usage);
    }
}
