package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.scheduler.Schedulers;

/** Which policies a host of plain files can run. */
class HostPoliciesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private HostPolicies.Fit fit(String cgroups, String runsIn) throws IOException {
        Path root = folder.resolve("cgroup");
        for (String path :
                new String[] {"", "system.slice", "system.slice/tidemark.service", "system.slice/db.service"}) {
            Path at = Files.createDirectories(root.resolve(path));
            Files.writeString(at.resolve("cgroup.controllers"), "memory\n");
            Files.writeString(at.resolve("memory.current"), "0\n");
            Files.writeString(at.resolve("memory.max"), "max\n");
            Files.writeString(at.resolve("memory.high"), "max\n");
        }
        Path proc = folder.resolve("proc");
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(
                proc.resolve("self/mountinfo"), "30 1 0:26 / " + root + " rw shared:4 - cgroup2 cgroup2 rw\n");
        Files.writeString(proc.resolve("self/cgroup"), "0::/" + runsIn + "\n");
        Cgroup2Options options =
                Cgroup2Options.of(Schedulers.immediate(), () -> 0).withProc(proc);
        return new HostPolicies(options, Optional.empty()).fit(file(cgroups));
    }

    private static PolicyFile file(String cgroups) {
        Checked<PolicyFile> parsed = PolicyFile.parse("p", """
                version: 1
                policies:
                  - name: batch
                    cgroups: %s
                    start: usage > 1MiB
                    stop: usage < 512KiB
                """.formatted(cgroups), new HostMemory(1L << 30, 4096));
        return switch (parsed) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile> invalid -> throw new AssertionError(invalid.problems());
        };
    }

    @Test
    void theAgentsOwnCgroupAndThoseAboveAreLeftOut_andToldOf() throws IOException {
        HostPolicies.Fit fit = fit("[\"**\"]", "system.slice/tidemark.service");

        Policy policy = fit.file().policies().getFirst();
        assertThat(policy.selects("system.slice/db.service")).isTrue();
        assertThat(policy.selects("system.slice/tidemark.service")).isFalse();
        assertThat(policy.selects("system.slice")).isFalse();
        assertThat(fit.told())
                .containsExactly(
                        "policy batch selects system.slice/tidemark.service, in which the agent itself runs: nothing is "
                                + "taken from it",
                        "policy batch selects system.slice, in which the agent itself runs (system.slice/tidemark.service): "
                                + "nothing is taken from it");
    }

    @Test
    void aPolicyThatSelectsNoneOfThemIsAsItIsWritten() throws IOException {
        PolicyFile written = file("[\"system.slice/db*\"]");
        HostPolicies.Fit fit = fit("[\"system.slice/db*\"]", "system.slice/tidemark.service");

        assertThat(fit.file().policies().getFirst().sameAs(written.policies().getFirst()))
                .isTrue();
        assertThat(fit.told()).isEmpty();
    }

    @Test
    void anAgentInTheRootLeavesOutNothing() throws IOException {
        HostPolicies.Fit fit = fit("[\"**\"]", "");

        assertThat(fit.file().policies().getFirst().selects("system.slice")).isTrue();
        assertThat(fit.told()).isEmpty();
    }
}
