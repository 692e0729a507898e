package dev.tidemark.triggers;

/**
 * The course of a value, at offsets in the state of an {@link Evaluation}.
 *
 * <p>Of points closer together than {@code spacing} only some are kept, so that memory is bounded however often the value is
 * sampled: any two that follow each other are either neighbours in truth or closer than that. The latest is always known exactly;
 * it is not among those that are kept until the next one comes.
 *
 * @param longs offset: first kept point, number kept, time of the latest, then their times
 * @param doubles offset: latest value, then their values
 */
record Points(long over, long spacing, int capacity, int longs, int doubles) {

    private static final int FIRST = 0;
    private static final int COUNT = 1;
    private static final int LATEST = 2;
    private static final int TIMES = 3;
    private static final int VALUE = 0;
    private static final int VALUES = 1;

    /** Points to have room for when a window is {@code spacings} long: two each, and what is at the ends. */
    static int capacity(int spacings) {
        return 2 * spacings + 5;
    }

    static int longs(int capacity) {
        return TIMES + capacity;
    }

    static int doubles(int capacity) {
        return VALUES + capacity;
    }

    /** When the latest point was; {@link Evaluation#NONE} when there is none. */
    long latest(Evaluation e) {
        return e.longs[longs + LATEST];
    }

    /** The value of the latest point. */
    double value(Evaluation e) {
        return e.doubles[doubles + VALUE];
    }

    /** Points that are kept, always one at least, and all before the latest but the very first. */
    int count(Evaluation e) {
        return (int) e.longs[longs + COUNT];
    }

    /** When a kept point was, the oldest first. */
    long time(Evaluation e, int i) {
        return e.longs[longs + TIMES + index(e, i)];
    }

    double value(Evaluation e, int i) {
        return e.doubles[doubles + VALUES + index(e, i)];
    }

    /** Begins anew with this point. */
    void restart(Evaluation e, long time, double value) {
        e.longs[longs + FIRST] = 0;
        e.longs[longs + COUNT] = 0;
        e.longs[longs + LATEST] = time;
        e.doubles[doubles + VALUE] = value;
        keep(e, 0, time, value);
    }

    /** Adds a point after the latest, and lets go of those before the last one that is not after the window's start. */
    void add(Evaluation e, long time, double value) {
        long latest = e.longs[longs + LATEST];
        int count = count(e);
        long kept = time(e, count - 1);
        if (time - kept >= spacing && latest > kept) {
            keep(e, count, latest, e.doubles[doubles + VALUE]);
            count++;
        }
        e.longs[longs + LATEST] = time;
        e.doubles[doubles + VALUE] = value;
        forget(e, count, time - over);
    }

    private void forget(Evaluation e, int from, long start) {
        int count = from;
        while (count > 1 && time(e, 1) <= start) {
            long next = e.longs[longs + FIRST] + 1;
            e.longs[longs + FIRST] = next == capacity ? 0 : next;
            count--;
        }
        e.longs[longs + COUNT] = count;
    }

    // There is room, by capacity(): a point is kept when one comes that is spacing after the kept one before it, so of
    // three that
    // follow each other the outer two are spacing apart. After forget() all but one are in the window.
    private void keep(Evaluation e, int i, long time, double value) {
        int at = index(e, i);
        e.longs[longs + TIMES + at] = time;
        e.doubles[doubles + VALUES + at] = value;
        e.longs[longs + COUNT] = i + 1L;
    }

    private int index(Evaluation e, int i) {
        int index = (int) e.longs[longs + FIRST] + i;
        return index < capacity ? index : index - capacity;
    }
}
