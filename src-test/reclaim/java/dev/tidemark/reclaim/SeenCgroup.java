package dev.tidemark.reclaim;

import dev.tidemark.config.Signal;
import java.util.HashMap;
import java.util.Map;

/** What laws and guards are shown of a cgroup, as a test says; what it does not say is not known. */
class SeenCgroup implements ControlLaw.Look {

    static final int PAGE = 4096;

    long now;
    double usage = 1000.0 * (1 << 20);
    double stop = Double.NaN;
    final Map<Signal, Double> values = new HashMap<>();

    /** None of what reclaim could take is there. */
    final void nothingReclaimable() {
        Signal.RECLAIMABLE.parts().forEach(part -> values.put(part, 0.0));
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public double usageBytes() {
        return usage;
    }

    @Override
    public double stopBytes() {
        return stop;
    }

    @Override
    public double value(Signal signal) {
        return values.getOrDefault(signal, Double.NaN);
    }

    @Override
    public long observedNanos(Signal signal) {
        return now;
    }

    @Override
    public int pageSize() {
        return PAGE;
    }
}
