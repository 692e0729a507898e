package dev.tidemark.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that is measured. What it says goes into two files. */
final class Child implements AutoCloseable {

    private static final long READY_AT_MOST_MILLIS = 180_000;
    private static final long END_AT_MOST_SECONDS = 15;
    private static final long LOOK_AGAIN_MILLIS = 100;

    /** Raises the limit of descriptors as far as it may, and becomes the command. */
    private static final String WITH_DESCRIPTORS =
            "ulimit -Hn \"$0\" 2>/dev/null; ulimit -Sn \"$0\" 2>/dev/null || ulimit -Sn hard; exec \"$@\"";

    private final String name;
    private final Process process;
    private final ProcessFigures figures;
    private final Path out;
    private final Path err;

    private Child(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.figures = new ProcessFigures(process);
        this.out = out;
        this.err = err;
    }

    /**
     * Starts a command.
     *
     * @param input what it reads from its standard input
     * @param descriptors the limit of open files that it is given, where this user may
     * @param folder its output goes there
     */
    static Child start(String name, List<String> command, Path input, int descriptors, Path folder) throws IOException {
        List<String> all = new ArrayList<>(List.of("/bin/bash", "-c", WITH_DESCRIPTORS, Integer.toString(descriptors)));
        all.addAll(command);
        Path out = folder.resolve(name + ".out");
        Path err = folder.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(all)
                .redirectInput(input.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new Child(name, process, out, err);
    }

    /** How many files such a process may have open. */
    static int descriptorLimit(int wanted) throws IOException {
        Process shell = new ProcessBuilder(
                        "/bin/bash", "-c", WITH_DESCRIPTORS, Integer.toString(wanted), "/bin/bash", "-c", "ulimit -n")
                .start();
        try (BufferedReader reader = shell.inputReader(StandardCharsets.US_ASCII)) {
            String limit = reader.readLine();
            return limit == null || limit.equals("unlimited") ? wanted : Integer.parseInt(limit);
        }
    }

    ProcessFigures figures() {
        return figures;
    }

    /** Waits for a line that has these words. */
    void awaitReady(String words) throws IOException, InterruptedException {
        for (long waited = 0; waited < READY_AT_MOST_MILLIS; waited += LOOK_AGAIN_MILLIS) {
            if (said().contains(words)) {
                return;
            }
            if (!process.isAlive()) {
                throw new IOException(name + " ended before it was ready: " + said());
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        throw new IOException(name + " was not ready after " + READY_AT_MOST_MILLIS / 1000 + " s: " + said());
    }

    /** What a process cost in a span of time; CPU is a share of one processor. */
    record Cost(double cpu, Map<String, Double> cpuByThread, double seconds) {}

    /** Lets it run that long and tells what it cost. */
    Cost cost(double seconds) throws IOException, InterruptedException {
        Map<String, Double> threadsBefore = figures.cpuSecondsByThread();
        double before = figures.cpuSeconds();
        long began = System.nanoTime();
        Thread.sleep(Math.round(seconds * 1000));
        double after = figures.cpuSeconds();
        double elapsed = (System.nanoTime() - began) / 1e9;
        Map<String, Double> threads = figures.cpuSecondsByThread();
        threads.replaceAll((thread, used) -> (used - threadsBefore.getOrDefault(thread, 0.0)) / elapsed);
        return new Cost((after - before) / elapsed, threads, elapsed);
    }

    /** Asks it to end, and waits until it has. */
    void end() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(END_AT_MOST_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException(name + " did not end within " + END_AT_MOST_SECONDS + " s of SIGTERM");
        }
    }

    /** The last figure that it told as {@code key=number} on its standard output; none when it did not. */
    OptionalDouble told(String key) throws IOException {
        Matcher matcher =
                Pattern.compile("\\b" + Pattern.quote(key) + "=([0-9.]+)").matcher(Files.readString(out));
        OptionalDouble last = OptionalDouble.empty();
        while (matcher.find()) {
            last = OptionalDouble.of(Double.parseDouble(matcher.group(1)));
        }
        return last;
    }

    /** How many lines on its standard error have these words. */
    long complaints(String words) throws IOException {
        return Files.readAllLines(err).stream()
                .filter(line -> line.contains(words))
                .count();
    }

    private String said() throws IOException {
        return Files.readString(out) + Files.readString(err);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
