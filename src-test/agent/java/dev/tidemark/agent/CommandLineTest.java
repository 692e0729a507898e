package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandLineTest {

    private static final String VALID = """
            version: 1
            policies:
              - name: batch
                cgroups: ["batch.slice/*"]
                start: usage > 80% of limit
                stop: usage < 60% of limit
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @Test
    void checkSaysWhatAValidFileHas() throws IOException {
        Path file = file("valid.yaml", VALID);

        assertThat(run("check", file.toString())).isEqualTo(ExitStatus.OK);

        assertThat(out).hasToString(file + ": valid, 1 policy: batch\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void checkReportsEveryProblemWithItsPlace() throws IOException {
        Path file = file("bad.yaml", VALID.replace("usage > 80%", "usge > 80%").replace("stop:", "stopp:"));

        assertThat(run("check", file.toString())).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString())
                .contains(file + ":5:12: unknown signal \"usge\"; did you mean \"usage\"?")
                .contains(file + ":6:5: ")
                .contains("    start: usge > 80% of limit\n           ^^^^\n")
                .endsWith(" problems\n")
                .doesNotContain("\tat ");
    }

    @Test
    void checkGoesOnToTheNextFile() throws IOException {
        Path valid = file("valid.yaml", VALID);

        assertThat(run("check", folder.resolve("none.yaml").toString(), valid.toString()))
                .isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err).hasToString(folder.resolve("none.yaml") + ": there is no such file\n");
        assertThat(out.toString()).contains("valid, 1 policy");
    }

    @Test
    void checkRefusesAPolicyThatCanDoNothing() throws IOException {
        Path file = file("idle.yaml", VALID.replace("usage < 60% of limit", "usage >= 80% of limit"));

        assertThat(run("check", file.toString())).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString())
                .startsWith(file + ":5:12: STOP overrides START always")
                .endsWith("\n1 problem\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void checkWarnsAndStrictlyRefuses() throws IOException {
        Path file = file("flaps.yaml", VALID.replace("usage < 60% of limit", "usage < 90% of limit"));

        assertThat(run("check", file.toString())).isEqualTo(ExitStatus.OK);
        assertThat(out).hasToString(file + ": valid, 1 policy: batch; 1 warning\n");
        assertThat(err.toString()).startsWith(file + ":6:11: warning: nothing lies between START and STOP");

        assertThat(run("check", "--strict", file.toString())).isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void checkComparesWithTheHost() throws IOException {
        Path root = folder.resolve("cgroup");
        for (String cgroup : List.of("", "batch.slice", "batch.slice/a.service")) {
            Path directory = Files.createDirectories(root.resolve(cgroup));
            Files.writeString(directory.resolve("cgroup.controllers"), "memory\n");
            Files.writeString(directory.resolve("cgroup.subtree_control"), "memory\n");
            Files.writeString(directory.resolve("memory.current"), "0\n");
            Files.writeString(directory.resolve("memory.max"), "max\n");
            Files.writeString(directory.resolve("memory.high"), "max\n");
            Files.writeString(directory.resolve("memory.reclaim"), "");
        }
        Path file = file("host.yaml", VALID.replace("[\"batch.slice/*\"]", "[\"batch.slice/*\", \"web/*\"]"));

        assertThat(run("check", "--host", "--cgroup-root", root.toString(), file.toString()))
                .as(err.toString())
                .isEqualTo(ExitStatus.OK);

        assertThat(out).hasToString(file + ": valid, 1 policy: batch; 1 warning\n");
        assertThat(err.toString()).startsWith(file + ":4:32: warning: no cgroup on this host matches \"web/*\"");
    }

    @Test
    void checkSaysWhatTheHostLacks() throws IOException {
        Path file = file("valid.yaml", VALID);

        assertThat(run("check", "--host", "--cgroup-root", folder.toString(), file.toString()))
                .isEqualTo(ExitStatus.HOST_LACKS);
        assertThat(run("check", "--cgroup-root", folder.toString(), file.toString()))
                .isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void explainShowsOnePolicyInEachForm() throws IOException {
        String second = VALID.substring(VALID.indexOf("  - name")).replace("batch", "other");
        Path file = file("two.yaml", VALID + second);

        assertThat(run("explain", file.toString())).isEqualTo(ExitStatus.OK);
        assertThat(out.toString())
                .contains("policy batch\n", "\npolicy other\n", "  STOP        usage < 60% of limit\n");
        out.getBuffer().setLength(0);
        assertThat(run("explain", "--policy", "other", "--format", "mermaid", file.toString()))
                .isEqualTo(ExitStatus.OK);
        assertThat(out.toString())
                .startsWith("flowchart LR\n")
                .contains("policy other")
                .doesNotContain("policy batch");
        out.getBuffer().setLength(0);
        assertThat(run("explain", "--format", "svg", file.toString())).isEqualTo(ExitStatus.OK);
        assertThat(out.toString()).startsWith("<svg xmlns=").endsWith("</svg>\n");
    }

    @Test
    void explainNamesThePoliciesThereAre() throws IOException {
        Path file = file("valid.yaml", VALID);

        assertThat(run("explain", "--policy", "bach", file.toString())).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err).hasToString(file + ": there is no policy bach; there are batch\n");
    }

    @Test
    void whatIsNoTextFileIsRefusedInASentence() throws IOException {
        Path binary = folder.resolve("binary.yaml");
        Files.write(binary, new byte[] {'v', (byte) 0xff, (byte) 0xfe, 0});

        assertThat(run("check", binary.toString())).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run("check", folder.toString())).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err)
                .hasToString(
                        binary + ": is not UTF-8 text\n" + folder + ": is a directory, a YAML file was expected\n");
    }

    @Test
    void anUnknownCommandIsBadInput() {
        assertThat(run("rum")).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString()).contains("rum");
    }

    @Test
    void helpNamesCommandsAndExitStatuses() {
        assertThat(run("--help")).isEqualTo(ExitStatus.OK);

        assertThat(out.toString()).contains("check", "run", "demo", "the host lacks what is needed");
    }

    @Test
    void whatTheHostLacksIsASentenceAndNoStackTrace() throws IOException {
        Path policy = file("valid.yaml", VALID);
        Path root = Files.createDirectory(folder.resolve("not-a-cgroup-root"));

        assertThat(run("run", "--cgroup-root", root.toString(), policy.toString()))
                .isEqualTo(ExitStatus.HOST_LACKS);

        assertThat(err.toString())
                .startsWith("tidemark: ")
                .contains(root.toString())
                .doesNotContain("Exception");
    }

    @Test
    void modelAndHostOptionsDoNotMix() throws IOException {
        Path policy = file("valid.yaml", VALID);

        assertThat(run("run", "--model", "scenario.yaml", "--dry-run", policy.toString()))
                .isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString()).contains("--model takes neither --dry-run nor --cgroup-root nor --reclaim-cgroup");
        assertThat(run("run", "--model", "scenario.yaml", "--reclaim-cgroup", "reclaim", policy.toString()))
                .isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void theDemoEndsWithWhatHappenedWithoutAndWith() {
        assertThat(run("demo", "--fast")).isEqualTo(ExitStatus.OK);

        assertThat(out.toString())
                .containsPattern("limit hit \\(max in memory.events\\) +[1-9][0-9]{2,} +0\n")
                .containsPattern("OOM kills +0 +0\n")
                .contains("from=inactive to=active cause=start");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private int run(String... arguments) {
        CommandLine command = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        return command.execute(arguments);
    }
}
