package dev.tidemark.reclaim;

import dev.tidemark.config.Limits;
import dev.tidemark.config.Policy;
import dev.tidemark.reclaim.ControlLaw.Look;
import dev.tidemark.reclaim.ReclaimEvent.Reason;

/**
 * Whether a batch that a {@link ControlLaw} wants may be asked for: the last word before the kernel, of one policy on one cgroup,
 * from its START to its STOP.
 *
 * <p>What is not known holds nothing back.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> the {@link Look}'s.
 */
final class Guards {

    private final Limits limits;

    private Guards(Limits limits) {
        this.limits = limits;
    }

    /** Those of a policy that has just become active. */
    static Guards of(Policy policy) {
        return new Guards(policy.limits());
    }

    /** Whether these are the guards of the other policy, too: then they go on, with what they have learnt. */
    boolean areOf(Policy policy) {
        return limits.equals(policy.limits());
    }

    /**
     * To be asked before each batch.
     *
     * @param wantedPages at least {@link ControlLaw#SWAP_CLUSTER_MAX}
     */
    Ruling rule(Look look, long wantedPages) {
        double above = look.usageBytes() - limits.floorBytes();
        // Not comparable (NaN): nothing is known, so nothing is in the way.
        long pages = above < (double) wantedPages * look.pageSize() ? (long) (above / look.pageSize()) : wantedPages;
        return pages < ControlLaw.SWAP_CLUSTER_MAX
                ? new Ruling.Held(Reason.FLOOR, look.usageBytes(), limits.floorBytes(), 0)
                : new Ruling.Go(pages, true);
    }

    /**
     * To be told what became of the batch that was last let go.
     *
     * @param look as it is after the batch
     */
    void reclaimed(Look look, ReclaimResult result) {}
}
