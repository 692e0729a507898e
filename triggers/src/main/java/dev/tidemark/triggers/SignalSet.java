package dev.tidemark.triggers;

import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * An immutable set of signals in the order of their {@link Signal#index}. Each has a slot, from 0, at which arrays of values hold
 * it. Equal sets have equal slots.
 */
public final class SignalSet {

    /** No signal at all. */
    public static final SignalSet EMPTY = new SignalSet(List.of());

    private final List<Signal> signals;
    private final int[] slots;
    private final int hash;

    private SignalSet(Collection<Signal> unordered) {
        signals = unordered.stream()
                .distinct()
                .sorted(Comparator.comparingInt(Signal::index))
                .toList();
        slots = new int[signals.isEmpty() ? 0 : signals.getLast().index() + 1];
        Arrays.fill(slots, -1);
        for (int slot = 0; slot < signals.size(); slot++) {
            slots[signals.get(slot).index()] = slot;
        }
        // Asked for with each sample, as a part of its key.
        hash = signals.hashCode();
    }

    public static SignalSet of(Signal... signals) {
        return of(List.of(signals));
    }

    public static SignalSet of(Collection<Signal> signals) {
        return signals.isEmpty() ? EMPTY : new SignalSet(signals);
    }

    /** The union of both. */
    public SignalSet plus(SignalSet other) {
        if (containsAll(other)) {
            return this;
        }
        if (other.containsAll(this)) {
            return other;
        }
        List<Signal> union = new ArrayList<>(signals);
        union.addAll(other.signals);
        return new SignalSet(union);
    }

    /** Where arrays of values hold the signal, or -1 when it is not in this set. */
    public int slot(Signal signal) {
        int index = signal.index();
        return index < slots.length ? slots[index] : -1;
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
        return o == this || (o instanceof SignalSet other && hash == other.hash && signals.equals(other.signals));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return signals.stream().map(Signal::dotted).toList().toString();
    }
}
