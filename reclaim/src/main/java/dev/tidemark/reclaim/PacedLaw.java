package dev.tidemark.reclaim;

import dev.tidemark.config.Law;

/**
 * A law that takes an amount, waits, and looks at what it did.
 *
 * <p>The first amount comes one round after the policy has become active, for there must be something to look back on. An amount is
 * asked for in batches; what has not been asked for when the next round comes is left, but for less than the kernel takes at
 * least: that is added to the next, so that small amounts add up instead of being rounded away.
 */
final class PacedLaw implements ControlLaw {

    /** How much the next amount is. */
    sealed interface Probe permits TmoProbe, SenpaiProbe, SenpaiLimitProbe, AimdProbe {
        /** The policy has become active. */
        void begin(Look look);

        /** Bytes, of any sign; NaN when what it goes by is not known. */
        double bytes(Look look);
    }

    private static final long NOT_BEGUN = Long.MIN_VALUE;

    private final Law.Paced law;
    private final Probe probe;
    private long dueNanos = NOT_BEGUN;
    private double leftBytes;

    PacedLaw(Law.Paced law, Probe probe) {
        this.law = law;
        this.probe = probe;
    }

    @Override
    public long nrPages(Look look, long batchPages) {
        long now = look.now();
        if (dueNanos == NOT_BEGUN) {
            probe.begin(look);
            dueNanos = now + law.every().toNanos();
        } else if (now >= dueNanos) {
            long least = SWAP_CLUSTER_MAX * look.pageSize();
            double amount = probe.bytes(look);
            // A comparison with NaN is false: what is not known takes nothing.
            leftBytes = (leftBytes < least ? leftBytes : 0) + (amount > 0 ? amount : 0);
            dueNanos = now + law.every().toNanos();
        }
        long pages = (long) (leftBytes / look.pageSize());
        return pages < SWAP_CLUSTER_MAX ? 0 : Math.min(pages, batchPages);
    }

    @Override
    public void asked(long pages, int pageSize) {
        leftBytes = Math.max(0, leftBytes - (double) pages * pageSize);
    }

    @Override
    public long nanosUntilMore(long now) {
        return Math.max(1, dueNanos - now);
    }
}
