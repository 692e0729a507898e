package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;

class TestCommandTest {

    private static final String POLICY = """
            version: 1
            policies:
              - { name: batch, cgroups: ["b/*"], start: usage > 80% of limit, stop: usage < 60% of limit }
            """;

    private static final String PASSING = """
            version: 1
            policies: ../policy.yaml
            tests:
              - name: starts above 80 %
                series: { b/a: { limit: 100MiB, usage: 10MiBx2 90MiBx5 } }
                expect: [{ at: 3s, state: active }]
              - name: stops below 60 %
                series: { b/a: { limit: 100MiB, usage: 90MiB } }
                expect: [{ at: 2s, state: inactive }]
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @BeforeEach
    void policy() throws IOException {
        Files.createDirectory(folder.resolve("tests"));
        Files.writeString(folder.resolve("policy.yaml"), POLICY);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve("tests").resolve(name), text);
    }

    private int run(Object... arguments) {
        return run(Ansi.OFF, arguments);
    }

    private int run(Ansi ansi, Object... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "test";
        for (int i = 0; i < arguments.length; i++) {
            all[i + 1] = arguments[i].toString();
        }
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setColorScheme(new ColorScheme.Builder(ansi).build())
                .execute(all);
    }

    @Test
    void tellsEachTestInALine() throws IOException {
        Path file = file("a.test.yaml", PASSING);

        assertThat(run(file)).isEqualTo(ExitStatus.OK);

        assertThat(out).hasToString("""
                ok    %1$s:4  starts above 80 %%  (9s, 3 decisions, 5 reclaims)
                ok    %1$s:7  stops below 60 %%  (2s, 3 decisions, 5 reclaims)
                2 tests, all passed
                """.formatted(file));
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aFailureIsShownAndIsStatusOne() throws IOException {
        Path good = file("a.test.yaml", PASSING);
        Path bad = file("b.test.yaml", PASSING.replace("at: 3s, state: active", "at: 2s, state: active"));

        assertThat(run(bad, good)).isEqualTo(ExitStatus.FAILED);

        assertThat(out.toString())
                .startsWith("FAIL  " + bad + ":4  starts above 80 %  (")
                .contains("\n      " + bad + ":6:31: at 2s, policy batch on b/a\n")
                .contains("\n      -           2s  state active\n      +           2s  state inactive from the start\n")
                .contains("START       usage 10MiB > 80% of limit 80MiB: false, 70MiB short")
                .contains("\nok    " + good + ":4  starts above 80 %")
                .endsWith("4 tests, 1 failed\n")
                .doesNotContain("\u001B");
        assertThat(out.toString().lines()).noneMatch(line -> line.endsWith(" "));
    }

    @Test
    void coloursAreForTerminals() throws IOException {
        Path bad = file("b.test.yaml", PASSING.replace("at: 3s, state: active", "at: 2s, state: active"));

        run(Ansi.ON, bad);

        assertThat(out.toString())
                .startsWith("\u001B[31mFAIL\u001B[0m  ")
                .contains("\u001B[31m-           2s  state active\u001B[0m\n")
                .contains("\u001B[32mok  \u001B[0m  ");
    }

    @Test
    void aFilterChoosesByName() throws IOException {
        Path file = file("a.test.yaml", PASSING);

        assertThat(run("--filter", "^stops", file)).isEqualTo(ExitStatus.OK);

        assertThat(out.toString())
                .contains("stops below")
                .doesNotContain("starts above")
                .endsWith("1 test, all passed\n");
    }

    @Test
    void aFilterThatFindsNothingIsAMistake() throws IOException {
        Path file = file("a.test.yaml", PASSING);

        assertThat(run("--filter", "strats", file)).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(err.toString()).contains("no test has a name in which strats is found");
    }

    @Test
    void aFilterThatIsNoExpressionIsAMistake() throws IOException {
        assertThat(run("--filter", "(", file("a.test.yaml", PASSING))).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(err.toString()).contains("--filter is no regular expression: Unclosed group");
    }

    @Test
    void whatIsWrongIsToldAndTheOtherFilesAreRun() throws IOException {
        Path wrong = file("a.test.yaml", PASSING.replace("usage: 90MiB ", "usge: 90MiB "));
        Path good = file("b.test.yaml", PASSING);

        assertThat(run(wrong, folder.resolve("none.test.yaml"), good)).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString())
                .contains(wrong + ":8:37: unknown signal \"usge\"; did you mean \"usage\"?\n")
                .contains("none.test.yaml: there is no such file\n")
                .doesNotContain("\tat ");
        assertThat(out.toString()).endsWith("2 tests, all passed, 2 files could not be read\n");
    }

    @Test
    void policiesThatCheckRefusesAreRefused() throws IOException {
        Files.writeString(folder.resolve("policy.yaml"), POLICY.replace("usage < 60% of limit", "usage < 0B"));

        assertThat(run(file("a.test.yaml", PASSING))).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err.toString()).contains("policy.yaml:3:").contains("can never");
        assertThat(out).hasToString("1 file could not be read\n");
    }

    @Test
    void aPolicyFileThatIsNotThereIsToldWhereItIsNamed() throws IOException {
        Path file = file("a.test.yaml", PASSING.replace("../policy.yaml", "policy.yaml"));

        assertThat(run(file)).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(err.toString()).startsWith(file + ":2:11: policy.yaml: there is no such file\n");
    }

    @Test
    void verboseShowsWhatHappenedInTestsThatPass() throws IOException {
        Path file = file("a.test.yaml", PASSING.replace("90MiBx5", "90MiBx5 _"));

        assertThat(run("-v", "--filter", "starts", file)).isEqualTo(ExitStatus.OK);

        assertThat(out.toString())
                .contains("      policy batch on b/a\n")
                .contains("3s  inactive -> active  cause=start usage=90MiB limit=100MiB\n");
        assertThat(err.toString()).contains("usage cannot be read now, as the test says");
    }

    @Test
    void aSignalThatIsReadButNotWrittenIsAFailure() throws IOException {
        Path file = file("a.test.yaml", PASSING.replace("limit: 100MiB, usage: 90MiB }", "usage: 90MiB }"));

        assertThat(run(file)).isEqualTo(ExitStatus.FAILED);

        assertThat(out.toString())
                .contains(file + ":8:15: all the time, b/a\n")
                .contains("- series for limit, which the policies read\n")
                .contains("+ none, so that they are unknown\n");
    }

    @Test
    void writesXmlForBuildServers() throws Exception {
        Path bad = file("b.test.yaml", PASSING.replace("at: 3s, state: active", "at: 2s, state: active"));
        Path wrong = file("w.test.yaml", PASSING.replace("version: 1", "version: 7"));
        Path xml = folder.resolve("report.xml");

        assertThat(run("--junit", xml, bad, wrong)).isEqualTo(ExitStatus.BAD_INPUT);

        Element root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(xml.toFile())
                .getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("testsuites");
        NodeList suites = root.getElementsByTagName("testsuite");
        assertThat(suites.getLength()).isEqualTo(2);
        Element suite = (Element) suites.item(0);
        assertThat(suite.getAttribute("name")).isEqualTo(bad.toString());
        assertThat(suite.getAttribute("tests")).isEqualTo("2");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getAttribute("errors")).isEqualTo("0");
        assertThat(suite.getAttribute("skipped")).isEqualTo("0");
        assertThat(suite.getAttribute("time")).matches("[0-9]+\\.[0-9]{3}");
        Element failed = (Element) suite.getElementsByTagName("testcase").item(0);
        assertThat(failed.getAttribute("name")).isEqualTo("starts above 80 %");
        assertThat(failed.getAttribute("classname")).isEqualTo(bad.toString());
        Element failure = (Element) failed.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message"))
                .isEqualTo(bad
                        + ":6: at 2s, policy batch on b/a: expected state active, seen state inactive from the start");
        assertThat(failure.getTextContent()).contains("usage 10MiB > 80% of limit 80MiB: false, 70MiB short");
        Element passed = (Element) suite.getElementsByTagName("testcase").item(1);
        assertThat(passed.hasChildNodes()).isFalse();

        Element unreadable = (Element) suites.item(1);
        assertThat(unreadable.getAttribute("errors")).isEqualTo("1");
        assertThat(((Element) unreadable.getElementsByTagName("error").item(0)).getAttribute("message"))
                .isEqualTo(wrong + ":1:10: this version of Tidemark reads version 1");
    }

    @Test
    void xmlThatCannotBeWrittenIsStatusTwo() throws IOException {
        assertThat(run("--junit", folder, file("a.test.yaml", PASSING))).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(err.toString()).contains("tidemark: " + folder + " cannot be written: ");
    }
}
