package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.test.TextReport;
import dev.tidemark.agent.test.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What went wrong in other systems and is a matter of the whole agent; docs/reliability.md has all of it. */
class PeersTest {

    /** A controller that acted at every tick of 500 ms as long as its condition held, without an end. */
    @Test
    void noCooldown_theBudgetBoundsWhatIsTakenWhileStartHolds() {
        holds("""
                version: 1
                policies:
                  - name: test
                    cgroups: ["a"]
                    period: 500ms
                    start: psi.some over 2s > 1%
                    stop: psi.some over 2s < 1%
                    limits: { bytes: 4MiB/s }
                """, """
                version: 1
                policies: policy.yaml
                tests:
                  - name: takes no more than 4 MiB/s for a minute
                    interval: 500ms
                    series:
                      a: { limit: 1GiB, usage: 900MiBx119, psi.some: 0+100msx119 }
                    expect:
                      - { at: 59s, state: active }
                      - { from: 5s, to: 55s, reclaims: { moved: 180MiB to 210MiB } }
                """);
    }

    @Test
    void noCooldown_theCooldownBoundsHowOftenItStarts() {
        holds("""
                version: 1
                policies:
                  - name: test
                    cgroups: ["a"]
                    period: 500ms
                    start: psi.some over 2s > 1%
                    stop: usage < 899MiB
                    cooldown: 10s
                """, """
                version: 1
                policies: policy.yaml
                tests:
                  - name: starts once in ten seconds though START holds at every tick
                    interval: 500ms
                    series:
                      a: { limit: 1GiB, usage: 900MiB+4MiBx119, psi.some: 0+100msx119 }
                    expect:
                      - { from: 0s, to: 54s, decision: { to: active, count: 5 to 6 } }
                """);
    }

    /** Nobody noticed that a recorded condition had never been true. */
    @Test
    void neverStarts_isAFailureThatSaysHowFarStartWas() {
        List<Verdict> verdicts = run("""
                version: 1
                policies:
                  - name: test
                    cgroups: ["a"]
                    start: usage > 90% of limit
                    stop: usage < 50% of limit
                """, """
                version: 1
                policies: policy.yaml
                tests:
                  - name: recorded on a day without trouble
                    series:
                      a: { limit: 100MiB, usage: 70MiB+1MiBx9 75MiBx9 }
                    expect:
                      - { at: 19s, state: active }
                """);

        assertThat(verdicts).hasSize(1);
        assertThat(verdicts.getFirst().failures()).isNotEmpty();
        assertThat(new TextReport(false, false).of(PolicyTests.FILE, verdicts.getFirst()))
                .contains("usage 75MiB > 90% of limit 90MiB: false, 15MiB short");
    }

    private static void holds(String policies, String test) {
        assertThat(run(policies, test))
                .isNotEmpty()
                .allSatisfy(verdict -> assertThat(verdict.passed())
                        .as(new TextReport(false, false).of(PolicyTests.FILE, verdict))
                        .isTrue());
    }

    private static List<Verdict> run(String policies, String test) {
        return PolicyTests.read(test, Map.of("policy.yaml", policies)).stream()
                .map(PolicyTests::run)
                .toList();
    }
}
