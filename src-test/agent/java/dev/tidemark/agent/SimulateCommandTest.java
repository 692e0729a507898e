package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SimulateCommandTest {

    private static final String SCENARIO = """
            version: 1
            duration: 3s
            host: { memory: 256MiB, cpus: 1, swap: 0 }
            cgroups:
              - { path: app, max: 4MiB, swap_max: 0 }
            workloads:
              - cgroup: app
                name: writer
                steps:
                  - write: { file: data, size: 8MiB, rate: 16MiB/s, chunk: 4KiB }
            """;

    private static final String POLICY = """
            version: 1
            policies:
              - name: p
                cgroups: ["app"]
                period: 50ms
                start: usage > 75% of limit
                stop: usage < 50% of limit
                reclaim: { batch: 256KiB }
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private String scenario;

    @SuppressWarnings("NullAway.Init") // set before each test
    private String policy;

    @BeforeEach
    void files() throws IOException {
        scenario = file("s.yaml", SCENARIO);
        policy = file("p.yaml", POLICY);
    }

    @Test
    void columnsAreTheKernelAloneAndEachFile() throws IOException {
        Files.createDirectory(folder.resolve("other"));
        String other = file("other/p.yaml", POLICY.replace("75%", "90%"));

        assertThat(run(scenario, policy, other)).as(err.toString()).isEqualTo(ExitStatus.OK);

        assertThat(out.toString()
                        .lines()
                        .skip(2)
                        .findFirst()
                        .orElseThrow()
                        .strip()
                        .split(" +"))
                .containsExactly("without", folder.getFileName() + "/p", "other/p");
        assertThat(out.toString())
                .startsWith(scenario + ", on the model of the kernel, in virtual time\n")
                .containsPattern("limit hit \\(max events\\) +[1-9][0-9]* ")
                .contains("docs/model.md")
                .doesNotContain("\u001b");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void withoutAPolicyTheKernelAloneIsShown() {
        assertThat(run(scenario)).isEqualTo(ExitStatus.OK);

        assertThat(out.toString()).contains("without").doesNotContain("\nagent\n", "\u00d7");
    }

    @Test
    void everythingThatIsWrongWithAllFilesIsToldAndNothingRuns() throws IOException {
        String bad =
                file("bad.yaml", POLICY.replace("usage > 75%", "usge > 75%").replace("stop:", "stopp:"));
        String worse = file(
                "worse.yaml", SCENARIO.replace("max: 4MiB", "max: 4parsecs").replace("write:", "wrote:"));
        Path plot = folder.resolve("plot.svg");

        assertThat(run(worse, bad, policy, folder.resolve("none.yaml").toString(), "--plot", plot.toString()))
                .isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString())
                .contains(worse + ":5:", worse + ":10:", bad + ":6:12: unknown signal \"usge\"", bad + ":7:5: ")
                .contains("none.yaml: there is no such file\n")
                .doesNotContain("\tat ", policy + ":");
        assertThat(out.toString()).isEmpty();
        assertThat(plot).doesNotExist();
    }

    @Test
    void aPolicyThatCanDoNothingIsRefusedAsByCheck() throws IOException {
        String idle = file("idle.yaml", POLICY.replace("usage < 50% of limit", "usage >= 70% of limit"));

        assertThat(run(scenario, idle)).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString()).contains("STOP overrides START always");
    }

    @Test
    void plotAndJsonAreWrittenBesideTheTable() throws IOException {
        Path svg = folder.resolve("a.svg");
        Path html = folder.resolve("a.HTML");
        Path json = folder.resolve("a.json");

        assertThat(run(scenario, policy, "--plot", svg.toString(), "--json", json.toString()))
                .isEqualTo(ExitStatus.OK);
        assertThat(out.toString()).contains("cgroup app");
        out.getBuffer().setLength(0);
        assertThat(run(scenario, policy, "--plot", html.toString(), "--format", "json"))
                .isEqualTo(ExitStatus.OK);

        assertThat(Files.readString(svg)).startsWith("<svg ").endsWith("</svg>\n");
        assertThat(Files.readString(html)).startsWith("<!DOCTYPE html>").contains(Files.readString(svg));
        assertThat(Files.readString(json)).isEqualTo(out.toString()).startsWith("{\n  \"version\": 1,");
    }

    @Test
    void whatCannotBeWrittenIsASentenceBeforeAnythingRuns() throws IOException {
        Path lost = folder.resolve("none/plot.svg");
        Path directory = Files.createDirectory(folder.resolve("dir.html"));

        assertThat(run(scenario, policy, "--plot", lost.toString(), "--json", policy))
                .isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run(scenario, policy, "--plot", directory.toString())).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err)
                .hasToString(lost + ": cannot be written: there is no directory " + lost.getParent() + "\n" + policy
                        + ": cannot be written: it is read as well\n" + directory
                        + ": cannot be written: it is a directory\n");
        assertThat(out.toString()).isEmpty();
        assertThat(Files.readString(Path.of(policy))).isEqualTo(POLICY);
    }

    @Test
    void aPlotIsSvgOrHtml() {
        assertThat(run(scenario, "--plot", "plot.png")).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString()).startsWith("--plot draws FILE.svg or FILE.html, but was given plot.png\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0ms", "999ns", "100", "2h", "-1s", "999999999h", "ms", "4MiB"})
    void aStepIsATime(String step) {
        assertThat(run(scenario, "--step=" + step)).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString()).startsWith("--step").contains(step);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void theStepIsHowOftenUsageIsLookedAt() {
        assertThat(run(scenario, "--step", "250ms")).isEqualTo(ExitStatus.OK);

        assertThat(out.toString()).contains("looked at every 250ms");
    }

    @Test
    void aGlobThatMatchesNothingIsTold() {
        assertThat(run(scenario, "--cgroup", "web/*")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run(scenario, "--cgroup", "[")).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString())
                .startsWith(scenario + ": no cgroup of the scenario is at a path like web/*\n--cgroup: ");
    }

    @Test
    void colourIsForTerminals() {
        CommandLine command = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.ON));

        assertThat(command.execute("simulate", scenario, policy)).isEqualTo(ExitStatus.OK);

        assertThat(out.toString()).contains("\u001b[1mcgroup app");
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "simulate";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        CommandLine command = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        return command.execute(all);
    }
}
