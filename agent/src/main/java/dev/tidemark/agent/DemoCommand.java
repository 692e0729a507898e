package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import java.io.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Shows what the agent is for: one workload on two modelled hosts, one of which has the agent. */
@Command(
        name = "demo",
        description = "Runs one workload on the model, without and with the agent, and shows both live.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final Duration FRAME = Duration.ofMillis(50);

    @Spec
    CommandSpec spec;

    @Option(
            names = "--fast",
            description = "do not wait for real time; so it is also where there is no terminal to look at")
    boolean fast;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    DemoCommand() {}

    @Override
    @SuppressWarnings("SystemConsoleNull") // it is declared so all the same
    public Integer call() throws IOException {
        Scenario scenario = Bundled.scenario();
        PolicyFile policies = Bundled.policies();

        Console console = System.console();
        boolean live = !fast && console != null && console.isTerminal();
        Simulation without = Simulation.alone(scenario);
        Simulation with = Simulation.withAgent(scenario, policies, line -> {});
        DemoScreen screen = new DemoScreen(spec.commandLine().getOut(), live, without, with, policies);
        screen.begin();
        without.start();
        with.start();
        if (live) {
            playInRealTime(screen, without, with);
        } else {
            while (advance(screen, without, with)) {}
        }
        screen.end();
        return ExitStatus.OK;
    }

    private static void playInRealTime(DemoScreen screen, Simulation without, Simulation with) {
        Scheduler frames = Schedulers.newSingle("tidemark-demo");
        try {
            Flux.interval(FRAME, frames)
                    .onBackpressureDrop()
                    .takeWhile(frame -> advance(screen, without, with))
                    .blockLast();
        } finally {
            frames.dispose();
        }
    }

    private static boolean advance(DemoScreen screen, Simulation without, Simulation with) {
        boolean aloneRuns = without.advance(FRAME);
        boolean keptRuns = with.advance(FRAME);
        screen.show();
        return aloneRuns || keptRuns;
    }
}
