package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnalysisHostTest {
    private static final String FILE = """
            version: 1
            policies:
              - name: a
                cgroups: ["batch/*", "gone/*"]
                exclude: ["*/none"]
                watch: ["web/*", "nowhere"]
                start: psi.some over 2s > 1% and cgroup("db").usage > 1GiB
                stop: usage < 50% of limit
              - name: b
                cgroups: ["{batch,web}/*"]
                start: refault.ratio over 10s < 1% and usage > 90% of limit
                stop: usage < 80% of limit
            """;

    private static List<String> told(HostView host) {
        return Analysis.of(Reading.valid(FILE), host).stream()
                .map(it ->
                        it.severity() + " " + it.span().line() + ":" + it.span().column() + " " + it.message())
                .toList();
    }

    @Test
    void whatIsNotThereIsToldWithItsPlace() {
        assertThat(told(new HostView(List.of("batch", "batch/x", "web/y"), Map.of())))
                .satisfiesExactly(
                        it -> assertThat(it)
                                .startsWith(
                                        "WARNING 4:26 no cgroup on this host matches \"gone/*\": the policy does nothing"),
                        it -> assertThat(it)
                                .startsWith(
                                        "WARNING 5:15 no cgroup on this host matches \"*/none\": nothing is excluded"),
                        it -> assertThat(it)
                                .startsWith(
                                        "WARNING 6:22 no cgroup on this host matches \"nowhere\": nothing is watched"),
                        it -> assertThat(it).startsWith("WARNING 7:38 there is no cgroup \"db\" on this host"),
                        it -> assertThat(it)
                                .startsWith(
                                        "WARNING 10:15 policies a and b act on the same cgroups, here \"batch/x\": "));
    }

    @Test
    void fightsNameTheCgroupsTheyAreOver() {
        List<String> cgroups = List.of(
                "batch/1", "batch/2", "batch/3", "batch/4", "batch/5", "db", "gone/1", "x/none", "web/y", "nowhere");

        assertThat(told(new HostView(cgroups, Map.of())))
                .singleElement()
                .asString()
                .contains("here \"batch/1\", \"batch/2\", \"batch/3\" and 2 more: ");
    }

    @Test
    void aSignalThatTheHostLacksIsToldWhereItIsReadAlsoAsAPart() {
        HostView host = new HostView(
                List.of("batch/1", "db", "gone/1", "x/none", "web/y", "nowhere"),
                Map.of(Signal.PGSTEAL, "the kernel is too old", Signal.PSI_SOME_TOTAL, "boot with psi=1"));

        assertThat(told(host))
                .contains(
                        "WARNING 7:12 this host lacks the signal psi.some.total: boot with psi=1; this disables policy a",
                        "WARNING 11:12 this host lacks the signal pgsteal: the kernel is too old; this disables policy b");
    }
}
