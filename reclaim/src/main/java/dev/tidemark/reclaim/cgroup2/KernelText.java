package dev.tidemark.reclaim.cgroup2;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The formats of cgroup files, scanned as bytes without allocating.
 *
 * <p>Total on any bytes: what is not understood is skipped, what is not found stays NaN. The order of keys may change and
 * new ones come with each kernel, so keys are looked up by name.
 */
final class KernelText {
    private static final byte[] MAX = key("max");

    /** How far a key may have moved from where it is expected: what a few numbers before it have grown or shrunk by. */
    private static final int NEAR = 40;

    /** So many digits fit into a long. */
    private static final int LONG_DIGITS = 18;

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
        flatKeyed(text, length, keys, KeyPlaces.absent(keys.length), found);
    }

    /** As that; {@code at} takes the first byte of each key's line. How many were not there. */
    private static int flatKeyed(byte[] text, int length, byte[][] keys, int[] at, double[] found) {
        int missing = keys.length;
        int line = 0;
        while (line < length && missing > 0) {
            int end = lineEnd(text, line, length);
            int space = indexOf(text, line, end, (byte) ' ');
            int key = space < 0 ? -1 : keyAt(text, line, space, keys);
            if (key >= 0) {
                found[key] = number(text, space + 1, end);
                at[key] = line;
                missing--;
            }
            line = end + 1;
        }
        return missing;
    }

    /**
     * As {@link #flatKeyed(byte[], int, byte[][], double[])}, looking first where the keys were the last time, each moved as far as the
     * one before it. A key that was not there then is not looked for as long as all others are found that way: which keys a kernel
     * writes does not change while it runs.
     *
     * @param found all NaN
     * @param places of this file; brought up to date
     */
    static void flatKeyed(byte[] text, int length, byte[][] keys, KeyPlaces places, double[] found) {
        int @Nullable [] known = places.at();
        if (known == null || !placedKeyed(text, length, keys, known, found)) {
            int[] at = KeyPlaces.absent(keys.length);
            int missing = flatKeyed(text, length, keys, at, found);
            places.learned(at, missing < keys.length);
        }
    }

    private static boolean placedKeyed(byte[] text, int length, byte[][] keys, int[] at, double[] found) {
        int moved = 0;
        for (int i = 0; i < keys.length; i++) {
            if (at[i] == KeyPlaces.ABSENT) {
                continue;
            }
            int line = lineNear(text, length, at[i] + moved, keys[i]);
            if (line < 0) {
                Arrays.fill(found, 0, keys.length, Double.NaN);
                return false;
            }
            moved += line - (at[i] + moved);
            at[i] = line;
            int value = line + keys[i].length + 1;
            found[i] = number(text, value, lineEnd(text, value, length));
        }
        return true;
    }

    /** Where near a place a line of this key begins, or -1. */
    private static int lineNear(byte[] text, int length, int place, byte[] key) {
        if (isLineOf(text, length, place, key)) {
            return place;
        }
        int last = Math.min(length, place + NEAR);
        for (int i = Math.max(0, place - NEAR); i < last; i++) {
            if (isLineOf(text, length, i, key)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isLineOf(byte[] text, int length, int start, byte[] key) {
        int end = start + key.length;
        return start >= 0
                && end < length
                && text[end] == ' '
                && (start == 0 || text[start - 1] == '\n')
                && equal(text, start, key, 0, key.length);
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
        int missing = keys.length;
        int line = 0;
        while (line < length && missing > 0) {
            int end = lineEnd(text, line, length);
            int space = indexOf(text, line, end, (byte) ' ');
            if (space >= 0) {
                missing -= pressureLine(text, line, space, end, keys, found);
            }
            line = end + 1;
        }
    }

    /** How many of the keys it has. */
    private static int pressureLine(byte[] text, int line, int space, int end, byte[][] keys, double[] found) {
        int seen = 0;
        int word = space + 1;
        while (word < end) {
            int next = indexOf(text, word, end, (byte) ' ');
            int wordEnd = next < 0 ? end : next;
            int equals = indexOf(text, word, wordEnd, (byte) '=');
            if (equals >= 0) {
                for (int i = 0; i < keys.length; i++) {
                    if (dotted(text, line, space, word, equals, keys[i])) {
                        found[i] = number(text, equals + 1, wordEnd);
                        seen++;
                        break;
                    }
                }
            }
            word = wordEnd + 1;
        }
        return seen;
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
        if (end - start > LONG_DIGITS) {
            return decimal(text, start, end);
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return decimal(text, start, end);
            }
            value = value * 10 + digit;
        }
        return start < end ? value : Double.NaN;
    }

    private static double decimal(byte[] text, int start, int end) {
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
