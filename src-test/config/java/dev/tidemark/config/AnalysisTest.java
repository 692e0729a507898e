package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Finding.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnalysisTest {
    private static final String STOP = "usage < 50% of limit";

    private static String file(String start, String stop, String... further) {
        return "version: 1\npolicies:\n  - name: a\n    cgroups: [a/*]\n    start: " + start + "\n    stop: " + stop
                + "\n" + (further.length == 0 ? "" : "    " + String.join("\n    ", further) + "\n");
    }

    private static List<Finding> findings(String text) {
        return Analysis.of(Reading.valid(text));
    }

    private static List<String> told(String text) {
        return findings(text).stream()
                .map(it ->
                        it.severity() + " " + it.span().line() + ":" + it.span().column() + " " + it.message())
                .toList();
    }

    private static String only(String start, String stop, String... further) {
        assertThat(told(file(start, stop, further))).hasSize(1);
        return told(file(start, stop, further)).getFirst();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "usage > 80% of limit",
                "usage > 80% of limit for 2s",
                "psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s",
                "usage > 80% of limit or (psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s) for 1s",
                "usage > 400MiB and usage < 500MiB",
                "usage >= 80% of limit",
                "psi.some.avg10 > 5%",
                "delta(pgscan, 1s tumbling) > 100 hold 1s",
                "2 of (usage > 80% of limit, psi.some over 2s > 1%, psi.full over 2s > 1%)",
                "usage > 90% of limit and not (psi.some over 5s < 1%)",
                "headroom < 64MiB",
                "usage > limit"
            })
    void whatMakesSenseIsLeftAlone(String start) {
        assertThat(told(file(start, STOP))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "usage < 0B | usage is never below 0B",
                "psi.some over 2s > 101% | rate(psi.some.total, 2s) is 0% to 100%",
                "psi.some.avg10 > 150% | psi.some.avg10 is 0% to 100%",
                "not (psi.full.avg60 <= 100%) | psi.full.avg60 is 0% to 100%",
                "rate(pgscan, 5s) < 0/s | rate(pgscan, 5s) is never below 0/s",
                "usage > usage | both sides are the same",
                "1 > 2 | both sides are constants",
                "usage > 80% of limit and usage < 70% of limit | usage > 80% of limit and usage < 70% of limit exclude",
                "(usage > 8MiB and usage < 8MiB) for 5s | usage > 8MiB and usage < 8MiB exclude each other",
                "(usage < 0B hold 5s) and psi.some over 2s > 1% | usage is never below 0B",
                "2 of (usage > 8MiB, usage < 4MiB, usage < 2MiB and usage > 3MiB) | exclude each other",
                "usage < 0B then psi.some over 2s > 1% within 5s | usage is never below 0B",
                "rising(usage >= 0B) | usage >= 0B never changes",
                "any(usage < 0B) | usage is never below 0B"
            })
    void aStartThatCanNeverHoldIsAnErrorWithItsReason(String start, String reason) {
        assertThat(told(file('"' + start.strip() + '"', STOP)).getFirst())
                .startsWith("ERROR 5:")
                .contains("START can never hold, for ")
                .contains(reason.strip())
                .contains("the policy does nothing; write one that can hold");
    }

    @Test
    void aStopThatCanNeverHoldIsAnError() {
        assertThat(only("usage > 80% of limit", "usage < 50% of limit and usage > 60% of limit"))
                .isEqualTo(
                        "ERROR 6:11 STOP can never hold, for usage < 50% of limit and usage > 60% of limit exclude "
                                + "each other; reclaim would go on down to limits.floor without an end; write one that can hold");
    }

    /** The kernel tells averages of pressure in hundredths of a per cent, and as they decay it rounds them down to 0. */
    @Test
    void unreachableStop_belowTheLeastThatAnAverageCanBe() {
        assertThat(only("psi.some.avg10 > 5%", "psi.some.avg10 < 0%"))
                .startsWith("ERROR 6:11 STOP can never hold, for psi.some.avg10 is 0% to 100%");
        assertThat(told(file("psi.some.avg10 > 5%", "psi.some.avg10 < 0.01%"))).noneMatch(it -> it.startsWith("ERROR"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "usage > 80% of limit | usage > 70% of limit",
                "usage > 80% of limit | usage >= 80% of limit",
                "usage > 80% of limit for 5s | usage > 70% of limit or psi.some over 2s < 1%",
                "usage > 400MiB and psi.some over 2s > 1% | usage > 300MiB hold 5s",
                "80% of limit < usage | not (usage <= 70% of limit)",
                "psi.some over 2s > 1% and usage > 1GiB | 1 of (psi.some over 2s > 0.5%, usage < 1MiB)"
            })
    void aStopThatHoldsWhereverStartDoesIsAnError(String start, String stop) {
        assertThat(only(start, stop)).startsWith("ERROR 5:12 STOP overrides START always: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Unknown is not true: where pressure cannot be read STOP does not hold.
                "usage > 80% of limit | psi.some over 2s >= 0%",
                // Counting is not holding.
                "usage > 80% of limit | usage > 70% of limit for 1s",
                "usage > 400MiB | usage > 80% of limit"
            })
    void whatIsOnlyUsuallySoIsNotClaimed(String start, String stop) {
        assertThat(told(file(start, stop))).noneMatch(it -> it.startsWith("ERROR"));
    }

    @Test
    void aPartThatStopOverridesIsNamed() {
        assertThat(only("usage > 80% of limit or psi.some over 2s > 5%", "psi.some over 2s > 1%", "cooldown: 1s"))
                .startsWith(
                        "WARNING 5:36 this part of START starts nothing: STOP, rate(psi.some.total, 2s) > 1%, holds");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "usage > 80% of limit | usage < 90% of limit | where both hold STOP wins",
                "usage > 80% of limit | usage <= 80% of limit | where one does not hold the other does",
                "usage > 80% of limit | usage < 80% of limit | where one does not hold the other does",
                "usage > 8MiB or psi.some.avg10 > 5% | usage < 9MiB | where both hold STOP wins",
                "usage > 8MiB | not (usage > 8MiB) | where one does not hold the other does"
            })
    void startAndStopWithNothingBetweenAreTold(String start, String stop, String how) {
        assertThat(only(start, stop))
                .startsWith("WARNING 6:11 nothing lies between START and STOP: ")
                .contains(how);
        assertThat(told(file(start, stop, "cooldown: 5s"))).isEmpty();
    }

    @Test
    void constantPartsAreNamedOnceEach() {
        assertThat(told(file("usage > 80% of limit and usage >= 0B", "usage < 60% of limit or 5 > 3 and usage < 0B")))
                .containsExactly(
                        "WARNING 5:37 this is always true, for usage is never below 0B; leave it out, or correct it",
                        "WARNING 6:35 this is always true, for both sides are constants; leave it out, or correct it",
                        "WARNING 6:45 this is never true, for usage is never below 0B; leave it out, or correct it");
    }

    @Test
    void aCountersTotalIsNoLevel() {
        assertThat(only("pgscan > 1000 and usage > 80% of limit", STOP))
                .startsWith("WARNING 5:12 pgscan counts since the cgroup was made and never falls")
                .contains("write delta(pgscan, 10s) or rate(pgscan, 10s)");
    }

    @Test
    void aLawsRoundShorterThanThePeriodIsTold() {
        assertThat(only("usage > 80% of limit", STOP, "reclaim: { law: { tmo: { every: 500ms } } }"))
                .isEqualTo(
                        "WARNING 5:12 the law tmo takes each 500ms, which is shorter than the period, 1s, in which the policy"
                                + " looks once: the rounds in between go by nothing new; make every 1s or more, or the period shorter");
        assertThat(told(file("usage > 80% of limit", STOP, "reclaim: { law: { tmo: { every: 1s } } }")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max(psi.some.avg10, 1s) > 5% | the kernel moves its averages each 2 s",
                "rate(pgscan, 100ms) > 1000/s | the window of 100ms is shorter than the period, 1s",
                "psi.some over 2s > 1% for 100ms | for 100ms is shorter than the period, 1s: nothing is looked at",
                "count(psi.some over 2s > 1%, 500ms) > 3 | the window of 500ms is shorter than the period"
            })
    void windowsShorterThanWhatMovesInThemAreTold(String start, String what) {
        assertThat(only(start, STOP)).startsWith("WARNING 5:").contains(what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "usage > 80% of limit for 100ms",
                "max(usage, 100ms) > 80% of limit",
                "psi.some trigger 150ms/1s hold 100ms",
                "rising(psi.some over 2s > 1%) hold 500ms"
            })
    void whatIsSeenMoreOftenThanOnceAPeriodMayBeShort(String start) {
        assertThat(told(file(start, STOP))).isEmpty();
    }

    @Test
    void aStartThatFeedsItselfIsTold() {
        assertThat(only("rate(refault, 10s) > 100/s", STOP)).startsWith("WARNING 5:12 this START feeds itself");
        assertThat(told(file("rate(refault, 10s) > 100/s", STOP, "watch: [b]"))).isEmpty();
        assertThat(told(file("usage > 80% of limit and rate(refault, 10s) < 100/s", STOP)))
                .isEmpty();
    }

    @Test
    void aFloorThatUsageIsNeverAboveWhereStartHoldsIsTold() {
        assertThat(only("usage > 10MiB and usage < 60MiB", "usage < 5MiB", "limits: { floor: 64MiB }"))
                .startsWith(
                        "WARNING 5:12 wherever START holds usage is not above limits.floor, 64MiB: nothing is taken");
        assertThat(only(
                        "usage > 50% of limit and usage < 60% of limit",
                        "usage < 40% of limit", "guards: { ratio: 70% }"))
                .contains("not above guards.ratio, 70% of the limit");
        assertThat(told(file("usage > 10MiB and usage < 70MiB", "usage < 5MiB", "limits: { floor: 64MiB }")))
                .isEmpty();
        assertThat(told(file("usage > 80% of limit", "usage < 70% of limit", "limits: { floor: 64GiB }")))
                .as("nobody knows the limit")
                .isEmpty();
    }

    @Test
    void aGuardThatCanNeverHoldAnythingBackIsTold() {
        assertThat(only("usage > 80% of limit", "usage < 70% of limit", "guards: { psi: 100% }"))
                .contains("guards.psi is 100% of the time, which is never exceeded");
        assertThat(told(file("usage > 80% of limit", "usage < 70% of limit", "guards: { psi: 99% }")))
                .isEmpty();
    }

    @Test
    void whatIsWatchedAndActedOnIsTold() {
        assertThat(only("psi.some over 2s > 1%", STOP, "watch: ['{a,b}/x*']"))
                .isEqualTo(
                        "WARNING 4:15 the policy acts on cgroups that it also watches, such as \"a/xa\": what it does "
                                + "there decides over itself; exclude them, or leave watch out if each is to be judged by its own "
                                + "values");
        assertThat(told(file("psi.some over 2s > 1%", STOP, "watch: ['{a,b}/x*']", "exclude: ['*/x*']")))
                .isEmpty();
    }

    private static String two(String firstGlobs, String secondGlobs, String secondStart, String secondStop) {
        return file("usage > 80% of limit", "usage < 60% of limit").replace("[a/*]", firstGlobs)
                + "  - name: b\n    cgroups: " + secondGlobs + "\n    start: " + secondStart + "\n    stop: "
                + secondStop
                + "\n";
    }

    @Test
    void policiesThatFightOverACgroupAreTold() {
        assertThat(told(two("['a/*']", "['b', 'a/x-*']", "usage > 40% of limit", "usage < 30% of limit")))
                .containsExactly(
                        "WARNING 8:20 policies a and b act on the same cgroups, such as \"a/x-a\": b can start "
                                + "(usage > 40% of limit) where a has stopped (usage < 60% of limit); let one exclude what the "
                                + "other selects, or make one policy of them");
    }

    @Test
    void policiesThatAgreeOrDoNotMeetAreLeftAlone() {
        assertThat(told(two("['a/*']", "['b/*']", "usage > 40% of limit", "usage < 30% of limit")))
                .isEmpty();
        assertThat(told(two("['a/*']", "['a/*']", "usage > 70% of limit", "usage < 65% of limit")))
                .isEmpty();
        assertThat(told(two("['a/*']", "['a/*/**']", "usage > 40% of limit", "usage < 30% of limit")))
                .isEmpty();
    }

    @Test
    void whatStandsUnderLetIsToldOnce() {
        String text = file("full and always", STOP)
                        .replace("policies:", "let:\n  full: usage > 80% of limit\n  always: usage >= 0B\npolicies:")
                + "  - name: b\n    cgroups: [b]\n    start: full and always\n    stop: " + STOP + "\n";

        assertThat(told(text)).singleElement().asString().startsWith("WARNING 4:11 this is always true");
    }

    @Test
    @Timeout(20)
    void theLargestExpressionsTakeNoLongTime() {
        StringBuilder mixed = new StringBuilder("usage > 1MiB");
        StringBuilder choices = new StringBuilder("20 of (usage > 1MiB");
        for (int i = 2; i < 32; i++) {
            mixed.append(i % 3 == 0 ? " and (" : " or (")
                    .append("usage > ")
                    .append(i)
                    .append("MiB or delta(pgscan, ")
                    .append(i)
                    .append("s) != 3)");
            choices.append(", rate(pgscan, ").append(i).append("s) > 5/s");
        }
        Expr first = Reading.expr(mixed.toString());
        Expr second = Reading.expr(choices.append(')').toString());
        AnalysisTruth truth = new AnalysisTruth();
        for (AnalysisTruth.Mode mode : AnalysisTruth.Mode.values()) {
            assertThat(truth.never(first, mode)).isFalse();
            assertThat(truth.never(second, mode)).isFalse();
        }
    }

    @Test
    void findingsAreShownWithTheirPlace() {
        String text = file("usage > 80% of limit", "usage < 90% of limit");

        assertThat(findings(text).getFirst().problem("p.yaml", text).render())
                .startsWith("p.yaml:6:11: warning: nothing lies between START and STOP")
                .endsWith("\n    stop: usage < 90% of limit\n          ^^^^^^^^^^^^^^^^^^^^");
    }

    @Test
    void parsingRefusesErrorsAndHandsOverWarnings() {
        String wrong = file("usage < 0B", STOP);
        assertThat(Reading.places(Analysis.parse("p.yaml", wrong, Reading.HOST)))
                .singleElement()
                .asString()
                .startsWith("5:12: START can never hold");
        assertThat(Reading.places(Analysis.parse("p.yaml", "version: 2", Reading.HOST)))
                .isNotEmpty();

        String warned = file("usage > 80% of limit", "usage < 90% of limit");
        Analysis.Result result = Reading.valid(Analysis.parse("p.yaml", warned, Reading.HOST));
        assertThat(result.file().policies()).hasSize(1);
        assertThat(result.warnings())
                .singleElement()
                .satisfies(it -> assertThat(it.message()).startsWith("warning: nothing lies between"));
        assertThat(findings(warned)).extracting(Finding::severity).containsExactly(Severity.WARNING);
    }
}
