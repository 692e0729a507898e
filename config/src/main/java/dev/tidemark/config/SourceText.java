package dev.tidemark.config;

import java.util.Arrays;

/**
 * The text of one file, addressed by index in code points as the YAML engine does it.
 *
 * <p>Lines end at LF, CR LF or CR.
 */
final class SourceText {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String file;
    private final String text;
    private final int[] points;
    private final int[] lineStarts;

    SourceText(String file, String text) {
        this.file = file;
        this.text = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        this.points = this.text.codePoints().toArray();
        this.lineStarts = lineStarts(points);
    }

    private static int[] lineStarts(int[] points) {
        int[] starts = new int[points.length + 1];
        int lines = 1;
        for (int i = 0; i < points.length; i++) {
            boolean pair = points[i] == '\r' && i + 1 < points.length && points[i + 1] == '\n';
            if (isBreak(points[i]) && !pair) {
                starts[lines++] = i + 1;
            }
        }
        return Arrays.copyOf(starts, lines);
    }

    static boolean isBreak(int point) {
        return point == '\n' || point == '\r';
    }

    /** Without the mark some editors put first. */
    String text() {
        return text;
    }

    int length() {
        return points.length;
    }

    /** The code point at an index, or -1 past the end. */
    int at(int index) {
        return index < points.length ? points[index] : -1;
    }

    String slice(int from, int to) {
        return new String(points, from, to - from);
    }

    int line(int index) {
        int found = Arrays.binarySearch(lineStarts, index);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /**
     * The place from one index to another, cut at the end of its first line. Places past the end move back to the last line
     * that has something.
     */
    Span span(int from, int to) {
        int start = Math.min(from, points.length);
        if (start == points.length) {
            while (start > 0 && isBreak(points[start - 1])) {
                start--;
            }
        }
        int line = line(start);
        int end = Math.min(to, lineEnd(line));
        return new Span(line, start - lineStarts[line - 1] + 1, Math.max(1, end - start));
    }

    Problem problem(Span span, String message) {
        int start = lineStarts[span.line() - 1];
        String line = slice(start, lineEnd(span.line()));
        return new Problem(file, span.line(), span.column(), message, line, span.length());
    }

    /** What stands there. */
    String quote(Span span) {
        int from = lineStarts[span.line() - 1] + span.column() - 1;
        return slice(from, Math.min(from + span.length(), lineEnd(span.line())));
    }

    private int lineEnd(int line) {
        int end = line < lineStarts.length ? lineStarts[line] : points.length;
        while (end > lineStarts[line - 1] && isBreak(points[end - 1])) {
            end--;
        }
        return end;
    }
}
