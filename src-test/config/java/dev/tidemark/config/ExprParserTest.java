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
            pgscan over 1s tumbling > 9                   | delta(pgscan, 1s tumbling) > 9
            usage over 1s tumbling > 9MiB                 | usage over 1s tumbling > 9MiB
            mean(usage, 5s) > 9MiB                        | usage over 5s > 9MiB
            deriv(usage, 5s) > 9MiB/s                     | deriv(usage, 5s) > 9MiB/s
            ewma(psi.some.avg10, 5s) > 9%                 | ewma(psi.some.avg10, 5s) > 9%
            min(usage, 5s tumbling) > max(usage, 5s)      | min(usage, 5s tumbling) > max(usage, 5s)
            min > max                                     | min > max
            max(max) > max(usage)                         | max(max) > max(usage)
            quantile(usage, 99.5%, 1m) > 9MiB             | quantile(usage, 99.5%, 1m) > 9MiB
            refault.ratio over 10s > 5%                   | refault.ratio over 10s > 5%
            count(usage > limit, 1m tumbling) > 3         | count(usage > limit, 1m tumbling) > 3
            count(usage > limit) >= 2                     | count(usage > limit) >= 2
            sum(usage) > 80% of host.total                | sum(usage) > 80% of host.total
            any(usage > limit) or all(dirty > 1MiB)       | any(usage > limit) or all(dirty > 1MiB)
            rising(usage > limit) hold 5s                 | rising(usage > limit) hold 5s
            not falling(usage > limit)                    | not falling(usage > limit)
            changed(limit) hold 1s                        | changed(limit) hold 1s
            2 of (usage > limit, dirty > 1MiB, max < high)| 2 of (usage > limit, dirty > 1MiB, max < high)
            1 of (usage > limit) for 2s                   | 1 of (usage > limit) for 2s
            dirty > 1B then usage > limit within 5s       | dirty > 1B then usage > limit within 5s
            dirty > 1B and max > 1B then usage > limit within 5s or min > 1B | dirty > 1B and max > 1B then usage > limit within 5s or min > 1B
            not dirty > 1B then usage > limit within 5s   | not dirty > 1B then usage > limit within 5s
            (dirty > 1B then usage > limit within 5s) for 1s | (dirty > 1B then usage > limit within 5s) for 1s
            dirty > 1B then usage > 1B within 5s then max > 1B within 1m | dirty > 1B then usage > 1B within 5s then max > 1B within 1m
            dirty > 1B then (usage > 1B then max > 1B within 5s) within 1m | dirty > 1B then (usage > 1B then max > 1B within 5s) within 1m
            psi.some trigger 150ms/1s                     | psi.some trigger 150ms/1s
            psi.io.full trigger 500us / 10s               | psi.io.full trigger 500us/10s
            psi.cpu.some trigger 500ms/500ms hold 2s      | psi.cpu.some trigger 500ms/500ms hold 2s
            not psi.full trigger 1s/1s                    | not psi.full trigger 1s/1s
            cgroup("a/b.service").usage > 1GiB            | cgroup("a/b.service").usage > 1GiB
            cgroup("a\\\\x2db") . psi.some over 2s > 1%     | rate(cgroup("a\\\\x2db").psi.some.total, 2s) > 1%
            cgroup("é\\"").refault.ratio over 5s > 1%      | cgroup("é\\"").refault.ratio over 5s > 1%
            host.available < 10% of host.total            | host.available < 10% of host.total
            smoothed(usage, 30s) > 80% of limit           | smoothed(usage, 30s) > 80% of limit
            delta(pgscan, 1s tumbling) > 100 hold 1s      | delta(pgscan, 1s tumbling) > 100 hold 1s
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
            usage > limit, usage < max     | 14: a comma belongs between the arguments of a function, as in rate(pgscan, 5s)
            rate(pgscan) > 1/s             | 12: rate takes a value and a window, as in rate(pgscan, 5s); the window is missing
            rate(pgscan, 5s, 6s) > 1/s     | 16: rate takes a value and a window, as in rate(pgscan, 5s); nothing more belongs here
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
            rate(pgscan, 5s tumbling) for 2s tumbling | 34: "tumbling" belongs behind a window, as in delta(pgscan, 1s tumbling)
            usage > limit then dirty > 1B  | 30: "then" needs a time; write a then b within 5s
            usage > limit then dirty > 1B within | 37: "within" needs a duration; write within 5s
            usage > limit then dirty > 1B within 0s | 38: 0s is out of range; 1ms to 24h are possible
            usage > limit within 5s        | 15: "within" belongs behind "then", as in a then b within 5s
            usage > then dirty > 1B within 5s | 9: a value is missing before "then"
            quantile(usage, 1m) > 1B       | 19: quantile takes a value, a share and a window, as in quantile(usage, 95%, 1m); the window is missing
            quantile(usage, 95%) > 1B      | 20: quantile takes a value, a share and a window, as in quantile(usage, 95%, 1m); the window is missing
            quantile(usage) > 1B           | 15: quantile takes a value, a share and a window, as in quantile(usage, 95%, 1m); the share is missing
            quantile(usage, limit, 1m) > 1B| 17: quantile needs a share; write 95%
            quantile > 1B                  | 1: "quantile" takes a value, a share and a window; write quantile(usage, 95%, 1m)
            rising(usage > limit, 5s)      | 21: rising takes a condition, as in rising(usage > 80% of limit); nothing more belongs here
            sum > 1B                       | 1: "sum" takes a value, of which all cgroups' are added; write sum(usage)
            sum(usage, 5s) > 1B            | 10: sum takes a value, of which all cgroups' are added, as in sum(usage); nothing more belongs here
            2 of usage > limit             | 1: "of" takes a share; write 2% of ...
            2 of (usage > limit            | 6: this '(' is never closed
            2 of ()                        | 1: 2 of 0 conditions; a whole number from 1 to 0 is possible
            psi.some trigger               | 17: "trigger" needs a duration; write trigger 150ms/1s
            psi.some trigger 150ms         | 23: a trigger is a stall within a window, as in psi.some trigger 150ms/1s
            psi.some trigger 150ms/s       | 18: 150ms/s is a ratio but a duration is needed; write trigger 150ms/1s
            psi.some trigger 150/1s        | 18: 150 has no unit; write 150s or 150ms
            (psi.some) trigger 150ms/1s    | 12: "trigger" belongs behind the cgroup's own pressure, as in psi.some trigger 150ms/1s
            cgroup(a.slice).usage > 1B     | 8: cgroup takes a path in double quotes, as in cgroup("a.slice").usage
            cgroup('a.slice').usage > 1B   | 8: ''' has no meaning here; a path stands in double quotes, as in cgroup("a.slice").usage
            cgroup().usage > 1B            | 8: cgroup takes a path in double quotes, as in cgroup("a.slice").usage
            cgroup("a", "b").usage > 1B    | 11: cgroup takes one path, as in cgroup("a.slice").usage
            cgroup("a") > 1B               | 1: which of its signals? write cgroup("a").usage
            cgroup("a"). > 1B              | 14: a signal is missing behind the dot
            cgroup("a).usage > 1B          | 8: this '"' is never closed
            cgroup("a\\x2db").usage > 1B    | 10: a backslash in quotes is written twice: \\\\
            cgroup > 1B                    | 1: "cgroup" takes a path, and a signal behind it; write cgroup("a.slice").usage
            cgroup("a" usage > 1B          | 12: an operator such as > or and is missing before "usage"
            "usage" > 1B                   | 1: a text in quotes is no value; a cgroup is written cgroup("a.slice").usage
            usage > limit "a"              | 15: a text in quotes belongs into cgroup(...), as in cgroup("a.slice").usage
            (usage).limit > 1B             | 8: only a signal of cgroup("...") has a dot in front
            smoothd(usage, 1s) > 1B        | 1: unknown function "smoothd"; did you mean "smoothed"?
            smoothed > 1B                  | 1: "smoothed" is a function; write smoothed(...)
            MemAvailable < 1GiB            | 1: unknown signal "MemAvailable"; did you mean "host.available"?
            """)
    void problemsOfForm(String text, String problem) {
        assertThat(exprProblems(text)).contains(problem);
        assertThat(exprProblems(text)).as("one mistake, one problem").hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void unknownSignalWithNothingNearListsThem() {
        assertThat(exprProblems("temperature > 5"))
                .containsExactly(
                        "1: unknown signal \"temperature\"; some signals are usage, limit, headroom, swap.usage,"
                                + " psi.some, psi.full, pgscan, pgsteal, refault, events.max, host.available, and docs/signals.md"
                                + " has all");
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
