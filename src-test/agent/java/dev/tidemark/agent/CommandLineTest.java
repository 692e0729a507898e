package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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

        assertThat(err.toString()).contains("--model takes neither --dry-run nor --cgroup-root");
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
