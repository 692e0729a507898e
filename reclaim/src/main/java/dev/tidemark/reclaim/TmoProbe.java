package dev.tidemark.reclaim;

import dev.tidemark.config.Law;
import dev.tidemark.reclaim.ControlLaw.Look;

/** {@link Law.Tmo}: {@code gain * usage * ratio * max(0, 1 - stalled / threshold)}, at most {@code most} of usage. */
final class TmoProbe implements PacedLaw.Probe {

    private final Law.Tmo law;
    private final Stall stall = new Stall();

    TmoProbe(Law.Tmo law) {
        this.law = law;
    }

    @Override
    public void begin(Look look) {
        stall.look(look);
    }

    @Override
    public double bytes(Look look) {
        stall.look(look);
        double calm = Math.max(0, 1 - stall.share() / law.threshold());
        return look.usageBytes() * Math.min(law.most(), law.gain() * law.ratio() * calm);
    }
}
