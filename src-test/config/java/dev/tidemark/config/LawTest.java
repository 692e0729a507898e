package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.policies;
import static dev.tidemark.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Control laws and marks, as files write them. */
class LawTest {

    @ParameterizedTest
    @ValueSource(strings = {"watermark", "fixed", "tmo", "senpai", "senpai_limit", "aimd"})
    void aWordIsTheLawWithItsDefaults(String word) {
        assertThat(law(word).word()).isEqualTo(word);
        assertThat(schemaComplaints(word)).isEmpty();
    }

    @Test
    void parameters() {
        assertThat(law("{ tmo: { threshold: 0.2%, ratio: 0.001, gain: 2, most: 5%, every: 10s } }"))
                .isEqualTo(new Law.Tmo(0.002, 0.001, 2, 0.05, Duration.ofSeconds(10)));
        assertThat(law("{ senpai: { io_threshold: 1%, reserve: 10% } }"))
                .isEqualTo(new Law.Senpai(0.001, 0.01, 0.01, Math.round(0.1 * (8L << 30)), Duration.ofSeconds(6)));
        assertThat(law("{ senpai_limit: { stall: 20ms, probe: 5, backoff: 50%, relief: 2.5, reserve: 0 } }"))
                .isEqualTo(new Law.SenpaiLimit(Duration.ofMillis(20), 5, 0.5, 2.5, 0.01, 0, Duration.ofSeconds(6)));
        assertThat(law("{ aimd: { increase: 2MiB, decrease: 0.75 } }"))
                .isEqualTo(new Law.Aimd(0.001, 2 << 20, 0.75, 0.01, Duration.ofSeconds(6)));
        assertThat(law("{ tmo: {} }")).isEqualTo(Law.Tmo.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tmoo                            | 7:21: unknown law \"tmoo\"; did you mean \"tmo\"?",
                "{ tmo: { gian: 2 } }            | 7:30: unknown key \"gian\" in the law tmo; did you mean \"gain\"?",
                "{ tmo: { gain: 200 } }          | 7:36: gain is 0.01 to 100 but this is 200",
                "{ tmo: { ratio: 150% } }        | 7:37: ratio is above 0% to 100% but this is 150%",
                "{ tmo: { ratio: 0 } }           | 7:37: ratio is above 0% to 100% but this is 0",
                "{ tmo: { threshold: 2s } }      | 7:41: threshold is a share such as 5% but 2s is a duration",
                "{ tmo: { every: 10ms } }        | 7:37: every is 100ms to 1h but this is 10ms",
                "{ tmo: 5 }                      | 7:28: the law tmo is a mapping with the keys threshold, ratio, gain, most, every, but here is a"
                        + " single value",
                "{ tmo: {}, aimd: {} }           | 7:21: a law with parameters is one of tmo, senpai, senpai_limit, aimd",
                "{}                              | 7:21: a law with parameters is one of tmo, senpai, senpai_limit, aimd",
            })
    void whatIsWrongIsToldWithItsPlace(String law, String problem) {
        assertThat(places(policies(text(law)))).containsExactly(problem);
    }

    @Test
    void marks_ofRatioAndScale_areSharesOfTheLimit() {
        Policy policy = marked("{ ratio: 95, scale: 20 }");

        assertThat(policy.start().toString()).isEqualTo("usage > 95% of limit");
        assertThat(policy.stop().toString()).isEqualTo("usage < 94.8% of limit");
        assertThat(marked("{ ratio: 80 }").stop().toString()).isEqualTo("usage < 79.8% of limit");
    }

    @Test
    void marks_ofSizes() {
        Policy policy = marked("{ low: 8MiB, high: 14MiB }");

        assertThat(policy.start().toString()).isEqualTo("usage > 14MiB");
        assertThat(policy.stop().toString()).isEqualTo("usage < 8MiB");
    }

    @Test
    void marks_standForWhatIsLeftOutAlone() {
        Policy policy = valid(markedText("{ low: 8MiB, high: 14MiB }") + "    stop: refault.ratio over 10s > 5%\n")
                .policies()
                .getFirst();

        assertThat(policy.start().toString()).isEqualTo("usage > 14MiB");
        assertThat(policy.stop().toString()).startsWith("refault.ratio");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ low: 14MiB, high: 8MiB }      | 5:12: low is below high, but 14MiB is not below 8MiB",
                "{ low: 8MiB }                   | 5:14: marks needs the key \"high\"",
                "{ low: 8MiB, ratio: 95 }        | 5:12: marks are either low and high, or ratio and scale",
                "{}                              | 5:12: marks are either low and high, or ratio and scale",
                "{ ratio: 5, scale: 600 }        | 5:12: a scale of 600 ten-thousandths is as much as the whole ratio",
                "{ ratio: 101 }                  | 5:21: ratio is a whole number from 1 to 100",
            })
    void marks_whatIsWrongIsToldWithItsPlace(String marks, String problem) {
        assertThat(places(policies(markedText(marks)))).containsExactly(problem);
    }

    @Test
    void marks_withoutEffectAreToldOf() {
        String text = markedText("{ ratio: 95 }") + "    start: usage > 2MiB\n    stop: usage < 1MiB\n";

        assertThat(places(policies(text)))
                .containsExactly("5:12: start and stop are both written, so marks have no effect; leave them out");
    }

    @Test
    void withoutMarksStartAndStopAreNeeded() {
        String text = "version: 1\npolicies:\n  - name: a\n    cgroups: [a]\n";

        assertThat(places(policies(text)))
                .containsExactly("3:5: a policy needs the key \"start\"", "3:5: a policy needs the key \"stop\"");
        assertThat(PolicySchemaTest.complaints(text)).isNotEmpty();
    }

    private static Law law(String law) {
        assertThat(schemaComplaints(law)).isEmpty();
        return valid(text(law)).policies().getFirst().reclaim().orElseThrow().law();
    }

    private static List<String> schemaComplaints(String law) {
        return PolicySchemaTest.complaints(text(law));
    }

    private static String text(String law) {
        return PolicyFileTest.SMALLEST + "    reclaim: { law: " + law + " }\n";
    }

    private static Policy marked(String marks) {
        assertThat(PolicySchemaTest.complaints(markedText(marks))).isEmpty();
        return valid(markedText(marks)).policies().getFirst();
    }

    private static String markedText(String marks) {
        return "version: 1\npolicies:\n  - name: a\n    cgroups: [a]\n    marks: " + marks + "\n";
    }
}
