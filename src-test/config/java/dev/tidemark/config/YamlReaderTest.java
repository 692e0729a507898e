package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.policies;
import static dev.tidemark.config.Reading.problems;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# only a comment\n", "---\n", "~", "\uFEFF"})
    void emptyFile(String text) {
        assertThat(problems(policies(text))).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("the file is empty");
            assertThat(problem.line()).isEqualTo(1);
            assertThat(problem.column()).isEqualTo(1);
        });
    }

    @Test
    void notAMapping() {
        assertThat(places(policies("just words")))
                .containsExactly(
                        "1:1: a policy file is a mapping with the keys version, let, policies, workqueue, limits,"
                                + " but here is a single value");
        assertThat(places(policies("- version: 1")))
                .containsExactly(
                        "1:1: a policy file is a mapping with the keys version, let, policies, workqueue, limits,"
                                + " but here is a list");
        assertThat(places(policies("? [a, b]\n: 1\nversion: 1\npolicies: 3")))
                .containsExactly(
                        "1:3: a key must be a word but this is a list",
                        "4:11: policies is a list but here is a single value; write [3]");
    }

    @Test
    void whatYamlHasAndWeDoNot() {
        assertThat(places(policies("version: &v 1\npolicies: *v\n")))
                .containsExactly(
                        "1:10: anchors are not supported; write the value out where it is needed",
                        "2:11: aliases are not supported; write the value out");
        assertThat(places(policies("version: !!int 1\npolicies: []\n")))
                .containsExactly(
                        "1:10: tags such as \"tag:yaml.org,2002:int\" are not supported; leave it out",
                        "2:11: policies is empty; it needs at least one");
        assertThat(places(policies(PolicyFileTest.SMALLEST + "---\nversion: 1\n")))
                .containsExactly("7:1: a second document starts here; a file is one document");
        assertThat(places(policies(PolicyFileTest.SMALLEST + "<<: {a: b}\n")))
                .containsExactly(
                        "7:1: unknown key \"<<\" in a policy file; keys are version, let, policies, workqueue, limits");
    }

    @Test
    void brokenYaml() {
        assertThat(places(policies("version: 1\n\tpolicies: []\n")))
                .containsExactly("2:1: YAML does not take a tab here; indent with spaces");
        assertThat(places(policies("version: 1\nstart: %usage\n")))
                .containsExactly("2:8: a value cannot start with '%' in YAML; put it in quotes");
        assertThat(places(policies("version: 1\nstart: a: b\n")))
                .containsExactly("2:9: not valid YAML: a \": \" is not allowed here; put the value in quotes,"
                        + " or check the indentation");
        assertThat(problems(policies("version: [1\n"))).hasSize(1);
        assertThat(problems(policies("version: \"1\n"))).hasSize(1);
        assertThat(places(policies("version: \u0001\n")))
                .containsExactly("1:10: the character U+0001 is not allowed in YAML");
        assertThat(places(policies("version: \uD800\n")))
                .containsExactly("1:10: the character U+D800 is not allowed in YAML");
    }

    @Test
    void bombsAreRefusedQuickly() {
        assertThat(places(policies("[".repeat(100_000)))).containsExactly("1:17: nested more than 16 deep");
        assertThat(places(policies("{a: ".repeat(100_000)))).containsExactly("1:65: nested more than 16 deep");
        assertThat(problems(policies("- ".repeat(100_000)))).hasSize(1);
        StringBuilder laughs = new StringBuilder("a: &a [x, x]\n");
        for (char c = 'b'; c <= 'z'; c++) {
            laughs.append("%1$c: &%1$c [*%2$c, *%2$c, *%2$c, *%2$c]\n".formatted(c, c - 1));
        }
        assertThat(problems(policies(laughs.toString()))).hasSize(100);
        assertThat(places(policies("#".repeat(YamlReader.MAX_LENGTH + 1))))
                .containsExactly("1:1: the file has more than 4194304 characters; split it");
    }
}
