package dev.tidemark.reclaim;

import dev.tidemark.reclaim.ReclaimEvent.Reason;
import java.util.concurrent.TimeUnit;

/**
 * Whether a cgroup is worth asking, by what became of the requests before.
 *
 * <p>Each request in vain doubles the wait for the next, from a millisecond to a minute, and the first that moves something ends
 * that. From waits of a second on the circuit is open: then only the least that the kernel takes is asked for, to find out. A
 * refusal, and a write that got stuck, open it at once, for nothing is to be hoped of another soon.
 *
 * <p>A kernel that says yes and does nothing (6.17 and 6.18 without NUMA) is found out by usage, which also stands still where
 * tasks charge as fast as is reclaimed; so it takes some of those in a row, and what is asked for then is not made small, or it would
 * never be seen among the charges.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> none of its own; waits are in nanoseconds.
 */
final class Circuit {

    private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** How often in a row the kernel may say yes while usage does not fall before it is not believed any more. */
    static final int UNSEEN_SUCCESSES = 8;

    /** From so many failures in a row on it is open: the waits before add up to a second. */
    static final int OPEN_AT = 11;

    /** So many that more make no difference. */
    private static final int MOST_FAILURES = 32;

    /** What usage has to grow by before what was in vain may be worth another try, whatever the wait: a share of it, at least so much. */
    private static final double GROWTH = 1.0 / 32;

    private static final long LEAST_GROWTH_BYTES = 4L << 20;

    private int failures;
    private int unseen;
    private Effect last = Effect.NONE;
    private double usageBytes = Double.NaN;

    /**
     * Takes note of what a request came to.
     *
     * @param usage after it, in bytes; NaN when it is not known
     * @return how long to leave the cgroup alone, in nanoseconds; 0 for not at all
     */
    long after(Effect effect, double usage) {
        switch (effect) {
            case NONE -> {
                return 0;
            }
            case MOVED -> {
                failures = 0;
                unseen = 0;
                last = effect;
                return 0;
            }
            case WITHHELD -> {
                // It would be asked for the same again and again, for nothing gets less: once a second shows as much.
                return TimeUnit.SECONDS.toNanos(1);
            }
            case UNSEEN -> {
                if (++unseen < UNSEEN_SUCCESSES) {
                    return 0;
                }
            }
            case NOTHING -> unseen = 0;
            case REFUSED, STUCK -> failures = Math.max(failures, OPEN_AT - 1);
        }
        failures = Math.min(failures + 1, MOST_FAILURES);
        last = effect;
        usageBytes = usage;
        return wait(failures);
    }

    private static long wait(int failures) {
        return Math.min(LONGEST_WAIT_NANOS, FIRST_WAIT_NANOS << (failures - 1));
    }

    /** Whether requests have been in vain for so long that they are but attempts. */
    boolean isOpen() {
        return failures >= OPEN_AT;
    }

    /** Why the cgroup is left alone, when it is. */
    Reason reason() {
        return isOpen() ? Reason.CIRCUIT_OPEN : last.reason();
    }

    /** Whether the next request should ask for the least. */
    boolean probes() {
        return isOpen() && last != Effect.UNSEEN;
    }

    /** Whether usage has grown by so much since the last request that there may be something to take after all. */
    boolean isOutgrown(double usage) {
        boolean mayHelp = last == Effect.NOTHING || last == Effect.UNSEEN;
        return mayHelp && usage - usageBytes >= Math.max(LEAST_GROWTH_BYTES, usageBytes * GROWTH);
    }

    /** Requests in vain, in a row. */
    int failures() {
        return failures;
    }

    /** Goes on where another left off. */
    void resume(int failuresBefore) {
        failures = Math.clamp(failuresBefore, 0, MOST_FAILURES);
    }

    /** What was asked for before will be asked for no more, so what became of it tells nothing. */
    void forget() {
        failures = 0;
        unseen = 0;
        last = Effect.NONE;
    }
}
