package dev.tidemark.agent;

import dev.tidemark.config.PolicySchema;
import dev.tidemark.config.PolicyTestSchema;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of policy files, or of policy tests. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema (2020-12) of policy files, or of policy tests, for editors.",
        mixinStandardHelpOptions = true)
final class SchemaCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Option(names = "--tests", description = "of files of policy tests")
    boolean tests;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    SchemaCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(tests ? PolicyTestSchema.json() : PolicySchema.json());
        out.flush();
        return ExitStatus.OK;
    }
}
