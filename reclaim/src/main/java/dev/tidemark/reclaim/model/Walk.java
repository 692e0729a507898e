package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.Access;

/** Which page of a file or of memory a step accesses next: a window that moves over it, and an order within. */
final class Walk {

    /** There is none any more. */
    static final int OVER = -1;

    private static final int NOT_CHOSEN = -2;

    private final Task task;
    private final Access access;
    private final Access.Order order;
    private final int times;
    private final int shift;
    private final long dwellNanos;

    private int pages;
    private int window;
    private int position;
    private int page = NOT_CHOSEN;
    /** Accesses of the pass. */
    private int accessed;

    private int pass;
    private long arrived;

    Walk(Task task, Access access) {
        this.task = task;
        this.access = access;
        order = access.order();
        times = access.times();
        shift = Mapping.pagesOf(access.shiftBytes());
        dwellNanos = access.dwells() ? access.dwell().toNanos() : Long.MAX_VALUE;
    }

    /**
     * Begins anew.
     *
     * @param of how many pages there are
     */
    void begin(int of) {
        pages = of;
        window = Math.min(of, Mapping.pagesOf(access.windowBytes()));
        position = 0;
        page = NOT_CHOSEN;
        arrive();
    }

    private void arrive() {
        accessed = 0;
        pass = 0;
        arrived = task.local();
    }

    /** Whether pages come in the order in which they lie. */
    boolean inOrder() {
        return order == Access.Order.SEQUENTIAL;
    }

    /** The page to access, the same until it {@link #done}; or {@link #OVER}. */
    int page() {
        if (page == NOT_CHOSEN) {
            page = next();
        }
        return page;
    }

    /** It has been accessed. */
    void done() {
        page = NOT_CHOSEN;
        accessed++;
    }

    private int next() {
        if (accessed >= window) {
            accessed = 0;
            pass++;
        }
        while (window == 0 || pass >= times || task.local() - arrived >= dwellNanos) {
            if (position + window >= pages) {
                return OVER;
            }
            position = Math.min(position + shift, pages - window);
            arrive();
        }
        return position
                + switch (order) {
                    case SEQUENTIAL -> accessed;
                    case RANDOM -> (int) task.random.below(window);
                    case SKEWED -> (int) task.random.skewedBelow(window);
                };
    }
}
