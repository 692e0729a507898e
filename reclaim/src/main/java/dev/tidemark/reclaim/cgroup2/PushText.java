package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Unit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What confirms a push: the counters in the files that it came through. */
final class PushText {
    /** In place of a total: there is none. */
    static final long NONE = -1;

    private static final byte[] TOTAL = " total=".getBytes(StandardCharsets.US_ASCII);

    private PushText() {}

    /**
     * The microseconds after {@code total=} in the line that starts with {@code some} or {@code full}, or {@link #NONE}. Allocates
     * nothing.
     */
    static long totalMicros(byte[] text, int length, boolean full) {
        byte first = (byte) (full ? 'f' : 's');
        int line = 0;
        while (line < length) {
            int end = line;
            while (end < length && text[end] != '\n') {
                end++;
            }
            if (text[line] == first) {
                return total(text, line, end);
            }
            line = end + 1;
        }
        return NONE;
    }

    private static long total(byte[] text, int start, int end) {
        for (int at = start; at + TOTAL.length < end; at++) {
            if (isTotal(text, at)) {
                return number(text, at + TOTAL.length, end);
            }
        }
        return NONE;
    }

    private static boolean isTotal(byte[] text, int at) {
        for (int i = 0; i < TOTAL.length; i++) {
            if (text[at + i] != TOTAL[i]) {
                return false;
            }
        }
        return true;
    }

    private static long number(byte[] text, int start, int end) {
        long value = 0;
        for (int at = start; at < end; at++) {
            if (text[at] < '0' || text[at] > '9') {
                return NONE;
            }
            value = value * 10 + (text[at] - '0');
        }
        return value;
    }

    /** {@code total +152ms}. */
    static String moved(long micros) {
        return "total +" + Unit.DURATION.format(micros / 1e6);
    }

    /** Which counters of {@code key value} lines have grown, and by how much: {@code max +3 high +1}; empty when none has. */
    static String grown(String before, String now) {
        Map<String, Long> known = counters(before);
        List<String> grown = new ArrayList<>();
        for (String line : now.lines().toList()) {
            int space = line.indexOf(' ');
            long value = space < 0 ? NONE : value(line.substring(space + 1));
            String key = space < 0 ? line : line.substring(0, space);
            @Nullable Long old = known.get(key);
            if (value > (old == null ? 0 : old)) {
                grown.add(key + " +" + (value - (old == null ? 0 : old)));
            }
        }
        return String.join(" ", grown);
    }

    private static Map<String, Long> counters(String text) {
        Map<String, Long> counters = new HashMap<>();
        for (String line : text.lines().toList()) {
            int space = line.indexOf(' ');
            if (space >= 0) {
                counters.put(line.substring(0, space), value(line.substring(space + 1)));
            }
        }
        return counters;
    }

    private static long value(String digits) {
        byte[] bytes = digits.getBytes(StandardCharsets.US_ASCII);
        return bytes.length == 0 ? NONE : number(bytes, 0, bytes.length);
    }
}
