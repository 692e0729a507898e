package dev.tidemark.reclaim.cgroup2;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of /proc/self/mountinfo.
 *
 * @param root what of the file system is mounted there, unescaped; "/" for all of it
 * @param point where, unescaped
 * @param readOnly by its own options or by those of its file system
 * @param type of the file system
 * @param superOptions of the file system; for cgroup v1 the controllers are among them
 */
record Mount(String root, String point, boolean readOnly, String type, List<String> superOptions) {
    private static final int ROOT = 3;
    private static final int POINT = 4;
    private static final int OPTIONS = 5;
    private static final int FIXED_FIELDS = 6;

    /** All mounts that can be understood; a line that cannot is skipped. */
    static List<Mount> parse(String mountInfo) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : mountInfo.lines().toList()) {
            // 36 35 98:0 /root /point rw,noatime master:1 - type source superoptions
            List<String> fields = List.of(line.split(" ", -1));
            int dash = fields.subList(Math.min(FIXED_FIELDS, fields.size()), fields.size())
                    .indexOf("-");
            if (dash < 0 || fields.size() < FIXED_FIELDS + dash + 4) {
                continue;
            }
            int tail = FIXED_FIELDS + dash;
            List<String> options = List.of(fields.get(OPTIONS).split(",", -1));
            List<String> superOptions = List.of(fields.get(tail + 3).split(",", -1));
            mounts.add(new Mount(
                    unescape(fields.get(ROOT)),
                    unescape(fields.get(POINT)),
                    options.contains("ro") || superOptions.contains("ro"),
                    fields.get(tail + 1),
                    superOptions));
        }
        return mounts;
    }

    /** Blank, tab, newline, backslash and # are written as a backslash and three octal digits. */
    static String unescape(String escaped) {
        StringBuilder plain = new StringBuilder(escaped.length());
        int i = 0;
        while (i < escaped.length()) {
            char c = escaped.charAt(i);
            if (c == '\\' && i + 3 < escaped.length() && octal(escaped, i + 1)) {
                plain.append((char) Integer.parseInt(escaped.substring(i + 1, i + 4), 8));
                i += 4;
            } else {
                plain.append(c);
                i++;
            }
        }
        return plain.toString();
    }

    private static boolean octal(String text, int start) {
        for (int i = start; i < start + 3; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '7') {
                return false;
            }
        }
        return true;
    }
}
