package dev.tidemark.reclaim;

import dev.tidemark.reclaim.ReclaimEvent.Reason;
import org.jspecify.annotations.Nullable;

/** What {@link Guards} say to a batch. */
sealed interface Ruling {

    /**
     * It may be asked for.
     *
     * @param nrPages at least {@link ControlLaw#SWAP_CLUSTER_MAX}, at most what was wanted
     * @param withoutAnon why file pages only; null where anonymous memory may go, too
     */
    record Go(long nrPages, @Nullable Held withoutAnon) implements Ruling {

        boolean mayTakeAnon() {
            return withoutAnon == null;
        }
    }

    /**
     * Nothing may be asked for.
     *
     * @param value what was seen, in the {@linkplain Reason#unit() unit} of the reason; NaN where there is nothing to be told
     * @param mark what it is measured against, in the same unit; NaN where there is nothing to be told
     * @param retryNanos how long until it may be tried again, at least 1; 0 where only a new sample can change it
     */
    record Held(Reason reason, double value, double mark, long retryNanos) implements Ruling {}
}
