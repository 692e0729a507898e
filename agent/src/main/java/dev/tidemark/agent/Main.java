package dev.tidemark.agent;

import dev.tidemark.reclaim.cgroup2.HostLacksException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParseResult;

/** The command line. */
@Command(
        name = "tidemark",
        description = "Keeps memory cgroups below their limits by reclaiming in the background.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CheckCommand.class,
            ExplainCommand.class,
            TestCommand.class,
            RunCommand.class,
            RestoreCommand.class,
            SimulateCommand.class,
            DemoCommand.class,
            SchemaCommand.class,
            HelpCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:Tidemark itself failed, or (test) a test has",
            "2:the command line or a file was wrong; nothing was done",
            "3:the host lacks what is needed, or no agent runs that could be asked; nothing was done"
        })
public final class Main {

    Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler(Main::failed);
    }

    private static int failed(Exception failure, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (failure instanceof HostLacksException) {
            err.println("tidemark: " + failure.getMessage());
            return ExitStatus.HOST_LACKS;
        }
        err.println("tidemark: failed by a defect of its own: " + failure);
        for (StackTraceElement frame : failure.getStackTrace()) {
            err.println("    at " + frame);
        }
        return ExitStatus.FAILED;
    }
}
