package dev.tidemark.triggers;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is due when, earliest first: a binary heap whose entries know their place, so that moving and removing one costs
 * no search. Entries due at one instant come in an order that depends on the calls made, and on nothing else.
 *
 * <p>Not thread-safe. Allocates only to grow.
 */
@SuppressWarnings("ReferenceEquality") // an entry is itself, whatever it says of equality
final class DueHeap<T extends DueHeap.Entry> {

    /** Something that may be due. In at most one heap. */
    abstract static class Entry {
        private long due = Evaluation.NEVER;
        private int at = -1;

        /** When it is due; {@link Evaluation#NEVER} while it is in no heap. */
        final long due() {
            return due;
        }
    }

    private final List<T> heap = new ArrayList<>();

    /** The entry that is due first. */
    @Nullable
    T first() {
        return heap.isEmpty() ? null : heap.getFirst();
    }

    /** When the first one is due; {@link Evaluation#NEVER} when there is none. */
    long firstDue() {
        return heap.isEmpty() ? Evaluation.NEVER : heap.getFirst().due();
    }

    /** Puts an entry in, or moves it; {@link Evaluation#NEVER} takes it out. */
    void set(T entry, long due) {
        if (due == Evaluation.NEVER) {
            remove(entry);
            return;
        }
        Entry place = entry;
        place.due = due;
        if (place.at < 0) {
            heap.add(entry);
            place.at = heap.size() - 1;
        }
        settle(entry);
    }

    void remove(T entry) {
        Entry place = entry;
        place.due = Evaluation.NEVER;
        int hole = place.at;
        if (hole < 0) {
            return;
        }
        place.at = -1;
        T last = heap.removeLast();
        if (last != entry) {
            put(last, hole);
            settle(last);
        }
    }

    private void settle(T entry) {
        Entry place = entry;
        int at = place.at;
        while (at > 0) {
            T parent = heap.get((at - 1) / 2);
            if (parent.due() <= entry.due()) {
                break;
            }
            put(parent, at);
            at = (at - 1) / 2;
        }
        while (true) {
            int child = 2 * at + 1;
            if (child >= heap.size()) {
                break;
            }
            if (child + 1 < heap.size()
                    && heap.get(child + 1).due() < heap.get(child).due()) {
                child++;
            }
            T smaller = heap.get(child);
            if (smaller == entry || smaller.due() >= entry.due()) {
                break;
            }
            put(smaller, at);
            at = child;
        }
        put(entry, at);
    }

    private void put(T entry, int at) {
        Entry place = entry;
        heap.set(at, entry);
        place.at = at;
    }
}
