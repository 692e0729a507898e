package dev.tidemark.reclaim;

import dev.tidemark.reclaim.ReclaimEvent.Reason;

/** What {@link Guards} say to a batch. */
sealed interface Ruling {

    /**
     * It may be asked for.
     *
     * @param nrPages at least {@link ControlLaw#SWAP_CLUSTER_MAX}, at most what was wanted
     * @param mayTakeAnon whether anonymous memory may go, too; otherwise file pages only
     */
    record Go(long nrPages, boolean mayTakeAnon) implements Ruling {}

    /**
     * Nothing may be asked for.
     *
     * @param value what was seen, in the {@linkplain Reason#unit() unit} of the reason; NaN where there is nothing to be told
     * @param mark what it is measured against, in the same unit; NaN where there is nothing to be told
     * @param retryNanos how long until it may be tried again, at least 1; 0 where only a new sample can change it
     */
    record Held(Reason reason, double value, double mark, long retryNanos) implements Ruling {}
}
