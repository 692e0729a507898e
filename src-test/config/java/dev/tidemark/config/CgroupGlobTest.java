package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupGlobTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a                | a               | true
            a                | b               | false
            a                | a/b             | false
            a                | ``              | false
            *                | a               | true
            *                | a/b             | false
            *.service        | x.service       | true
            *.service        | .service        | true
            *.service        | x.slice         | false
            a*b*c            | abbbc           | true
            a*b*c            | acb             | false
            a?               | ab              | true
            a?               | a               | false
            a/*/c            | a/b/c           | true
            a/*/c            | a/c             | false
            **               | a               | true
            **               | a/b/c           | true
            **               | ``              | false
            a/**             | a               | false
            a/**             | a/b             | true
            a/**             | a/b/c           | true
            a/**/c           | a/c             | true
            a/**/c           | a/x/y/c         | true
            a/**/c           | a/x/y/d         | false
            **/x/**/y        | b/x/c/d/y       | true
            **/x/**/y        | x/y             | true
            [ab]x            | bx              | true
            [a-c]x           | bx              | true
            [!a-c]x          | bx              | false
            [^a-c]x          | dx              | true
            []]x             | ]x              | true
            [a-]x            | -x              | true
            [*]              | *               | true
            [*]              | a               | false
            {a,b}/c          | b/c             | true
            {a,b/c}.x        | b/c.x           | true
            {a,b}{1,2}       | b1              | true
            {a,b}{1,2}       | b3              | false
            x[{]y            | x{y             | true
            dev-\\x2d*       | dev-\\x2da      | true
            b\u00FCro-?      | b\u00FCro-\u00E9 | true
            """)
    void matches(String pattern, String path, boolean expected) {
        assertThat(new CgroupGlob(pattern).matches(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b.service", "a*", "a?/[b]", "{a,b}", "dev-\\x2da", "]a", "a**b/c"})
    void exactly_isThatPathAndNoOther(String path) {
        CgroupGlob glob = CgroupGlob.exactly(path);

        assertThat(glob.matches(path)).isTrue();
        assertThat(glob.matches(path + "/x")).isFalse();
        assertThat(glob.matches(path + "x")).isFalse();
        assertThat(glob.matches(path.replaceAll("[*?]", "x")))
                .isEqualTo(path.indexOf('*') < 0 && path.indexOf('?') < 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a/b/c   | ``     | true
            a/b/c   | a      | true
            a/b/c   | a/b    | true
            a/b/c   | a/b/c  | false
            a/b/c   | b      | false
            a/**    | a      | true
            a/**    | a/b/c  | true
            a/**    | b      | false
            **/c    | x/y    | true
            {a,b/c} | b      | true
            {a,b/c} | a      | false
            """)
    void reaches(String pattern, String path, boolean expected) {
        assertThat(new CgroupGlob(pattern).reaches(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                  | the pattern is empty; ** stands for every cgroup below the root
            /a                  | paths are relative to the cgroup root; write them without the leading '/'
            /sys/fs/cgroup/a    | paths are relative to the cgroup root; write them without the leading '/' and without sys/fs/cgroup
            a/                  | a pattern must not end with '/'; add ** for everything below
            a//b                | there is nothing between two slashes
            a/../b              | '..' is no cgroup's name; write the path from the root
            a**                 | ** must stand alone between slashes; within a name write *
            [a                  | the '[' is never closed; write [a-z], or [[] for the character
            [a/b]               | the '[' is never closed; write [a-z], or [[] for the character
            [z-a]               | the range 'z' to 'a' is the wrong way round
            {a                  | the '{' is never closed; write {a,b}, or [{] for the character
            a}                  | a '}' without '{'; write [}] for the character
            {a,{b,c}}           | braces inside braces are not supported; write the alternatives out
            {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b} | the braces make more than 64 alternatives; use several patterns
            """)
    void whatIsNoPattern(String pattern, String message) {
        assertThatThrownBy(() -> new CgroupGlob(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void boundedLengthAndDepth() {
        assertThatThrownBy(() -> new CgroupGlob("a".repeat(513)))
                .hasMessage("a pattern has at most 512 characters but this one has 513");
        assertThatThrownBy(() -> new CgroupGlob("a/".repeat(62) + "a"))
                .hasMessage("a pattern has at most 62 components");
        assertThat(new CgroupGlob("**/".repeat(61) + "b").matches("a/".repeat(100) + "b"))
                .isTrue();
        assertThat(new CgroupGlob("*a".repeat(250) + "b").matches("a".repeat(255)))
                .isFalse();
    }

    /** Whatever the pattern: it is refused with a message or works, and what matches is reached from above. */
    @Test
    void aboveAMatchEverythingReaches() {
        Gen<String> patterns = Gen.strings("ab/*?[]{},!-");
        Gen<String> paths = Gen.lists(Gen.of("a", "b", "ab", "ba")).map(names -> String.join("/", names));
        Check.forAll(patterns.with(paths, (pattern, path) -> new String[] {pattern, path}), pair -> {
            CgroupGlob glob;
            try {
                glob = new CgroupGlob(pair[0]);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
                return;
            }
            String path = pair[1];
            if (glob.matches(path)) {
                for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
                    assertThat(glob.reaches(path.substring(0, slash))).isTrue();
                }
                assertThat(glob.reaches("")).isTrue();
            }
        });
    }
}
