package dev.tidemark.reclaim.cgroup2;

import java.nio.charset.StandardCharsets;

/**
 * The formats of cgroup files, scanned as bytes without allocating.
 *
 * <p>Total on any bytes: what is not understood is skipped, what is not found stays NaN. The order of keys may change and
 * new ones come with each kernel, so keys are looked up by name.
 */
final class KernelText {
    private static final byte[] MAX = key("max");

    private KernelText() {}

    static byte[] key(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /** One number, or {@code max} for +Infinity. */
    static double single(byte[] text, int length) {
        int end = lineEnd(text, 0, length);
        return equal(text, 0, end, MAX) ? Double.POSITIVE_INFINITY : number(text, 0, end);
    }

    /**
     * Lines of {@code key value}: the value of keys[i] goes to found[i]. Stops where all have been seen: memory.stat is long, and most
     * policies want little of it.
     */
    static void flatKeyed(byte[] text, int length, byte[][] keys, double[] found) {
        int missing = keys.length;
        int line = 0;
        while (line < length && missing > 0) {
            int end = lineEnd(text, line, length);
            int space = indexOf(text, line, end, (byte) ' ');
            int key = space < 0 ? -1 : keyAt(text, line, space, keys);
            if (key >= 0) {
                found[key] = number(text, space + 1, end);
                missing--;
            }
            line = end + 1;
        }
    }

    /** Lines of {@code Key:   12 kB}, of {@code /proc/meminfo}: the number of keys[i] goes to found[i], as it stands. */
    static void memInfo(byte[] text, int length, byte[][] keys, double[] found) {
        int line = 0;
        while (line < length) {
            int end = lineEnd(text, line, length);
            int colon = indexOf(text, line, end, (byte) ':');
            int key = colon < 0 ? -1 : keyAt(text, line, colon, keys);
            if (key >= 0) {
                int start = colon + 1;
                while (start < end && text[start] == ' ') {
                    start++;
                }
                int space = indexOf(text, start, end, (byte) ' ');
                found[key] = number(text, start, space < 0 ? end : space);
            }
            line = end + 1;
        }
    }

    /**
     * Lines of {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}: the number of keys[i], such as {@code some.avg10}, goes to
     * found[i], as it stands.
     */
    static void pressure(byte[] text, int length, byte[][] keys, double[] found) {
        int line = 0;
        while (line < length) {
            int end = lineEnd(text, line, length);
            int space = indexOf(text, line, end, (byte) ' ');
            if (space >= 0) {
                pressureLine(text, line, space, end, keys, found);
            }
            line = end + 1;
        }
    }

    private static void pressureLine(byte[] text, int line, int space, int end, byte[][] keys, double[] found) {
        int word = space + 1;
        while (word < end) {
            int next = indexOf(text, word, end, (byte) ' ');
            int wordEnd = next < 0 ? end : next;
            int equals = indexOf(text, word, wordEnd, (byte) '=');
            if (equals >= 0) {
                for (int i = 0; i < keys.length; i++) {
                    if (dotted(text, line, space, word, equals, keys[i])) {
                        found[i] = number(text, equals + 1, wordEnd);
                        break;
                    }
                }
            }
            word = wordEnd + 1;
        }
    }

    /** Whether the key is the first, a dot and the second. */
    private static boolean dotted(byte[] text, int first, int firstEnd, int second, int secondEnd, byte[] key) {
        int dot = firstEnd - first;
        return key.length == dot + 1 + secondEnd - second
                && key[dot] == '.'
                && equal(text, first, key, 0, dot)
                && equal(text, second, key, dot + 1, secondEnd - second);
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

    /** Which of the keys this is, or -1. */
    private static int keyAt(byte[] text, int start, int end, byte[][] keys) {
        for (int i = 0; i < keys.length; i++) {
            if (equal(text, start, end, keys[i])) {
                return i;
            }
        }
        return -1;
    }

    private static boolean equal(byte[] text, int start, int end, byte[] key) {
        return end - start == key.length && equal(text, start, key, 0, key.length);
    }

    private static boolean equal(byte[] text, int start, byte[] key, int from, int length) {
        for (int i = 0; i < length; i++) {
            if (text[start + i] != key[from + i]) {
                return false;
            }
        }
        return true;
    }
}
