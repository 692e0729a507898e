package dev.tidemark.reclaim.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What each CPU holds of pages charged in advance, for one cgroup at a time ({@code struct memcg_stock_pcp}).
 *
 * <p>A slot is one word, the cgroup's id and a number of pages, and changes by compare-and-set: the kernel's local lock keeps
 * others off a CPU's stock, here any thread may drain any slot, and may use one, while its owner does. Since the word is all
 * there is, an old value that comes back is as good as one that never went.
 *
 * <p><b>Thread:</b> any; lock-free, no allocation.
 */
final class Stocks {

    /** Nothing came out; else see {@link #idOf} and {@link #pagesOf}. */
    static final long NOTHING = 0;

    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int PAGES_BITS = 16;
    private static final long PAGES_MASK = (1L << PAGES_BITS) - 1;

    // Longs from one slot to the next: two cache lines, since the processor fetches them in pairs.
    private static final int STRIDE_SHIFT = 4;

    private final long[] slots;
    private final int cpus;

    Stocks(int cpus) {
        this.cpus = cpus;
        slots = new long[(cpus + 1) << STRIDE_SHIFT];
    }

    int cpus() {
        return cpus;
    }

    /** The cgroup of a slot's word. */
    static long idOf(long held) {
        return held >>> PAGES_BITS;
    }

    /** The pages of a slot's word. */
    static int pagesOf(long held) {
        return (int) (held & PAGES_MASK);
    }

    /** {@code consume_stock}: takes pages from the CPU's stock if it is this cgroup's and has as many. */
    boolean consume(int cpu, long id, int nrPages) {
        int slot = slot(cpu);
        long held = (long) SLOTS.getOpaque(slots, slot);
        while (idOf(held) == id && pagesOf(held) >= nrPages) {
            long seen = (long) SLOTS.compareAndExchange(slots, slot, held, held - nrPages);
            if (seen == held) {
                return true;
            }
            held = seen;
        }
        return false;
    }

    /**
     * {@code refill_stock}: puts pages into the CPU's stock.
     *
     * @param nrPages below {@link Charge#MEMCG_CHARGE_BATCH}
     * @return what came out and is to be given back: another cgroup's stock, or all of this one's once it is more than a batch
     */
    long refill(int cpu, long id, int nrPages) {
        int slot = slot(cpu);
        long held = (long) SLOTS.getOpaque(slots, slot);
        while (true) {
            boolean own = idOf(held) == id;
            int sum = own ? pagesOf(held) + nrPages : nrPages;
            boolean tooMuch = sum > Charge.MEMCG_CHARGE_BATCH;
            long seen = (long) SLOTS.compareAndExchange(slots, slot, held, tooMuch ? NOTHING : word(id, sum));
            if (seen == held) {
                return tooMuch ? word(id, sum) : own ? NOTHING : held;
            }
            held = seen;
        }
    }

    /** What the CPU holds now. */
    long held(int cpu) {
        return (long) SLOTS.getVolatile(slots, slot(cpu));
    }

    /** Takes everything out if it is still that. */
    boolean drain(int cpu, long held) {
        return SLOTS.compareAndSet(slots, slot(cpu), held, NOTHING);
    }

    private static int slot(int cpu) {
        return (cpu + 1) << STRIDE_SHIFT;
    }

    private static long word(long id, int nrPages) {
        return id << PAGES_BITS | nrPages;
    }
}
