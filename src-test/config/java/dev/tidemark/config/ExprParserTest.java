package dev.tidemark.config;

import static dev.tidemark.config.Reading.expr;
import static dev.tidemark.config.Reading.exprProblems;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExprParserTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            usage > 80% of limit                          | usage > 80% of limit
            usage>80%*limit                               | usage > 80% of limit
            usage > limit * 80%                           | usage > limit * 80%
            usage > 80% of limit - 64MiB                  | usage > 80% of limit - 64MiB
            usage > 80% of (limit - 64MiB)                | usage > 80% of (limit - 64MiB)
            usage - (limit - max) < 0B                    | usage - (limit - max) < 0B
            (usage - limit) - max < 0B                    | usage - limit - max < 0B
            usage / limit / 2 > 5%                        | usage / limit / 2 > 5%
            -usage < - -limit                             | -usage < --limit
            -(usage + limit) < 0B                         | -(usage + limit) < 0B
            psi.some over 2s > 1%                         | rate(psi.some.total, 2s) > 1%
            pgscan over 10s > 100                         | delta(pgscan, 10s) > 100
            usage over 10s > 1GiB                         | usage over 10s > 1GiB
            (usage + dirty) over 10s over 1m > 1GiB       | (usage + dirty) over 10s over 1m > 1GiB
            -psi.some over 2s < 0%                        | -rate(psi.some.total, 2s) < 0%
            (pgscan + pgsteal) over 1s > 9                | delta(pgscan + pgsteal, 1s) > 9
            rate(2 * pgscan, 5s) > 1/m                    | rate(2 * pgscan, 5s) > 0.016666666666666666/s
            not usage > limit and usage < max             | not usage > limit and usage < max
            not (usage > limit and usage < max)           | not (usage > limit and usage < max)
            usage > limit or usage > max and usage > high | usage > limit or usage > max and usage > high
            (usage > limit or usage > max) and dirty > 0B | (usage > limit or usage > max) and dirty > 0B
            usage > limit or usage > max for 2s           | usage > limit or usage > max for 2s
            (usage > limit or usage > max) for 2s         | (usage > limit or usage > max) for 2s
            not usage > limit for 2s hold 500ms           | not usage > limit for 2s hold 500ms
            (not usage > limit) hold 90s                  | (not usage > limit) hold 90s
            usage > 32pages and usage > 1page             | usage > 128KiB and usage > 4KiB
            usage > 64M and usage > 1.5GiB                | usage > 64MiB and usage > 1536MiB
            usage < 5s * 4MiB/s                           | usage < 5s * 4MiB/s
            (limit - usage) / rate(usage, 5s) < 3s        | (limit - usage) / rate(usage, 5s) < 3s
            psi.full.avg10 >= 10ms/s                      | psi.full.avg10 >= 1%
            events.max != 0 and events.oom == 0           | events.max != 0 and events.oom == 0
            """)
    void canonicalText(String text, String canonical) {
        assertThat(expr(text)).hasToString(canonical);
        assertThat(expr(canonical)).hasToString(canonical);
    }

    @Test
    void forBindsTighterThanOrAndAppliesToTheGroup() {
        Expr start = expr("usage > 80% of limit or (psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s) for 1s");

        assertThat(start).isInstanceOfSatisfying(Expr.Or.class, or -> {
            assertThat(or.left()).isInstanceOf(Expr.Comparison.class);
            assertThat(or.right()).isInstanceOfSatisfying(Expr.For.class, held -> {
                assertThat(held.condition()).isInstanceOf(Expr.And.class);
                assertThat(held.duration()).isEqualTo(Duration.ofSeconds(1));
            });
        });
    }

    @Test
    void spansCoverTheWholeOfEachPart() {
        Expr.Or or = (Expr.Or) expr("usage > 1GiB or (dirty > 1MiB) for 2s");

        assertThat(or.span()).isEqualTo(new Span(1, 1, 37));
        assertThat(or.left().span()).isEqualTo(new Span(1, 1, 12));
        assertThat(or.right().span()).isEqualTo(new Span(1, 17, 21));
        assertThat(((Expr.For) or.right()).condition().span()).isEqualTo(new Span(1, 17, 14));
    }

    @Test
    void sameAsIgnoresPlacesOnly() {
        assertThat(expr("usage>limit").sameAs(expr("usage  >  limit"))).isTrue();
        assertThat(expr("usage>limit")).isNotEqualTo(expr("usage  >  limit"));
        assertThat(expr("usage > limit").sameAs(expr("usage >= limit"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            usage >                        | 8: a value is missing at the end
            > limit                        | 1: a value is missing before ">"
            usage > and usage < max        | 9: a value is missing before "and"
            usage limit                    | 7: an operator such as > or and is missing before "limit"
            usage > 64 MiB                 | 12: a unit belongs right behind its number; write 64MiB
            usage > limit AND usage < max  | 15: "AND" is written in small letters: and
            usage > limit not usage < max  | 15: "not" cannot follow a value; did you mean "and not"?
            usage < limit < max            | 15: comparisons do not chain; write a < b and b < c
            (usage > limit                 | 1: this '(' is never closed
            usage > limit)                 | 14: there is no '(' for this ')'
            ()                             | 2: a value is missing before ")"
            usage > limit, usage < max     | 14: a comma belongs between the two arguments of rate and delta
            rate(pgscan) > 1/s             | 12: rate takes a value and a window, as in rate(pgscan, 5s); the window is missing
            rate(pgscan, 5s, 6s) > 1/s     | 16: a comma belongs between the two arguments of rate and delta
            rate(pgscan, limit) > 1/s      | 14: "rate" needs a duration; write a window such as 5s
            rate > 1/s                     | 1: "rate" takes a value and a window; write rate(pgscan, 5s)
            rat(pgscan, 5s) > 1/s          | 1: unknown function "rat"; did you mean "rate"?
            usage(5s) > 1GiB               | 1: the signal "usage" takes no arguments; an operator such as > or and is missing
            usage > limit for              | 18: "for" needs a duration; write for 2s
            usage > limit for 2            | 19: 2 has no unit; write 2s or 2ms
            usage > limit for -2s          | 19: a duration cannot be negative; write for 2s
            usage > limit for 0s           | 19: 0s is out of range; 1ms to 24h are possible
            usage > limit hold 25h         | 20: 25h is out of range; 1ms to 24h are possible
            usage > limit for 999us        | 19: 999us is out of range; 1ms to 24h are possible
            usage > limit for 5MiB         | 19: 5MiB is bytes but a duration is needed; write for 2s
            psi.some over > 1%             | 15: "over" needs a duration; write over 2s
            usage > limit && usage < max   | 15: '&&' has no meaning here; write and
            usage = limit                  | 7: '=' has no meaning here; write == to compare
            usage > 80 % of limit          | 12: '%' has no meaning here; a percent sign belongs right behind its number, as in 5%
            usage > .5GiB                  | 9: '.' has no meaning here; a number starts with a digit, as in 0.5
            usage > 64MB                   | 11: unknown unit "MB"; did you mean "MiB"?
            usage > 64XB                   | 11: unknown unit "XB"; did you mean "B"?
            usage > limit for 3sec         | 20: unknown unit "sec"; did you mean "s"?
            usage > limit for 3d           | 20: unknown unit "d"; units are B, KiB, MiB, GiB, TiB, K, M, G, T, ns, us, ms, s, m, h, pages, %
            rate(usage, 5s) > 1MiB/sec     | 24: unknown unit "sec"; did you mean "s"?
            psi.some.avg10 > 5%/s          | 18: a share has no rate; write the share alone, or a count or size per time
            usage > 9000000TiB             | 9: too large; values stay below 2^63
            usage > 0.0000000000000001B    | 9: too small; write 0, or at least 0.000000000001B
            usage > $limit                 | 9: '$' has no meaning here; an expression is made of words, numbers, < > = ! + - * / , and ( )
            usge > limit                   | 1: unknown signal "usge"; did you mean "usage"?
            psi.sone over 2s > 1%          | 1: unknown signal "psi.sone"; did you mean "psi.some"?
            memory.current > limit         | 1: unknown signal "memory.current"; did you mean "usage"?
            true                           | 1: "true" is no value here; write a comparison, such as usage > 80% of limit
            """)
    void problemsOfForm(String text, String problem) {
        assertThat(exprProblems(text)).contains(problem);
        assertThat(exprProblems(text)).as("one mistake, one problem").hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void unknownSignalWithNothingNearListsThem() {
        assertThat(exprProblems("temperature > 5"))
                .containsExactly("1: unknown signal \"temperature\"; signals are usage, limit, max, high, swap.usage,"
                        + " psi.some, psi.full, pgfault, pgmajfault, pgscan, pgsteal, refault, events.max, events.high,"
                        + " events.oom, events.oom_kill, dirty, writeback");
    }

    @Test
    void allPartsAreLookedAt() {
        assertThat(exprProblems("usge > 1GiB or (psi.some > 1% and limit limit) or (usage > or dirty) or max > 3"))
                .containsExactly(
                        "1: unknown signal \"usge\"; did you mean \"usage\"?",
                        "17: cannot compare a duration with a ratio: \"psi.some\" is a duration that only grows, \"1%\" is a"
                                + " ratio; write psi.some over 2s > 1%",
                        "35: \"and\" needs a truth but \"limit\" is bytes; compare it, as in usage > 80% of limit",
                        "41: an operator such as > or and is missing before \"limit\"",
                        "60: a value is missing before \"or\"",
                        "63: \"or\" needs a truth but \"dirty\" is bytes; compare it, as in usage > 80% of limit",
                        "73: cannot compare bytes with a count: \"max\" is bytes, \"3\" is a count; give the number a unit:"
                                + " 3MiB or 3B");
    }

    @Test
    void depthAndLengthAreBounded() {
        assertThat(exprProblems("(".repeat(100) + "usage > limit" + ")".repeat(100)))
                .containsExactly("33: nested more than 32 deep");
        assertThat(exprProblems("not ".repeat(100) + "usage > limit")).containsExactly("129: nested more than 32 deep");
        assertThat(exprProblems("-".repeat(100) + "usage > 0B")).containsExactly("33: nested more than 32 deep");
        assertThat(exprProblems("usage > limit" + " or usage > limit".repeat(200)))
                .containsExactly("2126: an expression has at most 500 words and symbols");
        assertThat(exprProblems("usage > " + "1".repeat(5000) + "B"))
                .containsExactly("9: a number has at most 60 digits");
    }

    @Test
    void theLongestExpressionFitsASmallStack() throws InterruptedException {
        String longest = "usage > limit" + " or usage > limit".repeat(123);
        List<Throwable> failures = new java.util.ArrayList<>();
        Thread small = new Thread(
                null,
                () -> {
                    Expr expr = expr(longest);
                    assertThat(expr).hasToString(longest);
                    assertThat(expr.hashCode()).isEqualTo(expr(longest).hashCode());
                },
                "small",
                256 << 10);
        small.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        small.start();
        small.join();

        assertThat(failures).isEmpty();
    }
}
