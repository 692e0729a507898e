package dev.tidemark.reclaim.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets readers use what another thread takes away, and that thread wait until none does ({@code kernel/rcu/srcutree.c}).
 *
 * <p>Readers count themselves in and out in one of two generations. Whoever has taken something away waits until the idle
 * generation is empty, makes it the current one and waits for the other. Both are needed: a reader that has read the
 * generation, but not counted itself yet, counts itself into one that is idle by then.
 *
 * <p>Why an even count means nobody: a count of exits is read before that of entries, both only grow, and all accesses are
 * in one total order. An exit that was seen had its entry before it, so that entry is seen too; entries minus exits is
 * therefore at least the number of readers that were in all the time, and 0 says there was none. A reader that enters after
 * its stripe was read finds what was published before {@link #synchronize} was called.
 *
 * <p><b>Thread:</b> readers from any; wait-free, no lock, no allocation, and they never wake anybody: the kernel's waits by
 * looking again, and so does this. {@link #synchronize} blocks its caller, one at a time.
 */
final class Srcu {

    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);

    // Longs from one stripe to the next: two cache lines, since the processor fetches them in pairs.
    private static final int STRIDE_SHIFT = 4;
    private static final int MAX_STRIPES = 16;
    private static final int STRIPES = stripes(Runtime.getRuntime().availableProcessors());
    /** From a generation's entries to its exits, within a stripe. */
    private static final int EXITS = 2;

    /** How often it looks before it begins to sleep in between, and for how long ({@code SRCU_INTERVAL}, finer). */
    private static final int SPINS = 100;

    private static final long INTERVAL_NANOS = 50_000;

    private final ReentrantLock gracePeriod = new ReentrantLock();
    private final long[] cells = new long[(STRIPES + 1) << STRIDE_SHIFT];
    private volatile int generation;

    private static int stripes(int processors) {
        int wanted = Math.min(MAX_STRIPES, processors);
        return wanted <= 1 ? 1 : Integer.highestOneBit(wanted - 1) << 1;
    }

    /** {@code srcu_read_lock}; returns what {@link #readUnlock} has to be given. */
    int readLock() {
        int stripe = ((int) Thread.currentThread().threadId() & (STRIPES - 1)) + 1;
        int entries = (stripe << STRIDE_SHIFT) + generation;
        long _ = (long) CELLS.getAndAdd(cells, entries, 1L);
        return entries;
    }

    /** {@code srcu_read_unlock}. */
    void readUnlock(int entries) {
        long _ = (long) CELLS.getAndAdd(cells, entries + EXITS, 1L);
    }

    /** {@code synchronize_srcu}: returns when all readers that were in when it was called are out. Not from a reader. */
    void synchronize() {
        gracePeriod.lock();
        try {
            int current = generation;
            awaitReaders(1 - current);
            generation = 1 - current;
            awaitReaders(current);
        } finally {
            gracePeriod.unlock();
        }
    }

    private void awaitReaders(int of) {
        boolean interrupted = false;
        for (int looks = 0; hasReaders(of); looks++) {
            if (looks < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, INTERVAL_NANOS);
                // An interrupt does not end the wait; kept pending it would end the pauses.
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean hasReaders(int of) {
        return sum(of + EXITS) != sum(of);
    }

    private long sum(int cell) {
        long sum = 0;
        for (int stripe = 1; stripe <= STRIPES; stripe++) {
            sum += (long) CELLS.getVolatile(cells, (stripe << STRIDE_SHIFT) + cell);
        }
        return sum;
    }
}
