package dev.tidemark.agent;

import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is wrong with policy files, all of it at once. */
@Command(
        name = "check",
        description = "Checks policy files and reports every problem with its place.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "policy files")
    List<Path> files;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    CheckCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Input input = new Input(spec.commandLine().getErr());
        HostMemory host = Cgroup2Controller.hostMemory();
        boolean valid = true;
        for (Path file : files) {
            Optional<PolicyFile> policies = input.read(file, (name, text) -> PolicyFile.parse(name, text, host));
            valid &= policies.isPresent();
            policies.ifPresent(read -> out.println(file + ": " + described(read)));
        }
        out.flush();
        return valid ? ExitStatus.OK : ExitStatus.BAD_INPUT;
    }

    private static String described(PolicyFile file) {
        int count = file.policies().size();
        return "valid, " + count + (count == 1 ? " policy: " : " policies: ")
                + file.policies().stream().map(policy -> policy.name()).collect(Collectors.joining(", "));
    }
}
