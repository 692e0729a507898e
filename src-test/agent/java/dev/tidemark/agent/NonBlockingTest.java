package dev.tidemark.agent;

import static dev.tidemark.agent.AgentProcess.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing blocks the core: all that an agent does in its life, with a detector of blocking calls in its process. */
class NonBlockingTest {

    private static final int MOST_SHOWN = 10;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @Test
    void noThreadThatMustNotBlockMakesACallThatMay() throws IOException, InterruptedException {
        Path found = folder.resolve("blocking");
        try (AgentProcess agent = new AgentProcess(folder)) {
            Path policy = agent.policy(AgentProcess.POLICY);
            agent.start(
                    WatchedMain.class,
                    List.of(
                            "-D" + WatchedMain.FILE + "=" + found,
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+AllowRedefinitionToAddDeleteMethods",
                            "-XX:+EnableDynamicAgentLoading"),
                    policy);
            live(agent, policy);
            agent.process().destroy();
            assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(agent.summary()).contains("summary: starts=");
        }

        List<String> lines = Files.readAllLines(found);
        int begun = lines.indexOf(WatchedMain.BEGUN);
        assertThat(String.join("\n", lines.subList(0, begun)))
                .startsWith(WatchedMain.AWAKE)
                .contains("sleep")
                .contains("FileInputStream.read")
                .contains("FileChannelImpl.read")
                .contains("LibC.close")
                .contains("CgroupFs.exists")
                .contains("Files.exists");
        assertThat(lines.stream().skip(begun + 1).limit(MOST_SHOWN)).isEmpty();
    }

    private static void live(AgentProcess agent, Path policy) throws IOException, InterruptedException {
        agent.awaitLine("ready cgroups=1");
        agent.usage("job/a", 20 * MIB);
        agent.awaitAsked("job/a");
        agent.usage("job/a", 4 * MIB);
        agent.awaitLine("from=active to=stopping cause=stop");
        agent.cgroup("job/b", 20 * MIB);
        agent.awaitAsked("job/b");
        explain(agent);
        agent.delete("job/b");
        agent.awaitLine("cgroup=job/b from=active to=inactive cause=gone");
        Files.writeString(policy, AgentProcess.POLICY.replace("16MiB", "32MiB"));
        agent.signal("HUP");
        agent.awaitLine("reloaded changed=test unchanged=0");
        Files.writeString(policy, "version: 1");
        agent.awaitLine("reload refused, the policies stay as they are: ");
    }

    private static void explain(AgentProcess agent) {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        assertThat(LiveClient.explain(agent.socket(), null, null, nowhere, nowhere))
                .isEqualTo(ExitStatus.OK);
    }
}
