package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How soon a push of this host's own kernel becomes a decision of the agent. The pressure is real: in each of some cgroups a task
 * wants the one processor that all of them are bound to, by turns with a pause in which the last push wears off. The agent sees
 * the kernel's own {@code cpu.pressure} files in a tree of which the rest is plain files, because a host whose memory controller is
 * of cgroup v1 has no others. Pressure of the CPU stands for that of memory: both come by the same trigger.
 */
@Command(
        name = "run Push",
        description = "Measures the packaged agent from being woken by a kernel pressure trigger to its decision.",
        footer = "Exit status: 0 measured, 2 wrong usage, 3 it could not be measured.",
        mixinStandardHelpOptions = true)
final class Push implements Callable<Integer> {

    private static final int NOT_MEASURED = 3;
    private static final long END_AT_MOST_SECONDS = 10;

    /** On for longer than the window, off for longer than a push lasts; without CAP_SYS_RESOURCE a window is 2 s. */
    private static final String BURN = "echo $$ > \"$0/cgroup.procs\" && sleep $1"
            + " && while :; do timeout 3 sh -c 'while :; do :; done'; sleep 4.5; done";

    private static final String POLICY = """
            version: 1
            policies:
              - name: push
                cgroups: ["job/*"]
                period: 1s
                start: psi.cpu.some trigger 150ms/1s
                stop: not (psi.cpu.some trigger 150ms/1s)
                reclaim: { batch: 1MiB }
                limits: { bytes: 1MiB/s }
            """;

    @Option(names = "--cgroups", description = "cgroups under pressure (default ${DEFAULT-VALUE})")
    int count = 12;

    @Option(names = "--seconds", description = "how long (default ${DEFAULT-VALUE})")
    int seconds = 90;

    @Option(names = "--agent", description = "the packaged agent (default: agent/target/tidemark of this checkout)")
    @Nullable
    Path agent;

    @Option(names = "--cgroup2", description = "a cgroup2 mount to make cgroups in (default ${DEFAULT-VALUE})")
    Path mount = Files.exists(Path.of("/sys/fs/cgroup/unified"))
            ? Path.of("/sys/fs/cgroup/unified")
            : Path.of("/sys/fs/cgroup");

    @Option(names = "--project", hidden = true, required = true)
    Path project;

    private final List<Process> burners = new ArrayList<>();
    private final List<Path> groups = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
    Push() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Push())
                .setExecutionExceptionHandler((failure, command, _) -> {
                    command.getErr().println("bench: " + failure);
                    return NOT_MEASURED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("tidemark-bench-");
        Path tree = PlainTree.make(Files.createTempDirectory(work, "tree-"));
        Path parent = mount.resolve("tidemark-bench-" + ProcessHandle.current().pid());
        try {
            make(parent);
            for (int i = 0; i < count; i++) {
                Path group = parent.resolve("push-" + i);
                make(group);
                Path job = PlainTree.cgroup(tree.resolve("job/push-" + i), 30L << 20, 64L << 20);
                for (String file : List.of("cpu.pressure", "memory.pressure", "io.pressure")) {
                    Files.createSymbolicLink(job.resolve(file), group.resolve(file));
                }
            }
            return measure(tree, work);
        } finally {
            removeAll();
        }
    }

    private int measure(Path tree, Path work) throws IOException, InterruptedException {
        Path packaged = agent == null ? project.resolve("agent/target/tidemark") : agent;
        List<String> command = List.of(
                packaged.resolve("bin/tidemark").toString(),
                "run",
                "--no-socket",
                "--cgroup-root",
                tree.toString(),
                Files.writeString(work.resolve("policy.yaml"), POLICY).toString());
        try (Child child = Child.start("agent", command, Path.of("/dev/null"), 1024, work)) {
            child.awaitReady("ready cgroups=" + count);
            for (int i = 1; i < groups.size(); i++) {
                burn(groups.get(i), 0.25 * (i % 4));
            }
            Thread.sleep(TimeUnit.SECONDS.toMillis(seconds));
            child.end();
            System.out.println("| cgroups | s | pushes | false | decisions | p50 | p99 | worst |");
            System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %d | %.0f | %.0f | %.0f | %.2f ms | %.2f ms | %.2f ms |%n",
                    count,
                    seconds,
                    told(child, "pushes"),
                    told(child, "false_pushes"),
                    told(child, "push_to_decision_count"),
                    told(child, "push_to_decision_p50_us") / 1e3,
                    told(child, "push_to_decision_p99_us") / 1e3,
                    told(child, "push_to_decision_max_us") / 1e3);
        }
        System.err.println("bench: what the agent said is in " + work);
        return 0;
    }

    private static double told(Child child, String key) throws IOException {
        OptionalDouble value = child.told(key);
        return value.orElseThrow(() -> new IOException("the agent told no " + key));
    }

    private void make(Path group) throws IOException {
        try {
            groups.add(Files.createDirectory(group));
        } catch (IOException e) {
            throw new IOException("no cgroup can be made in " + mount + ", give --cgroup2: " + e.getMessage(), e);
        }
        if (!Files.isWritable(group.resolve("cpu.pressure"))) {
            throw new IOException(group + " has no cpu.pressure: the kernel needs psi=1");
        }
    }

    /** On the last processor and with what others leave of it, so that the agent is not what is under pressure. */
    private void burn(Path group, double afterSeconds) throws IOException {
        int processor = Runtime.getRuntime().availableProcessors() - 1;
        burners.add(new ProcessBuilder(
                        "taskset",
                        "-c",
                        Integer.toString(processor),
                        "nice",
                        "-n",
                        "19",
                        "sh",
                        "-c",
                        BURN,
                        group.toString(),
                        Double.toString(afterSeconds))
                .inheritIO()
                .start());
    }

    private void removeAll() throws IOException, InterruptedException {
        for (Process burner : burners) {
            burner.descendants().forEach(ProcessHandle::destroyForcibly);
            burner.destroyForcibly().waitFor();
        }
        for (Path group : groups.reversed()) {
            remove(group);
        }
    }

    /** A process that was killed leaves its cgroup a little later. */
    private static void remove(Path group) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_AT_MOST_SECONDS);
        while (true) {
            try {
                Files.deleteIfExists(group);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }
}
