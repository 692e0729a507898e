package dev.tidemark.reclaim;

import dev.tidemark.config.Budget;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is left of a {@link Budget}, and who waits for more.
 *
 * <p>Of bytes a request gets no more than there are; what it costs besides is known only when it is back, and is then owed. So within
 * any time no more is spent than its worth and a tenth of a second's, and of the other two what was in flight when they ran out.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> nanoseconds of the core's clock.
 */
final class Purse {

    private static final double NANOS = 1e-9;

    /** Whose it is, by what is told when it is empty. */
    enum Owner {
        POLICY(Reason.BUDGET, Reason.TIME_BUDGET, Reason.SWAP_BUDGET),
        AGENT(Reason.AGENT_BUDGET, Reason.AGENT_TIME_BUDGET, Reason.AGENT_SWAP_BUDGET);

        private final Reason bytes;
        private final Reason time;
        private final Reason swapOut;

        Owner(Reason bytes, Reason time, Reason swapOut) {
            this.bytes = bytes;
            this.time = time;
            this.swapOut = swapOut;
        }
    }

    private final Budget budget;
    private final Owner owner;
    private final int pageSize;
    private final TokenBucket bytes;
    private final TokenBucket seconds;
    private final TokenBucket swapOutBytes;
    private final Set<Target> line = new LinkedHashSet<>();

    Purse(Budget budget, Owner owner, int pageSize, long nowNanos) {
        this.budget = budget;
        this.owner = owner;
        this.pageSize = pageSize;
        double least = (double) ControlLaw.SWAP_CLUSTER_MAX * pageSize;
        this.bytes = new TokenBucket(budget.bytesPerSecond(), least, nowNanos);
        this.seconds = new TokenBucket(budget.timeShare(), 0, nowNanos);
        this.swapOutBytes = new TokenBucket(budget.swapOutBytesPerSecond(), 0, nowNanos);
    }

    /** Whether it is filled by just this budget. */
    boolean isOf(Budget other) {
        return budget.equals(other);
    }

    /** The most that one request of so many pages may ask for, at least {@link ControlLaw#SWAP_CLUSTER_MAX}. */
    long share(long wantedPages) {
        return Math.max(ControlLaw.SWAP_CLUSTER_MAX, (long) (bytes.share((double) wantedPages * pageSize) / pageSize));
    }

    /** How long until so many pages may be asked for; 0 when they may be now. */
    long nanosUntil(long pages, long nowNanos) {
        return Math.max(
                bytes.nanosUntil((double) pages * pageSize, nowNanos),
                Math.max(seconds.nanosUntil(0, nowNanos), swapOutBytes.nanosUntil(0, nowNanos)));
    }

    /** What there is too little of for that: what it takes longest to have again. */
    Reason lacks(long pages, long nowNanos) {
        long most = nanosUntil(pages, nowNanos);
        if (swapOutBytes.nanosUntil(0, nowNanos) == most) {
            return owner.swapOut;
        }
        return seconds.nanosUntil(0, nowNanos) == most ? owner.time : owner.bytes;
    }

    /** So many pages are asked for. */
    void ask(long pages, long nowNanos) {
        bytes.take((double) pages * pageSize, nowNanos);
    }

    /** They have been: what counts is what was taken, not what was asked. */
    void settle(long askedPages, ReclaimResult result, long nowNanos) {
        bytes.take((double) (result.pagesReclaimed() - askedPages) * pageSize, nowNanos);
        seconds.take(result.cpuNanos() * NANOS, nowNanos);
        swapOutBytes.take((double) result.swappedOutPages() * pageSize, nowNanos);
    }

    /** It waits for more. */
    void await(Target target) {
        line.add(target);
    }

    /** Whether somebody waits. */
    boolean isAwaited() {
        return !line.isEmpty();
    }

    /** Those that wait, the longest first, at most so many; they wait no more. */
    List<Target> next(int most) {
        List<Target> next = new ArrayList<>(Math.min(most, line.size()));
        Iterator<Target> waiting = line.iterator();
        while (next.size() < most && waiting.hasNext()) {
            next.add(waiting.next());
            waiting.remove();
        }
        return next;
    }
}
