package dev.tidemark.testkit;

import dev.tidemark.config.Checked;
import dev.tidemark.config.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A text with the name by which problems call it. */
record Source(String name, String text) {

    /**
     * @throws UncheckedIOException when it cannot be read; a relative path is told with the folder it is relative to
     */
    static Source file(Path path) {
        try {
            return new Source(path.toString(), Files.readString(path));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read " + path.toAbsolutePath().normalize(), e);
        }
    }

    /**
     * @param near whose class loader is asked, and from whose package a name without a leading slash goes
     * @throws IllegalArgumentException when there is none
     */
    static Source resource(Class<?> near, String name) {
        try (InputStream in = near.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no resource " + name + " beside " + near.getName()
                        + (name.startsWith("/") ? "" : "; a name from the root of the class path begins with /"));
            }
            return new Source(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + name, e);
        }
    }

    /**
     * What was read.
     *
     * @throws IllegalArgumentException with all problems
     */
    static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(List<Problem> problems) ->
                throw new IllegalArgumentException(
                        problems.stream().map(Problem::render).collect(Collectors.joining("\n", "\n", "")));
        };
    }
}
