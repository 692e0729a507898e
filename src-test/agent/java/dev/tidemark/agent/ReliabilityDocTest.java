package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each test that docs/reliability.md names is there, under the name of its row. */
class ReliabilityDocTest {

    private static final Path TESTS = Path.of("..", "src-test");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    private record Row(String name, List<String> tests) {}

    @Test
    void theTableSaysTheTruth() throws IOException {
        List<Row> rows = rows(Files.readString(Path.of("..", "docs", "reliability.md")));

        assertThat(rows).hasSize(23);
        for (Row row : rows) {
            assertThat(row.tests)
                    .as(row.name)
                    .isNotEmpty()
                    .allSatisfy(test -> assertThat(isThere(row.name, test))
                            .as("%s in %s", row.name, test)
                            .isTrue());
        }
    }

    private static List<Row> rows(String doc) {
        List<Row> rows = new ArrayList<>();
        doc.lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| name") && !line.startsWith("| ---"))
                .map(line -> line.split("\\|"))
                .forEach(cells -> rows.add(new Row(
                        cells[1].strip(),
                        NAME.matcher(cells[5])
                                .results()
                                .map(match -> match.group(1))
                                .toList())));
        return rows;
    }

    private static boolean isThere(String name, String test) throws IOException {
        if (test.contains("/")) {
            return Files.isDirectory(Path.of("..", test));
        }
        Pattern method = Pattern.compile("void " + Pattern.quote(name) + "(_\\w+)?\\(");
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file : files.filter(path -> path.endsWith(test + ".java")).toList()) {
                if (method.matcher(Files.readString(file)).find()) {
                    return true;
                }
            }
            return false;
        }
    }
}
