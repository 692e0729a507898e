package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Scalar;
import dev.tidemark.config.YamlNode.Style;
import java.util.Arrays;

/**
 * The text of a scalar, each character of which knows its place in the file.
 *
 * <p>A scalar's text differs from what stands in the file by quotes, escapes, folded lines and indentation. All of these but
 * escapes touch only white space, so the two are aligned by what is not white space; within white space a place may be
 * off by some blanks. Should the two not fit after all, every place is the scalar's start.
 */
final class ScalarText {
    private final SourceText source;
    private final String text;
    /** For each char of the text the index in the source where it starts, and where the next one may start. */
    private final int[] starts;

    private final int[] ends;
    private final boolean aligned;

    private int at;

    ScalarText(SourceText source, Scalar scalar) {
        this.source = source;
        this.text = scalar.text();
        this.starts = new int[text.length()];
        this.ends = new int[text.length()];
        this.at = contentStart(scalar);
        this.aligned = align(scalar.style(), scalar.end());
        if (!aligned) {
            Arrays.fill(starts, scalar.start());
            Arrays.fill(ends, scalar.start() + 1);
        }
        this.at = scalar.start();
    }

    String text() {
        return text;
    }

    /** Where these chars of the text stand; an empty range is the place just behind what comes before. */
    Span span(int from, int to) {
        if (text.isEmpty()) {
            return source.span(at, at + 1);
        }
        if (from >= text.length()) {
            int end = ends[lastVisible()];
            return source.span(end, end + 1);
        }
        return source.span(starts[from], ends[Math.max(from, Math.min(to, text.length()) - 1)]);
    }

    private int lastVisible() {
        int last = text.length() - 1;
        while (last > 0 && isSpace(text.charAt(last))) {
            last--;
        }
        return last;
    }

    private int contentStart(Scalar scalar) {
        int start = scalar.start();
        switch (scalar.style()) {
            case PLAIN -> {}
            case SINGLE_QUOTED, DOUBLE_QUOTED -> start++;
            case BLOCK -> {
                while (start < scalar.end() && !SourceText.isBreak(source.at(start))) {
                    start++;
                }
            }
        }
        return start;
    }

    private boolean align(Style style, int end) {
        int i = 0;
        while (i < text.length()) {
            int wanted = text.codePointAt(i);
            if (isSpace(wanted)) {
                space(i, style, wanted);
                i++;
                continue;
            }
            while (at < end && (isSpace(source.at(at)) || escapedSpace(style))) {
                at++;
            }
            if (at >= end) {
                return false;
            }
            int start = at;
            if (take(style) != wanted) {
                return false;
            }
            int next = i + Character.charCount(wanted);
            Arrays.fill(starts, i, next, start);
            Arrays.fill(ends, i, next, at);
            i = next;
        }
        return true;
    }

    /** White space stands for itself, for an escape, or for a folded line break, which is skipped later. */
    private void space(int i, Style style, int wanted) {
        starts[i] = at;
        boolean escape = style == Style.DOUBLE_QUOTED && source.at(at) == '\\' && !escapedBreak(style);
        if (escape) {
            int before = at;
            if (take(style) != wanted) {
                at = before;
            }
        } else if (source.at(at) == wanted) {
            at++;
        }
        ends[i] = Math.max(at, starts[i] + 1);
    }

    private boolean escapedBreak(Style style) {
        return style == Style.DOUBLE_QUOTED && source.at(at) == '\\' && SourceText.isBreak(source.at(at + 1));
    }

    /** Whether an escape for white space is here; then this is left at its last code point. */
    private boolean escapedSpace(Style style) {
        if (style != Style.DOUBLE_QUOTED || source.at(at) != '\\') {
            return false;
        }
        int before = at;
        boolean space = isSpace(take(style));
        at = space ? at - 1 : before;
        return space;
    }

    /** Takes what stands for one code point and returns that. */
    private int take(Style style) {
        int point = source.at(at++);
        if (style == Style.SINGLE_QUOTED && point == '\'') {
            at++;
        } else if (style == Style.DOUBLE_QUOTED && point == '\\') {
            int escape = source.at(at++);
            return switch (escape) {
                case 'x' -> hex(2);
                case 'u' -> unit();
                case 'U' -> hex(8);
                default -> named(escape);
            };
        }
        return point;
    }

    /** Two escaped halves of a pair are one code point. */
    private int unit() {
        int high = hex(4);
        if (high >= 0
                && high <= 0xFFFF
                && Character.isHighSurrogate((char) high)
                && source.at(at) == '\\'
                && source.at(at + 1) == 'u') {
            at += 2;
            return Character.toCodePoint((char) high, (char) hex(4));
        }
        return high;
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            value = value * 16 + Character.digit(source.at(at++), 16);
        }
        return value;
    }

    private static int named(int escape) {
        return switch (escape) {
            case '0' -> 0;
            case 'a' -> 7;
            case 'b' -> '\b';
            case 't', '\t' -> '\t';
            case 'n' -> '\n';
            case 'v' -> 11;
            case 'f' -> '\f';
            case 'r' -> '\r';
            case 'e' -> 27;
            case 'N' -> 0x85;
            case '_' -> 0xA0;
            case 'L' -> 0x2028;
            case 'P' -> 0x2029;
            default -> escape;
        };
    }

    private static boolean isSpace(int point) {
        return point == ' ' || point == '\t' || SourceText.isBreak(point);
    }
}
