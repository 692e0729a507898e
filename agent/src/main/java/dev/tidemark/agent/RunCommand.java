package dev.tidemark.agent;

import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    RunCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        return scenario == null ? onHost() : onModel(scenario);
    }

    private int onHost() throws IOException, InterruptedException {
        HostMemory host = Cgroup2Controller.hostMemory();
        Optional<PolicyFile> policies = policies(host);
        if (policies.isEmpty()) {
            return ExitStatus.BAD_INPUT;
        }
        return new HostRun(policies.get(), cgroupRoot, dryRun, verbose).run();
    }

    private int onModel(Path scenarioFile) {
        if (dryRun || cgroupRoot != null) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(), "--model takes neither --dry-run nor --cgroup-root: there is no host to spare");
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
        return input().read(file, (name, text) -> PolicyFile.parse(name, text, host));
    }

    private Input input() {
        return new Input(spec.commandLine().getErr());
    }
}
