package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.policies;
import static dev.tidemark.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names for expressions. */
class LetTest {
    private static String file(String let, String start) {
        return "version: 1\nlet:\n" + let.indent(2) + """
                policies:
                  - name: batch
                    cgroups: [a]
                    start: %s
                    stop: usage < 50%% of limit
                """.formatted(start);
    }

    private static Expr start(String let, String start) {
        return valid(file(let, start)).policies().getFirst().start();
    }

    @Test
    void aNameStandsForItsExpression() {
        Expr start = start("""
                mark: 80% of limit
                room: 64MiB
                busy: psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s
                full: usage > mark - room
                """, "full or busy for 1s");

        assertThat(start)
                .hasToString("usage > 80% of limit - 64MiB or"
                        + " (rate(psi.some.total, 2s) > 1% and rate(pgscan, 5s) > 1000/s) for 1s");
        assertThat(start.children().getFirst()).isInstanceOfSatisfying(Expr.Named.class, named -> {
            assertThat(named.name()).isEqualTo("full");
            assertThat(named.span()).isEqualTo(new Span(10, 12, 4));
            assertThat(named.body().span().line()).isEqualTo(6);
        });
    }

    /** What is printed reads back as the same, however tightly the name's expression binds. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            usage + dirty      | x > 5MiB                    | usage + dirty > 5MiB
            usage + dirty      | 2 * x > 5MiB                | 2 * (usage + dirty) > 5MiB
            80%                | usage > x of limit          | usage > 80% of limit
            80%                | usage > x * limit           | usage > 80% of limit
            usage + dirty      | x over 2s > 5MiB            | (usage + dirty) over 2s > 5MiB
            pgscan             | x over 2s > 5               | delta(pgscan, 2s) > 5
            psi.some           | x over 2s > 5%              | rate(psi.some.total, 2s) > 5%
            -usage             | -x > 5MiB                   | --usage > 5MiB
            usage > limit or usage > max | x and x           | (usage > limit or usage > max) and (usage > limit or usage > max)
            usage > limit or usage > max | (x) for 2s        | (usage > limit or usage > max) for 2s
            2s                 | usage > limit hold x        | usage > limit hold 2s
            2s                 | delta(pgscan, x tumbling) > 5 | delta(pgscan, 2s tumbling) > 5
            500ms              | psi.some trigger x/1s       | psi.some trigger 500ms/1s
            """)
    void printedWrittenOut(String let, String start, String printed) {
        assertThat(start("x: " + let, start)).hasToString(printed);
        assertThat(Reading.expr(printed)).hasToString(printed);
    }

    @Test
    void aPolicyHasNamesOfItsOwn() {
        PolicyFile file = valid("""
                version: 1
                policies:
                  - name: one
                    cgroups: [a]
                    let: {twice: 2 * high_mark}
                    start: usage > twice
                    stop: usage < own
                  - name: two
                    cgroups: [b]
                    let:
                      own: 3
                    start: pgscan > own
                    stop: usage < high_mark
                let:
                  high_mark: 80% of limit
                """.replace("usage < own", "usage < high_mark"));

        assertThat(file.policies().getFirst().start()).hasToString("usage > 2 * (80% of limit)");
        assertThat(file.policies().get(1).start()).hasToString("pgscan > 3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a: a + 5MiB                     | 3:6: "a" is made of itself
            a: usage > b                    | 3:14: "b" is made further down, in line 4; a name may use those above it
            usage: limit                    | 3:3: "usage" is a signal; choose another name
            max: b                          | 3:3: "max" is a word of the language; choose another name;3:8: "b" is made further down, in line 4; a name may use those above it
            psi.some: limit                 | 3:3: a name in let is 1 to 63 lower-case letters, digits and _, a letter first
            rate: limit                     | 3:3: "rate" is a word of the language; choose another name
            then: limit                     | 3:3: "then" is a word of the language; choose another name
            high-mark: limit                | 3:3: a name in let is 1 to 63 lower-case letters, digits and _, a letter first
            smoothed: limit                 | 3:3: "smoothed" is a function; choose another name
            a: usage > lmit                 | 3:14: unknown signal "lmit"; did you mean "limit"?
            a: [usage]                      | 3:6: a is a single value but here is a list
            a:                              | 3:5: a has no value
            a: refault.ratio                | 3:6: "refault.ratio" has a value only over a window; write refault.ratio over 10s
            """)
    void whatIsWrongWithANameIsToldWhereItStands(String let, String problem) {
        assertThat(String.join(";", places(policies(file(let + "\nb: usage > 5MiB", "b")))))
                .isEqualTo(problem);
    }

    @Test
    void everyNameIsUsed() {
        assertThat(places(policies(file("a: usage > 5MiB\nb: a\nc: a and b\nd: usage > 1MiB", "d"))))
                .containsExactly(
                        "3:3: nothing uses \"a\"; leave it out",
                        "4:3: nothing uses \"b\"; leave it out",
                        "5:3: nothing uses \"c\"; leave it out");
        assertThat(places(policies(file("a: usage > 5MiB\nb: a", "b")))).isEmpty();
        // Not when something could not be read: it may have used the name.
        assertThat(places(policies(file("a: usage > 5MiB", "usge > 5MiB"))))
                .containsExactly("7:12: unknown signal \"usge\"; did you mean \"usage\"?");
    }

    @Test
    void namesAreNotMadeTwice() {
        assertThat(places(policies(file("a: usage > 5MiB\na: usage > 6MiB", "a"))))
                .containsExactly("4:3: the key \"a\" is here twice; it is already in line 3");
        assertThat(places(policies(file("a: usage > 5MiB", "a\n    let: {a: usage > 6MiB}"))))
                .containsExactly("8:11: \"a\" is made in line 3 already; choose another name");
        assertThat(places(policies("version: 1\nlet: [a]\n" + PolicyFileTest.SMALLEST.substring(11))))
                .containsExactly("2:6: let is a mapping from names to expressions, but here is a list");
    }

    @Test
    void namesTakeNoArgumentsAndAreSuggested() {
        assertThat(places(policies(file("mark: 80% of limit", "usage > mark(5s)"))))
                .containsExactly("7:20: \"mark\" is a name from let, which takes no arguments");
        assertThat(places(policies(file("low_mark: 80% of limit", "usage > lo_mark"))))
                .containsExactly("7:20: unknown signal \"lo_mark\"; did you mean \"low_mark\"?");
        assertThat(places(policies(file("mark: 80% of limit", "usage > limit for mark or usage > mark"))))
                .containsExactly("7:30: \"mark\" is no plain duration but one is needed; write for 2s");
    }

    /** Sixty names that each use the one before twice would be 2^60 parts. */
    @Test
    void aChainOfNamesDoesNotExplode() {
        List<String> lines = new ArrayList<>(List.of("n0: usage > 5MiB"));
        for (int i = 1; i <= 60; i++) {
            lines.add("n%d: n%d and n%2$d".formatted(i, i - 1));
        }

        assertThat(places(policies(file(String.join("\n", lines), "n60"))))
                .containsExactly("11:7: this has 1533 parts with all names written out; at most 1000 are possible");
    }

    @Test
    void aDeepChainOfNamesIsRefused() {
        List<String> lines = new ArrayList<>(List.of("n0: usage > 5MiB"));
        for (int i = 1; i <= 200; i++) {
            lines.add("n%d: not n%d".formatted(i, i - 1));
        }

        assertThat(places(policies(file(String.join("\n", lines), "n200"))))
                .containsExactly(
                        "67:8: this has 130 parts inside one another with all names written out; at most 128 are possible");
    }
}
