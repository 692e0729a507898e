package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void rendersPlaceLineAndCarets() {
        assertThat(new Problem("a.yaml", 3, 5, "wrong", "abc def ghi", 3).render())
                .isEqualTo("""
                a.yaml:3:5: wrong
                abc def ghi
                    ^^^""");
    }

    @Test
    void tabsAreWideAndWideCharactersToo() {
        assertThat(snippet("\tab", 2, 2)).isEqualTo("    ab\n    ^^");
        assertThat(snippet("a\tb", 2, 1)).isEqualTo("a    b\n ^^^^");
        assertThat(snippet("\u6F6Eab", 2, 1)).isEqualTo("\u6F6Eab\n  ^");
        assertThat(snippet("\u6F6Eab", 1, 1)).isEqualTo("\u6F6Eab\n^^");
        assertThat(snippet("e\u0301x", 3, 1)).isEqualTo("e\u0301x\n ^");
        assertThat(snippet("\uD83D\uDE00x", 2, 1)).isEqualTo("\uD83D\uDE00x\n  ^");
    }

    @Test
    void whatATerminalMustNotSeeIsReplaced() {
        assertThat(snippet("a\u001B[31mb", 1, 1)).isEqualTo("a\uFFFD[31mb\n^");
        assertThat(snippet("a\u202Eb", 3, 1)).isEqualTo("a\uFFFDb\n  ^");
    }

    @Test
    void aPlaceBehindTheLine() {
        assertThat(snippet("abc", 4, 1)).isEqualTo("abc\n   ^");
        assertThat(snippet("", 1, 1)).isEqualTo("\n^");
    }

    @Test
    void longLinesAreCutAroundThePlace() {
        String line = "x".repeat(500);

        assertThat(snippet(line, 1, 2)).isEqualTo("x".repeat(100) + "...\n^^");
        assertThat(snippet(line, 250, 2)).isEqualTo("..." + "x".repeat(100) + "...\n" + " ".repeat(43) + "^^");
        assertThat(snippet(line, 250, 300))
                .isEqualTo("..." + "x".repeat(100) + "...\n" + " ".repeat(43) + "^".repeat(60));
        assertThat(snippet(line, 500, 1)).isEqualTo("..." + "x".repeat(41) + "\n" + " ".repeat(43) + "^");
    }

    @Test
    void anyLineCanBeShown() {
        Gen<Problem> problems = Gen.anyStrings()
                .map(text -> text.repeat(7))
                .with(Gen.ints(1, 400), (line, column) -> new Problem("f", 1, column, "m", line, 1 + column / 2));
        Check.forAll(problems, problem -> {
            String snippet = Snippet.of(problem.sourceLine(), problem.column(), problem.length());
            assertThat(snippet.lines().count()).isEqualTo(2);
            assertThat(snippet).endsWith("^");
        });
    }

    private static String snippet(String line, int column, int length) {
        return Snippet.of(line, column, length);
    }
}
