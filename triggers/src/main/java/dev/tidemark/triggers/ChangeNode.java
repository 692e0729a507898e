package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Window;

/**
 * A rate, a difference or a mean. The sum at the window's start is interpolated between the points around it. With less than a
 * window of points the result is that of the time they span; with less than two it is unknown.
 *
 * @param delta whether the result is the change, otherwise it is the change per second
 * @param own offset in {@code doubles}: the latest raw value, the result
 */
record ChangeNode(boolean delta, Sum sum, Operand operand, Points points, double seconds, int own)
        implements WindowNode {
    static final int DOUBLES = 2;

    ChangeNode(Window window, boolean counter, Operand operand, Points points, int own) {
        this(window == Window.DELTA, Sum.of(window, counter), operand, points, points.over() / NANOS_PER_SECOND, own);
    }

    // As inherited, but in one piece: most windows are such a one, and what is inherited asks for each thing through a
    // table.
    @Override
    public double step(Evaluation e) {
        double raw = operand.step(e);
        if (!Double.isFinite(raw)) {
            return UNKNOWN;
        }
        long time = operand.newest(e);
        long latest = points.latest(e);
        if (time > latest) {
            add(e, time, raw, latest == Evaluation.NONE || time - latest >= operand.gap(e));
        }
        return e.doubles[own + 1];
    }

    @Override
    public int result() {
        return own + 1;
    }

    @Override
    public long latest(Evaluation e) {
        return points.latest(e);
    }

    @Override
    public void add(Evaluation e, long time, double raw, boolean fresh) {
        double before = e.doubles[own];
        e.doubles[own] = raw;
        if (fresh) {
            points.restart(e, time, sum.first(raw));
            e.doubles[own + 1] = UNKNOWN;
            return;
        }
        double value = sum.next(points.value(e), before, raw, time - points.latest(e));
        points.add(e, time, value);
        e.doubles[own + 1] = result(e, time, value);
    }

    private double result(Evaluation e, long time, double value) {
        long start = time - points.over();
        long from = points.time(e, 0);
        double at = points.value(e, 0);
        if (from > start) {
            double change = sum.between(at, value);
            return delta ? change : change / ((time - from) / NANOS_PER_SECOND);
        }
        if (from < start) {
            boolean last = points.count(e) == 1;
            long next = last ? time : points.time(e, 1);
            double nextValue = last ? value : points.value(e, 1);
            at += (nextValue - at) * ((double) (start - from) / (next - from));
        }
        double change = sum.between(at, value);
        return delta ? change : change / seconds;
    }
}
