package dev.tidemark.reclaim.model;

/**
 * What the modelled machine's work costs, in nanoseconds unless said otherwise.
 *
 * <p>Reclaim: measured on a real kernel, a request of 1 GiB ran at 258,822 pages/s in one batch and at 105,174 pages/s in
 * batches of 32 pages (T. J. Mercier, in the series that made the batch a quarter of the rest). Solved for a cost a call and a cost a page this gives about 180 us and 3.9 us;
 * rounded here. The others are orders of magnitude of a present server with a cloud disk.
 */
final class Costs {

    /** {@code HZ}: jiffies a second. 1000 reproduces the delay table in the kernel's source. */
    static final long HZ = 1_000;

    static final long JIFFY = 1_000_000_000L / HZ;

    /** Entering and leaving {@code try_to_free_mem_cgroup_pages}: flush of statistics, preparation, draining. */
    static final long RECLAIM_CALL = 150_000;
    /** Visiting one cgroup in one priority round. */
    static final long RECLAIM_VISIT = 500;
    /** Isolating and judging one page. */
    static final long SCAN = 400;
    /** Looking at the accessed bit of one page in a walk of page tables. */
    static final long AGE = 20;
    /** Unmapping and freeing one page. */
    static final long STEAL = 3_400;
    /** One system call. */
    static final long SYSCALL = 300;
    /** Copying one page into the cache. */
    static final long WRITE_PAGE = 1_000;
    /** A page fault that needs no I/O, with zeroing or mapping what is around. */
    static final long MINOR_FAULT = 700;
    /** Touching a page that is mapped. */
    static final long TOUCH_PAGE = 100;
    /** Freeing one page outside of reclaim (exit, truncate). */
    static final long FREE_PAGE = 200;
    /** Choosing and killing a task. */
    static final long OOM_KILL = 1_000_000;

    /** From waking a flusher thread to its first request. */
    static final long FLUSHER_WAKEUP = 200_000;

    private Costs() {}
}
