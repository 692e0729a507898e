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
            deriv(usage, 5s)         | BYTE_RATE
            ewma(usage, 5s)          | BYTES
            min(psi.some.avg10, 5s)  | RATIO
            mean(rate(pgscan, 5s), 1m) | RATE
            quantile(usage, 95%, 1m) | BYTES
            refault.ratio over 10s   | RATIO
            sum(usage)               | BYTES
            sum(rate(pgscan, 5s))    | RATE
            count(usage > limit)     | COUNT
            count(usage > limit, 5s) | COUNT
            any(usage > limit)       | TRUTH
            cgroup("a").psi.some     | DURATION
            cgroup("a").psi.some over 2s | RATIO
            host.available           | BYTES
            smoothed(psi.some.avg10, 5s) | RATIO
            fill_rate                | BYTE_RATE
            time_to_limit            | DURATION
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
            mean(pgscan, 5s) > 1         | 6: "pgscan" only grows, so mean of it tells nothing; write mean(rate(pgscan, 5s), 1m)
            deriv(pgscan, 5s) > 1/s      | 7: "pgscan" only grows, so deriv of it tells nothing; write rate(pgscan, 5s)
            quantile(2 * pgscan, 9%, 5s) > 1 | 10: "2 * pgscan" only grows, so quantile of it tells nothing; write quantile(rate(2 * pgscan, 5s), 95%, 1m)
            max(cgroup("a").pgscan, 5s) > 1 | 5: "cgroup("a").pgscan" only grows, so max of it tells nothing; write max(rate(cgroup("a").pgscan, 5s), 1m)
            deriv(psi.some.avg10, 5s) > 1 | 7: "psi.some.avg10" is a ratio, and a rate of that has no unit; write delta(...) for its change or over for its mean
            ewma(usage > limit, 5s)      | 6: ewma takes a value but this is a truth
            ewma(5MiB, 5s) > 1B          | 1: a constant does not change over time; leave the window out
            ewma(usage, 5s tumbling) > 1B | 13: ewma has no tumbling windows; leave "tumbling" out
            quantile(usage, 9%, 5s tumbling) > 1B | 21: quantile has no tumbling windows; leave "tumbling" out
            quantile(usage, 101%, 5s) > 1B | 17: 101% is out of range; 0% to 100% are possible
            quantile(usage, 95, 5s) > 1B | 17: 95 is a count but a share is needed; write 95%
            quantile(usage, 0.95, 5s) > 1B | 17: 0.95 is a count but a share is needed; write 95%
            refault.ratio > 5%           | 1: "refault.ratio" has a value only over a window; write refault.ratio over 10s
            max(refault.ratio, 5s) > 5%  | 5: "refault.ratio" has a value only over a window; write refault.ratio over 10s
            sum(refault.ratio) > 5%      | 5: "refault.ratio" has a value only over a window; write refault.ratio over 10s
            cgroup("a").refault.ratio > 5% | 1: "cgroup("a").refault.ratio" has a value only over a window; write cgroup("a").refault.ratio over 10s
            refault.ratio over 5s tumbling > 5% | 20: shares have no tumbling windows; leave "tumbling" out
            count(usage, 5s) > 1         | 7: "count" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            count(usage) > 1             | 7: "count" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            rising(usage)                | 8: "rising" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            rising(usage > limit) for 2s | 1: "rising(usage > limit)" holds for an instant only, and never for a time; leave "for" out
            changed(usage > limit)       | 9: changed takes a value but this is a truth; write rising(...) or falling(...)
            changed(5MiB)                | 9: a constant never changes
            usage then usage > limit within 5s | 1: "then" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            2 of (usage > limit, usage)  | 22: "of" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            3 of (usage > limit, max > 1B) | 1: 3 of 2 conditions; a whole number from 1 to 2 is possible
            0 of (usage > limit)         | 1: 0 of 1 conditions; a whole number from 1 to 1 is possible
            1.5 of (usage > limit, max > 1B) | 1: 1.5 of 2 conditions; a whole number from 1 to 2 is possible
            80 of (limit)                | 1: "of" takes a share; write 80% of ...
            sum(usage > limit) > 1       | 5: sum takes a value but this is a truth; for how many cgroups it holds write count(...)
            any(usage)                   | 5: "any" needs a truth but "usage" is bytes; compare it, as in usage > 80% of limit
            sum(sum(usage)) > 1B         | 5: an aggregate within sum(...) has no meaning; it is of all cgroups already
            sum(host.available) > 1B     | 5: "host.available" is one value, the same for all cgroups; write it without sum(...)
            max(cgroup("a").usage) > 1B  | 5: "cgroup("a").usage" is one value, the same for all cgroups; write it without max(...)
            sum(5MiB) > 1B               | 5: sum(...) is of the cgroups' signals, but here is none
            any(rising(usage > limit))   | 5: "rising(usage > limit)" holds for an instant only, in which nobody looks at all cgroups; write any(rising(usage > limit) hold 1s)
            rate(sum(pgscan), 5s) > 1/s  | 6: "sum(pgscan)" drops whenever a cgroup goes; write sum(rate(pgscan, 5s))
            psi.some.avg10 trigger 1s/2s | 1: "psi.some.avg10" has no trigger; triggers are psi.some, psi.full, psi.io.some, psi.io.full, psi.cpu.some, psi.cpu.full
            host.psi.some trigger 1s/2s  | 1: "host.psi.some" has no trigger; a trigger is of the cgroup itself, as in psi.some trigger 150ms/1s
            psi.some trigger 1s/100ms    | 21: a trigger's window is 500ms to 10s, which is the kernel's range
            psi.some trigger 1s/11s      | 21: a trigger's window is 500ms to 10s, which is the kernel's range
            psi.some trigger 2s/1s       | 18: a trigger's stall is 1us to its window
            psi.some trigger 10ns/1s     | 18: a trigger's stall is 1us to its window
            cgroup("a").host.available > 1B | 13: "host.available" is the host's; write it without cgroup(...)
            cgroup("/a").usage > 1B      | 8: paths are relative to the cgroup root; write them without the leading '/'
            cgroup("a/*").usage > 1B     | 8: here is the path of one cgroup; * ? [ ] { } are not possible
            cgroup("").usage > 1B        | 8: the root has no limits and events of its own; for the host write host.available
            smoothed(usage) > 1B         | 1: smoothed: a value and a time are needed, as in smoothed(usage, 30s)
            smoothed(usage, 5) > 1B      | 1: smoothed: a value and a time are needed, as in smoothed(usage, 30s)
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
