package dev.tidemark.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long the agent takes on real processors from the watermark being crossed to its first byte being asked for. It plays the kernel
 * itself, with two plain files: usage grows in the one at a steady rate, and what the agent asks for appears in the other. So this is the
 * agent's own share, seen from outside; what a kernel takes to answer a read or to free a page is not in it. The first crossing at
 * each rate is told apart: the agent knows the rate only from then on.
 */
@Command(
        name = "run Reaction",
        description =
                "Measures the packaged agent from a watermark being crossed to its first write, over plain files.",
        footer = "Exit status: 0 measured, 2 wrong usage, 3 it could not be measured.",
        mixinStandardHelpOptions = true)
final class Reaction implements Callable<Integer> {

    private static final int NOT_MEASURED = 3;
    private static final long MIB = 1 << 20;

    // All of eight digits: a write in place is then never seen half as long as it is.
    private static final long BASE = 30 * MIB;
    private static final long WATERMARK = 48 * MIB;
    private static final long LIMIT = 64 * MIB;

    private static final String POLICY = """
            version: 1
            policies:
              - name: reaction
                cgroups: ["job/*"]
                start: usage > 48MiB
                stop: usage < 40MiB
                reclaim: { batch: 4MiB }
            """;

    @Option(names = "--rounds", description = "crossings at each rate (default ${DEFAULT-VALUE})")
    int rounds = 500;

    @Option(names = "--rates", split = ",", description = "MiB/s at which usage grows (default ${DEFAULT-VALUE})")
    List<Integer> rates = List.of(32, 128, 512);

    @Option(names = "--agent", description = "the packaged agent (default: agent/target/tidemark of this checkout)")
    @Nullable
    Path agent;

    @Option(names = "--dir", description = "where the files are (default ${DEFAULT-VALUE})")
    Path folder = Path.of("/dev/shm");

    @Option(names = "--project", hidden = true, required = true)
    Path project;

    private final Random random = new Random(1);

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    Reaction() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Reaction())
                .setExecutionExceptionHandler((failure, command, _) -> {
                    command.getErr().println("bench: " + failure);
                    return NOT_MEASURED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path root = Files.createTempDirectory(folder, "tidemark-bench-");
        Path work = Files.createTempDirectory("tidemark-bench-");
        try {
            PlainTree.make(root);
            Path job = PlainTree.cgroup(root.resolve("job/a"), BASE, LIMIT);
            Path packaged = agent == null ? project.resolve("agent/target/tidemark") : agent;
            List<String> command = List.of(
                    packaged.resolve("bin/tidemark").toString(),
                    "run",
                    "--no-socket",
                    "--cgroup-root",
                    root.toString(),
                    Files.writeString(work.resolve("policy.yaml"), POLICY).toString());
            try (Child child = Child.start("agent", command, Path.of("/dev/null"), 1024, work)) {
                child.awaitReady("ready cgroups=1");
                System.out.println("| MiB/s | crossings | first ms | p50 | p90 | p99 | worst | not before the limit |");
                System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
                for (int rate : rates) {
                    System.out.println(measured(job, rate));
                }
                child.end();
            }
        } finally {
            PlainTree.delete(root);
        }
        System.err.println("bench: what the agent said is in " + work);
        return 0;
    }

    private String measured(Path job, int rate) throws IOException, InterruptedException {
        long[] nanos = new long[rounds];
        int late = 0;
        try (FileChannel current = FileChannel.open(job.resolve("memory.current"), StandardOpenOption.WRITE);
                FileChannel reclaim = FileChannel.open(job.resolve("memory.reclaim"), StandardOpenOption.WRITE)) {
            for (int round = 0; round < rounds; round++) {
                rest(current, reclaim);
                nanos[round] = crossing(current, reclaim, rate);
                if (nanos[round] * 1e-9 * rate * MIB > LIMIT - WATERMARK) {
                    late++;
                }
            }
            rest(current, reclaim);
        }
        double first = nanos[0] / 1e6;
        Arrays.sort(nanos);
        return String.format(
                Locale.ROOT,
                "| %d | %d | %.2f | %.2f | %.2f | %.2f | %.2f | %d |",
                rate,
                rounds,
                first,
                millis(nanos, 0.5),
                millis(nanos, 0.9),
                millis(nanos, 0.99),
                millis(nanos, 1),
                late);
    }

    /** Lets usage grow until the agent asks; from the crossing to that, in nanoseconds. */
    private static long crossing(FileChannel current, FileChannel reclaim, int rate) throws IOException {
        long began = System.nanoTime();
        long crossed = 0;
        while (true) {
            long now = System.nanoTime();
            long usage = BASE + (long) ((now - began) * 1e-9 * rate * MIB);
            if (crossed == 0 && usage > WATERMARK) {
                crossed = now;
            }
            show(current, Math.min(usage, LIMIT));
            if (crossed != 0 && reclaim.size() > 0) {
                return System.nanoTime() - crossed;
            }
        }
    }

    /** Far below the watermark for some 60 to 260 ms, so that no crossing comes at a tick of the agent's more often than another. */
    private void rest(FileChannel current, FileChannel reclaim) throws IOException, InterruptedException {
        show(current, BASE);
        TimeUnit.MICROSECONDS.sleep(60_000 + random.nextInt(200_000));
        reclaim.truncate(0);
    }

    private static void show(FileChannel current, long usage) throws IOException {
        current.write(ByteBuffer.wrap((usage + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
    }

    private static double millis(long[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)] / 1e6;
    }
}
