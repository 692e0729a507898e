package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.test.TextReport;
import dev.tidemark.agent.test.Verdict;
import dev.tidemark.config.Checked;
import dev.tidemark.config.PolicyTest;
import dev.tidemark.config.PolicyTest.Script;
import dev.tidemark.config.PolicyTestFile;
import dev.tidemark.config.PolicyTestSchema;
import dev.tidemark.config.Problem;
import dev.tidemark.config.Series;
import dev.tidemark.config.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The examples of docs/testing.md do what it says. */
class TestingDocTest {

    private static final Path DOCS = Path.of("..", "docs", "testing.md");

    private record Block(String kind, String text) {}

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher fences = Pattern.compile("(?ms)^```([a-z ]+)\n(.*?)^```$").matcher(Files.readString(DOCS));
        while (fences.find()) {
            blocks.add(new Block(fences.group(1), fences.group(2)));
        }
        return blocks;
    }

    private static List<String> texts(String kind) throws IOException {
        List<String> texts = blocks().stream()
                .filter(block -> block.kind().equals(kind))
                .map(Block::text)
                .toList();
        assertThat(texts).as("blocks of %s", kind).isNotEmpty();
        return texts;
    }

    private static Map<String, String> files() throws IOException {
        return Map.of(
                "batch.yaml", texts("yaml policy").getFirst(),
                "writer.scenario.yaml", texts("yaml scenario").getFirst());
    }

    @Test
    void allBlocksAreOfAKindThatIsTested() throws IOException {
        assertThat(blocks())
                .extracting(Block::kind)
                .containsOnly("yaml policy", "yaml scenario", "yaml test", "yaml failing", "yaml wrong", "text");
    }

    @Test
    void testsPass() throws IOException {
        for (String text : texts("yaml test")) {
            for (PolicyTest test : PolicyTests.read(text, files())) {
                Verdict verdict = PolicyTests.run(test);

                assertThat(verdict.passed())
                        .as(new TextReport(false, false).of(PolicyTests.FILE, verdict))
                        .isTrue();
            }
        }
    }

    @Test
    void theFailingOneGivesTheShownReport() throws IOException {
        PolicyTest test =
                PolicyTests.read(texts("yaml failing").getFirst(), files()).getFirst();

        assertThat(new TextReport(false, false)
                        .of(PolicyTests.FILE, PolicyTests.run(test))
                        .stripTrailing())
                .isEqualTo(texts("text").getFirst().stripTrailing());
    }

    @Test
    void theWrongOneGivesTheShownProblems() throws IOException {
        Checked<PolicyTestFile> checked = PolicyTests.parse(texts("yaml wrong").getFirst(), files());

        assertThat(checked).isInstanceOf(Checked.Invalid.class);
        if (checked instanceof Checked.Invalid<PolicyTestFile>(List<Problem> problems)) {
            assertThat(problems.stream().map(Problem::render).collect(Collectors.joining("\n")))
                    .isEqualTo(texts("text").getLast().stripTrailing());
        }
    }

    /** Rows with two examples in a row: what is written, and what that is. */
    @Test
    void theNotationIsWhatTheTableSays() throws IOException {
        Matcher rows = Pattern.compile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| [^|]+ \\|$")
                .matcher(Files.readString(DOCS));
        int seen = 0;
        while (rows.find()) {
            seen++;
            String text = """
                    version: 1
                    policies: batch.yaml
                    tests:
                      - name: t
                        series: { batch.slice/a: { usage: %s } }
                        expect: [{ state: inactive }]
                    """.formatted(rows.group(1));
            Script script = (Script) PolicyTests.read(text, files()).getFirst().input();
            Series series = script.cgroups().getFirst().series().get(Signal.USAGE);
            assertThat(series).isNotNull();
            if (series != null) {
                assertThat(IntStream.range(0, series.length())
                                .mapToDouble(series::at)
                                .mapToObj(value -> Double.isNaN(value)
                                        ? "_"
                                        : series.unit().format(value)))
                        .containsExactly(rows.group(2).split(" "));
            }
        }
        assertThat(seen).isEqualTo(8);
    }

    @Test
    void everyKeyAndWordIsThere() throws IOException {
        String docs = Files.readString(DOCS);
        Set<String> keys = new HashSet<>();
        Matcher properties =
                Pattern.compile("\"([a-z_]+)\": \\{\\s+\"description\"").matcher(PolicyTestSchema.json());
        while (properties.find()) {
            keys.add(properties.group(1));
        }
        // All lists of words but the signals', which have a document of their own.
        String schema = PolicyTestSchema.json();
        Matcher enums =
                Pattern.compile("\"enum\": \\[([^\\]]*)]").matcher(schema.substring(0, schema.indexOf("\"$defs\"")));
        while (enums.find()) {
            for (String word : enums.group(1).split(", ", -1)) {
                keys.add(word.replace("\"", ""));
            }
        }

        assertThat(keys).hasSizeGreaterThan(40);
        assertThat(keys).allSatisfy(key -> assertThat(docs).contains('`' + key + '`'));
    }
}
