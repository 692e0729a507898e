package dev.tidemark.agent;

import dev.tidemark.agent.simulate.Candidate;
import dev.tidemark.agent.simulate.ColumnNames;
import dev.tidemark.agent.simulate.Comparison;
import dev.tidemark.agent.simulate.Plan;
import dev.tidemark.config.Analysis;
import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Unit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs policies over a scenario in virtual time and tells what happened without any and with each, side by side. */
@Command(
        name = "simulate",
        description = {
            "Runs policies over a scenario on the model of the kernel, in virtual time, and tells what happened without"
                    + " any and with each, side by side.",
            "Each policy file is a column of its own, beside the column of the kernel alone."
        },
        mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {

    private static final double SHORTEST_STEP = 1e-6;
    private static final double LONGEST_STEP = 3600;
    private static final double NANOS = 1e9;

    /** The forms there are; the names are what the operator writes. */
    enum Format {
        text,
        json
    }

    @Spec
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SCENARIO", description = "what happens on the host, see docs/model.md")
    Path scenarioFile;

    @Parameters(
            index = "1..*",
            paramLabel = "FILE",
            arity = "0..*",
            description = "policy files; without any, only the kernel alone is shown")
    List<Path> policyFiles = new ArrayList<>();

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description =
                    "draw what happened over time: FILE.svg, or FILE.html for the table and the picture on a page")
    @Nullable
    Path plot;

    @Option(names = "--json", paramLabel = "FILE", description = "write all figures to a file, as JSON")
    @Nullable
    Path json;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "what to print: ${COMPLETION-CANDIDATES}; text unless given")
    Format format;

    @Option(
            names = "--step",
            paramLabel = "TIME",
            description = "how often usage is looked at, 1us to 1h, such as 100ms; by default some 5000 times in the"
                    + " scenario's duration, 1ms to 10s")
    @Nullable
    String step;

    @Option(names = "--cgroup", paramLabel = "GLOB", description = "tell only of cgroups at paths like this")
    @Nullable
    String cgroup;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    SimulateCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        @Nullable String form = plot == null ? null : form(plot);
        @Nullable Duration looks = step == null ? null : duration(step);
        Optional<CgroupGlob> only = Optional.ofNullable(cgroup).map(this::glob);
        PrintWriter err = spec.commandLine().getErr();

        Optional<Scenario> scenario = new Input(err).read(scenarioFile, Scenario::parse);
        List<PolicyFile> policies = policies(new HostMemory(
                scenario.map(read -> read.host().memoryBytes()).orElse(Long.MAX_VALUE), Bundled.MODEL_PAGE_SIZE));
        if (scenario.isEmpty() || policies.size() < policyFiles.size()) {
            return ExitStatus.BAD_INPUT;
        }
        if (only.isPresent()
                && scenario.get().cgroups().stream().noneMatch(it -> only.get().matches(it.path()))) {
            err.println(scenarioFile + ": no cgroup of the scenario is at a path like " + cgroup);
            err.flush();
            return ExitStatus.BAD_INPUT;
        }
        // Before a long run, not after it.
        boolean plotWritable = writable(plot);
        boolean jsonWritable = writable(json);
        if (!plotWritable || !jsonWritable) {
            return ExitStatus.BAD_INPUT;
        }
        Plan plan = new Plan(
                scenarioFile.toString(),
                scenario.get(),
                looks == null ? Plan.defaultStep(scenario.get()) : looks,
                only,
                plot != null);
        Comparison comparison =
                Comparison.of(plan, candidates(policies), Runtime.getRuntime().availableProcessors());
        return tell(comparison, form);
    }

    private List<Candidate> candidates(List<PolicyFile> policies) {
        List<String> names = ColumnNames.of(policyFiles);
        List<Candidate> candidates = new ArrayList<>(List.of(Candidate.WITHOUT));
        for (int i = 0; i < names.size(); i++) {
            candidates.add(Candidate.with(names.get(i), policies.get(i)));
        }
        return candidates;
    }

    /** Of all files that are in order; what is wrong with the others has been told. */
    private List<PolicyFile> policies(HostMemory host) {
        PrintWriter err = spec.commandLine().getErr();
        List<PolicyFile> policies = new ArrayList<>();
        for (Path file : policyFiles) {
            new Input(err)
                    .read(file, (name, text) -> Analysis.parse(name, text, host))
                    .ifPresent(result -> {
                        result.warnings().forEach(warning -> err.println(warning.render()));
                        policies.add(result.file());
                    });
        }
        err.flush();
        return policies;
    }

    private int tell(Comparison comparison, @Nullable String form) {
        PrintWriter err = spec.commandLine().getErr();
        comparison.complaints().forEach(err::println);
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (format) {
                    case text -> comparison.text(styled("bold"), styled("faint"));
                    case json -> comparison.json();
                });
        out.flush();
        boolean written = json == null || write(json, comparison.json());
        if (plot != null) {
            written &= write(plot, "html".equals(form) ? comparison.html() : comparison.svg());
        }
        return written ? ExitStatus.OK : ExitStatus.BAD_INPUT;
    }

    private UnaryOperator<String> styled(String style) {
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        return ansi.enabled() ? text -> ansi.string("@|" + style + " " + text + "|@") : UnaryOperator.identity();
    }

    private String form(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".svg")) {
            return "svg";
        }
        if (name.endsWith(".html")) {
            return "html";
        }
        throw misused("--plot draws FILE.svg or FILE.html, but was given " + file);
    }

    private Duration duration(String text) {
        double seconds;
        try {
            seconds = Unit.DURATION.parse(text);
        } catch (IllegalArgumentException e) {
            throw misused("--step: " + e.getMessage());
        }
        if (seconds < SHORTEST_STEP || seconds > LONGEST_STEP) {
            throw misused("--step is from 1us to 1h, but was given " + text);
        }
        return Duration.ofNanos(Math.round(seconds * NANOS));
    }

    private CgroupGlob glob(String pattern) {
        try {
            return new CgroupGlob(pattern);
        } catch (IllegalArgumentException e) {
            throw misused("--cgroup: " + e.getMessage());
        }
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Whether the file may be written, as far as can be told without doing so; if not, why not has been told. */
    private boolean writable(@Nullable Path file) {
        if (file == null) {
            return true;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            return unwritable(file, "it is a directory");
        }
        if (folder == null || !Files.isDirectory(folder)) {
            return unwritable(file, "there is no directory " + folder);
        }
        if (Files.exists(file) ? !Files.isWritable(file) : !Files.isWritable(folder)) {
            return unwritable(file, "this user may not");
        }
        List<Path> inputs = new ArrayList<>(policyFiles);
        inputs.add(scenarioFile);
        for (Path input : inputs) {
            if (input.toAbsolutePath().normalize().equals(file.toAbsolutePath().normalize())) {
                return unwritable(file, "it is read as well");
            }
        }
        return true;
    }

    private boolean write(Path file, String text) {
        try {
            Files.writeString(file, text);
            return true;
        } catch (AccessDeniedException e) {
            return unwritable(file, "this user may not");
        } catch (IOException e) {
            return unwritable(file, String.valueOf(e.getMessage()));
        }
    }

    private boolean unwritable(Path file, String reason) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(file + ": cannot be written: " + reason);
        err.flush();
        return false;
    }
}
