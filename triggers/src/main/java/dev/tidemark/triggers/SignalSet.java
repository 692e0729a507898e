package dev.tidemark.triggers;

import dev.tidemark.config.Signal;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * An immutable set of signals in the order of their declaration. Each has a slot, from 0, at which arrays of values hold
 * it. Equal sets have equal slots.
 */
@SuppressWarnings("EnumOrdinal") // an array by ordinal is what an EnumMap is, without boxing a slot for each value read
public final class SignalSet {

    /** No signal at all. */
    public static final SignalSet EMPTY = new SignalSet(EnumSet.noneOf(Signal.class));

    private final List<Signal> signals;
    private final int[] slots;

    private SignalSet(Set<Signal> ordered) {
        signals = List.copyOf(ordered);
        slots = new int[Signal.values().length];
        Arrays.fill(slots, -1);
        for (int slot = 0; slot < signals.size(); slot++) {
            slots[signals.get(slot).ordinal()] = slot;
        }
    }

    public static SignalSet of(Signal... signals) {
        return of(List.of(signals));
    }

    public static SignalSet of(Collection<Signal> signals) {
        return signals.isEmpty() ? EMPTY : new SignalSet(EnumSet.copyOf(signals));
    }

    /** The union of both. */
    public SignalSet plus(SignalSet other) {
        if (containsAll(other)) {
            return this;
        }
        if (other.containsAll(this)) {
            return other;
        }
        EnumSet<Signal> union = EnumSet.copyOf(signals.isEmpty() ? other.signals : signals);
        union.addAll(other.signals);
        return new SignalSet(union);
    }

    /** Where arrays of values hold the signal, or -1 when it is not in this set. */
    public int slot(Signal signal) {
        return slots[signal.ordinal()];
    }

    /** The signal at a slot. */
    public Signal signal(int slot) {
        return signals.get(slot);
    }

    public boolean contains(Signal signal) {
        return slot(signal) >= 0;
    }

    public boolean containsAll(SignalSet other) {
        for (Signal signal : other.signals) {
            if (!contains(signal)) {
                return false;
            }
        }
        return true;
    }

    public int size() {
        return signals.size();
    }

    public boolean isEmpty() {
        return signals.isEmpty();
    }

    /** All of them; the index is the slot. */
    public List<Signal> signals() {
        return signals;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SignalSet other && signals.equals(other.signals);
    }

    @Override
    public int hashCode() {
        return signals.hashCode();
    }

    @Override
    public String toString() {
        return signals.stream().map(Signal::dotted).toList().toString();
    }
}
