package dev.tidemark.agent.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The book's example is what the program prints, and its tables are what JSON has. */
class SimulatingDocsTest {

    /** From the module's directory, in which its tests run. */
    private static final Path ROOT = Path.of("..");

    private static final Path DOCS = ROOT.resolve("docs/simulating.md");
    private static final String SCENARIO = "policies/watermark.scenario.yaml";
    private static final String POLICY = "policies/watermark.yaml";
    private static final String BEGIN = "<!-- example: made by SimulatingDocsTest -->\n";
    private static final String END = "<!-- end of example -->\n";

    private static Comparison example() throws IOException, InterruptedException {
        Scenario scenario = Comparisons.valid(Scenario.parse(SCENARIO, Files.readString(ROOT.resolve(SCENARIO))));
        PolicyFile policies = Comparisons.valid(PolicyFile.parse(
                POLICY,
                Files.readString(ROOT.resolve(POLICY)),
                new HostMemory(scenario.host().memoryBytes(), Comparisons.PAGE)));
        Plan plan = new Plan(SCENARIO, scenario, Plan.defaultStep(scenario), Optional.empty(), false);
        return Comparison.of(
                plan,
                List.of(
                        Candidate.WITHOUT,
                        Candidate.with(ColumnNames.of(List.of(Path.of(POLICY))).getFirst(), policies)),
                2);
    }

    @Test
    void theExampleIsWhatIsPrinted() throws IOException, InterruptedException {
        StringBuilder shown = new StringBuilder(BEGIN).append('\n');
        Stream.concat(
                        Stream.of("tidemark simulate " + SCENARIO + " " + POLICY, ""),
                        example()
                                .text(UnaryOperator.identity(), UnaryOperator.identity())
                                .lines())
                .forEach(line -> shown.append(("    " + line).stripTrailing()).append('\n'));
        shown.append('\n').append(END);
        String book = Files.readString(DOCS);
        String written = book.substring(book.indexOf(BEGIN), book.indexOf(END) + END.length());
        if (Boolean.getBoolean("tidemark.write")) {
            Files.writeString(DOCS, book.replace(written, shown));
            written = shown.toString();
        }

        assertThat(written)
                .as("run mvn -q -pl agent -am test -Dtest=SimulatingDocsTest -Dtidemark.write=true"
                        + " -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(shown.toString());
    }

    @Test
    void everyMeasureHasItsRowInItsOrder() throws IOException {
        List<String> rows = Files.readString(DOCS)
                .lines()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(rows)
                .extracting(row -> Arrays.asList(row.split(" \\| ", -1)).subList(0, 2))
                .isEqualTo(Arrays.stream(Measure.values())
                        .map(measure -> List.of("| `" + measure.key() + "`", measure.label()))
                        .toList());
        assertThat(rows)
                .as("what is marked as left out where it is 0")
                .extracting(row -> row.split(" \\| ", -1)[2].startsWith("* "))
                .isEqualTo(Arrays.stream(Measure.values())
                        .map(measure -> !measure.always())
                        .toList());
    }

    @Test
    void jsonHasTheKeysOfTheBook() throws IOException, InterruptedException {
        Map<?, ?> root = (Map<?, ?>) new Load(LoadSettings.builder().build())
                .loadFromString(example().json());
        List<String> measures =
                Arrays.stream(Measure.values()).map(Measure::key).toList();

        assertThat(keys(root))
                .containsExactly("version", "scenario", "seed", "duration_seconds", "step_seconds", "columns");
        assertThat(root.get("version")).isEqualTo(1);
        assertThat(root.get("seed")).isEqualTo(1);
        assertThat(root.get("duration_seconds")).isEqualTo(12);
        assertThat(root.get("step_seconds")).isEqualTo(0.002);
        List<?> columns = list(root, "columns");
        assertThat(columns).hasSize(2);
        Map<?, ?> without = (Map<?, ?>) columns.getFirst();
        Map<?, ?> with = (Map<?, ?>) columns.getLast();
        assertThat(keys(without))
                .containsExactly(
                        "name", "policies", "ran_seconds", "complete", "host", "cgroups", "workloads", "complaints");
        assertThat(keys(with))
                .containsExactly(
                        "name",
                        "policies",
                        "ran_seconds",
                        "complete",
                        "host",
                        "cgroups",
                        "workloads",
                        "agent",
                        "never_started",
                        "complaints");
        assertThat(with.get("policies")).isEqualTo(List.of("watermark"));
        assertThat(with.get("complete")).isEqualTo(true);

        Map<?, ?> cgroup = (Map<?, ?>) list(with, "cgroups").getFirst();
        List<String> told = new ArrayList<>(List.of("path"));
        told.addAll(measures);
        assertThat(keys(cgroup)).isEqualTo(told);
        assertThat(cgroup.get("path")).isEqualTo("demo/writer");
        assertThat(cgroup.get("max_events")).isEqualTo(0);
        told.removeAll(
                List.of("path", "max_events", "high_events", "oom_kills", "agent_asked_bytes", "agent_got_bytes"));
        assertThat(keys(map(with, "host"))).isEqualTo(told);

        Map<?, ?> workload = (Map<?, ?>) list(with, "workloads").getFirst();
        Map<?, ?> agent = map(with, "agent");
        String book = Files.readString(DOCS);
        assertThat(described(book, "      workloads  a list: "))
                .containsAll(keys(workload))
                .containsAll(keys((Map<?, ?>) list(workload, "steps").getFirst()));
        assertThat(described(book, "      agent      "))
                .containsAll(keys(agent))
                .containsAll(keys(map(agent, "held_back")));
        assertThat(agent.values().stream().filter(value -> !(value instanceof Map)))
                .allSatisfy(value -> assertThat(value).isInstanceOf(Number.class));
    }

    private static List<?> list(Map<?, ?> map, String key) {
        return (List<?>) Objects.requireNonNull(map.get(key), key);
    }

    private static Map<?, ?> map(Map<?, ?> map, String key) {
        return (Map<?, ?>) Objects.requireNonNull(map.get(key), key);
    }

    /** The words of an entry, which goes on in lines that are indented further. */
    private static List<String> described(String book, String entry) {
        String rest = book.substring(book.indexOf(entry) + entry.length());
        return rest.lines()
                .takeWhile(line -> !line.isEmpty() && (rest.startsWith(line) || line.startsWith("           ")))
                .flatMap(line -> Stream.of(line.split("[ ,():;]+", -1)))
                .toList();
    }

    private static List<String> keys(Map<?, ?> map) {
        return map.keySet().stream().map(String::valueOf).toList();
    }
}
