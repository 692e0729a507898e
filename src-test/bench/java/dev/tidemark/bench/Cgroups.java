package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What watching very many cgroups costs: the packaged agent with three policies over a tree of plain files, and, taking turns with
 * it, a C program that does nothing but read the same files.
 */
@Command(
        name = "run Cgroups",
        description =
                "Measures the packaged agent over a tree of plain files that looks like a cgroup hierarchy, and, before and "
                        + "after it, a C program that only reads the same files.",
        footer = "Exit status: 0 all held, 1 something did not, 2 wrong usage, 3 it could not be measured.",
        mixinStandardHelpOptions = true)
final class Cgroups implements Callable<Integer> {

    private static final int HELD = 0;
    private static final int NOT_HELD = 1;
    private static final int NOT_MEASURED = 3;

    /** How much longer the agent is measured than the reader, whose cost does not change, in each of its two turns. */
    private static final int READER_PART = 10;

    private static final double READER_LEAST_SECONDS = 20;
    private static final int READER_OWN_DESCRIPTORS = 16;

    @Option(names = "--cgroups", split = ",", description = "how many, one run each (default ${DEFAULT-VALUE})")
    List<Integer> counts = List.of(10_000, 1_000);

    @Option(
            names = "--minutes",
            description = "how long the agent is measured in the first run, a fifth of it in each further one "
                    + "(default ${DEFAULT-VALUE})")
    double minutes = 10;

    @Option(names = "--warm-up", description = "seconds before that (default ${DEFAULT-VALUE})")
    double warmUpSeconds = 60;

    @Option(names = "--agent", description = "the packaged agent (default: agent/target/tidemark of this checkout)")
    @Nullable
    Path agent;

    @Option(names = "--policies", description = "other policies than src-test/bench/cgroups/policy.yaml")
    @Nullable
    Path policies;

    @Option(names = "--dir", description = "where the tree is made (default ${DEFAULT-VALUE})")
    Path folder = Path.of("/dev/shm");

    @Option(
            names = "--descriptors",
            description = "limit of open files for both, where this user may (default ${DEFAULT-VALUE})")
    int descriptors = 65_536;

    @Option(names = "--project", hidden = true, required = true)
    Path project;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    Cgroups() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Cgroups())
                .setExecutionExceptionHandler((failure, command, _) -> {
                    command.getErr().println("bench: " + failure);
                    return NOT_MEASURED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("tidemark-bench-");
        Path reader = compiled(work);
        List<CgroupsRow> rows = new ArrayList<>();
        double seconds = minutes * 60;
        for (int count : counts) {
            System.err.printf("bench: %d cgroups, %.0f s%n", count, seconds);
            rows.add(measure(count, seconds, reader, work));
            seconds = minutes * 60 / 5;
        }
        System.out.print(CgroupsRow.table(rows));
        rows.forEach(row -> System.out.println(row.line()));
        System.err.println("bench: what both said is in " + work);
        return rows.stream().allMatch(row -> row.broken().isEmpty()) ? HELD : NOT_HELD;
    }

    private Path compiled(Path work) throws IOException, InterruptedException {
        Path reader = work.resolve("reader");
        Process compiler = new ProcessBuilder(
                        "cc",
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-o",
                        reader.toString(),
                        source("reader.c").toString())
                .inheritIO()
                .start();
        if (compiler.waitFor() != 0) {
            throw new IOException("cc could not compile " + source("reader.c"));
        }
        return reader;
    }

    private Path source(String name) {
        return project.resolve("src-test/bench/cgroups").resolve(name);
    }

    private CgroupsRow measure(int count, double seconds, Path reader, Path work)
            throws IOException, InterruptedException {
        double readerSeconds = Math.max(READER_LEAST_SECONDS, seconds / READER_PART);
        try (CgroupTree tree = CgroupTree.make(folder, count)) {
            List<Path> files = tree.readEachTick();
            double before = reader(reader, files, readerSeconds, work);
            CgroupsRow row = agent(tree, count, seconds, work);
            double after = reader(reader, files, readerSeconds, work);
            return row.beside(before, after, limitedReader(reader, files, readerSeconds, work));
        }
    }

    /**
     * CPU share of the C program. Where a process may not have as many files open as there are, there are several, and it is
     * the sum: what it costs to read them all with none opened twice.
     */
    private double reader(Path reader, List<Path> files, double seconds, Path work)
            throws IOException, InterruptedException {
        int most = mostKept();
        List<Child> children = new ArrayList<>();
        try {
            for (int from = 0; from < files.size(); from += most) {
                List<Path> part = files.subList(from, Math.min(files.size(), from + most));
                children.add(startReader("reader-" + children.size(), List.of(reader.toString()), part, work));
            }
            return share(children, seconds);
        } finally {
            children.forEach(Child::close);
        }
    }

    /**
     * CPU share of the C program when it has to do with one process, as the agent has to: what it may not keep open it opens for each
     * read. None where all may be kept.
     */
    private OptionalDouble limitedReader(Path reader, List<Path> files, double seconds, Path work)
            throws IOException, InterruptedException {
        int most = mostKept();
        if (files.size() <= most) {
            return OptionalDouble.empty();
        }
        List<String> command = List.of(reader.toString(), Integer.toString(most));
        try (Child child = startReader("reader-limited", command, files, work)) {
            return OptionalDouble.of(share(List.of(child), seconds));
        }
    }

    private int mostKept() throws IOException {
        return Child.descriptorLimit(descriptors) - READER_OWN_DESCRIPTORS;
    }

    private Child startReader(String name, List<String> command, List<Path> files, Path work)
            throws IOException, InterruptedException {
        Path list = work.resolve(name + ".files");
        Files.write(list, files.stream().map(Path::toString).toList());
        Child child = Child.start(name, command, list, descriptors, work);
        try {
            child.awaitReady("ready files=" + files.size());
        } catch (IOException | InterruptedException e) {
            child.close();
            throw e;
        }
        return child;
    }

    private static double share(List<Child> children, double seconds) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(2);
        double before = cpuSeconds(children);
        long began = System.nanoTime();
        Thread.sleep(Math.round(seconds * 1000));
        double used = cpuSeconds(children) - before;
        double share = used / ((System.nanoTime() - began) / 1e9);
        for (Child child : children) {
            child.end();
        }
        return share;
    }

    private static double cpuSeconds(List<Child> children) throws IOException {
        double sum = 0;
        for (Child child : children) {
            sum += child.figures().cpuSeconds();
        }
        return sum;
    }

    private CgroupsRow agent(CgroupTree tree, int count, double seconds, Path work)
            throws IOException, InterruptedException {
        Path packaged = agent == null ? project.resolve("agent/target/tidemark") : agent;
        Path policy = policies == null ? source("policy.yaml") : policies;
        List<String> command = List.of(
                packaged.resolve("bin/tidemark").toString(),
                "run",
                "--no-socket",
                "--cgroup-root",
                tree.root().toString(),
                policy.toString());
        try (Child child = Child.start("agent-" + count, command, Path.of("/dev/null"), descriptors, work)) {
            child.awaitReady("ready cgroups=" + count);
            Thread.sleep(Math.round(warmUpSeconds * 1000));
            Child.Cost cost = child.cost(seconds);
            ProcessFigures figures = child.figures();
            CgroupsRow row = new CgroupsRow(
                    count,
                    cost,
                    figures.statusMib("VmRSS"),
                    figures.pssMib(),
                    figures.statusMib("VmHWM"),
                    figures.descriptors(),
                    Child.descriptorLimit(descriptors));
            child.end();
            return row.told(child);
        }
    }
}
