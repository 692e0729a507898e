package dev.tidemark.triggers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Counts the pages charged to one cgroup, in the allocating tasks themselves, and says once when they cross a watermark.
 *
 * <p>As the kernel's own charges do, pages are gathered in stripes, one for a few threads, and spill into the counter that
 * is compared with the watermark. Far from the watermark much is gathered, so that tasks that charge one cgroup do not fight
 * over that counter; by as much the watermark is seen early, and whoever is woken reads exact usage and arms again, nearer.
 * Near it stripes spill in batches of {@link #BATCH}, and a crossing is seen late by less than a batch for each ({@link
 * #slackPages}).
 *
 * <p><b>Thread:</b> {@link #charged} and {@link #uncharged} from any; they are wait-free, take no lock, allocate nothing
 * and cause at most one wake-up between two calls of {@link #arm}. {@link #arm} and {@link #disarm} from the consumer of the
 * {@link ChargeSource} only. <b>Back-pressure:</b> a crossing disarms, so that crossings which nobody looks at cost a
 * comparison. <b>Time:</b> none. <b>Failure:</b> none.
 */
public final class ChargeCounter {

    /** Pages gathered before they are compared with the watermark, {@code MEMCG_CHARGE_BATCH} in the kernel. */
    public static final int BATCH = 64;

    /** The most a stripe gathers, however far the watermark. */
    private static final int MOST_GATHERED = 16 * BATCH;

    /** Which share of the way to the watermark all stripes together may gather. */
    private static final int GATHERED_SHARE = 4;

    /** What no sum reaches. */
    private static final long DISARMED = Long.MAX_VALUE;

    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle WATERMARK;
    private static final VarHandle NEXT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WATERMARK = lookup.findVarHandle(ChargeCounter.class, "watermark", long.class);
            NEXT = lookup.findVarHandle(ChargeCounter.class, "next", ChargeCounter.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Longs from one cell to the next: two cache lines, since the processor fetches them in pairs.
    private static final int STRIDE_SHIFT = 4;
    private static final int STRIDE = 1 << STRIDE_SHIFT;
    private static final int CENTRAL = STRIDE;
    private static final int FIRST_STRIPE = 2 * STRIDE;
    private static final int MAX_STRIPES = 16;

    private final ChargeSource source;
    private final @Nullable Cgroup cgroup;
    /** How many, a power of two. */
    private final int stripes;

    // One padded array for the central counter and the stripes, with a pad at both ends.
    private final long[] cells;

    private volatile long watermark = DISARMED;

    // Pages at which a stripe spills. Changed by arm() only; a producer that sees an old value is a spill early or
    // late.
    private volatile int spillAt = BATCH;

    // The link of the source's queue, see there. Null while not in it, or last in it.
    private volatile @Nullable ChargeCounter next;

    /**
     * @param stripes what {@link #stripes(int)} says
     */
    ChargeCounter(ChargeSource source, @Nullable Cgroup cgroup, int stripes) {
        this.source = source;
        this.cgroup = cgroup;
        this.stripes = stripes;
        cells = new long[FIRST_STRIPE + (stripes + 1) * STRIDE];
    }

    /** How many stripes so many threads at once take. */
    static int stripes(int threads) {
        int wanted = Math.min(MAX_STRIPES, threads);
        return wanted <= 1 ? 1 : Integer.highestOneBit(wanted - 1) << 1;
    }

    /** Whose pages these are. */
    public Cgroup cgroup() {
        if (cgroup == null) {
            throw new IllegalStateException("the stub of a queue has no cgroup");
        }
        return cgroup;
    }

    /**
     * Pages were charged. To be called by the allocating task, after the charge.
     *
     * @return milliseconds by which to delay the task: always 0, since reclaim is asynchronous
     */
    public int charged(int nrPages) {
        add(nrPages);
        return 0;
    }

    /** Pages were given back. */
    public void uncharged(int nrPages) {
        add(-nrPages);
    }

    /** Pages charged and not given back, as seen by now. */
    public long pages() {
        long sum = central();
        for (int i = 0; i < stripes; i++) {
            sum += (long) CELLS.getOpaque(cells, FIRST_STRIPE + (i << STRIDE_SHIFT));
        }
        return sum;
    }

    /** By how many pages a crossing may be seen late at most. */
    public int slackPages() {
        return stripes * (BATCH - 1);
    }

    /**
     * Asks to be told before the pages charged have reached {@code pages} by more than the slack, once. If they have
     * already, that is told now, through the source as ever. Only by the consumer of the source.
     */
    public void arm(long pages) {
        // What lies in stripes was gathered for another distance; from here on none holds more than for this one.
        long charged = flush();
        long each = (pages - charged) / ((long) GATHERED_SHARE * stripes);
        int spill = Math.clamp(each, BATCH, MOST_GATHERED);
        spillAt = spill;
        long early = pages - (long) stripes * (spill - BATCH);
        watermark = early;
        // A producer whose pages this read does not see adds them later, and then sees the watermark: no crossing is
        // lost.
        // (Both accesses of both sides are volatile, so they are in one total order.)
        if (central() >= early) {
            cross(early);
        }
    }

    /** Asks not to be told any more. A crossing that has been seen is still delivered. */
    public void disarm() {
        watermark = DISARMED;
    }

    private void add(long pages) {
        int most = spillAt;
        // What would spill at once need not pass through a stripe.
        if (pages >= most || pages <= -most) {
            spill(pages);
            return;
        }
        int stripe = FIRST_STRIPE + (((int) Thread.currentThread().threadId() & (stripes - 1)) << STRIDE_SHIFT);
        long gathered = (long) CELLS.getAndAdd(cells, stripe, pages) + pages;
        if (gathered >= most || gathered <= -most) {
            // Another thread of this stripe may have spilled in between, then this takes what little there is. No page
            // is
            // counted twice: each exchange takes what no other took.
            spill((long) CELLS.getAndSet(cells, stripe, 0L));
        }
    }

    /** Moves what the stripes hold into the central counter; its new value. */
    private long flush() {
        long gathered = 0;
        for (int i = 0; i < stripes; i++) {
            gathered += (long) CELLS.getAndSet(cells, FIRST_STRIPE + (i << STRIDE_SHIFT), 0L);
        }
        return (long) CELLS.getAndAdd(cells, CENTRAL, gathered) + gathered;
    }

    private void spill(long pages) {
        long sum = (long) CELLS.getAndAdd(cells, CENTRAL, pages) + pages;
        long armed = watermark;
        if (sum >= armed && pages > 0) {
            cross(armed);
        }
    }

    // Of all that see a crossing, one disarms, and only that one pushes: between two arms there is at most one push,
    // and
    // arming is up to the consumer, after it took the counter out of the queue. So it is never in the queue twice.
    // Whoever
    // was slow to get here may find the same watermark armed again; then that is what it disarms, and usage gets looked
    // at
    // once more than was needed.
    private void cross(long armed) {
        if (WATERMARK.compareAndSet(this, armed, DISARMED)) {
            source.push(this);
        }
    }

    private long central() {
        return (long) CELLS.getVolatile(cells, CENTRAL);
    }

    void setNext(@Nullable ChargeCounter counter) {
        NEXT.setVolatile(this, counter);
    }

    @Nullable
    ChargeCounter next() {
        return next;
    }
}
