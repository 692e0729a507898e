package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, on a tree of plain files that looks like a cgroup hierarchy. Real time. */
class HostRunTest {

    private static final long MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path root;

    @SuppressWarnings("NullAway.Init") // set by run
    private Process agent;

    @BeforeEach
    void makeTree() throws IOException {
        root = Files.createDirectory(folder.resolve("cgroup"));
        Files.writeString(root.resolve("cgroup.controllers"), "cpu io memory pids\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "memory\n");
        Files.writeString(root.resolve("memory.reclaim"), "");
        cgroup("job", 4 * MIB);
        cgroup("job/a", 4 * MIB);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (agent != null) {
            agent.destroyForcibly().waitFor();
        }
    }

    @Test
    void reclaimsWhatIsOverItsWatermarkAndEndsOnSigterm() throws IOException, InterruptedException {
        run();
        awaitLine("ready cgroups=1 policies=1");

        Files.writeString(root.resolve("job/a/memory.current"), 20 * MIB + "\n");
        await().atMost(PATIENCE).until(() -> !asked("job/a").isEmpty());
        assertThat(asked("job/a")).isEqualTo("1048576");
        Files.writeString(root.resolve("job/a/memory.current"), 4 * MIB + "\n");
        awaitLine("from=active to=stopping cause=stop usage=4MiB");

        long before = System.nanoTime();
        agent.destroy();
        assertThat(agent.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        assertThat(agent.exitValue()).isEqualTo(ExitStatus.OK);
        assertThat(Files.readString(folder.resolve("out"))).containsPattern("(?m)^summary: starts=1 writes=[1-9]");
    }

    @Test
    void aCgroupThatAppearsIsServedAndOneThatGoesIsLetGo() throws IOException {
        run();
        awaitLine("ready cgroups=1");

        cgroup("job/b", 20 * MIB);
        await().atMost(PATIENCE).until(() -> !asked("job/b").isEmpty());
        deleteCgroup("job/b");

        awaitLine("cgroup=job/b from=active to=inactive cause=gone");
    }

    @Test
    void dryRunDoesEverythingButTheWrite() throws IOException {
        run("--dry-run", "--verbose");
        awaitLine("dry_run=true");

        Files.writeString(root.resolve("job/a/memory.current"), 20 * MIB + "\n");

        awaitLine("outcome=dry_run");
        assertThat(asked("job/a")).isEmpty();
    }

    private void run(String... options) throws IOException {
        Path policy = Files.writeString(folder.resolve("policy.yaml"), """
                version: 1
                policies:
                  - name: test
                    cgroups: ["job/*"]
                    period: 20ms
                    start: usage > 16MiB
                    stop: usage < 8MiB
                    reclaim: { batch: 1MiB }
                """);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "--cgroup-root",
                root.toString()));
        command.addAll(List.of(options));
        command.add(policy.toString());
        agent = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private void awaitLine(String part) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(Files.readString(folder.resolve("err"))).contains(part));
    }

    private String asked(String cgroup) throws IOException {
        return Files.readString(root.resolve(cgroup).resolve("memory.reclaim")).strip();
    }

    private void cgroup(String path, long usage) throws IOException {
        Path making = Files.createDirectories(folder.resolve("making").resolve(path.replace('/', '_')));
        Files.writeString(making.resolve("cgroup.controllers"), "memory\n");
        Files.writeString(making.resolve("cgroup.procs"), "");
        Files.writeString(making.resolve("cgroup.subtree_control"), path.contains("/") ? "" : "memory\n");
        Files.writeString(making.resolve("memory.current"), usage + "\n");
        Files.writeString(making.resolve("memory.max"), "max\n");
        Files.writeString(making.resolve("memory.high"), "max\n");
        Files.writeString(making.resolve("memory.reclaim"), "");
        Files.move(making, root.resolve(path));
    }

    private void deleteCgroup(String path) throws IOException {
        // At once, as rmdir of a cgroup is.
        Files.move(root.resolve(path), folder.resolve("deleted"));
    }
}
