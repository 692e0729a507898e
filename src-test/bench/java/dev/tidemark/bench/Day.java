package dev.tidemark.bench;

import dev.tidemark.agent.Simulation;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.triggers.TriggerState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A simulated day of a host full of cgroups with the agent on all of them: how long it takes, and that it is the same day each time,
 * whatever the number of processors. Each run has a process of its own, so each is measured cold.
 */
@Command(
        name = "run Day",
        description =
                "Plays a day of 100 cgroups under the agent, on the model: twice, and once with a single processor.",
        footer = "Exit status: 0 all held, 1 something did not, 2 wrong usage, 3 it could not be measured.",
        mixinStandardHelpOptions = true)
final class Day implements Callable<Integer> {

    private static final int HELD = 0;
    private static final int NOT_HELD = 1;
    private static final int NOT_MEASURED = 3;
    private static final Duration STEP = Duration.ofMinutes(1);
    private static final int PAGE_SIZE = 4096;

    /** The launcher's collector, which costs stores least, and room enough for the young to die in it. */
    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-Xms512m", "-Xmx512m", "-Xmn256m");

    @Option(names = "--scenario", description = "another than policies/scenarios/day.scenario.yaml")
    @Nullable
    Path scenario;

    @Option(names = "--policies", description = "others than src-test/bench/day/policy.yaml")
    @Nullable
    Path policies;

    @Option(names = "--seconds", description = "how long one may take (default ${DEFAULT-VALUE})")
    double seconds = 10;

    @Option(names = "--once", description = "one run in this process, and nothing compared")
    boolean once;

    @Option(names = "--alone", description = "without the agent")
    boolean alone;

    @Option(names = "--project", hidden = true, required = true)
    Path project;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    Day() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Day())
                .setExecutionExceptionHandler((failure, command, _) -> {
                    command.getErr().println("bench: " + failure);
                    return NOT_MEASURED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (once) {
            System.out.println(play());
            return HELD;
        }
        List<String> lines = new ArrayList<>();
        for (List<String> options :
                List.of(List.<String>of(), List.<String>of(), List.of("-XX:ActiveProcessorCount=1"))) {
            String line = child(options);
            lines.add(line);
            System.out.println((options.isEmpty() ? "" : String.join(" ", options) + ": ") + line);
        }
        Set<String> digests = new HashSet<>();
        boolean fast = true;
        for (int i = 0; i < lines.size(); i++) {
            digests.add(value(lines.get(i), "digest"));
            // The promise is of two processors.
            fast &= i == lines.size() - 1 || Double.parseDouble(value(lines.get(i), "wall_s")) <= seconds;
        }
        System.out.println(digests.size() == 1 ? "the same each time" : "NOT the same each time");
        System.out.printf(Locale.ROOT, fast ? "within %.0f s%n" : "NOT within %.0f s%n", seconds);
        return digests.size() == 1 && fast ? HELD : NOT_HELD;
    }

    private String child(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Day.class.getName(),
                "--once",
                "--project",
                project.toString(),
                "--scenario",
                scenarioFile().toString(),
                "--policies",
                policyFile().toString()));
        if (alone) {
            command.add("--alone");
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = process.inputReader()) {
            String line = out.readLine();
            if (process.waitFor() != 0 || line == null) {
                throw new IOException("a run ended with " + process.exitValue());
            }
            return line;
        }
    }

    private static String value(String line, String name) throws IOException {
        for (String word : line.split(" ", -1)) {
            if (word.startsWith(name + "=")) {
                return word.substring(name.length() + 1);
            }
        }
        throw new IOException("no " + name + " in: " + line);
    }

    private Path scenarioFile() {
        return scenario == null ? project.resolve("policies/scenarios/day.scenario.yaml") : scenario;
    }

    private Path policyFile() {
        return policies == null ? project.resolve("src-test/bench/day/policy.yaml") : policies;
    }

    private String play() throws IOException {
        Path scenarioFile = scenarioFile();
        Path policyFile = policyFile();
        Scenario day = valid(Scenario.parse(scenarioFile.toString(), Files.readString(scenarioFile)));
        HostMemory memory = new HostMemory(day.host().memoryBytes(), PAGE_SIZE);
        PolicyFile file = valid(PolicyFile.parse(policyFile.toString(), Files.readString(policyFile), memory));

        long began = System.nanoTime();
        RunDigest digest = new RunDigest();
        try (Simulation host = alone ? Simulation.alone(day) : Simulation.withAgent(day, file, digest::complaint)) {
            long[] counts = new long[3];
            host.decisions().subscribe(decision -> {
                digest.add(decision);
                counts[0]++;
                counts[1] += decision.to() == TriggerState.ACTIVE ? 1 : 0;
            });
            host.reclaims().subscribe(event -> {
                digest.add(event);
                if (event instanceof ReclaimEvent.Reclaimed reclaimed) {
                    counts[2] += reclaimed.result().pagesReclaimed();
                }
            });
            host.start();
            boolean running = true;
            while (running) {
                running = host.advance(STEP);
            }
            digest.add(day, host);
            double wall = (System.nanoTime() - began) / 1e9;
            long maxEvents =
                    host.views().stream().mapToLong(Simulation.View::maxEvents).sum();
            long oomKills =
                    host.views().stream().mapToLong(Simulation.View::oomKills).sum();
            return String.format(
                    Locale.ROOT,
                    "wall_s=%.2f simulated_s=%d cgroups=%d processes=%d events=%d charged_pages=%d decisions=%d starts=%d"
                            + " reclaimed_mib=%d max_events=%d oom_kills=%d complaints=%d processors=%d digest=%s",
                    wall,
                    host.now().toSeconds(),
                    day.cgroups().size(),
                    day.workloads().size(),
                    host.events(),
                    host.model().chargedPages(),
                    counts[0],
                    counts[1],
                    (counts[2] * PAGE_SIZE) >> 20,
                    maxEvents,
                    oomKills,
                    digest.complaints(),
                    Runtime.getRuntime().availableProcessors(),
                    digest.hex());
        }
    }

    private static <T> T valid(Checked<T> checked) throws IOException {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(var problems) ->
                throw new IOException(problems.getFirst().render());
        };
    }
}
