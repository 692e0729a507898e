package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyTestSchemaTest {

    private static final Path SHIPPED = Path.of("..", "docs", "policy-test.schema.json");
    private static final Path POLICIES = Path.of("..", "policies");

    private static final URI ID = URI.create("https://tidemark.dev/policy-test.schema.json");
    private static final Validator VALIDATOR = validator();

    private static Validator validator() {
        Validator validator =
                new ValidatorFactory().withJsonNodeFactory(PlainJson.FACTORY).createValidator();
        validator.registerSchema(ID, PolicyTestSchema.json());
        return validator;
    }

    /** What the schema has against a file, by place. */
    static List<String> complaints(String text) {
        return VALIDATOR.validate(ID, PlainJson.FACTORY.create(text)).getErrors().stream()
                .map(error -> error.getInstanceLocation() + " " + error.getError())
                .toList();
    }

    @Test
    void theShippedSchemaIsTheGenerated() throws IOException {
        assertThat(Files.readString(SHIPPED))
                .as(
                        "docs/policy-test.schema.json; make it anew with: tidemark schema --tests > docs/policy-test.schema.json")
                .isEqualTo(PolicyTestSchema.json());
    }

    static Stream<Path> testFiles() throws IOException {
        try (Stream<Path> files = Files.list(POLICIES)) {
            return files.filter(file -> file.toString().endsWith(".test.yaml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("testFiles")
    void theTestsOfReadyMadePoliciesConform(Path file) throws IOException {
        assertThat(complaints(Files.readString(file))).isEmpty();
    }

    @Test
    void aFileWithEverythingConforms() {
        assertThat(complaints(PolicyTestFileTest.FULL)).isEmpty();
        assertThat(PolicyTestFileTest.parse(PolicyTestFileTest.FULL)).isInstanceOf(Checked.Valid.class);
    }

    /** Made wrong in a matter of structure, each time at one place. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: 1                | version: 2",
                "policies: [p.yaml, other.yaml] | policies: []",
                "policies: [p.yaml, other.yaml] | policy: p.yaml",
                "name: all there is        | title: all there is",
                "name: all there is        | name: ''",
                "interval: 500ms           | interval: 500",
                "memory: 32GiB             | memory: 32GB",
                "duration: 1m              | duration: soon",
                "usage: 0x6 12MiB          | usge: 0x6 12MiB",
                "usage: 0x6 12MiB          | headroom: 0x6 12MiB",
                "usage: 0x6 12MiB          | usage: 0x6 -12MiB",
                "usage: 0x6 12MiB          | usage: 0x6,12MiB",
                "appears: [0s, 30s]        | appears: []",
                "gone: 20s                 | gone: 20",
                "host.total: 32GiB         | limit: 32GiB",
                "answer: again             | answer: eagain",
                "frees: 50%                | frees: 50",
                "takes: 20ms               | takes: long",
                "at: 3s                    | at: 3",
                "at: 3s                    | when: 3s",
                "state: pending            | state: waiting",
                "cause: start              | cause: started",
                "outcome: success          | outcome: ok",
                "held: floor               | held: [floor]",
                "reclaim: {}               | reclaim: { count: 3 }",
                "signals: { usage: 1GiB }  | signals: {}",
                "signals: { usage: 1GiB }  | signals: { use: 1GiB }"
            })
    void wrongStructuresAreRefusedByBoth(String right, String wrong) {
        String text = PolicyTestFileTest.FULL.replace(right, wrong);

        assertThat(text).isNotEqualTo(PolicyTestFileTest.FULL);
        assertThat(complaints(text)).as("schema").isNotEmpty();
        assertThat(PolicyTestFileTest.parse(text)).as("reader").isInstanceOf(Checked.Invalid.class);
    }
}
