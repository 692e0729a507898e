package dev.tidemark.config;

import java.util.List;

/**
 * The outcome of reading a file: a value that holds all promises of its type, or all that is wrong with the file.
 *
 * @param <T> what was read
 */
public sealed interface Checked<T> {
    /**
     * The file is in order.
     *
     * @param value what was read; everything in it is checked
     */
    record Valid<T>(T value) implements Checked<T> {}

    /**
     * The file cannot be used.
     *
     * @param problems at least one, sorted by place
     */
    record Invalid<T>(List<Problem> problems) implements Checked<T> {
        public Invalid {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("an invalid file has at least one problem");
            }
        }
    }
}
