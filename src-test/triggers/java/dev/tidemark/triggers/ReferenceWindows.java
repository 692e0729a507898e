package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Window;
import java.util.ArrayList;
import java.util.List;

/** What a window makes of the samples of a value, see {@link Reference}. */
final class ReferenceWindows {

    private static final double UNKNOWN = Double.NaN;

    /** A sample; the value is known. */
    record Point(long nanos, double value) {}

    private ReferenceWindows() {}

    /** @param now what the value is now: while it is unknown so is what is made of it */
    static double windowed(Expr.Windowed it, List<Point> points, double now) {
        Window window = it.window();
        if (isExtreme(it) ? Double.isNaN(now) : !Double.isFinite(now)) {
            return UNKNOWN;
        }
        long over = it.over().toNanos();
        if (points.isEmpty()) {
            return UNKNOWN;
        }
        if (it.tumbling()) {
            return tumbling(it, points, over);
        }
        return switch (window) {
            case RATE, DELTA, MEAN -> change(window, accumulates(it.operand()), points, over);
            case DERIV -> slope(points, over);
            case EWMA -> decaying(points, over);
            case MIN, MAX -> extreme(window, since(points, points.getLast().nanos - over));
            case SHARE -> throw new IllegalStateException("made of two");
        };
    }

    static double quantile(Expr.Quantile it, List<Point> points, double now) {
        if (Double.isNaN(now) || points.isEmpty()) {
            return UNKNOWN;
        }
        List<Double> sorted = since(points, points.getLast().nanos - it.over().toNanos()).stream()
                .map(Point::value)
                .sorted()
                .toList();
        for (int rank = 1; rank < sorted.size(); rank++) {
            // So many of all do not exceed it.
            if (rank >= it.share() * sorted.size() - 1e-9) {
                return sorted.get(rank - 1);
            }
        }
        return sorted.getLast();
    }

    /** Whether it can do with infinite values. */
    static boolean isExtreme(Expr.Windowed it) {
        return it.window() == Window.MIN || it.window() == Window.MAX;
    }

    private static List<Point> since(List<Point> all, long start) {
        return all.stream().filter(point -> point.nanos >= start).toList();
    }

    private static double extreme(Window window, List<Point> points) {
        var values = points.stream().mapToDouble(Point::value);
        return (window == Window.MIN ? values.min() : values.max()).orElse(UNKNOWN);
    }

    /** The change, or the change per second, in the last so much of the time that the points span. */
    static double change(Window window, boolean counter, List<Point> points, long over) {
        if (points.size() < 2) {
            return UNKNOWN;
        }
        long start = Math.max(points.getFirst().nanos, points.getLast().nanos - over);
        return change(window, counter, points, start, points.getLast().nanos - start);
    }

    private static double change(Window window, boolean counter, List<Point> points, long start, long elapsed) {
        List<Double> sums = sums(window, counter, points);
        int next = 1;
        while (points.get(next).nanos <= start) {
            next++;
        }
        Point before = points.get(next - 1);
        double share = (double) (start - before.nanos) / (points.get(next).nanos - before.nanos);
        double atStart = sums.get(next - 1) + (sums.get(next) - sums.get(next - 1)) * share;
        double change = sums.getLast() - atStart;
        return window == Window.DELTA ? change : change / (elapsed / 1e9);
    }

    private static List<Double> sums(Window window, boolean counter, List<Point> points) {
        List<Double> sums = new ArrayList<>();
        sums.add(window == Window.MEAN || counter ? 0 : points.getFirst().value);
        for (int i = 1; i < points.size(); i++) {
            Point from = points.get(i - 1);
            Point to = points.get(i);
            double area = (from.value + to.value) / 2 * ((to.nanos - from.nanos) / 1e9);
            sums.add(
                    window == Window.MEAN
                            ? sums.getLast() + area
                            : counter ? sums.getLast() + Math.max(0, to.value - from.value) : to.value);
        }
        return sums;
    }

    static double slope(List<Point> points, long over) {
        if (points.size() < 2) {
            return UNKNOWN;
        }
        List<Point> inside = since(points, points.getLast().nanos - over);
        if (inside.size() < 2) {
            inside = points.subList(points.size() - 2, points.size());
        }
        // The textbook's formula; also summed up in the same order, as a slope of almost 0 turns time_to_limit over.
        double sumX = 0;
        double sumY = 0;
        double sumXx = 0;
        double sumXy = 0;
        for (Point point : inside) {
            double x = (point.nanos - points.getLast().nanos) / 1e9;
            double y = point.value - points.getLast().value;
            sumX += x;
            sumY += y;
            sumXx += x * x;
            sumXy += x * y;
        }
        double n = inside.size();
        return (n * sumXy - sumX * sumY) / (n * sumXx - sumX * sumX);
    }

    private static double decaying(List<Point> points, long over) {
        double mean = points.getFirst().value;
        for (int i = 1; i < points.size(); i++) {
            double halves = (double) (points.get(i).nanos - points.get(i - 1).nanos) / over;
            mean += (points.get(i).value - mean) * (1 - Math.pow(2, -halves));
        }
        return mean;
    }

    private static double tumbling(Expr.Windowed it, List<Point> points, long over) {
        long first = points.getFirst().nanos;
        long last = points.getLast().nanos;
        long start = first;
        while (start + over < last) {
            start += over;
        }
        long begin = start;
        Window window = it.window();
        if (window == Window.MIN || window == Window.MAX) {
            return extreme(
                    window,
                    points.stream()
                            .filter(point -> point.nanos > begin || (begin == first && point.nanos == first))
                            .toList());
        }
        return points.size() < 2 ? UNKNOWN : change(window, accumulates(it.operand()), points, begin, last - begin);
    }

    private static boolean accumulates(Expr expr) {
        return switch (Sources.bare(expr)) {
            case Expr.SignalRef ref -> ref.signal().counter();
            case Expr.Elsewhere ref -> ref.signal().counter();
            case Expr.Arithmetic it ->
                switch (it.operator()) {
                    case ADD -> accumulates(it.left()) && accumulates(it.right());
                    case MULTIPLY -> it.left() instanceof Expr.Literal && accumulates(it.right());
                    case SUBTRACT, DIVIDE -> false;
                };
            default -> false;
        };
    }
}
