package dev.tidemark.config;

import dev.tidemark.config.Token.Kind;
import dev.tidemark.config.YamlNode.Scalar;
import dev.tidemark.config.YamlNode.Style;
import java.util.List;

/** Single values out of texts that stand in no file, read as those that do. */
final class UnitParser {
    /** Pages are the usual ones; nothing here is a share of the host's memory. */
    private static final HostMemory HOST = new HostMemory(1, 4096);

    private UnitParser() {}

    static double parse(Unit unit, String text) {
        SourceText source = new SourceText("", text);
        Problems problems = new Problems(source);
        ScalarText scalar = new ScalarText(source, new Scalar(text, Style.PLAIN, 0, source.length()));
        List<Token> tokens = Lexer.tokens(scalar, HOST, problems);
        Token first = tokens.getFirst();
        boolean single = tokens.size() == 2 && first.kind() == Kind.LITERAL;
        if (problems.none() && single && first.unit() == unit) {
            return first.value();
        }
        String message = Shown.quoted(text) + " is not " + unit.description();
        if (problems.finish("") instanceof Checked.Invalid<String>(List<Problem> found)) {
            message += ": " + found.getFirst().message();
        } else if (unit != Unit.TRUTH) {
            message += ", as in " + example(unit);
        }
        throw new IllegalArgumentException(message);
    }

    private static String example(Unit unit) {
        return switch (unit) {
            case BYTES -> "64MiB";
            case COUNT -> "3";
            case RATIO -> "5%";
            case DURATION -> "200ms";
            case BYTE_RATE -> "64MiB/s";
            case RATE -> "1000/s";
            case TRUTH -> "true";
        };
    }
}
