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

/** The options that have to do with a running agent. */
class LiveCommandTest {

    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @Test
    void whereNoAgentListensThereIsASentenceAndAStatusOfItsOwn() {
        Path none = folder.resolve("none.sock");

        assertThat(run("explain", "--live", "--socket", none.toString())).isEqualTo(ExitStatus.HOST_LACKS);

        assertThat(err.toString())
                .startsWith("tidemark: no agent listens: there is no " + none)
                .doesNotContain("Exception");
    }

    @Test
    void whereSomethingElseStandsItIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThat(run("explain", "--live", "--socket", file.toString())).isEqualTo(ExitStatus.HOST_LACKS);

        assertThat(err.toString()).startsWith("tidemark: no agent answers at " + file);
    }

    @Test
    void optionsThatContradictEachOtherAreBadInput() {
        assertThat(run("explain", "--live", "policy.yaml")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run("explain", "--live", "--format", "svg")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run("explain", "--socket", "s", "policy.yaml")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run("explain")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run("run", "--socket", "s", "--no-socket", "policy.yaml")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(run("run", "--model", "scenario.yaml", "--socket", "s", "policy.yaml"))
                .isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString())
                .contains("--live shows what runs")
                .contains("--socket and --cgroup are for --live")
                .contains("FILE")
                .contains("--socket and --no-socket contradict each other")
                .contains("there is no host to spare");
    }

    private int run(String... arguments) {
        CommandLine command = Main.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        return command.execute(arguments);
    }
}
