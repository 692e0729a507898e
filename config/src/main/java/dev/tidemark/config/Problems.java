package dev.tidemark.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with one file. Confined to the thread that reads it. */
final class Problems {
    /** A file with more is not being edited by a person; the rest would only bury the first. */
    static final int MAX_PROBLEMS = 100;

    private final SourceText source;
    private final List<Problem> found = new ArrayList<>();
    private final List<Problem> elsewhere = new ArrayList<>();

    Problems(SourceText source) {
        this.source = source;
    }

    SourceText source() {
        return source;
    }

    void add(Span span, String message) {
        found.add(source.problem(span, message));
    }

    void add(YamlNode node, String message) {
        add(source.span(node.start(), node.end()), message);
    }

    /** Takes what is wrong with another file, which this one needs. */
    void addOthers(List<Problem> problems) {
        elsewhere.addAll(problems);
    }

    /** Whether nothing wrong is known so far. */
    boolean none() {
        return found.isEmpty() && elsewhere.isEmpty();
    }

    /** The value when there is no problem, otherwise all problems sorted by place, those of other files last. */
    <T> Checked<T> finish(@Nullable T value) {
        if (value != null && none()) {
            return new Checked.Valid<>(value);
        }
        return new Checked.Invalid<>(Stream.concat(found.stream().sorted(Problem.BY_PLACE), elsewhere.stream())
                .limit(MAX_PROBLEMS)
                .toList());
    }
}
