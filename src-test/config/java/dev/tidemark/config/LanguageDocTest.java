package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of docs/language.md do what it says, and so do those of docs/laws.md and docs/guards.md. */
class LanguageDocTest {
    private static final Path DOCS = Path.of("..", "docs", "language.md");
    private static final Path LAWS = Path.of("..", "docs", "laws.md");
    private static final Path ACTIONS = Path.of("..", "docs", "actions.md");
    private static final Path GUARDS = Path.of("..", "docs", "guards.md");
    private static final Path SMOOTHED = Path.of("..", "src-test", "config", "java", "example", "Smoothed.java");

    /**
     * @param kind what stands behind the opening fence
     */
    private record Block(String kind, String text) {}

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        String all =
                Files.readString(DOCS) + Files.readString(LAWS) + Files.readString(ACTIONS) + Files.readString(GUARDS);
        Matcher fences = Pattern.compile("(?ms)^```([a-z ]+)\n(.*?)^```$").matcher(all);
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

    @Test
    void allBlocksAreOfAKindThatIsTested() throws IOException {
        assertThat(blocks())
                .extracting(Block::kind)
                .containsOnly("yaml", "yaml wrong", "text", "expr", "wrong", "java");
    }

    @Test
    void policyFilesAreValidAndConformToTheSchema() throws IOException {
        for (String text : texts("yaml")) {
            assertThat(Reading.valid(text).policies()).isNotEmpty();
            assertThat(PolicySchemaTest.complaints(text)).isEmpty();
        }
    }

    @Test
    void wrongFilesGiveTheShownReport() throws IOException {
        List<String> files = texts("yaml wrong");
        List<String> reports = texts("text");

        assertThat(files).hasSameSizeAs(reports);
        for (int i = 0; i < files.size(); i++) {
            assertThat(Reading.rendered(Reading.problems(Reading.policies(files.get(i)))) + "\n")
                    .isEqualTo(reports.get(i));
        }
    }

    @Test
    void expressionsAreValid() throws IOException {
        for (String text : texts("expr")) {
            text.lines().forEach(line -> assertThat(Reading.expr(line).unit()).isEqualTo(Unit.TRUTH));
        }
    }

    /** Each is followed by the problems with it, indented. */
    @Test
    void wrongExpressionsGiveTheShownProblems() throws IOException {
        for (String text : texts("wrong")) {
            List<String> lines = text.lines().toList();
            for (int i = 0; i < lines.size(); ) {
                String expression = lines.get(i++);
                List<String> shown = new ArrayList<>();
                while (i < lines.size() && lines.get(i).startsWith("  ")) {
                    shown.add(lines.get(i++).strip());
                }
                assertThat(Reading.exprProblems(expression)).as(expression).isEqualTo(shown);
            }
        }
    }

    @Test
    void theJavaExampleIsTheOneThatIsTested() throws IOException {
        assertThat(texts("java")).containsExactly(Files.readString(SMOOTHED));
    }

    @Test
    void everyOperatorHasAnExampleThatIsValid() throws IOException {
        String section = section("## Operators");
        StringBuilder all = new StringBuilder();
        for (String row :
                section.lines().filter(line -> line.startsWith("| ")).skip(2).toList()) {
            String[] cells = row.split(" \\| ", -1);
            String example = cells[cells.length - 1].replaceAll("[|` ]*$|^`", "");
            assertThat(Reading.expr(example).unit()).as(example).isEqualTo(Unit.TRUTH);
            all.append(example).append('\n');
        }
        assertThat(all).contains(Operation.NAMES).contains(Words.KEYWORDS);
    }

    @Test
    void everyKeyIsInATable() throws IOException {
        String table = Files.readString(DOCS) + Files.readString(LAWS) + Files.readString(GUARDS);
        Set<String> keys = new HashSet<>();
        collect(PolicySchema.json(), keys);

        assertThat(keys).hasSizeGreaterThan(20);
        assertThat(keys).allSatisfy(key -> assertThat(table).containsPattern("(?m)^\\| `([a-z]+\\.)?" + key + "[`.]"));
    }

    private static void collect(String schema, Set<String> keys) {
        Matcher properties =
                Pattern.compile("\"([a-z_]+)\": \\{\\s+\"description\"").matcher(schema);
        while (properties.find()) {
            keys.add(properties.group(1));
        }
    }

    private static String section(String heading) throws IOException {
        String text = Files.readString(DOCS);
        int start = text.indexOf(heading + "\n");
        return text.substring(start, text.indexOf("\n##", start + 1));
    }

    /** What it says of the grammar is what the code says of itself. */
    @Test
    void theGrammarHasEveryWord() throws IOException {
        String grammar = section("## Grammar");

        assertThat(Words.KEYWORDS).allSatisfy(word -> assertThat(grammar).contains('"' + word + '"'));
        assertThat(Operation.NAMES).allSatisfy(word -> assertThat(grammar).contains('"' + word + '"'));
    }
}
