package dev.tidemark.reclaim.cgroup2;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many files may be kept open, so that ten thousand cgroups do not run the process out of descriptors.
 *
 * <p>First come, first kept, and who comes too late opens and closes at each read. Not least-recently-used: the sampler
 * goes round all cgroups, and on a round longer than the budget that order throws out every file just before it is
 * wanted. memory.current, read most often, may take the whole; the other files at most two thirds, so that they never crowd it
 * out: 10,000 cgroups of which two more files are read each are kept whole. What is set aside for pushes may be
 * taken by files, too, until somebody asks for a push.
 *
 * <p><b>Thread:</b> any.
 */
final class DescriptorBudget implements KeptFiles.Room {
    /** An open cgroup file costs the kernel a page for its text, so more than this is dearer than opening again. */
    static final int MOST = 32_768;

    /** Sockets, jars, the log, writes in flight, and files opened for one read. */
    static final int LEFT_TO_OTHERS = 256;

    /** A trigger may cost the kernel a thread, and its thread looks ten times a window. */
    static final int MOST_PUSHES = 1_024;

    private static final int PUSHES_SHARE = 8;

    @SuppressWarnings("EnumOrdinal") // files go by their ordinals
    private static final int CURRENT = KernelFile.CURRENT.ordinal();

    private final int mostBesidePushes;
    private final AtomicInteger kept = new AtomicInteger();
    private final AtomicInteger keptOfOthers = new AtomicInteger();
    private volatile boolean refuses;
    private volatile boolean closed;
    private volatile int most;

    DescriptorBudget(int most) {
        this(most, most);
    }

    private DescriptorBudget(int mostBesidePushes, int most) {
        this.mostBesidePushes = Math.max(0, mostBesidePushes);
        this.most = Math.max(0, most);
    }

    /** What may be kept of a process limit. */
    static DescriptorBudget of(long processLimit) {
        return new DescriptorBudget(besidePushes(processLimit), Math.clamp(processLimit - LEFT_TO_OTHERS, 0, MOST));
    }

    /** What may be kept of a process limit while there are pushes. */
    static int besidePushes(long processLimit) {
        return Math.clamp(processLimit - LEFT_TO_OTHERS - forPushes(processLimit), 0, MOST);
    }

    /** What may be kept of it for pushes, beside that. */
    static int forPushes(long processLimit) {
        return Math.clamp(processLimit / PUSHES_SHARE, 0, MOST_PUSHES);
    }

    /**
     * The process limit that it takes to keep so many files, a power of two so that there is room for more.
     *
     * @param others how many of them are not memory.current
     */
    static long limitFor(int files, int others) {
        int wanted = Math.min(MOST, Math.max(files, Math.ceilDiv(others * 3, 2)));
        long limit = 1;
        while (besidePushes(limit) < wanted) {
            limit *= 2;
        }
        return limit;
    }

    /** From here on less may be kept; whether more is by now. */
    boolean leaveRoomForPushes() {
        most = mostBesidePushes;
        return kept.get() > mostBesidePushes;
    }

    /** Whether a file has not been kept for want of room. */
    boolean refuses() {
        return refuses;
    }

    @Override
    public boolean tryAcquire(int file) {
        if (closed) {
            return false;
        }
        boolean acquired = tryTake(file);
        if (!acquired && !refuses) {
            refuses = true;
        }
        return acquired;
    }

    private boolean tryTake(int file) {
        if (file == CURRENT) {
            return below(kept, most);
        }
        int atMost = most;
        if (!below(keptOfOthers, atMost * 2 / 3)) {
            return false;
        }
        if (below(kept, atMost)) {
            return true;
        }
        keptOfOthers.decrementAndGet();
        return false;
    }

    @Override
    public void release(int file) {
        if (file != CURRENT) {
            keptOfOthers.decrementAndGet();
        }
        kept.decrementAndGet();
    }

    /** From here on nothing more is kept. */
    void close() {
        closed = true;
    }

    int most() {
        return most;
    }

    int kept() {
        return kept.get();
    }

    private static boolean below(AtomicInteger count, int most) {
        // Asked in vain for each file that is opened anew, so looked at first.
        return count.get() < most && count.getAndUpdate(n -> n < most ? n + 1 : n) < most;
    }
}
