package dev.tidemark.reclaim;

import dev.tidemark.config.Law;
import dev.tidemark.config.Signal;

/**
 * How much to ask for next of one cgroup: a {@link Law} at work. What to ask is decided here, whether to ask elsewhere.
 *
 * <p>Confined to the core thread.
 */
sealed interface ControlLaw permits LevelLaw, PacedLaw {

    /** Pages the kernel takes at least, whatever it is asked for: {@code SWAP_CLUSTER_MAX}, include/linux/swap.h. */
    long SWAP_CLUSTER_MAX = 32;

    /** What a law sees of the cgroup, as of now. */
    interface Look {
        /** The core's clock, in nanoseconds. */
        long now();

        /** memory.current; NaN when it is not known. */
        double usageBytes();

        /** The usage at or below which STOP holds; NaN when STOP does not depend on usage. */
        double stopBytes();

        /** The latest value of one of {@link Law#signals}, in its unit; NaN when it is not known. */
        double value(Signal signal);

        /** When that was observed. */
        long observedNanos(Signal signal);

        int pageSize();
    }

    /** A law at its beginning. */
    static ControlLaw of(Law law) {
        return switch (law) {
            case Law.Watermark _ -> LevelLaw.WATERMARK;
            case Law.Fixed _ -> LevelLaw.FIXED;
            case Law.Tmo tmo -> new PacedLaw(tmo, new TmoProbe(tmo));
            case Law.Senpai senpai -> new PacedLaw(senpai, new SenpaiProbe(senpai));
            case Law.SenpaiLimit senpai -> new PacedLaw(senpai, new SenpaiLimitProbe(senpai));
            case Law.Aimd aimd -> new PacedLaw(aimd, new AimdProbe(aimd));
        };
    }

    /**
     * Pages to ask for in one write.
     *
     * @param batchPages the most, at least {@link #SWAP_CLUSTER_MAX}
     * @return {@link #SWAP_CLUSTER_MAX} to {@code batchPages}, or 0 for none before {@link #nanosUntilMore}
     */
    long nrPages(Look look, long batchPages);

    /** Takes note that so many have been asked for. */
    void asked(long pages, int pageSize);

    /** After an answer of 0: how long until there may be more, at least 1. */
    long nanosUntilMore(long now);
}
