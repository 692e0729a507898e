package dev.tidemark.agent;

import static dev.tidemark.agent.AgentProcess.MIB;
import static dev.tidemark.agent.AgentProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent sets and puts back, as a process that may be killed. Real time. */
class LimitRunTest {

    /** Throttles and protects the same cgroup at once. */
    private static final String POLICY = """
            version: 1
            policies:
              - name: slow
                cgroups: ["job/*"]
                period: 20ms
                start: usage > 16MiB
                stop: usage < 8MiB
                throttle: { over: 8MiB, least: 12MiB, longest: 1m }
              - name: shelter
                cgroups: ["job/*"]
                period: 20ms
                start: usage > 16MiB
                stop: usage < 8MiB
                protect: { low: 64MiB, longest: 1m }
            """;

    private static final String HIGH = Long.toString(12 * MIB);
    private static final String LOW = Long.toString(64 * MIB);

    private final StringWriter answer = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private AgentProcess agent;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path policy;

    @BeforeEach
    void makeTree() throws IOException {
        agent = new AgentProcess(folder);
        policy = agent.policy(POLICY);
    }

    @AfterEach
    void end() {
        agent.close();
    }

    @Test
    void setsWhileActiveAndPutsBackWithStop() throws IOException {
        setBoth();

        agent.usage("job/a", 4 * MIB);
        agent.awaitLine("restored policy=slow cgroup=job/a file=memory.high from=12MiB to=max cause=stop");
        agent.awaitLine("restored policy=shelter cgroup=job/a file=memory.low from=64MiB to=0B cause=stop");
        assertThat(agent.limit("job/a", "memory.high")).isEqualTo("max");
        assertThat(agent.limit("job/a", "memory.low")).isEqualTo("0");
    }

    @Test
    void whoAsksIsToldWhatIsSet() throws IOException {
        setBoth();

        assertThat(run("explain", "--live", "--socket", agent.socket().toString()))
                .isEqualTo(ExitStatus.OK);
        assertThat(answer.toString().replaceAll("\\s+", " "))
                .containsPattern("limit memory.high is 12MiB, was max; put back with STOP, in [0-9.]+s at the latest")
                .containsPattern("limit memory.low is 64MiB, was 0B; put back with STOP, in [0-9.]+s at the latest");
    }

    @Test
    void whatAKilledAgentHasSetIsPutBackByTheNextBeforeAnythingElse() throws IOException {
        setBoth();
        agent.close();
        assertThat(agent.limit("job/a", "memory.high")).isEqualTo(HIGH);
        agent.usage("job/a", 4 * MIB);

        agent.start(policy);

        agent.awaitLine("ready cgroups=1");
        assertThat(agent.limit("job/a", "memory.high")).isEqualTo("max");
        assertThat(agent.limit("job/a", "memory.low")).isEqualTo("0");
        assertThat(agent.told())
                .containsSubsequence(
                        "restored policy=slow cgroup=job/a file=memory.high from=12MiB to=max cause=left_behind",
                        "ready cgroups=1");
    }

    @Test
    void restoreDoesItWithoutAnAgentAndNotBesideOne() throws IOException {
        setBoth();
        int status = restore();
        assertThat(status).as("%s", answer).isEqualTo(ExitStatus.HOST_LACKS);
        assertThat(answer.toString()).contains(agent.state() + " is in use by a running agent");
        agent.close();
        agent.limit("job/a", "memory.low", Long.toString(7 * MIB));

        assertThat(restore()).isEqualTo(ExitStatus.OK);
        assertThat(agent.limit("job/a", "memory.high")).isEqualTo("max");
        assertThat(agent.limit("job/a", "memory.low"))
                .as("set by somebody else since")
                .isEqualTo(Long.toString(7 * MIB));
        assertThat(answer.toString())
                .contains("restored policy=slow", "left_alone policy=shelter", "expected=64MiB found=7MiB");

        assertThat(restore()).isEqualTo(ExitStatus.OK);
        assertThat(answer.toString()).contains("nothing to put back");
    }

    @Test
    void sigtermPutsBackWithinTwoSeconds() throws IOException, InterruptedException {
        setBoth();

        long before = System.nanoTime();
        agent.process().destroy();
        assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        assertThat(agent.limit("job/a", "memory.high")).as(agent.told()).isEqualTo("max");
        assertThat(agent.limit("job/a", "memory.low")).as(agent.told()).isEqualTo("0");
        assertThat(agent.told()).contains("cause=exit");
        assertThat(agent.summary()).contains(" limits_set=2 limits_restored=2 ");
        assertThat(Files.readString(agent.state())).doesNotContain("limit ");
    }

    @Test
    void whatIsLearntOfACgroupIsKept() throws IOException, InterruptedException {
        policy = agent.policy(AgentProcess.POLICY);
        agent.start(policy);
        agent.awaitLine("ready cgroups=1");
        agent.usage("job/a", 20 * MIB);
        // What is asked for never moves here, which after a few times is known.
        agent.awaitLine("reason=no_effect");

        agent.process().destroy();
        assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(agent.state())).containsPattern("(?m)^learnt [0-9]+ .* job/a$");

        agent.start(policy);
        agent.awaitLine("ready cgroups=1");
        assertThat(agent.told()).doesNotContain("warning: " + agent.state());
    }

    @Test
    void aDryRunSetsNothingAndKeepsNothing() throws IOException {
        agent.start(policy, "--dry-run");
        agent.awaitLine("ready cgroups=1");
        agent.usage("job/a", 20 * MIB);

        agent.awaitLine("file=memory.high from=max to=12MiB usage=20MiB outcome=dry_run");
        assertThat(agent.limit("job/a", "memory.high")).isEqualTo("max");
        assertThat(agent.state()).doesNotExist();
    }

    @Test
    void whereNothingCanBeKeptNothingIsSet() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("file"), "");
        agent.start(policy, "--state", file.resolve("state").toString());

        assertThat(agent.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(agent.process().exitValue()).isEqualTo(ExitStatus.HOST_LACKS);
        agent.awaitLine("nothing can be kept in " + file.resolve("state"));
    }

    @Test
    void policiesThatReclaimRunWithoutTheFile() throws IOException {
        Files.createDirectory(agent.state());
        policy = agent.policy(POLICY + AgentProcess.POLICY.substring(AgentProcess.POLICY.indexOf("  - name")));
        agent.start(policy);

        agent.awaitLine(
                "What was set could not be put back were the agent killed, which disables the policies slow, shelter");
        agent.awaitLine("ready cgroups=1 policies=1");
    }

    private void setBoth() throws IOException {
        agent.start(policy);
        agent.awaitLine("ready cgroups=1");
        agent.usage("job/a", 20 * MIB);
        await().atMost(PATIENCE)
                .until(() -> agent.limit("job/a", "memory.high").equals(HIGH)
                        && agent.limit("job/a", "memory.low").equals(LOW));
    }

    private int restore() {
        return run(
                "restore",
                "--cgroup-root",
                agent.root().toString(),
                "--state",
                agent.state().toString());
    }

    private int run(String... arguments) {
        answer.getBuffer().setLength(0);
        PrintWriter to = new PrintWriter(answer);
        return Main.commandLine().setOut(to).setErr(to).execute(arguments);
    }
}
