package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import dev.tidemark.config.SignalFormulas;
import dev.tidemark.reclaim.ControlLaw.Look;
import java.util.List;

/** What reclaim could take of a cgroup at all, for laws. */
final class Reclaimable {

    private Reclaimable() {}

    /** Bytes that could be taken and still leave the reserve, at least 0; NaN when that is not known. */
    static double above(Look look, long reserveBytes) {
        List<Signal> parts = Signal.RECLAIMABLE.parts();
        double[] values = new double[parts.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = look.value(parts.get(i));
        }
        double reclaimable =
                SignalFormulas.reclaimable(values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
        return Math.max(0, reclaimable - reserveBytes);
    }
}
