package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import org.jspecify.annotations.Nullable;

/** Nothing is taken while a counter grows faster than a mark: of a stall time, the share of time. */
final class RateGuard implements HarmGuard {

    private final Reason reason;
    private final Rise rise;
    private final @Nullable Signal average;
    private final double mark;

    /** @param average says as much until the counter has been seen twice; null where nothing does */
    RateGuard(Reason reason, Signal counter, @Nullable Signal average, double mark) {
        this.reason = reason;
        this.rise = new Rise(counter);
        this.average = average;
        this.mark = mark;
    }

    @Override
    public Ruling.@Nullable Held rule(Look look) {
        double rate = rise.perSecond(look);
        if (Double.isNaN(rate) && average != null) {
            rate = look.value(average);
        }
        return rate > mark ? new Ruling.Held(reason, rate, mark, 0) : null;
    }

    @Override
    public void taken(long pages) {}
}
