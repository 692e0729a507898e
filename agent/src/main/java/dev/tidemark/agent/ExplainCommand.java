package dev.tidemark.agent;

import dev.tidemark.agent.explain.Explain;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what the policies of a file come to. */
@Command(
        name = "explain",
        description = "Shows what policies come to: what is read, when they start and stop, how memory is taken.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

    /** The forms there are; the names are what the operator writes. */
    enum Format {
        text,
        mermaid,
        svg
    }

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "policy file; none with --live")
    @Nullable
    Path file;

    @Option(names = "--live", description = "ask the running agent: current values, and what holds each policy back")
    boolean live;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description =
                    "with --live: where the agent listens; by default tidemark.sock in $RUNTIME_DIRECTORY or /run/tidemark")
    @Nullable
    Path socket;

    @Option(names = "--cgroup", paramLabel = "GLOB", description = "with --live: only cgroups at paths like this")
    @Nullable
    String cgroup;

    @Option(names = "--policy", paramLabel = "NAME", description = "only this policy")
    @Nullable
    String policy;

    @Option(names = "--format", paramLabel = "FORMAT", description = "${COMPLETION-CANDIDATES}; text unless given")
    @Nullable
    Format format;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    ExplainCommand() {}

    @Override
    public Integer call() throws IOException {
        if (live) {
            if (file != null || format != null) {
                throw misused("--live shows what runs: it takes neither FILE nor --format");
            }
            return LiveClient.explain(
                    socket,
                    policy,
                    cgroup,
                    spec.commandLine().getOut(),
                    spec.commandLine().getErr());
        }
        if (socket != null || cgroup != null) {
            throw misused("--socket and --cgroup are for --live");
        }
        if (file == null) {
            throw misused("Missing required parameter: 'FILE' (or --live)");
        }
        return explain(file);
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private int explain(Path file) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        HostMemory host = Cgroup2Controller.hostMemory();
        Optional<PolicyFile> read = new Input(err).read(file, (name, text) -> PolicyFile.parse(name, text, host));
        if (read.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        List<Policy> all = read.get().policies();
        List<Policy> shown = all.stream()
                .filter(it -> policy == null || it.name().equals(policy))
                .toList();
        if (shown.isEmpty()) {
            err.println(file + ": there is no policy " + policy + "; there are "
                    + all.stream().map(Policy::name).collect(Collectors.joining(", ")));
            err.flush();
            return ExitStatus.BAD_INPUT;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (format == null ? Format.text : format) {
                    case text -> Explain.text(shown);
                    case mermaid -> Explain.mermaid(shown);
                    case svg -> Explain.svg(shown);
                });
        out.flush();
        return ExitStatus.OK;
    }
}
