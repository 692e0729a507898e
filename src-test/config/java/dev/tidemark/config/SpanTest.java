package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.policies;
import static dev.tidemark.config.Reading.problems;
import static dev.tidemark.config.Reading.rendered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Problems in expressions point into the file, however YAML writes the scalar. */
class SpanTest {
    private static final String HEAD = "version: 1\npolicies:\n  - name: a\n    cgroups: [a]\n    stop: usage < 1MiB\n";

    /** Each writes the same expression; {@code usge} is wrong in it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "usage > limit or usge > max",
                "usage > limit\n      or usge > max",
                "usage > limit\n\n      or usge > max",
                "'usage > limit or usge > max'",
                "'usage > limit\n\n     or usge > max'",
                "\"usage > limit or usge > max\"",
                "\"usage\\x20>\\tlimit or usge > max\"",
                "\"usage > lim\\\n     it or usge > max\"",
                "\"usage > limit or\\\n     \\ usge > max\"",
                "\"\\u0075sage > limit \\\n   or usge > max\"",
                "|\n      usage > limit or usge > max",
                "|-\n      usage > limit or\n      usge > max",
                ">\n      usage > limit\n      or usge > max",
                ">2-   # a comment with usge\n       usage > limit\n\n         or usge > max\n\n",
                ">+\n\n      usage > limit or\n      usge > max\n\n",
            })
    void pointsAtTheWord(String scalar) {
        String text = HEAD + "    start: " + scalar + "\n";
        int at = text.lastIndexOf("usge");
        int line = (int) text.substring(0, at).lines().count();
        int column = at - text.lastIndexOf('\n', at);

        assertThat(problems(policies(text))).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("unknown signal \"usge\"; did you mean \"usage\"?");
            assertThat(problem.line()).isEqualTo(line);
            assertThat(problem.column()).isEqualTo(column);
            assertThat(problem.length()).isEqualTo(4);
        });
    }

    @Test
    void columnsCountCodePoints() {
        String text = HEAD + "    start: usage > 1MiB or \uD83D\uDE00\uD83D\uDE00 usge > max\n";

        assertThat(places(policies(text)).getFirst()).startsWith("6:28: ");
        assertThat(places(policies(text)).get(1)).startsWith("6:29: ");
    }

    @Test
    void theEndOfAnExpressionIsBehindItsLastWord() {
        assertThat(rendered(problems(policies(HEAD + "    start: >\n      usage >\n\n"))))
                .isEqualTo("""
                        policy.yaml:7:14: a value is missing at the end
                              usage >
                                     ^""");
        assertThat(rendered(problems(policies(HEAD + "    start: 'usage >'\n"))))
                .isEqualTo("""
                        policy.yaml:6:20: a value is missing at the end
                            start: 'usage >'
                                           ^""");
        assertThat(places(policies(HEAD + "    start: ''\n"))).containsExactly("6:12: a value is missing at the end");
    }

    @Test
    void aProblemAcrossLinesIsMarkedOnItsFirst() {
        assertThat(rendered(problems(policies(HEAD + "    start: |\n      usage\n        > 5%\n"))))
                .isEqualTo("""
                        policy.yaml:7:7: cannot compare bytes with a ratio: "usage" is bytes, "5%" is a ratio; \
                        write usage > 5% of limit
                              usage
                              ^^^^^""");
    }

    /** Whatever is quoted: each visible character of the value is found where it stands in the file. */
    @Test
    void quotedTextIsAligned() {
        Gen<String> words = Gen.strings("ab'\"\\ \u00E9\uD83D\uDE00\t");
        Check.forAll(words, word -> {
            aligned(word, YamlNode.Style.SINGLE_QUOTED, "'" + word.replace("'", "''") + "'");
            aligned(word, YamlNode.Style.DOUBLE_QUOTED, escaped(word, 1));
            aligned(word, YamlNode.Style.DOUBLE_QUOTED, escaped(word, 2));
        });
    }

    private static String escaped(String word, int every) {
        StringBuilder out = new StringBuilder("\"");
        boolean pairs = word.codePoints().anyMatch(Character::isSupplementaryCodePoint);
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            boolean escape = pairs || i % every == 0 || c == '"' || c == '\\';
            out.append(escape ? "\\u%04X".formatted((int) c) : String.valueOf(c));
        }
        return out.append('"').toString();
    }

    private static void aligned(String word, YamlNode.Style style, String written) {
        SourceText source = new SourceText("f", "k: " + written);
        YamlNode.Scalar scalar = new YamlNode.Scalar(word, style, 3, source.length());
        ScalarText text = new ScalarText(source, scalar);
        int column = 0;
        for (int i = 0; i < word.length(); i += Character.charCount(word.codePointAt(i))) {
            if (word.charAt(i) == ' ' || word.charAt(i) == '\t') {
                continue;
            }
            Span span = text.span(i, i + 1);
            assertThat(span.column()).as(written).isGreaterThan(column);
            column = span.column();
            String quote = source.quote(span);
            if (!quote.startsWith("\\") && !quote.equals("''")) {
                assertThat(quote).isEqualTo(Character.toString(word.codePointAt(i)));
            }
        }
    }
}
