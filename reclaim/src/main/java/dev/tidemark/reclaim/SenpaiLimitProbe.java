package dev.tidemark.reclaim;

import dev.tidemark.config.Law;
import dev.tidemark.reclaim.ControlLaw.Look;

/**
 * {@link Law.SenpaiLimit}: what lies above a limit that follows the stall time. In floating point: where oomd divides whole numbers
 * (Senpai.cpp, tick), the limit moves in steps.
 */
final class SenpaiLimitProbe implements PacedLaw.Probe {

    /** So that no stall at all is a number: one microsecond, the unit of PSI's totals. */
    private static final double SHORTEST_STALL = 1e-6;

    private final Law.SenpaiLimit law;
    private final double aimSeconds;
    private final Stall stall = new Stall();
    private double limitBytes = Double.NaN;

    SenpaiLimitProbe(Law.SenpaiLimit law) {
        this.law = law;
        this.aimSeconds = law.stall().toNanos() * 1e-9;
    }

    @Override
    public void begin(Look look) {
        stall.look(look);
        limitBytes = look.usageBytes();
    }

    @Override
    public double bytes(Look look) {
        stall.look(look);
        double usage = look.usageBytes();
        double free = Reclaimable.above(look, law.reserveBytes());
        double moved = (Double.isNaN(limitBytes) ? usage : limitBytes) * (1 + factor(stall.seconds()));
        if (Double.isNaN(moved) || Double.isNaN(free)) {
            return Double.NaN;
        }
        // Not so far below usage that one round would take more than the most or what must stay, nor further above than
        // one backoff:
        // from there it takes as long to be felt again as oomd's does.
        double lowest = Math.max(usage - free, usage * (1 - law.most()));
        limitBytes = Math.clamp(moved, lowest, usage * (1 + law.backoff()));
        return Math.max(0, usage - limitBytes);
    }

    /** By which share of itself the limit moves. */
    private double factor(double stalledSeconds) {
        if (stalledSeconds >= aimSeconds) {
            return law.backoff() * Math.min(1, squared(stalledSeconds / aimSeconds / law.relief()));
        }
        return -law.most() * Math.min(1, squared(aimSeconds / Math.max(stalledSeconds, SHORTEST_STALL) / law.probe()));
    }

    private static double squared(double x) {
        return x * x;
    }
}
