package dev.tidemark.config;

import static dev.tidemark.config.Reading.expr;
import static dev.tidemark.config.Reading.exprProblems;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TyperTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            usage                    | BYTES
            usage / limit            | RATIO
            usage / 2                | BYTES
            usage / 50%              | BYTES
            2 * usage                | BYTES
            usage * 2                | BYTES
            5% * 5%                  | RATIO
            5% * pgscan              | COUNT
            pgscan * 5%              | COUNT
            pgscan * 1page           | BYTES
            pgscan / pgsteal         | RATIO
            usage / 5s               | BYTE_RATE
            pgscan / 5s              | RATE
            1000/s * 5s              | COUNT
            5s * 4MiB/s              | BYTES
            usage / 4MiB/s           | DURATION
            pgscan / 1000/s          | DURATION
            psi.some                 | DURATION
            psi.some over 2s         | RATIO
            rate(psi.some, 2s)       | RATIO
            delta(psi.some, 2s)      | DURATION
            rate(usage, 2s)          | BYTE_RATE
            delta(usage, 2s)         | BYTES
            rate(pgscan, 2s)         | RATE
            rate(pgscan, 2s) over 9s | RATE
            psi.some.avg10 over 2s   | RATIO
            pgscan over 2s           | COUNT
            32pages/s                | BYTE_RATE
            usage > limit            | TRUTH
            """)
    void unitOf(String text, Unit unit) {
        assertThat(expr(text).unit()).isEqualTo(unit);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            psi.some over 2s             | RATE
            (psi.some + psi.full) over 2s| RATE
            pgscan over 2s               | DELTA
            3 * pgscan over 2s           | DELTA
            (3 * pgscan) over 2s         | DELTA
            (pgscan / 2) over 2s         | DELTA
            (pgscan / pgsteal) over 2s   | MEAN
            usage over 2s                | MEAN
            (-usage) over 2s             | MEAN
            (-pgscan) over 2s            | DELTA
            """)
    void overIsChangeOfWhatGrowsAndMeanOfTheRest(String text, Expr.Window window) {
        Expr expr = expr(text);
        while (expr instanceof Expr.Arithmetic arithmetic) {
            expr = arithmetic.right();
        }
        assertThat(expr).isInstanceOfSatisfying(Expr.Windowed.class, windowed -> {
            assertThat(windowed.window()).isEqualTo(window);
            assertThat(windowed.over()).isEqualTo(Duration.ofSeconds(2));
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            psi.some > 1%                | 1: cannot compare a duration with a ratio: "psi.some" is a duration that only grows, "1%" is a ratio; write psi.some over 2s > 1%
            1% < psi.full                | 1: cannot compare a ratio with a duration: "1%" is a ratio, "psi.full" is a duration that only grows; write 1% < psi.full over 2s
            pgscan > 1000/s              | 1: cannot compare a count with a rate: "pgscan" is a count that only grows, "1000/s" is a rate; write rate(pgscan, 5s) > 1000/s
            4MiB/s < usage               | 1: cannot compare bytes per second with bytes: "4MiB/s" is bytes per second, "usage" is bytes; write 4MiB/s < rate(usage, 5s)
            usage > 64                   | 1: cannot compare bytes with a count: "usage" is bytes, "64" is a count; give the number a unit: 64MiB or 64B
            5 < psi.some.avg10           | 1: cannot compare a count with a ratio: "5" is a count, "psi.some.avg10" is a ratio; give the number a unit: 5%
            rate(pgscan, 5s) > 1000      | 1: cannot compare a rate with a count: "rate(pgscan, 5s)" is a rate, "1000" is a count; give the number a unit: 1000/s
            rate(usage, 5s) > 10         | 1: cannot compare bytes per second with a count: "rate(usage, 5s)" is bytes per second, "10" is a count; give the number a unit: 10MiB/s
            delta(psi.some, 5s) > 10     | 1: cannot compare a duration with a count: "delta(psi.some, 5s)" is a duration, "10" is a count; give the number a unit: 10ms or 10s
            usage > 80%                  | 1: cannot compare bytes with a ratio: "usage" is bytes, "80%" is a ratio; write usage > 80% of limit
            usage > pgscan               | 1: cannot compare bytes with a count: "usage" is bytes, "pgscan" is a count that only grows
            usage > 5s                   | 1: cannot compare bytes with a duration: "usage" is bytes, "5s" is a duration
            (usage > limit) > 3          | 1: "(usage > limit)" is a truth already and cannot be compared; combine truths with and, or, not
            usage and usage > limit      | 1: "and" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            usage > limit or 5%          | 18: "or" needs a truth but "5%" is a ratio; compare it with something of its kind
            not usage                    | 5: "not" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            usage for 2s                 | 1: "for" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            pgscan hold 2s               | 1: "hold" needs a truth but "pgscan" is a count; compare it with something of its kind
            (usage > limit) over 2s      | 1: "over" takes a value but this is a truth; for how long it held write "for"
            rate(usage > limit, 2s)      | 6: rate takes a value but this is a truth
            rate(psi.some.avg10, 2s)     | 6: "psi.some.avg10" is a ratio, and a rate of that has no unit; write delta(...) for its change or over for its mean
            5MiB over 2s                 | 1: a constant does not change over time; leave the window out
            delta(2 * 5MiB, 2s)          | 1: a constant does not change over time; leave the window out
            usage + 10%                  | 1: cannot add bytes and a ratio: "usage" is bytes, "10%" is a ratio; write 10% of usage
            usage - 10                   | 1: cannot subtract bytes and a count: "usage" is bytes, "10" is a count; give the number a unit: 10MiB or 10B
            usage * limit                | 1: cannot multiply bytes and bytes: "usage" is bytes, "limit" is bytes
            2 / usage                    | 1: cannot divide a count and bytes: "2" is a count, "usage" is bytes
            usage / 0                    | 1: division by zero
            80 of limit                  | 1: "of" takes a share; write 80% of ...
            usage of limit               | 1: "of" takes a share such as 80% on its left but "usage" is bytes
            -(usage > limit)             | 1: a truth has no sign; write not instead of -
            (usage > limit) + 1          | 1: cannot add truths: "(usage > limit)"
            """)
    void whatDoesNotFit(String text, String problem) {
        assertThat(exprProblems(text)).containsExactly(problem);
    }

    @Test
    void literalValuesAreInBaseUnits() {
        assertThat(value("1.5KiB")).isEqualTo(1536);
        assertThat(value("2K")).isEqualTo(2048);
        assertThat(value("3T")).isEqualTo(3.0 * (1L << 40));
        assertThat(value("2pages")).isEqualTo(8192);
        assertThat(value("5%")).isEqualTo(0.05);
        assertThat(value("200ms")).isEqualTo(0.2);
        assertThat(value("7us")).isEqualTo(7e-6);
        assertThat(value("7ns")).isEqualTo(7e-9);
        assertThat(value("2m")).isEqualTo(120);
        assertThat(value("2h")).isEqualTo(7200);
        assertThat(value("60/m")).isEqualTo(1);
        assertThat(value("1MiB/ms")).isEqualTo(1048576e3);
        assertThat(value("10ms/s")).isEqualTo(0.01);
    }

    private static double value(String literal) {
        return ((Expr.Literal) expr(literal)).value();
    }
}
