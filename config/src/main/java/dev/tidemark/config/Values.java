package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Scalar;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads single values. What is wrong is told to the {@link Problems}, and a stand-in returned; see {@link Fields}. */
final class Values {
    static final int MAX_NAME = 63;

    private final Problems problems;
    private final HostMemory host;

    Values(Problems problems, HostMemory host) {
        this.problems = problems;
        this.host = host;
    }

    /** A name by which logs, metrics and the command line call something. */
    String name(YamlNode node, String what) {
        @Nullable Scalar scalar = scalar(node, what);
        if (scalar == null) {
            return "";
        }
        String name = scalar.text();
        boolean allowed = name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
        if (name.isEmpty() || name.length() > MAX_NAME || !allowed) {
            problems.add(node, "%s is 1 to %d lower-case letters, digits and hyphens".formatted(what, MAX_NAME));
        }
        return name;
    }

    /** Some text that is not empty. */
    String text(YamlNode node, String what) {
        @Nullable Scalar scalar = scalar(node, what);
        if (scalar != null && scalar.text().isBlank()) {
            problems.add(node, what + " is empty");
        }
        return scalar == null ? "" : scalar.text();
    }

    /** The file format's version. */
    long version(YamlNode node) {
        @Nullable Scalar scalar = scalar(node, "version");
        if (scalar != null && !scalar.text().equals("1")) {
            problems.add(node, "this version of Tidemark reads version 1");
        }
        return 1;
    }

    /** A single cgroup's path. */
    String path(YamlNode node) {
        String path = text(node, "path");
        if (path.matches("(?s).*[*?\\[\\]{}].*")) {
            problems.add(node, "here is the path of one cgroup; * ? [ ] { } are not possible");
            return "";
        }
        return path.isBlank() ? "" : glob(node).pattern();
    }

    /** A whole number without a unit. */
    long whole(YamlNode node, String what, long min, long max) {
        return whole(node, what, "a whole number from %d to %d".formatted(min, max), min, max);
    }

    /**
     * @param rule what is possible, where that is more than the numbers
     */
    long whole(YamlNode node, String what, String rule, long min, long max) {
        @Nullable Scalar scalar = scalar(node, what);
        if (scalar == null) {
            return min;
        }
        String text = scalar.text();
        boolean number = text.matches("-?[0-9]{1,19}");
        BigDecimal value = number ? new BigDecimal(text) : BigDecimal.ZERO;
        if (!number || value.compareTo(BigDecimal.valueOf(min)) < 0 || value.compareTo(BigDecimal.valueOf(max)) > 0) {
            problems.add(node, what + " is " + rule);
            return min;
        }
        return value.longValue();
    }

    /** One of some words. */
    String word(YamlNode node, String what, List<String> words) {
        @Nullable Scalar scalar = scalar(node, what);
        if (scalar == null) {
            return words.getFirst();
        }
        if (!words.contains(scalar.text())) {
            problems.add(
                    node,
                    "unknown %s %s%s"
                            .formatted(what, Shown.quoted(scalar.text()), Nearest.hint(scalar.text(), "known", words)));
            return words.getFirst();
        }
        return scalar.text();
    }

    /** A number without a unit, whole or not. */
    double number(YamlNode node, String what, double min, double max) {
        String rule =
                "a number from %s to %s".formatted(LiteralText.of(min, Unit.COUNT), LiteralText.of(max, Unit.COUNT));
        @Nullable Token literal = literal(node, what, rule);
        if (literal == null) {
            return min;
        }
        if (literal.unit() != Unit.COUNT || literal.value() < min || literal.value() > max) {
            problems.add(node, "%s is %s but this is %s".formatted(what, rule, literal.text()));
            return min;
        }
        return literal.value();
    }

    /** A share, above 0 and at most 1. */
    double share(YamlNode node, String what) {
        String rule = "a share above 0% up to 100%";
        @Nullable Token literal = literal(node, what, rule);
        if (literal == null) {
            return 1;
        }
        if (literal.unit() != Unit.RATIO || literal.value() <= 0 || literal.value() > 1) {
            problems.add(node, "%s is %s but this is %s".formatted(what, rule, literal.text()));
            return 1;
        }
        return literal.value();
    }

    /** A share, at most 1, or none. */
    double shareOrNone(YamlNode node, String what) {
        boolean none = node instanceof Scalar scalar
                && (scalar.text().equals("0") || scalar.text().equals("0%"));
        return none ? 0 : share(node, what);
    }

    /** A size: bytes, pages, or a share of the host's memory. Rounded to whole bytes. */
    long bytes(YamlNode node, String what, long min, long max) {
        @Nullable Token literal = literal(node, what, "a size such as 4MiB");
        if (literal == null) {
            return min;
        }
        double value;
        if (literal.unit() == Unit.BYTES || literal.text().equals("0")) {
            value = literal.value();
        } else if (literal.unit() == Unit.RATIO && !literal.text().contains("/")) {
            value = literal.value() * host.totalBytes();
        } else {
            wrongUnit(node, what, "a size such as 4MiB", literal, Unit.BYTES);
            return min;
        }
        long bytes = Math.round(value);
        if (bytes < min || bytes > max) {
            problems.add(
                    node,
                    "%s is %s to %s but this is %s"
                            .formatted(
                                    what,
                                    Unit.BYTES.format((double) min),
                                    max == Long.MAX_VALUE ? "any size" : Unit.BYTES.format((double) max),
                                    Unit.BYTES.format((double) bytes)));
            return min;
        }
        return bytes;
    }

    /** A size, or {@code max} for {@link Long#MAX_VALUE}. */
    long bytesOrMax(YamlNode node, String what, long min) {
        boolean max = node instanceof Scalar scalar && scalar.text().equals("max");
        return max ? Long.MAX_VALUE : bytes(node, what, min, Long.MAX_VALUE);
    }

    /** Bytes per second, or {@code max} for positive infinity. */
    double byteRate(YamlNode node, String what) {
        if (node instanceof Scalar scalar && scalar.text().equals("max")) {
            return Double.POSITIVE_INFINITY;
        }
        @Nullable Token literal = literal(node, what, "a rate such as 128MiB/s");
        if (literal == null) {
            return Double.POSITIVE_INFINITY;
        }
        if (literal.unit() != Unit.BYTE_RATE) {
            wrongUnit(node, what, "a rate such as 128MiB/s", literal, Unit.BYTE_RATE);
        } else if (literal.value() < 1) {
            problems.add(node, what + " is at least 1B/s; leave it out, or write max, for no bound");
        }
        return Math.max(1, literal.value());
    }

    /** Seconds per second, or {@code max} for positive infinity. */
    double timeShare(YamlNode node, String what) {
        if (node instanceof Scalar scalar && scalar.text().equals("max")) {
            return Double.POSITIVE_INFINITY;
        }
        String wanted = "a time per second such as 10ms/s";
        @Nullable Token literal = literal(node, what, wanted);
        if (literal == null) {
            return Double.POSITIVE_INFINITY;
        }
        if (literal.unit() != Unit.RATIO) {
            problems.add(node, "%s is %s, or max, but this is %s".formatted(what, wanted, literal.text()));
        } else if (literal.value() < Budget.MIN_TIME_SHARE) {
            problems.add(node, what + " is at least 1us/s; leave it out, or write max, for no bound");
        }
        return Math.max(Budget.MIN_TIME_SHARE, literal.value());
    }

    /** A size, or the time that it is to take. */
    Batch batch(YamlNode node, String what, long minBytes) {
        String wanted = "a size such as 4MiB or a time such as 20ms";
        @Nullable Token literal = literal(node, what, wanted);
        if (literal == null) {
            return Reclaim.DEFAULT_BATCH;
        }
        if (literal.unit() == Unit.DURATION) {
            return new Batch.Time(duration(node, what, Batch.Time.MIN_TARGET, Batch.Time.MAX_TARGET));
        }
        boolean size = literal.unit() == Unit.BYTES
                || literal.text().equals("0")
                || (literal.unit() == Unit.RATIO && !literal.text().contains("/"));
        if (!size) {
            wrongUnit(node, what, wanted, literal, Unit.BYTES);
            return Reclaim.DEFAULT_BATCH;
        }
        return new Batch.Size(bytes(node, what, minBytes, Batch.Size.MAX_BYTES));
    }

    /** Things per second, more than none. */
    double rate(YamlNode node, String what) {
        @Nullable Token literal = literal(node, what, "a rate such as 100/s");
        if (literal == null) {
            return 1;
        }
        if (literal.unit() != Unit.RATE) {
            wrongUnit(node, what, "a rate such as 100/s", literal, Unit.RATE);
            return 1;
        }
        if (literal.value() <= 0) {
            problems.add(node, what + " is more than 0/s; leave it out, or write none, for no bound");
            return 1;
        }
        return literal.value();
    }

    /**
     * A number.
     *
     * @param unit {@link Unit#COUNT} for bare ones only, or {@link Unit#RATIO} for percentages and bare ones
     */
    double number(YamlNode node, String what, Unit unit, double min, double max) {
        String wanted = unit == Unit.RATIO ? "a share such as 5%" : "a number such as 2.5";
        @Nullable Token literal = literal(node, what, wanted);
        if (literal == null) {
            return max;
        }
        if (literal.unit() != unit && literal.unit() != Unit.COUNT) {
            wrongUnit(node, what, wanted, literal, unit);
            return max;
        }
        if (literal.value() < min || literal.value() > max) {
            String range = unit == Unit.RATIO
                    ? "above 0% to " + LiteralText.of(max, unit)
                    : LiteralText.of(min, unit) + " to " + LiteralText.of(max, unit);
            problems.add(node, "%s is %s but this is %s".formatted(what, range, literal.text()));
            return max;
        }
        return literal.value();
    }

    Duration duration(YamlNode node, String what, Duration min, Duration max) {
        @Nullable Token literal = literal(node, what, "a duration such as 500ms");
        if (literal == null) {
            return min;
        }
        if (literal.unit() != Unit.DURATION) {
            if (!literal.text().equals("0") || !min.isZero()) {
                wrongUnit(node, what, "a duration such as 500ms", literal, Unit.DURATION);
            }
            return min;
        }
        BigDecimal seconds = new BigDecimal(literal.value());
        if (seconds.compareTo(BigDecimal.valueOf(max.toSeconds() + 1)) <= 0) {
            Duration duration = Duration.ofNanos(Math.round(literal.value() * 1e9));
            if (duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0) {
                return duration;
            }
        }
        problems.add(
                node,
                "%s is %s to %s but this is %s"
                        .formatted(what, LiteralText.of(min), LiteralText.of(max), literal.text()));
        return min;
    }

    CgroupGlob glob(YamlNode node) {
        @Nullable Scalar scalar = scalar(node, "a pattern of cgroups");
        if (scalar != null) {
            try {
                return new CgroupGlob(scalar.text(), problems.source().span(node.start(), node.end()));
            } catch (IllegalArgumentException e) {
                problems.add(node, String.valueOf(e.getMessage()));
            }
        }
        return new CgroupGlob("**");
    }

    /** An expression of any unit, or null. */
    @Nullable
    Expr expression(YamlNode node, String what, Lets lets) {
        @Nullable Scalar scalar = scalar(node, what);
        return scalar == null
                ? null
                : ExprParser.parse(new ScalarText(problems.source(), scalar), host, lets, problems);
    }

    /** An expression that is true or false. */
    Expr truth(YamlNode node, String what, Lets lets, Expr standIn) {
        @Nullable Expr expr = expression(node, what, lets);
        if (expr == null) {
            return standIn;
        }
        if (expr.unit() != Unit.TRUTH) {
            problems.add(expr.span(), new TypeMessages(problems.source()).truthWanted("\"" + what + "\"", expr));
            return standIn;
        }
        return expr;
    }

    private @Nullable Token literal(YamlNode node, String what, String wanted) {
        @Nullable Scalar scalar = scalar(node, what);
        if (scalar == null) {
            return null;
        }
        if (scalar.text().strip().startsWith("-")) {
            problems.add(node, what + " cannot be negative; it is " + wanted);
            return null;
        }
        if (scalar.text().isBlank() || !Lexer.isDigit(scalar.text().strip().charAt(0))) {
            problems.add(node, "%s is %s but this is %s".formatted(what, wanted, Shown.quoted(scalar.text())));
            return null;
        }
        List<Token> tokens = Lexer.tokens(new ScalarText(problems.source(), scalar), host, problems);
        Token first = tokens.getFirst();
        if (first.kind() == Token.Kind.BAD) {
            return null;
        }
        Token second = tokens.get(1);
        if (second.kind() != Token.Kind.END) {
            boolean torn = tokens.size() == 3 && UnitSymbol.texts().contains(second.text());
            problems.add(
                    second.span(),
                    torn
                            ? "a unit belongs right behind its number; write " + first.text() + second.text()
                            : "%s is one value, %s, not an expression".formatted(what, wanted));
            return null;
        }
        return first;
    }

    private void wrongUnit(YamlNode node, String what, String wanted, Token literal, Unit unit) {
        String message = literal.unit() == Unit.COUNT
                ? "%s is %s but %s has no unit; write %s"
                        .formatted(what, wanted, literal.text(), Units.example(literal.text(), unit))
                : "%s is %s but %s is %s"
                        .formatted(what, wanted, literal.text(), literal.unit().description());
        problems.add(node, message);
    }

    private @Nullable Scalar scalar(YamlNode node, String what) {
        if (node instanceof Scalar scalar && !scalar.isNull()) {
            return scalar;
        }
        problems.add(
                node,
                node instanceof Scalar
                        ? what + " has no value"
                        : "%s is a single value but here is %s".formatted(what, node.kind()));
        return null;
    }
}
