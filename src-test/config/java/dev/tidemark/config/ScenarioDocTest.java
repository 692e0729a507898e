package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples of scenarios in docs/model.md are valid, and no key is left out there. */
class ScenarioDocTest {
    private static final Path DOCS = Path.of("..", "docs", "model.md");
    private static final Path SHIPPED = Path.of("..", "policies", "scenarios");

    private static final Path DAYS_POLICY = Path.of("..", "src-test", "bench", "day", "policy.yaml");

    private static final String AROUND = """
            version: 1
            duration: 2h
            host: {memory: 2GiB}
            cgroups: [{path: demo/writer}]
            workloads:
              - cgroup: demo/writer
                name: example
                steps:
            """;

    private static String section() throws IOException {
        String text = Files.readString(DOCS);
        int start = text.indexOf("## A scenario\n");
        return text.substring(start, text.indexOf("\n## ", start));
    }

    private static List<String> blocks(String kind) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher fences = Pattern.compile("(?ms)^```([a-z ]+)\n(.*?)^```$").matcher(section());
        while (fences.find()) {
            assertThat(fences.group(1)).isIn("yaml", "yaml steps");
            if (fences.group(1).equals(kind)) {
                blocks.add(fences.group(2));
            }
        }
        assertThat(blocks).as("blocks of %s", kind).hasSizeGreaterThan(1);
        return blocks;
    }

    @Test
    void scenariosAreValid() throws IOException {
        for (String text : blocks("yaml")) {
            assertThat(scenario(text).workloads()).isNotEmpty();
        }
    }

    @Test
    void stepsAreValid() throws IOException {
        for (String text : blocks("yaml steps")) {
            assertThat(scenario(AROUND + text.indent(6)).workloads().getFirst().steps())
                    .isNotEmpty();
        }
    }

    /** What messages name when a key is wrong is what there is. */
    @Test
    void everyKeyIsThere() throws IOException {
        List<String> places = Reading.places(Scenario.parse("s.yaml", """
                version: 1
                duration: 1s
                host: {memory: 1GiB}
                cgroups: [x]
                workloads: [x]
                """));
        List<String> steps = Reading.places(Scenario.parse(
                "s.yaml",
                AROUND
                        + Stream.of("write", "append", "read", "allocate", "grow", "touch", "reclaim", "repeat")
                                .map(step -> "      - {" + step + ": x}\n")
                                .reduce("      - x\n", String::concat)));
        String section = section();

        assertThat(places).hasSize(2);
        assertThat(Stream.concat(places.stream(), steps.stream()).flatMap(ScenarioDocTest::keys))
                .hasSizeGreaterThan(40)
                .allSatisfy(key -> assertThat(section).contains("`" + key + "`"));
    }

    private static Stream<String> keys(String problem) {
        Matcher named = Pattern.compile("with the keys (.*), but here is").matcher(problem);
        return named.find() ? Stream.of(named.group(1).split(", ")) : Stream.empty();
    }

    @Test
    void theShippedOnesAreValidAndNamed() throws IOException {
        try (Stream<Path> files = Files.list(SHIPPED)) {
            List<Path> scenarios = files.filter(file -> file.toString().endsWith(".scenario.yaml"))
                    .sorted()
                    .toList();
            assertThat(scenarios).hasSize(7);
            for (Path file : scenarios) {
                assertThat(scenario(Files.readString(file)).workloads()).isNotEmpty();
                String name = file.getFileName().toString().replace(".scenario.yaml", "");
                assertThat(section()).contains("`" + name + "`");
            }
        }
        assertThat(Reading.valid(Files.readString(DAYS_POLICY)).policies()).hasSize(1);
    }

    private static Scenario scenario(String text) {
        return Reading.valid(Scenario.parse("s.yaml", text));
    }
}
