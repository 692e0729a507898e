package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Scalar;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code 4MiB}, {@code >= 4MiB} and {@code 4MiB to 8MiB}. What is wrong is told with its place, and null returned. */
final class RangeReader {
    private static final double ENDLESS = Double.POSITIVE_INFINITY;

    private final Problems problems;
    private final String what;
    private final Unit unit;

    private RangeReader(Problems problems, String what, Unit unit) {
        this.problems = problems;
        this.what = what;
        this.unit = unit;
    }

    static @Nullable Range read(YamlNode node, String what, Unit unit, HostMemory host, Problems problems) {
        RangeReader reader = new RangeReader(problems, what, unit);
        if (!(node instanceof Scalar scalar) || scalar.isNull() || scalar.text().isBlank()) {
            problems.add(
                    node,
                    "%s is %s but here is %s"
                            .formatted(what, reader.wanted(), node instanceof Scalar ? "no value" : node.kind()));
            return null;
        }
        return reader.range(Lexer.tokens(new ScalarText(problems.source(), scalar), host, problems), scalar);
    }

    private String wanted() {
        String example = unit == Unit.COUNT ? "3" : Units.example("3", unit).replaceAll(" or .*", "");
        return "a value or a range such as %s, \">= %s\", %s to %s"
                .formatted(example, example, example, example.replace('3', '8'));
    }

    private @Nullable Range range(List<Token> tokens, Scalar scalar) {
        if (tokens.stream().anyMatch(token -> token.kind() == Token.Kind.BAD)) {
            return null;
        }
        int at = 0;
        String relation = "==";
        if (tokens.getFirst().kind() == Token.Kind.SYMBOL) {
            relation = tokens.getFirst().text();
            at++;
        }
        double first = value(tokens.get(at));
        if (Double.isNaN(first)) {
            return null;
        }
        at++;
        double second = first;
        boolean between = tokens.get(at).is("to");
        if (between) {
            second = value(tokens.get(at + 1));
            if (Double.isNaN(second)) {
                return null;
            }
            at += 2;
        }
        if (tokens.get(at).kind() != Token.Kind.END || (between && !relation.equals("=="))) {
            problems.add(tokens.get(between ? 0 : at).span(), "%s is %s".formatted(what, wanted()));
            return null;
        }
        if (second < first) {
            problems.add(tokens.getFirst().span(), "no value is in this range: the larger one comes last");
            return null;
        }
        return range(relation, first, second, scalar);
    }

    private @Nullable Range range(String relation, double first, double second, Scalar scalar) {
        String text = scalar.text().strip().replaceAll("\\s+", " ");
        return switch (relation) {
            case "==" -> new Range(unit, first, false, second, false, text);
            case ">=" -> new Range(unit, first, false, ENDLESS, false, text);
            case ">" -> new Range(unit, first, true, ENDLESS, false, text);
            case "<=" -> new Range(unit, -ENDLESS, false, first, false, text);
            case "<" -> new Range(unit, -ENDLESS, false, first, true, text);
            default -> {
                problems.add(scalar, "%s is %s".formatted(what, wanted()));
                yield null;
            }
        };
    }

    /** NaN when it is none; then that is told. */
    private double value(Token token) {
        if (unit == Unit.BYTES && token.is("max")) {
            return ENDLESS;
        }
        if (token.kind() != Token.Kind.LITERAL) {
            problems.add(token.span(), "%s is %s".formatted(what, wanted()));
            return Double.NaN;
        }
        if (token.unit() != unit && !token.text().equals("0")) {
            problems.add(
                    token.span(),
                    token.unit() == Unit.COUNT
                            ? "%s is %s but %s has no unit; write %s"
                                    .formatted(
                                            what, unit.description(), token.text(), Units.example(token.text(), unit))
                            : "%s is %s but %s is %s"
                                    .formatted(
                                            what,
                                            unit.description(),
                                            token.text(),
                                            token.unit().description()));
            return Double.NaN;
        }
        return token.value();
    }
}
