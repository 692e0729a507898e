package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** The agent as a process of its own, on a tree of plain files that looks like a cgroup hierarchy. Real time. */
final class AgentProcess implements AutoCloseable {

    static final long MIB = 1 << 20;
    static final Duration PATIENCE = Duration.ofSeconds(20);

    static final String POLICY = """
            version: 1
            policies:
              - name: test
                cgroups: ["job/*"]
                period: 20ms
                start: usage > 16MiB
                stop: usage < 8MiB
                reclaim: { batch: 1MiB }
            """;

    private final Path folder;
    private final Path root;
    private @Nullable Process process;

    /**
     * Makes a tree with the cgroup {@code job/a} in it.
     *
     * @param folder empty, for the tree and for what the agent says
     */
    AgentProcess(Path folder) throws IOException {
        this.folder = folder;
        root = Files.createDirectory(folder.resolve("cgroup"));
        Files.writeString(root.resolve("cgroup.controllers"), "cpu io memory pids\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "memory\n");
        Files.writeString(root.resolve("memory.reclaim"), "");
        cgroup("job", 4 * MIB);
        cgroup("job/a", 4 * MIB);
    }

    void cgroup(String path, long usage) throws IOException {
        Path making = Files.createDirectories(folder.resolve("making").resolve(path.replace('/', '_')));
        Files.writeString(making.resolve("cgroup.controllers"), "memory\n");
        Files.writeString(making.resolve("cgroup.procs"), "");
        Files.writeString(making.resolve("cgroup.subtree_control"), path.contains("/") ? "" : "memory\n");
        Files.writeString(making.resolve("memory.current"), usage + "\n");
        Files.writeString(making.resolve("memory.max"), "max\n");
        Files.writeString(making.resolve("memory.high"), "max\n");
        Files.writeString(making.resolve("memory.low"), "0\n");
        Files.writeString(making.resolve("memory.min"), "0\n");
        Files.writeString(making.resolve("memory.reclaim"), "");
        Files.move(making, root.resolve(path));
    }

    /** At once, as rmdir of a cgroup is. */
    void delete(String path) throws IOException {
        Files.move(root.resolve(path), folder.resolve("deleted"));
    }

    void usage(String cgroup, long bytes) throws IOException {
        Files.writeString(root.resolve(cgroup).resolve("memory.current"), bytes + "\n");
    }

    /** The last request to reclaim; empty when there was none. */
    String asked(String cgroup) throws IOException {
        return Files.readString(root.resolve(cgroup).resolve("memory.reclaim")).strip();
    }

    void awaitAsked(String cgroup) {
        await().atMost(PATIENCE).until(() -> !asked(cgroup).isEmpty());
    }

    Path policy(String text) throws IOException {
        return Files.writeString(folder.resolve("policy.yaml"), text);
    }

    Path root() {
        return root;
    }

    /** Where it keeps by default what is to outlive it. */
    Path state() {
        return folder.resolve("tidemark.state");
    }

    /** What is in a file of a cgroup. */
    String limit(String cgroup, String file) throws IOException {
        return Files.readString(root.resolve(cgroup).resolve(file)).strip();
    }

    void limit(String cgroup, String file, String value) throws IOException {
        Files.writeString(root.resolve(cgroup).resolve(file), value + "\n");
    }

    Path socket() {
        return folder.resolve("s");
    }

    void start(Path policy, String... options) throws IOException {
        start(Main.class, List.of("-XX:TieredStopAtLevel=1"), policy, options);
    }

    void start(Class<?> main, List<String> jvm, Path policy, String... options) throws IOException {
        // What runs under nohup ignores SIGHUP, and so would this.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of("run", "--cgroup-root", root.toString(), "--socket", socket().toString()));
        command.addAll(List.of(options));
        command.add(policy.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("RUNTIME_DIRECTORY", folder.toString());
        process = builder.start();
    }

    /** The one started last. */
    Process process() {
        if (process == null) {
            throw new IllegalStateException("no agent has been started");
        }
        return process;
    }

    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(
                                "kill", "-" + name, Long.toString(process().pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Fails with what its threads are at, where it stands still. */
    void awaitLine(String part) {
        try {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(told()).contains(part));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\n" + threads(), e);
        }
    }

    private String threads() {
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(process().pid()),
                            "Thread.print")
                    .redirectErrorStream(true)
                    .start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "its threads cannot be told: " + e;
        }
    }

    long lines(String part) throws IOException {
        return told().lines().filter(line -> line.contains(part)).count();
    }

    /** Its log. */
    String told() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    /** What it said in the end. */
    String summary() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }
}
