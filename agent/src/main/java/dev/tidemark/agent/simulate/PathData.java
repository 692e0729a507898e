package dev.tidemark.agent.simulate;

/**
 * The {@code d} of an SVG path, short: in relative commands and tenths of a pixel, level lines in one piece. What is rounded does not
 * add up, since every point is rounded by itself.
 */
final class PathData {

    private static final int TENTHS = 10;

    private final StringBuilder out = new StringBuilder();
    private long x;
    private long y;
    private long level;
    private int marks;

    PathData move(double toX, double toY) {
        flush();
        x = tenths(toX);
        y = tenths(toY);
        out.append('M');
        number(x, false);
        number(y, true);
        marks++;
        return this;
    }

    PathData line(double toX, double toY) {
        long dx = tenths(toX) - x;
        long dy = tenths(toY) - y;
        x += dx;
        y += dy;
        if (dy == 0) {
            level += dx;
        } else if (dx == 0) {
            flush();
            out.append('v');
            number(dy, false);
        } else {
            flush();
            out.append('l');
            number(dx, false);
            number(dy, true);
        }
        return this;
    }

    PathData close() {
        flush();
        out.append('z');
        return this;
    }

    /** A filled bar from one corner to the opposite one. */
    PathData bar(double fromX, double fromY, double toX, double toY) {
        return move(fromX, fromY)
                .line(toX, fromY)
                .line(toX, toY)
                .line(fromX, toY)
                .close();
    }

    /** How many pieces it has. */
    int marks() {
        return marks;
    }

    boolean isEmpty() {
        return out.isEmpty();
    }

    @Override
    public String toString() {
        flush();
        return out.toString();
    }

    private void flush() {
        if (level != 0) {
            out.append('h');
            number(level, false);
            level = 0;
        }
    }

    private static long tenths(double value) {
        return Math.round(value * TENTHS);
    }

    private void number(long tenths, boolean second) {
        if (tenths < 0) {
            out.append('-');
        } else if (second) {
            out.append(' ');
        }
        long magnitude = Math.abs(tenths);
        if (magnitude >= TENTHS || magnitude == 0) {
            out.append(magnitude / TENTHS);
        }
        if (magnitude % TENTHS != 0) {
            out.append('.').append(magnitude % TENTHS);
        }
    }
}
