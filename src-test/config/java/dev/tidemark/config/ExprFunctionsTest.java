package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import example.Smoothed;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;

class ExprFunctionsTest {
    private static ExprFunction named(String name) {
        return new ExprFunction() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return "a test";
            }

            @Override
            public Unit check(List<Unit> arguments) {
                return Unit.COUNT;
            }

            @Override
            public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
                return 0;
            }
        };
    }

    @Test
    void functionsOfTheClassPathAreFound() {
        assertThat(ExprFunctions.all()).singleElement().isInstanceOf(Smoothed.class);
        assertThat(ExprFunctions.failures()).isEmpty();
    }

    @Test
    void whatTheLanguageHasAlreadyIsLeftOut() {
        ExprFunctions functions =
                ExprFunctions.load(List.of(named("rate"), named("usage"), named("then"), named("Upper"), named("fine"))
                        .iterator());

        assertThat(functions.function("fine")).isNotNull();
        assertThat(functions.problems())
                .hasSize(4)
                .satisfiesExactly(
                        problem -> assertThat(problem).endsWith("is left out: \"rate\" is a word of the language"),
                        problem -> assertThat(problem).endsWith("is left out: \"usage\" is a signal"),
                        problem -> assertThat(problem).endsWith("is left out: \"then\" is a word of the language"),
                        problem -> assertThat(problem)
                                .endsWith("is left out: a name is lower-case letters, digits and _"));
    }

    @Test
    void twoOfOneNameAreBothLeftOut() {
        ExprFunctions functions =
                ExprFunctions.load(List.of(named("twice"), named("twice"), named("twice"), named("once"))
                        .iterator());

        assertThat(functions.function("twice")).isNull();
        assertThat(functions.function("once")).isNotNull();
        assertThat(functions.problems()).hasSize(2);
    }

    @Test
    void oneThatCannotBeLoadedLeavesTheOthers() {
        Iterator<ExprFunction> found = new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < 2;
            }

            @Override
            public ExprFunction next() {
                if (at++ == 0) {
                    throw new ServiceConfigurationError("no such class\nat all");
                }
                return named("fine");
            }
        };
        ExprFunctions functions = ExprFunctions.load(found);

        assertThat(functions.function("fine")).isNotNull();
        assertThat(functions.problems()).containsExactly("a function could not be loaded: no such classU+000Aat all");
    }

    /** Whatever the check of a function does, it ends as a problem with a place. */
    @Test
    void checksThatFail() {
        SourceText source = new SourceText("f", "f(usage)");
        assertThat(checking(source, () -> {
                    throw new IllegalStateException("oh");
                }))
                .containsExactly("failed to check its arguments: java.lang.IllegalStateException: oh");
        assertThat(checking(source, () -> {
                    throw new IllegalArgumentException("two\nlines");
                }))
                .containsExactly("twoU+000Alines");
    }

    @FunctionalInterface
    private interface Result {
        Unit get();
    }

    private static List<String> checking(SourceText source, Result result) {
        ExprFunction function = new ExprFunction() {
            @Override
            public String name() {
                return "f";
            }

            @Override
            public String description() {
                return "a test";
            }

            @Override
            public Unit check(List<Unit> arguments) {
                return result.get();
            }

            @Override
            public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
                return 0;
            }
        };
        Problems problems = new Problems(source);
        Expr usage = new Expr.SignalRef(Signal.USAGE, new Span(1, 3, 5));
        new CallTyper(problems, new Typer(problems, Lets.NONE)).added(function, List.of(usage), new Span(1, 1, 8));
        return Reading.problems(problems.finish("valid")).stream()
                .map(problem -> problem.message().replaceFirst("^f:? ", ""))
                .toList();
    }
}
