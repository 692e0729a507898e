package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Window;

/**
 * What is made of the running one of the windows that follow each other from the first sample on: the one in which the latest
 * sample lies, its end included and its start not, but for the first window's. What was summed up at the window's start is
 * interpolated between the samples around it, so that the changes of all windows add up to the whole change.
 *
 * @param longs offset: when the first window began, time of the latest sample
 * @param doubles offset: the latest raw value, the latest sum, the sum at the window's start, the result
 */
record TumblingNode(Window window, Sum sum, Operand operand, long over, int longs, int doubles) implements WindowNode {
    static final int LONGS = 2;
    static final int DOUBLES = 4;

    private static final int START = 0;
    private static final int LATEST = 1;
    private static final int RAW = 0;
    private static final int SUM = 1;
    private static final int BASE = 2;
    private static final int RESULT = 3;

    @Override
    public boolean takes(double raw) {
        return isExtreme() ? !Double.isNaN(raw) : Double.isFinite(raw);
    }

    private boolean isExtreme() {
        return window == Window.MIN || window == Window.MAX;
    }

    @Override
    public int result() {
        return doubles + RESULT;
    }

    @Override
    public long latest(Evaluation e) {
        return e.longs[longs + LATEST];
    }

    @Override
    public void add(Evaluation e, long time, double raw, boolean fresh) {
        if (fresh) {
            e.longs[longs + START] = time;
            e.doubles[doubles + SUM] = sum.first(raw);
            e.doubles[doubles + BASE] = sum.first(raw);
            e.doubles[doubles + RESULT] = isExtreme() ? raw : UNKNOWN;
        } else if (isExtreme()) {
            e.doubles[doubles + RESULT] = extreme(e, time, raw);
        } else {
            e.doubles[doubles + RESULT] = change(e, time, raw);
        }
        e.longs[longs + LATEST] = time;
        e.doubles[doubles + RAW] = raw;
    }

    private double extreme(Evaluation e, long time, double raw) {
        if (begin(e, time) > begin(e, e.longs[longs + LATEST])) {
            return raw;
        }
        double before = e.doubles[doubles + RESULT];
        return window == Window.MIN ? Math.min(before, raw) : Math.max(before, raw);
    }

    private double change(Evaluation e, long time, double raw) {
        long latest = e.longs[longs + LATEST];
        double before = e.doubles[doubles + SUM];
        double now = sum.next(before, e.doubles[doubles + RAW], raw, time - latest);
        long begin = begin(e, time);
        if (begin > begin(e, latest)) {
            e.doubles[doubles + BASE] = before + (now - before) * ((double) (begin - latest) / (time - latest));
        }
        e.doubles[doubles + SUM] = now;
        double change = sum.between(e.doubles[doubles + BASE], now);
        return window == Window.DELTA ? change : change / ((time - begin) / NANOS_PER_SECOND);
    }

    /** When the window began in which a sample lies. */
    private long begin(Evaluation e, long time) {
        long start = e.longs[longs + START];
        return time == start ? start : start + (time - start - 1) / over * over;
    }
}
