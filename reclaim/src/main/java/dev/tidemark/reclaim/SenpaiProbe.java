package dev.tidemark.reclaim;

import dev.tidemark.config.Law;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;

/**
 * {@link Law.Senpai}: {@code most * (reclaimable - reserve) * max(0, 1 - pressure / threshold)}, of memory or of the disks, whichever
 * leaves less. oomd takes all of {@code most} below the thresholds and nothing above (Senpai.cpp, tick_immediate_backoff).
 */
final class SenpaiProbe implements PacedLaw.Probe {

    private final Law.Senpai law;

    SenpaiProbe(Law.Senpai law) {
        this.law = law;
    }

    @Override
    public void begin(Look look) {}

    @Override
    public double bytes(Look look) {
        double memory = calm(look, Signal.PSI_SOME_AVG10, Signal.PSI_SOME_AVG60, law.threshold());
        double disks = calm(look, Signal.PSI_IO_SOME_AVG10, Signal.PSI_IO_SOME_AVG60, law.ioThreshold());
        return law.most() * Reclaimable.above(look, law.reserveBytes()) * Math.min(memory, disks);
    }

    private static double calm(Look look, Signal shortly, Signal lately, double threshold) {
        double pressure = Math.max(look.value(shortly), look.value(lately));
        return Math.max(0, 1 - pressure / threshold);
    }
}
