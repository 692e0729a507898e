package dev.tidemark.agent;

import static dev.tidemark.agent.AgentProcess.MIB;
import static dev.tidemark.agent.AgentProcess.PATIENCE;
import static dev.tidemark.agent.AgentProcess.POLICY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, on a tree of plain files that looks like a cgroup hierarchy. Real time. */
class HostRunTest {

    private final StringWriter answer = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set by run
    private Path policy;

    @SuppressWarnings("NullAway.Init") // set before each
    private AgentProcess agent;

    @BeforeEach
    void makeTree() throws IOException {
        agent = new AgentProcess(folder);
    }

    @AfterEach
    void end() {
        agent.close();
    }

    @Test
    void reclaimsWhatIsOverItsWatermarkAndEndsOnSigterm() throws IOException, InterruptedException {
        run();
        agent.awaitLine("ready cgroups=1 policies=1");

        agent.usage("job/a", 20 * MIB);
        agent.awaitAsked("job/a");
        assertThat(agent.asked("job/a")).isEqualTo("1048576");
        agent.usage("job/a", 4 * MIB);
        agent.awaitLine("from=active to=stopping cause=stop usage=4MiB");

        long before = System.nanoTime();
        agent.process().destroy();
        assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        assertThat(agent.process().exitValue()).isEqualTo(ExitStatus.OK);
        assertThat(agent.summary()).containsPattern("(?m)^summary: starts=1 writes=[1-9]");
    }

    @Test
    void aCgroupThatAppearsIsServedAndOneThatGoesIsLetGo() throws IOException {
        run();
        agent.awaitLine("ready cgroups=1");

        agent.cgroup("job/b", 20 * MIB);
        agent.awaitAsked("job/b");
        agent.delete("job/b");

        agent.awaitLine("cgroup=job/b from=active to=inactive cause=gone");
    }

    /** Opening a pipe that nobody reads blocks, as a write may that is stuck in the kernel. */
    @Test
    void aKernelThatDoesNotReturnDoesNotKeepItFromStarting() throws IOException, InterruptedException {
        Path top = agent.root().resolve("memory.reclaim");
        Files.delete(top);
        assertThat(new ProcessBuilder("mkfifo", top.toString()).start().waitFor())
                .isZero();

        run();

        agent.awaitLine(
                "not rehearsed on this host, so that the first writes will be slower: of 250 requests for nothing 0");
        agent.awaitLine("ready cgroups=1");
        agent.usage("job/a", 20 * MIB);
        agent.awaitAsked("job/a");
    }

    @Test
    void dryRunDoesEverythingButTheWrite() throws IOException {
        run("--dry-run", "--verbose");
        agent.awaitLine("dry_run=true");

        agent.usage("job/a", 20 * MIB);

        agent.awaitLine("outcome=dry_run");
        assertThat(agent.asked("job/a")).isEmpty();
    }

    @Test
    void aHangupReloadsThePolicies() throws IOException, InterruptedException {
        run();
        agent.awaitLine("ready cgroups=1");
        agent.signal("HUP");
        agent.awaitLine("reloaded unchanged=1");

        // Together, so that the hangup finds the new file at the latest when the watch does.
        Files.writeString(policy, POLICY.replace("16MiB", "32MiB"));
        agent.signal("HUP");
        agent.awaitLine("reloaded changed=test unchanged=0");

        agent.usage("job/a", 20 * MIB);
        agent.signal("HUP");
        await().atMost(PATIENCE).until(() -> agent.lines("reloaded unchanged=1") >= 2);
        assertThat(agent.asked("job/a")).as("20 MiB is below the new mark").isEmpty();
        agent.usage("job/a", 40 * MIB);
        agent.awaitAsked("job/a");
        assertThat(agent.process().isAlive()).isTrue();
    }

    @Test
    void aBrokenFileIsRefusedAndTheOldPoliciesRunOn() throws IOException {
        run();
        agent.awaitLine("ready cgroups=1");

        Files.writeString(
                policy, POLICY.replace("usage > 16MiB", "usge > 16MiB").replace("stop:", "stopp:"));
        agent.awaitLine("reload refused, the policies stay as they are: ");
        agent.awaitLine(policy + ":6:12: unknown signal \"usge\"");
        agent.usage("job/a", 20 * MIB);

        agent.awaitAsked("job/a");
        Files.delete(policy);
        agent.awaitLine("there is no such file any more");
        Files.writeString(policy, POLICY.replace("name: test", "name: mended"));
        agent.awaitLine("reloaded added=mended removed=test unchanged=0");
        agent.awaitLine("policy=test cgroup=job/a from=active to=stopping cause=reloaded");
    }

    @Test
    void aLinkSwappedAsKubernetesDoesReloads() throws IOException {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        Files.writeString(Files.createDirectory(mounted.resolve("..1")).resolve("policy.yaml"), POLICY);
        Files.createSymbolicLink(mounted.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(mounted.resolve("policy.yaml"), Path.of("..data/policy.yaml"));
        policy = mounted.resolve("policy.yaml");
        agent.start(policy);
        agent.awaitLine("ready cgroups=1");

        Files.writeString(
                Files.createDirectory(mounted.resolve("..2")).resolve("policy.yaml"),
                POLICY
                        + POLICY.substring(POLICY.indexOf("  - name"))
                                .replace("name: test", "name: more")
                                .replace("job/*", "more/*"));
        PolicyFileWatchTest.swap(mounted, "..2");

        agent.awaitLine("reloaded added=more unchanged=1");
        agent.cgroup("more", MIB);
        agent.cgroup("more/b", 20 * MIB);
        agent.awaitAsked("more/b");
    }

    @Test
    void itSaysWhatHoldsItBackWhileItRuns() throws IOException {
        run();
        agent.awaitLine("listening socket=" + agent.socket());
        agent.awaitLine("ready cgroups=1");

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
        policy = agent.policy(POLICY + """
                - name: scans
                  cgroups: ["job/*"]
                  start: rate(zswpwb, 5s) > 1000/s
                  stop: usage < 8MiB
                """.indent(2));
        agent.start(policy);

        agent.awaitLine("warning: signal zswpwb: ");
        agent.awaitLine("this disables the policy scans");
        agent.awaitLine("ready cgroups=1 policies=1");
    }

    @Test
    void aSecondAgentOnTheSameSocketIsRefused() throws IOException, InterruptedException {
        run();
        agent.awaitLine("ready cgroups=1");
        Process first = agent.process();

        try {
            agent.start(policy);
            assertThat(agent.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(agent.process().exitValue()).isEqualTo(ExitStatus.HOST_LACKS);
            agent.awaitLine(agent.socket() + " is in use by a running agent");
            assertThat(first.isAlive()).isTrue();
        } finally {
            first.destroyForcibly().waitFor();
        }
    }

    private int explain(@Nullable String policyName, @Nullable String cgroup) {
        PrintWriter to = new PrintWriter(answer);
        return LiveClient.explain(agent.socket(), policyName, cgroup, to, to);
    }

    private void run(String... options) throws IOException {
        policy = agent.policy(POLICY);
        agent.start(policy, options);
    }
}
