package dev.tidemark.agent;

import dev.tidemark.agent.TextFile.UnreadableException;
import dev.tidemark.agent.test.JUnitXml;
import dev.tidemark.agent.test.PolicyTestRun;
import dev.tidemark.agent.test.Stage;
import dev.tidemark.agent.test.TextReport;
import dev.tidemark.agent.test.Verdict;
import dev.tidemark.config.Checked;
import dev.tidemark.config.PolicyTest;
import dev.tidemark.config.PolicyTestFile;
import dev.tidemark.config.PolicyTestFile.Neighbour;
import dev.tidemark.config.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs policy tests in virtual time. */
@Command(
        name = "test",
        description = "Runs policy tests in virtual time: what happens to policies, and what they have to do about it.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all tests have passed",
            "1:a test has failed",
            "2:the command line or a file was wrong; the tests of other files were run"
        })
final class TestCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "files of policy tests")
    List<Path> files;

    @Option(names = "--filter", paramLabel = "REGEX", description = "only tests in whose names this is found")
    @Nullable
    String filter;

    @Option(names = "--junit", paramLabel = "FILE", description = "write JUnit XML as well, for build servers")
    @Nullable
    Path junit;

    @Option(
            names = {"-v", "--verbose"},
            description = "show what happened in each test, also in those that pass")
    boolean verbose;

    private final JUnitXml xml = new JUnitXml();
    private int passed;
    private int failed;
    private int unreadable;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    TestCommand() {}

    @Override
    public Integer call() {
        Pattern wanted = wanted();
        files.forEach(file -> run(file, wanted));
        PrintWriter out = spec.commandLine().getOut();
        if (passed + failed == 0 && unreadable == 0) {
            throw new ParameterException(spec.commandLine(), "no test has a name in which " + filter + " is found");
        }
        out.println(told());
        out.flush();
        boolean written = junit == null || written(junit);
        return unreadable > 0 || !written ? ExitStatus.BAD_INPUT : failed > 0 ? ExitStatus.FAILED : ExitStatus.OK;
    }

    private Pattern wanted() {
        try {
            return Pattern.compile(filter == null ? "" : filter);
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    spec.commandLine(), "--filter is no regular expression: " + e.getDescription(), e);
        }
    }

    private String told() {
        int tests = passed + failed;
        List<String> parts = new ArrayList<>();
        if (tests > 0) {
            parts.add(tests == 1 ? "1 test" : tests + " tests");
            parts.add(failed == 0 ? "all passed" : failed + " failed");
        }
        if (unreadable > 0) {
            parts.add((unreadable == 1 ? "1 file" : unreadable + " files") + " could not be read");
        }
        return String.join(", ", parts);
    }

    private void run(Path file, Pattern wanted) {
        Optional<PolicyTestFile> read = read(file);
        if (read.isEmpty()) {
            unreadable++;
            return;
        }
        xml.file(file.toString());
        read.get().tests().stream()
                .filter(test -> wanted.matcher(test.name()).find())
                .forEach(test -> run(file, test));
    }

    private void run(Path file, PolicyTest test) {
        PrintWriter out = spec.commandLine().getOut();
        long started = System.nanoTime();
        Verdict verdict;
        try (Stage stage = TestStage.of(test, this::complain)) {
            verdict = PolicyTestRun.of(test, stage);
        }
        xml.add(verdict, System.nanoTime() - started);
        if (verdict.passed()) {
            passed++;
        } else {
            failed++;
        }
        boolean colours = spec.commandLine().getColorScheme().ansi().enabled();
        out.print(new TextReport(colours, verbose).of(file.toString(), verdict));
        out.flush();
    }

    /** What went wrong with a cgroup, gaps that are written included. */
    private void complain(String line) {
        if (verbose) {
            spec.commandLine().getErr().println(line);
            spec.commandLine().getErr().flush();
        }
    }

    private Optional<PolicyTestFile> read(Path file) {
        Optional<Path> folder = Optional.ofNullable(file.toAbsolutePath().getParent());
        Input input = new Input(spec.commandLine().getErr());
        return input.read(file, (name, text) -> {
            Checked<PolicyTestFile> checked = PolicyTestFile.parse(name, text, path -> neighbour(file, folder, path));
            if (checked instanceof Checked.Invalid<PolicyTestFile>(List<Problem> problems)) {
                xml.unreadable(name, problems.stream().map(Problem::render).collect(Collectors.joining("\n")));
            }
            return checked;
        });
    }

    private static Neighbour neighbour(Path file, Optional<Path> folder, String path) throws IOException {
        try {
            Path shown = file.resolveSibling(path);
            return new Neighbour(
                    shown.toString(),
                    TextFile.read(folder.map(it -> it.resolve(path)).orElse(shown)));
        } catch (InvalidPathException e) {
            throw new IOException("is not a path: " + e.getReason(), e);
        } catch (UnreadableException e) {
            throw new IOException(e.reason(), e);
        }
    }

    private boolean written(Path target) {
        try {
            Files.write(target, xml.text().getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (IOException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("tidemark: " + target + " cannot be written: " + e.getMessage());
            err.flush();
            return false;
        }
    }
}
