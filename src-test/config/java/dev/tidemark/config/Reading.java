package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the tests of this room share: short ways to read things and to see what is wrong with them. */
final class Reading {
    static final HostMemory HOST = new HostMemory(8L << 30, 4096);

    private Reading() {}

    static Checked<PolicyFile> policies(String text) {
        return PolicyFile.parse("policy.yaml", text, HOST);
    }

    static PolicyFile valid(String text) {
        return valid(policies(text));
    }

    static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(List<Problem> problems) -> throw new AssertionError(rendered(problems));
        };
    }

    static List<Problem> problems(Checked<?> checked) {
        return switch (checked) {
            case Checked.Valid<?> valid -> List.of();
            case Checked.Invalid<?>(List<Problem> problems) -> problems;
        };
    }

    static String rendered(List<Problem> problems) {
        return problems.stream().map(Problem::render).collect(Collectors.joining("\n"));
    }

    /** Line, column and message of each problem. */
    static List<String> places(Checked<?> checked) {
        return problems(checked).stream()
                .map(problem -> problem.line() + ":" + problem.column() + ": " + problem.message())
                .toList();
    }

    /** An expression that must be right. */
    static Expr expr(String text) {
        Problems problems = new Problems(new SourceText("expr", text));
        @Nullable Expr expr = parse(text, problems);
        assertThat(messages(problems)).as(text).isEmpty();
        if (expr == null) {
            throw new AssertionError("no expression and no problem: " + text);
        }
        return expr;
    }

    /** The messages about an expression, each with the column where it points. */
    static List<String> exprProblems(String text) {
        Problems problems = new Problems(new SourceText("expr", text));
        @Nullable Expr expr = parse(text, problems);
        List<String> messages = messages(problems);
        if (expr == null) {
            assertThat(messages).as("no expression without a problem: " + text).isNotEmpty();
        }
        return messages;
    }

    private static @Nullable Expr parse(String text, Problems problems) {
        int length = text.codePointCount(0, text.length());
        YamlNode.Scalar scalar = new YamlNode.Scalar(text, YamlNode.Style.PLAIN, 0, length);
        return ExprParser.parse(new ScalarText(problems.source(), scalar), HOST, Lets.NONE, problems);
    }

    private static List<String> messages(Problems problems) {
        Checked<String> checked = problems.finish("valid");
        return problems(checked).stream()
                .map(problem -> problem.column() + ": " + problem.message())
                .toList();
    }
}
