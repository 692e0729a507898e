package dev.tidemark.triggers;

import dev.tidemark.config.Signal;
import java.util.Arrays;

/**
 * Values of a cgroup's signals at one instant. It may carry some of them only: what it does not carry has not been looked
 * at.
 *
 * @param nanos when reading began
 * @param values at {@link SignalSet#slot}; NaN where the kernel does not have the signal. Not copied: whoever makes a
 *     sample gives the array away, and nobody writes to it afterwards
 */
@SuppressWarnings("ArrayRecordComponent") // one sample a cgroup and tick: a copy or a boxed list would double its cost
public record Sample(Cgroup cgroup, long nanos, SignalSet signals, double[] values) {

    public Sample {
        if (values.length < signals.size()) {
            throw new IllegalArgumentException(
                    "a value for each of " + signals + " required but there are " + values.length);
        }
    }

    /** The value of a signal; NaN when it is unknown or not carried. */
    public double value(Signal signal) {
        int slot = signals.slot(signal);
        return slot < 0 ? Double.NaN : values[slot];
    }

    /**
     * What a newer sample must have in common with this one to replace it: the cgroup and the signals. The key for an {@link
     * Ingress}: a quick sample of usage alone never replaces a full one.
     */
    public Key key() {
        return new Key(cgroup.id(), signals);
    }

    /** See {@link Sample#key}. */
    public record Key(long cgroupId, SignalSet signals) {
        // Written out, as that of a Cgroup.

        @Override
        public boolean equals(Object o) {
            return o instanceof Key other && cgroupId == other.cgroupId && signals.equals(other.signals);
        }

        @Override
        public int hashCode() {
            return 31 * signals.hashCode() + Long.hashCode(cgroupId);
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Sample other
                && nanos == other.nanos
                && cgroup.equals(other.cgroup)
                && signals.equals(other.signals)
                && Arrays.equals(values, other.values);
    }

    @Override
    public int hashCode() {
        return (31 * cgroup.hashCode() + Long.hashCode(nanos)) * 31 + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("Sample[").append(cgroup).append(" at ").append(nanos);
        for (int slot = 0; slot < signals.size(); slot++) {
            Signal signal = signals.signal(slot);
            text.append(", ")
                    .append(signal.dotted())
                    .append('=')
                    .append(signal.unit().format(values[slot]));
        }
        return text.append(']').toString();
    }
}
