package dev.tidemark.config;

import java.util.Comparator;

/**
 * One thing wrong with a config file, with its place.
 *
 * @param file the file's name as it was given
 * @param line 1-based
 * @param column 1-based, in code points; at most one past the end of the line
 * @param message what is wrong, what was expected and what to do about it; one line
 * @param sourceLine the line of the file without its line break
 * @param length code points to mark from {@code column}, at least 1
 */
public record Problem(String file, int line, int column, String message, String sourceLine, int length) {
    static final Comparator<Problem> BY_PLACE =
            Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

    /**
     * Three lines without a final line break: {@code file:line:column: message}, the source line (a long one cut around
     * the place), and carets below the place.
     */
    public String render() {
        return file + ':' + line + ':' + column + ": " + message + '\n' + Snippet.of(sourceLine, column, length);
    }
}
