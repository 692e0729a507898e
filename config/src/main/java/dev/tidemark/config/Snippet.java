package dev.tidemark.config;

/** A source line with carets below a place in it. */
final class Snippet {
    /** Longer lines are cut around the place. */
    private static final int MAX_COLUMNS = 100;

    private static final int COLUMNS_BEFORE = 40;
    private static final String TAB = "    ";
    private static final String CUT = "...";

    private Snippet() {}

    static String of(String line, int column, int length) {
        int[] points = line.codePoints().toArray();
        int from = Math.min(column - 1, points.length);
        int to = Math.min(from + length, points.length);
        int first = 0;
        int last = points.length;
        if (width(points, 0, points.length) > MAX_COLUMNS) {
            first = back(points, from, COLUMNS_BEFORE);
            last = forth(points, first, MAX_COLUMNS);
        }

        StringBuilder shown = new StringBuilder(first > 0 ? CUT : "");
        for (int i = first; i < last; i++) {
            append(shown, points[i]);
        }
        if (last < points.length) {
            shown.append(CUT);
        }
        int before = (first > 0 ? CUT.length() : 0) + width(points, first, from);
        int marked = Math.max(1, width(points, from, Math.min(to, last)));
        return shown + "\n" + " ".repeat(before) + "^".repeat(marked);
    }

    private static int back(int[] points, int from, int columns) {
        int first = from;
        int used = 0;
        while (first > 0 && used < columns) {
            used += width(points[--first]);
        }
        return first;
    }

    private static int forth(int[] points, int first, int columns) {
        int last = first;
        int used = 0;
        while (last < points.length && used < columns) {
            used += width(points[last++]);
        }
        return last;
    }

    private static int width(int[] points, int from, int to) {
        int width = 0;
        for (int i = from; i < to; i++) {
            width += width(points[i]);
        }
        return width;
    }

    private static void append(StringBuilder out, int point) {
        if (point == '\t') {
            out.append(TAB);
        } else if (unprintable(point)) {
            out.append('\uFFFD');
        } else {
            out.appendCodePoint(point);
        }
    }

    /** Control characters and halves of pairs must not reach a terminal. */
    private static boolean unprintable(int point) {
        int type = Character.getType(point);
        return type == Character.CONTROL
                || type == Character.SURROGATE
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }

    private static int width(int point) {
        if (point == '\t') {
            return TAB.length();
        }
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        return wide(point) ? 2 : 1;
    }

    /** The blocks that terminals draw two columns wide (East Asian Width W and F), coarsely. */
    private static boolean wide(int point) {
        return (point >= 0x1100 && point <= 0x115F)
                || (point >= 0x2E80 && point <= 0xA4CF)
                || (point >= 0xAC00 && point <= 0xD7A3)
                || (point >= 0xF900 && point <= 0xFAFF)
                || (point >= 0xFE30 && point <= 0xFE6F)
                || (point >= 0xFF00 && point <= 0xFF60)
                || (point >= 0xFFE0 && point <= 0xFFE6)
                || (point >= 0x1F300 && point <= 0x1FAFF)
                || (point >= 0x20000 && point <= 0x3FFFD);
    }
}
