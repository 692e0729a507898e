package dev.tidemark.agent;

import dev.tidemark.reclaim.LimitRestorer;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import dev.tidemark.reclaim.cgroup2.HostLacksException;
import dev.tidemark.reclaim.cgroup2.HostNeeds;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts back what an agent has set that was killed, where none is to be started any more. */
@Command(
        name = "restore",
        description =
                "Puts back the memory.high and memory.low that a killed agent has left behind, as the next run would.",
        mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "where the agent kept them; by default tidemark.state in $RUNTIME_DIRECTORY or /run/tidemark")
    @Nullable
    Path state;

    @Option(
            names = "--cgroup-root",
            paramLabel = "DIR",
            description = "root of the cgroup2 hierarchy; by default where it is mounted")
    @Nullable
    Path cgroupRoot;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    RestoreCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Path path = state == null ? StateFile.byDefault(System.getenv()) : state;
        if (!Files.exists(path)) {
            out.println("nothing to put back: there is no " + path);
            return ExitStatus.OK;
        }
        AgentSchedulers schedulers = AgentSchedulers.threads(1);
        try (StateFile file = taken(path, schedulers)) {
            if (file.found().limits().isEmpty()) {
                out.println("nothing to put back: " + path + " has nothing of this boot");
                return ExitStatus.OK;
            }
            return restored(file, schedulers, out);
        } finally {
            schedulers.dispose();
            out.flush();
        }
    }

    private StateFile taken(Path path, AgentSchedulers schedulers) throws IOException {
        try {
            return StateFile.take(
                    path, Cgroup2Controller.bootId(), new AtomicFile(), schedulers.state(), this::complain);
        } catch (StateFile.TakenException e) {
            throw new HostLacksException(List.of(e.getMessage()));
        }
    }

    private int restored(StateFile file, AgentSchedulers schedulers, PrintWriter out) throws IOException {
        Cgroup2Options options = Cgroup2Options.of(schedulers.reclaim(), System::nanoTime)
                .withRoot(cgroupRoot)
                .withNotices(this::complain);
        try (Cgroup2Controller controller = Cgroup2Controller.open(options, new HostNeeds(SignalSet.of(), List.of()))) {
            try {
                file.root(controller.top().id());
            } catch (IOException e) {
                throw new HostLacksException(List.of(e.getMessage()));
            }
            LimitRestorer.Result result = file.restored(new LimitRestorer(controller, schedulers.core()))
                    .blockOptional()
                    .orElseThrow();
            Narrator narrator = new Narrator(HostRun.wallClock(), controller.pageSize());
            result.events().forEach(event -> out.println(narrator.tell(event)));
            return result.left().isEmpty() ? ExitStatus.OK : ExitStatus.FAILED;
        }
    }

    private void complain(String line) {
        spec.commandLine().getErr().println(line);
    }
}
