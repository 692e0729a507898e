package dev.tidemark.agent;

import dev.tidemark.config.Analysis;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs policies: on this host until it is told to end, or on the model until the scenario is over. */
@Command(
        name = "run",
        description = "Runs the policies of a file, on this host or on the built-in model of the kernel.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "policy file")
    Path file;

    @Option(names = "--dry-run", description = "do everything but the writes to memory.reclaim")
    boolean dryRun;

    @Option(names = "--verbose", description = "one line a write, not only one a decision")
    boolean verbose;

    @Option(
            names = "--cgroup-root",
            paramLabel = "DIR",
            description = "root of the cgroup2 hierarchy; by default where it is mounted")
    @Nullable
    Path cgroupRoot;

    @Option(
            names = "--model",
            paramLabel = "SCENARIO",
            description = "run on the model, under the workloads of this file, in virtual time")
    @Nullable
    Path scenario;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description =
                    "where to listen for explain --live; by default tidemark.sock in $RUNTIME_DIRECTORY or /run/tidemark")
    @Nullable
    Path socket;

    @Option(
            names = "--reclaim-cgroup",
            paramLabel = "PATH",
            description =
                    "run the threads that reclaim in this cgroup, for its cpu.stat and cpu.max: a path below the agent's own cgroup"
                            + " (with a leading slash from the root), made where it is not there")
    @Nullable
    String reclaimCgroup;

    @Option(names = "--no-socket", description = "listen nowhere")
    boolean noSocket;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "where to keep what the next agent has to put back should this one be killed; by default tidemark.state beside the socket's default")
    @Nullable
    Path state;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    RunCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (socket != null && noSocket) {
            throw new ParameterException(spec.commandLine(), "--socket and --no-socket contradict each other");
        }
        return scenario == null ? onHost() : onModel(scenario);
    }

    private int onHost() throws IOException, InterruptedException {
        // Before the file is read: what comes later asks for the file as it is then.
        try (Hangup hangup = Hangup.taken()) {
            return onHost(hangup);
        }
    }

    private int onHost(Hangup hangup) throws IOException, InterruptedException {
        HostMemory host = Cgroup2Controller.hostMemory();
        // Kept as read: whether the file has changed later is told by its text.
        AtomicReference<String> read = new AtomicReference<>("");
        Optional<Analysis.Result> result = input().read(file, (name, text) -> {
            read.set(text);
            return Analysis.parse(name, text, host);
        });
        if (result.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        RunOptions options = new RunOptions(
                file,
                read.get(),
                result.get().file(),
                HostPolicies.rendered(result.get().warnings()),
                host,
                cgroupRoot,
                reclaimCgroup,
                dryRun,
                verbose,
                socket,
                !noSocket,
                state);
        return new HostRun(options, hangup).run();
    }

    private int onModel(Path scenarioFile) {
        if (dryRun || cgroupRoot != null || socket != null || reclaimCgroup != null || state != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--model takes neither --dry-run nor --cgroup-root nor --reclaim-cgroup nor --socket nor --state: there is no host to spare");
        }
        Optional<Scenario> read = input().read(scenarioFile, Scenario::parse);
        HostMemory host = new HostMemory(
                read.map(scenario -> scenario.host().memoryBytes()).orElse(Long.MAX_VALUE), Bundled.MODEL_PAGE_SIZE);
        Optional<PolicyFile> policies = policies(host);
        if (read.isEmpty() || policies.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        return new ModelRun(read.get(), policies.get(), verbose, spec.commandLine()).run();
    }

    private Optional<PolicyFile> policies(HostMemory host) {
        Optional<Analysis.Result> result = input().read(file, (name, text) -> Analysis.parse(name, text, host));
        result.ifPresent(found ->
                found.warnings().forEach(warning -> spec.commandLine().getErr().println(warning.render())));
        return result.map(Analysis.Result::file);
    }

    private Input input() {
        return new Input(spec.commandLine().getErr());
    }
}
