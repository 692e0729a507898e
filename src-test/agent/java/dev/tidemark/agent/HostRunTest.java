package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, on a tree of plain files that looks like a cgroup hierarchy. Real time. */
class HostRunTest {

    private static final long MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String POLICY = """
            version: 1
            policies:
              - name: test
                cgroups: ["job/*"]
                period: 20ms
                start: usage > 16MiB
                stop: usage < 8MiB
                reclaim: { batch: 1MiB }
            """;

    private final StringWriter answer = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path root;

    @SuppressWarnings("NullAway.Init") // set by run
    private Path policy;

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

    @Test
    void aHangupReloadsThePolicies() throws IOException, InterruptedException {
        run();
        awaitLine("ready cgroups=1");
        hangUp();
        awaitLine("reloaded unchanged=1");

        // Together, so that the hangup finds the new file at the latest when the watch does.
        Files.writeString(policy, POLICY.replace("16MiB", "32MiB"));
        hangUp();
        awaitLine("reloaded changed=test unchanged=0");

        Files.writeString(root.resolve("job/a/memory.current"), 20 * MIB + "\n");
        hangUp();
        await().atMost(PATIENCE).until(() -> lines("reloaded unchanged=1") >= 2);
        assertThat(asked("job/a")).as("20 MiB is below the new mark").isEmpty();
        Files.writeString(root.resolve("job/a/memory.current"), 40 * MIB + "\n");
        await().atMost(PATIENCE).until(() -> !asked("job/a").isEmpty());
        assertThat(agent.isAlive()).isTrue();
    }

    @Test
    void aBrokenFileIsRefusedAndTheOldPoliciesRunOn() throws IOException {
        run();
        awaitLine("ready cgroups=1");

        Files.writeString(
                policy, POLICY.replace("usage > 16MiB", "usge > 16MiB").replace("stop:", "stopp:"));
        awaitLine("reload refused, the policies stay as they are: ");
        awaitLine(policy + ":6:12: unknown signal \"usge\"");
        Files.writeString(root.resolve("job/a/memory.current"), 20 * MIB + "\n");

        await().atMost(PATIENCE).until(() -> !asked("job/a").isEmpty());
        Files.delete(policy);
        awaitLine("there is no such file any more");
        Files.writeString(policy, POLICY.replace("name: test", "name: mended"));
        awaitLine("reloaded added=mended removed=test unchanged=0");
        awaitLine("policy=test cgroup=job/a from=active to=stopping cause=reloaded");
    }

    @Test
    void aLinkSwappedAsKubernetesDoesReloads() throws IOException {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        Files.writeString(Files.createDirectory(mounted.resolve("..1")).resolve("policy.yaml"), POLICY);
        Files.createSymbolicLink(mounted.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(mounted.resolve("policy.yaml"), Path.of("..data/policy.yaml"));
        policy = mounted.resolve("policy.yaml");
        start();
        awaitLine("ready cgroups=1");

        Files.writeString(
                Files.createDirectory(mounted.resolve("..2")).resolve("policy.yaml"),
                POLICY
                        + POLICY.substring(POLICY.indexOf("  - name"))
                                .replace("name: test", "name: more")
                                .replace("job/*", "more/*"));
        PolicyFileWatchTest.swap(mounted, "..2");

        awaitLine("reloaded added=more unchanged=1");
        cgroup("more", MIB);
        cgroup("more/b", 20 * MIB);
        await().atMost(PATIENCE).until(() -> !asked("more/b").isEmpty());
    }

    @Test
    void itSaysWhatHoldsItBackWhileItRuns() throws IOException {
        run();
        awaitLine("listening socket=" + folder.resolve("s"));
        awaitLine("ready cgroups=1");

        assertThat(explain("test", "job/*")).isEqualTo(ExitStatus.OK);
        assertThat(answer.toString())
                .startsWith("policy test on cgroup job/a\n")
                .contains("usage 4MiB > 16MiB: false, 12MiB short");

        answer.getBuffer().setLength(0);
        assertThat(explain("tset", null)).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(answer).hasToString("tidemark: no policy tset runs; there are: test\n");
        answer.getBuffer().setLength(0);
        assertThat(explain(null, "other/*")).isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void aPolicyThatReadsWhatThisHostLacksIsToldAndTheOthersRun() throws IOException {
        policy = Files.writeString(folder.resolve("policy.yaml"), POLICY + """
                - name: scans
                  cgroups: ["job/*"]
                  start: rate(zswpwb, 5s) > 1000/s
                  stop: usage < 8MiB
                """.indent(2));
        start();

        awaitLine("warning: signal zswpwb: ");
        awaitLine("this disables the policy scans");
        awaitLine("ready cgroups=1 policies=1");
    }

    @Test
    void aSecondAgentOnTheSameSocketIsRefused() throws IOException, InterruptedException {
        run();
        awaitLine("ready cgroups=1");
        Process first = agent;

        try {
            start();
            assertThat(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(agent.exitValue()).isEqualTo(ExitStatus.HOST_LACKS);
            awaitLine(folder.resolve("s") + " is in use by a running agent");
            assertThat(first.isAlive()).isTrue();
        } finally {
            first.destroyForcibly().waitFor();
        }
    }

    private int explain(@Nullable String policyName, @Nullable String cgroup) {
        PrintWriter to = new PrintWriter(answer);
        return LiveClient.explain(folder.resolve("s"), policyName, cgroup, to, to);
    }

    private void hangUp() throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(agent.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private long lines(String part) throws IOException {
        return Files.readString(folder.resolve("err"))
                .lines()
                .filter(line -> line.contains(part))
                .count();
    }

    private void run(String... options) throws IOException {
        policy = Files.writeString(folder.resolve("policy.yaml"), POLICY);
        start(options);
    }

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "--cgroup-root",
                root.toString(),
                "--socket",
                folder.resolve("s").toString()));
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
