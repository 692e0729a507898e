package dev.tidemark.reclaim.model;

import org.jspecify.annotations.Nullable;

/** Pages charged to a cgroup and all above it ({@code mm/page_counter.c}). */
final class PageCounter {

    /** {@code PAGE_COUNTER_MAX}: no limit. */
    static final long MAX = Long.MAX_VALUE;

    final @Nullable PageCounter parent;
    long usage;
    long max = MAX;
    long high = MAX;
    long low;
    long min;
    /** Effective protection, as the last walk of reclaim left it. */
    long elow;

    long emin;

    PageCounter(@Nullable PageCounter parent) {
        this.parent = parent;
    }

    /** {@code page_counter_try_charge}: charges all levels or none; returns the level that was full, or null. */
    @Nullable
    PageCounter tryCharge(long pages) {
        for (PageCounter c = this; c != null; c = c.parent) {
            if (c.usage + pages > c.max) {
                for (PageCounter undo = this; undo != c && undo != null; undo = undo.parent) {
                    undo.usage -= pages;
                }
                return c;
            }
            c.usage += pages;
        }
        return null;
    }

    /** {@code page_counter_uncharge}. */
    void uncharge(long pages) {
        for (PageCounter c = this; c != null; c = c.parent) {
            c.usage -= pages;
        }
    }

    /** Pages that still fit below {@code max} at this level alone. */
    long margin() {
        return max == MAX ? MAX : Math.max(0, max - usage);
    }
}
