package dev.tidemark.config;

/** What someone wrote, made fit to be repeated in a message of one line. */
final class Shown {
    private static final int MAX_LENGTH = 60;

    private Shown() {}

    /** In double quotes; cut when it is long, with anything that is not plainly visible written as its number. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().limit(MAX_LENGTH).forEach(point -> out.append(point == ' ' ? " " : visible(point)));
        if (text.codePointCount(0, text.length()) > MAX_LENGTH) {
            out.append("...");
        }
        return out.append('"').toString();
    }

    /** Someone else's sentence as one line of bounded length. */
    static String line(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(4 * MAX_LENGTH).forEach(point -> out.append(point == ' ' ? " " : visible(point)));
        return out.toString();
    }

    /** A character by itself when it can be seen, otherwise by its number. */
    static String character(int point) {
        String visible = visible(point);
        return visible.startsWith("U+") ? visible : "'" + visible + "'";
    }

    private static String visible(int point) {
        boolean visible = (point > ' ' && point < 0x7F) || Character.isLetterOrDigit(point);
        return visible ? Character.toString(point) : "U+%04X".formatted(point);
    }
}
