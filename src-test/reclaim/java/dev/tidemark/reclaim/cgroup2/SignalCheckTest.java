package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignalCheckTest {
    @TempDir
    Path directory;

    private FakeHost host;
    private final Map<Policy, SignalSet> reads = new LinkedHashMap<>();

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private Policy policy(String name, String glob, String... signals) {
        String text = """
                version: 1
                policies:
                  - name: %s
                    cgroups: ["%s"]
                    start: usage > 2MiB
                    stop: usage < 1MiB
                """.formatted(name, glob);
        if (!(PolicyFile.parse("p.yaml", text, new HostMemory(1L << 34, 4096))
                instanceof Checked.Valid<PolicyFile>(PolicyFile file))) {
            throw new AssertionError("the test's policy is wrong");
        }
        Policy policy = file.policies().getFirst();
        reads.put(
                policy,
                SignalSet.of(Arrays.stream(signals)
                        .map(signal -> Objects.requireNonNull(Signal.named(signal), signal))
                        .toList()));
        return policy;
    }

    private List<LackingSignal> lacking() throws IOException {
        return Cgroup2Controller.lackingSignals(host.options(), reads);
    }

    private List<String> messages() throws IOException {
        return lacking().stream().map(LackingSignal::message).toList();
    }

    @Test
    void nothingLacks() throws IOException {
        host.cgroup("a");
        policy(
                "all",
                "a",
                "usage",
                "limit",
                "swap.headroom",
                "psi.some",
                "pgscan",
                "refault",
                "events.max",
                "host.total");

        assertThat(lacking()).isEmpty();
    }

    @Test
    void aKeyThatCameLater_disablesWhoReadsIt() throws IOException {
        FakeHost.write(host.proc.resolve("sys/kernel/osrelease"), "6.1.0-40-amd64\n");
        host.cgroup("a");
        Policy one = policy("one", "a", "usage", "pgscan_proactive");
        policy("two", "a", "usage");
        Policy three = policy("three", "a", "pgscan_proactive", "host.vmstat.pgscan_proactive");
        FakeHost.write(host.proc.resolve("vmstat"), "pgfault 1\n");

        assertThat(messages())
                .containsExactly(
                        "signal pgscan_proactive: the kernel (6.1.0-40-amd64) has no pgscan_proactive in memory.stat, which "
                                + "came with Linux 6.15; this disables the policies one, three",
                        "signal host.vmstat.pgscan_proactive: the kernel (6.1.0-40-amd64) has no pgscan_proactive in "
                                + host.proc.resolve("vmstat")
                                + ", which came with Linux 6.15; this disables the policy three");
        assertThat(LackingSignal.disabled(lacking())).containsExactly(one, three);
    }

    @Test
    void whatAnOldKernelWasGiven_isThere() throws IOException {
        FakeHost.write(host.proc.resolve("sys/kernel/osrelease"), "5.14.0-500.el9\n");
        host.cgroup("a");
        host.set("a", "memory.stat", "pgscan_proactive 5\n");
        policy("one", "a", "pgscan_proactive");

        assertThat(lacking()).isEmpty();
    }

    @Test
    void aFileThatIsSwitchedOff_saysWhatWouldHelp() throws IOException {
        host.cgroup("a");
        host.drop("a", "memory.swap.max");
        host.drop("a", "memory.pressure");
        policy("one", "a", "swap.max", "psi.some", "zswap.usage");

        // In the order of the catalog.
        assertThat(messages())
                .containsExactly(
                        "signal swap.max: the kernel (6.16.3-amd64) has no memory.swap.max: one built with CONFIG_SWAP is "
                                + "needed, booted without swapaccount=0; this disables the policy one",
                        "signal zswap.usage: the kernel (6.16.3-amd64) has no memory.zswap.current: one built with "
                                + "CONFIG_ZSWAP is needed; this disables the policy one",
                        "signal psi.some.total: the kernel (6.16.3-amd64) has no some.total in memory.pressure: boot with "
                                + "psi=1 and without cgroup_disable=pressure, and write 1 to the cgroup's cgroup.pressure; "
                                + "this disables the policy one");
    }

    @Test
    void ofDerivedSignals_thePartsCount() throws IOException {
        host.cgroup("a");
        host.set("a", "memory.stat", "pgsteal 1\nworkingset_refault_anon 2\n");
        policy("one", "a", "refault.ratio");

        assertThat(lacking()).extracting(LackingSignal::signal).containsExactly(Signal.REFAULT);
    }

    @Test
    void oneCgroupThatLacksIt_isNoLackOfTheHost() throws IOException {
        host.cgroup("a/one");
        host.cgroup("a/two");
        host.drop("a/one", "memory.pressure");
        policy("one", "a/*", "psi.some");

        assertThat(lacking()).isEmpty();
    }

    @Test
    void whereNothingMatchesYet_anotherCgroupIsLookedAt() throws IOException {
        host.cgroup("elsewhere/deep");
        host.set("elsewhere/deep", "memory.stat", "pgfault 1\n");
        policy("one", "batch.slice/*", "pgfault", "pgmajfault");

        assertThat(lacking()).extracting(LackingSignal::signal).containsExactly(Signal.PGMAJFAULT);
    }

    @Test
    void whereThereIsNoCgroupAtAll_theVersionDecides() throws IOException {
        FakeHost.write(host.proc.resolve("sys/kernel/osrelease"), "6.12.48\n");
        policy("one", "batch.slice/*", "pgfault", "pgscan_proactive", "swap.peak");

        assertThat(lacking()).extracting(lack -> lack.signal().dotted()).containsExactly("pgscan_proactive");
    }

    @ParameterizedTest
    @CsvSource({
        "6.1.0-40-amd64, 6.15, true",
        "6.15.0, 6.15, false",
        "6.15-rc1, 6.15, false",
        "6.2, 6.15, true",
        "7.0.1, 6.15, false",
        "5.19.17, 6.0, true",
        "of unknown version, 6.15, false",
        "'', 6.15, false",
        "99999999999.1, 6.15, false"
    })
    void before(String release, String version, boolean expected) {
        assertThat(SignalCheck.before(release, version)).isEqualTo(expected);
    }
}
