package dev.tidemark.agent;

import dev.tidemark.config.Analysis;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.HostView;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Problem;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is wrong with policy files, all of it at once, and what can be proved of policies that are written correctly. */
@Command(
        name = "check",
        description = "Checks policy files, proves what it can, and reports every finding with its place.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "policy files")
    List<Path> files;

    @Option(names = "--strict", description = "take warnings as errors")
    boolean strict;

    @Option(
            names = "--host",
            description = "compare with this host too: globs that match nothing, signals that its kernel lacks")
    boolean host;

    @Option(
            names = "--cgroup-root",
            paramLabel = "DIR",
            description = "with --host: root of the cgroup2 hierarchy; by default where it is mounted")
    @Nullable
    Path cgroupRoot;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    CheckCommand() {}

    @Override
    public Integer call() throws IOException {
        if (cgroupRoot != null && !host) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(), "--cgroup-root says where the host's cgroups are: it needs --host");
        }
        int worst = ExitStatus.OK;
        for (Path file : files) {
            int status = check(file, Cgroup2Controller.hostMemory());
            // What is wrong with a file comes before what the host lacks.
            worst = status == ExitStatus.BAD_INPUT || worst == ExitStatus.OK ? status : worst;
        }
        spec.commandLine().getOut().flush();
        return worst;
    }

    private int check(Path file, HostMemory memory) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Input input = new Input(err);
        // The text is needed again to show places in it.
        StringBuilder source = new StringBuilder();
        Optional<PolicyFile> parsed = input.read(file, (name, text) -> {
            source.append(text);
            return PolicyFile.parse(name, text, memory);
        });
        if (parsed.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        @Nullable
        HostComparison comparison =
                host ? HostComparison.of(cgroupRoot, parsed.get().policies()) : null;
        @Nullable HostView view = comparison == null ? null : comparison.view();
        Checked<Analysis.Result> checked = Analysis.checked(file.toString(), source.toString(), parsed.get(), view);
        Optional<Analysis.Result> result = input.told(checked);
        if (result.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        List<Problem> warnings = result.get().warnings();
        warnings.forEach(warning -> err.println(warning.render()));
        List<String> lacks = comparison == null ? List.of() : comparison.lacks();
        lacks.forEach(lack -> err.println(file + ": on this host: " + lack));
        List<String> notes = comparison == null ? List.of() : comparison.notes();
        notes.forEach(note -> err.println(file + ": warning: on this host: " + note));
        err.flush();
        if (strict && !warnings.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        spec.commandLine().getOut().println(file + ": " + described(result.get().file(), warnings.size()));
        return lacks.isEmpty() ? ExitStatus.OK : ExitStatus.HOST_LACKS;
    }

    private static String described(PolicyFile file, int warnings) {
        int count = file.policies().size();
        String told = warnings == 0 ? "" : warnings == 1 ? "; 1 warning" : "; " + warnings + " warnings";
        return "valid, " + count + (count == 1 ? " policy: " : " policies: ")
                + file.policies().stream().map(policy -> policy.name()).collect(Collectors.joining(", "))
                + told;
    }
}
