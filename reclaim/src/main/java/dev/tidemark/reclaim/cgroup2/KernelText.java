package dev.tidemark.reclaim.cgroup2;

import java.nio.charset.StandardCharsets;

/**
 * The formats of cgroup files, scanned as bytes without allocating.
 *
 * <p>Total on any bytes: what is not understood is skipped, what is not found stays NaN. The order of keys may change and
 * new ones come with each kernel, so keys are looked up by name.
 */
final class KernelText {
    /** Positions in what {@link #pressure} finds; {@code full} is {@link #FULL} further. */
    static final int AVG10 = 0;

    static final int AVG60 = 1;
    static final int AVG300 = 2;
    static final int TOTAL = 3;
    static final int FULL = 4;
    static final int PRESSURE_VALUES = 8;

    private static final byte[] MAX = key("max");
    private static final byte[] SOME = key("some");
    private static final byte[] FULL_LINE = key("full");
    private static final byte[][] PRESSURE_KEYS = {key("avg10"), key("avg60"), key("avg300"), key("total")};

    /** Averages are in percent, totals in microseconds. Divided by, since dividing rounds only once. */
    private static final double PERCENT = 100;

    private static final double MICROS = 1e6;

    private KernelText() {}

    static byte[] key(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /** One number, or {@code max} for +Infinity. */
    static double single(byte[] text, int length) {
        int end = lineEnd(text, 0, length);
        return equal(text, 0, end, MAX) ? Double.POSITIVE_INFINITY : number(text, 0, end);
    }

    /** Lines of {@code key value}: the value of keys[i] goes to found[i]. */
    static void flatKeyed(byte[] text, int length, byte[][] keys, double[] found) {
        int line = 0;
        while (line < length) {
            int end = lineEnd(text, line, length);
            int space = indexOf(text, line, end, (byte) ' ');
            if (space >= 0) {
                for (int i = 0; i < keys.length; i++) {
                    if (equal(text, line, space, keys[i])) {
                        found[i] = number(text, space + 1, end);
                        break;
                    }
                }
            }
            line = end + 1;
        }
    }

    /** Lines of {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}: averages as ratios, totals in seconds. */
    static void pressure(byte[] text, int length, double[] found) {
        int line = 0;
        while (line < length) {
            int end = lineEnd(text, line, length);
            int space = indexOf(text, line, end, (byte) ' ');
            if (space >= 0) {
                if (equal(text, line, space, SOME)) {
                    pressureLine(text, space + 1, end, found, 0);
                } else if (equal(text, line, space, FULL_LINE)) {
                    pressureLine(text, space + 1, end, found, FULL);
                }
            }
            line = end + 1;
        }
    }

    private static void pressureLine(byte[] text, int start, int end, double[] found, int base) {
        int word = start;
        while (word < end) {
            int next = indexOf(text, word, end, (byte) ' ');
            int wordEnd = next < 0 ? end : next;
            int equals = indexOf(text, word, wordEnd, (byte) '=');
            if (equals >= 0) {
                for (int i = 0; i < PRESSURE_KEYS.length; i++) {
                    if (equal(text, word, equals, PRESSURE_KEYS[i])) {
                        found[base + i] = number(text, equals + 1, wordEnd) / (i == TOTAL ? MICROS : PERCENT);
                        break;
                    }
                }
            }
            word = wordEnd + 1;
        }
    }

    /** Digits with at most one point among them; anything else is NaN. */
    static double number(byte[] text, int start, int end) {
        double value = 0;
        double scale = 0;
        boolean digits = false;
        for (int i = start; i < end; i++) {
            byte c = text[i];
            if (c >= '0' && c <= '9') {
                digits = true;
                value = value * 10 + (c - '0');
                scale *= 10;
            } else if (c == '.' && scale == 0) {
                scale = 1;
            } else {
                return Double.NaN;
            }
        }
        if (!digits) {
            return Double.NaN;
        }
        return scale > 1 ? value / scale : value;
    }

    private static int lineEnd(byte[] text, int start, int length) {
        int end = indexOf(text, start, length, (byte) '\n');
        return end < 0 ? length : end;
    }

    private static int indexOf(byte[] text, int start, int end, byte wanted) {
        for (int i = start; i < end; i++) {
            if (text[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static boolean equal(byte[] text, int start, int end, byte[] key) {
        if (end - start != key.length) {
            return false;
        }
        for (int i = 0; i < key.length; i++) {
            if (text[start + i] != key[i]) {
                return false;
            }
        }
        return true;
    }
}
