package dev.tidemark.config;

/**
 * A place in a config file: where something begins and how far it goes.
 *
 * @param line 1-based line in the file
 * @param column 1-based column in that line, counted in Unicode code points (a tab is one)
 * @param length number of code points on that line, at least 1
 */
public record Span(int line, int column, int length) {
    public Span {
        if (line < 1 || column < 1 || length < 1) {
            throw new IllegalArgumentException(
                    "line, column and length start at 1 but were " + line + ", " + column + ", " + length);
        }
    }

    /** From the start of this span to the end of {@code last}; when that is on another line, this span. */
    Span to(Span last) {
        if (last.line != line || last.column < column) {
            return this;
        }
        return new Span(line, column, Math.max(length, last.column + last.length - column));
    }
}
