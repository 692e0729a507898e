package dev.tidemark.testkit;

import dev.tidemark.config.ExprFunction;

/**
 * Where assertions begin. To be imported statically; stands well beside AssertJ's {@code assertThat}.
 *
 * <p>What fails is an {@link org.opentest4j.AssertionFailedError} that says what was expected, what was there instead, and what happened in
 * the run. Sizes, times and shares are written as in policy files: {@code 32MiB}, {@code 200ms}, {@code 5%}.
 */
public final class TidemarkAssertions {

    private TidemarkAssertions() {}

    /** About a run, up to now. */
    public static RunAssert assertThat(Run run) {
        return new RunAssert(run, "");
    }

    /** About a function of the expression language. */
    public static FunctionAssert assertThat(ExprFunction function) {
        return new FunctionAssert(function);
    }
}
