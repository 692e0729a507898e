package dev.tidemark.reclaim;

import dev.tidemark.config.Law;
import dev.tidemark.reclaim.ControlLaw.Look;

/** {@link Law.Aimd}: {@code increase} more than the last time, or {@code decrease} of it once tasks are stalled too long. */
final class AimdProbe implements PacedLaw.Probe {

    private final Law.Aimd law;
    private final Stall stall = new Stall();
    private double bytes;

    AimdProbe(Law.Aimd law) {
        this.law = law;
    }

    @Override
    public void begin(Look look) {
        stall.look(look);
    }

    @Override
    public double bytes(Look look) {
        stall.look(look);
        double share = stall.share();
        double most = look.usageBytes() * law.most();
        if (Double.isNaN(share) || Double.isNaN(most)) {
            return Double.NaN;
        }
        bytes = share > law.threshold() ? bytes * law.decrease() : bytes + law.increaseBytes();
        bytes = Math.min(bytes, most);
        return bytes;
    }
}
