package dev.tidemark.config;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the language has built in that is written like a function. */
enum Operation {
    RATE(Form.WINDOW, "a value and a window", "rate(pgscan, 5s)"),
    DELTA(Form.WINDOW, "a value and a window", "delta(pgscan, 5s)"),
    DERIV(Form.WINDOW, "a value and a window", "deriv(usage, 10s)"),
    EWMA(Form.WINDOW, "a value and a window", "ewma(usage, 10s)"),
    MIN(Form.WINDOW_OR_ALL, "a value and, for its course, a window", "min(usage, 10s)"),
    MAX(Form.WINDOW_OR_ALL, "a value and, for its course, a window", "max(usage, 10s)"),
    MEAN(Form.WINDOW_OR_ALL, "a value and, for its course, a window", "mean(usage, 10s)"),
    QUANTILE(Form.QUANTILE, "a value, a share and a window", "quantile(usage, 95%, 1m)"),
    COUNT(Form.WINDOW_OR_ALL, "a condition and, for its course, a window", "count(usage > 80% of limit, 1m)"),
    RISING(Form.ONE, "a condition", "rising(usage > 80% of limit)"),
    FALLING(Form.ONE, "a condition", "falling(usage > 80% of limit)"),
    CHANGED(Form.ONE, "a value", "changed(limit)"),
    SUM(Form.ONE, "a value, of which all cgroups' are added", "sum(usage)"),
    ANY(Form.ONE, "a condition", "any(usage > 80% of limit)"),
    ALL(Form.ONE, "a condition", "all(usage > 80% of limit)"),
    CGROUP(Form.PATH, "a path, and a signal behind it", "cgroup(\"a.slice\").usage");

    /** What stands between the parentheses. */
    enum Form {
        /** A value and a window. */
        WINDOW,
        /** A value and perhaps a window; without one it is of all cgroups. */
        WINDOW_OR_ALL,
        /** A value, a share and a window. */
        QUANTILE,
        /** One value. */
        ONE,
        /** A path in quotes. */
        PATH
    }

    static final List<String> NAMES = Stream.of(values()).map(Operation::word).toList();

    private final Form form;
    private final String takes;
    private final String example;

    Operation(Form form, String takes, String example) {
        this.form = form;
        this.takes = takes;
        this.example = example;
    }

    static @Nullable Operation named(String word) {
        int index = NAMES.indexOf(word);
        return index < 0 ? null : values()[index];
    }

    Form form() {
        return form;
    }

    /** For messages: what it takes. */
    String takes() {
        return takes;
    }

    String example() {
        return example;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
