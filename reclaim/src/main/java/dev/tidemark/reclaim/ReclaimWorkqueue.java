package dev.tidemark.reclaim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of what waits to be reclaimed from, with at most one place an item.
 *
 * <p>A request for an item that waits already is merged into it, as the kernel's {@code queue_work} does; where more wait than may,
 * the least urgent is turned away. Nothing is lost by that, because a level that is still elevated asks again.
 *
 * <p><b>Order.</b> Items of a higher priority go first, but for ageing: each {@link #AGEING_NANOS} that somebody of a priority has
 * waited counts as one level, so that the lowest is served however busy the highest is. Among
 * those of one priority worker time is shared in proportion to weight, by start-time fair queueing (Goyal, Vin and Cheng, 1996): an
 * item's turn is at the worker time that it has had, divided by its weight, and whoever has had least goes first; one that has been
 * away begins where the others are, so that nobody saves up time. Equals go in the order in which they came. An item's age counts
 * from when it first asked until it is served, also where it was turned away meanwhile; and since of one priority who has waited least is
 * turned away, each is served in the end.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> of the core's clock, given with each call. <b>Back-pressure:</b> {@link
 * #overflow}, never blocking. <b>Cost:</b> logarithmic in the items that wait.
 */
final class ReclaimWorkqueue<T extends ReclaimWorkqueue.Item> {

    /** Waiting so long makes up for one level of priority. */
    static final long AGEING_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What a turn counts at least, for it costs more than the kernel's time alone: threads are woken, and the queue is gone through. */
    private static final long LEAST_TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long NOTHING_WANTED = Long.MIN_VALUE;

    /** Something that takes turns, in one queue at most, which alone looks into it. */
    abstract static class Item {
        int priority;
        int weight = 1;

        /** When its next turn begins, in worker time by weight. */
        double turn;

        long sequence;
        long wantsSince = NOTHING_WANTED;

        /** Of its last or present wait. */
        @Nullable
        Level<?> level;

        boolean waits;

        /** To be said before it is offered: the higher priority goes first, and weight, at least 1, is its share among equals. */
        final void rank(int newPriority, int newWeight) {
            priority = newPriority;
            weight = newWeight;
        }
    }

    /** All of one priority. */
    static final class Level<T extends Item> {
        private static final Comparator<Item> ORDER =
                Comparator.<Item>comparingDouble(item -> item.turn).thenComparingLong(item -> item.sequence);
        private static final Comparator<Item> AGE =
                Comparator.<Item>comparingLong(item -> item.wantsSince).thenComparingLong(item -> item.sequence);

        final int priority;
        final TreeSet<T> waiting = new TreeSet<>(ORDER);
        final TreeSet<T> byAge = new TreeSet<>(AGE);

        /** The turn of whoever was served last: where newcomers begin. */
        double turn;

        Level(int priority) {
            this.priority = priority;
        }

        /** How urgent it is, in nanoseconds, while somebody waits. */
        long urgency(long nowNanos) {
            return priority * AGEING_NANOS + (nowNanos - byAge.first().wantsSince);
        }
    }

    /** Highest priority first. */
    private final List<Level<T>> levels = new ArrayList<>();

    private int length;
    private int size;
    private long sequence;

    /** @param length how many items may wait, at least 1 */
    ReclaimWorkqueue(int length) {
        this.length = checked(length);
    }

    /** From now on so many may wait. */
    void length(int items) {
        length = checked(items);
    }

    private static int checked(int length) {
        if (length < 1) {
            throw new IllegalArgumentException("a workqueue needs a length of 1 or more, it was given " + length);
        }
        return length;
    }

    /** Asks for a turn; one that waits already keeps its place among those of its priority. */
    void offer(T item, long nowNanos) {
        Level<T> level = level(item.priority);
        if (item.waits) {
            if (item.level == level) {
                return;
            }
            take(item);
        }
        item.sequence = ++sequence;
        if (item.level != level) {
            item.level = level;
            item.turn = level.turn;
        } else if (item.wantsSince == NOTHING_WANTED) {
            item.turn = Math.max(item.turn, level.turn);
        }
        if (item.wantsSince == NOTHING_WANTED) {
            item.wantsSince = nowNanos;
        }
        put(item, level);
    }

    /** Turns away who has waited least, of the least urgent priority, where more wait than may; null where not. */
    @Nullable
    T overflow(long nowNanos) {
        if (size <= length) {
            return null;
        }
        Level<T> least = null;
        for (Level<T> level : levels) {
            boolean waits = !level.waiting.isEmpty();
            if (waits && (least == null || level.urgency(nowNanos) < least.urgency(nowNanos))) {
                least = level;
            }
        }
        if (least == null) {
            throw new IllegalStateException(size + " wait, but nowhere");
        }
        T youngest = least.byAge.last();
        take(youngest);
        return youngest;
    }

    private void put(T item, Level<T> level) {
        level.waiting.add(item);
        level.byAge.add(item);
        item.waits = true;
        size++;
    }

    /** Takes the item whose turn it is out, or null when none waits. Its age counts on until {@link #begun} or {@link #remove}. */
    @Nullable
    T poll(long nowNanos) {
        Level<T> first = null;
        long most = 0;
        for (Level<T> level : levels) {
            if (!level.waiting.isEmpty() && (first == null || level.urgency(nowNanos) > most)) {
                first = level;
                most = level.urgency(nowNanos);
            }
        }
        if (first == null) {
            return null;
        }
        T item = first.waiting.first();
        take(item);
        return item;
    }

    /** Back to where it was before {@link #poll}, as if it had never been taken out. */
    void putBack(T item) {
        put(item, level(item));
    }

    /** It is being served. */
    void begun(T item) {
        Level<T> level = level(item);
        level.turn = Math.max(level.turn, item.turn);
        item.wantsSince = NOTHING_WANTED;
    }

    /** It has been served for so long. */
    void done(T item, long nanos) {
        item.turn += (double) Math.max(nanos, LEAST_TURN_NANOS) / item.weight;
    }

    /** It wants nothing any more. */
    void remove(T item) {
        if (item.waits) {
            take(item);
        }
        item.wantsSince = NOTHING_WANTED;
    }

    private void take(T item) {
        Level<T> level = level(item);
        level.waiting.remove(item);
        level.byAge.remove(item);
        item.waits = false;
        size--;
    }

    /** Where it waits or has its claim: its priority may be another by now. */
    private Level<T> level(T item) {
        for (Level<T> level : levels) {
            if (level == item.level) {
                return level;
            }
        }
        throw new IllegalStateException("it does not wait here: " + item);
    }

    private Level<T> level(int priority) {
        int index = 0;
        while (index < levels.size() && levels.get(index).priority > priority) {
            index++;
        }
        if (index == levels.size() || levels.get(index).priority != priority) {
            levels.add(index, new Level<>(priority));
        }
        return levels.get(index);
    }

    int size() {
        return size;
    }

    /** How many more may wait. */
    int room() {
        return Math.max(0, length - size);
    }
}
