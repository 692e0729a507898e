package dev.tidemark.reclaim;

import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of what waits to be reclaimed from, first in, first out, with at most one place an item.
 *
 * <p>A request for an item that waits already is merged into it, as the kernel's {@code queue_work} does; a full queue
 * refuses. Nothing is lost by a refusal, because a level that is still elevated asks again.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Back-pressure:</b> {@link Offer#REJECTED}, never blocking.
 */
final class ReclaimWorkqueue<T> {

    enum Offer {
        QUEUED,
        MERGED,
        REJECTED
    }

    private final LinkedHashSet<T> waiting = new LinkedHashSet<>();
    private int length;

    /** @param length how many items may wait, at least 1 */
    ReclaimWorkqueue(int length) {
        this.length = checked(length);
    }

    /** From now on so many may wait; what waits already stays, even where that is more. */
    void length(int items) {
        length = checked(items);
    }

    private static int checked(int length) {
        if (length < 1) {
            throw new IllegalArgumentException("a workqueue needs a length of 1 or more, it was given " + length);
        }
        return length;
    }

    Offer offer(T item) {
        if (waiting.contains(item)) {
            return Offer.MERGED;
        }
        if (waiting.size() >= length) {
            return Offer.REJECTED;
        }
        waiting.add(item);
        return Offer.QUEUED;
    }

    /** Takes the item that waits longest, or null when none does. */
    @Nullable
    T poll() {
        return waiting.isEmpty() ? null : waiting.removeFirst();
    }

    void remove(T item) {
        waiting.remove(item);
    }

    int size() {
        return waiting.size();
    }
}
