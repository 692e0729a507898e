package dev.tidemark.config;

import static dev.tidemark.config.Reading.places;
import static dev.tidemark.config.Reading.policies;
import static dev.tidemark.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guards, as files write them. */
class GuardTest {

    private static final long MIB = 1 << 20;

    @Test
    void defaults() {
        assertThat(guards("{}"))
                .isEqualTo(Guard.DEFAULTS)
                .containsExactly(new Guard.Protection(), new Guard.Swap(64 * MIB));
        assertThat(valid(text("").replace("    guards: \n", ""))
                        .policies()
                        .getFirst()
                        .guards())
                .isEqualTo(Guard.DEFAULTS);
    }

    @Test
    void all() {
        assertThat(guards("{ protection: effective, swap: 1GiB, margin: 100MiB, ratio: 20%, psi: 10%, io_psi: 0.5,"
                        + " refault_ratio: 25%, major_faults: 100/s, livelock: 10s, kswapd: 1000/s }"))
                .containsExactly(
                        new Guard.Protection(),
                        new Guard.Swap(1024 * MIB),
                        new Guard.Margin(100 * MIB),
                        new Guard.Ratio(0.2),
                        new Guard.Psi(0.1),
                        new Guard.IoPsi(0.5),
                        new Guard.RefaultRatio(0.25),
                        new Guard.MajorFaults(100),
                        new Guard.Livelock(Duration.ofSeconds(10)),
                        new Guard.Kswapd(1000));
    }

    @Test
    void noneTakesOneAway() {
        assertThat(guards("{ protection: none, swap: none, margin: none, ratio: none, psi: none, io_psi: none,"
                        + " refault_ratio: none, major_faults: none, livelock: none, kswapd: none }"))
                .isEmpty();
    }

    /** The word by which a guard is called is its key, and the reason for which it holds back. */
    @Test
    void oneWordForOneThing() {
        List<String> words = guards("{ swap: 1GiB, margin: 1MiB, ratio: 20%, psi: 10%, io_psi: 5%, refault_ratio: 25%,"
                        + " major_faults: 1/s, livelock: 10s, kswapd: 1/s }")
                .stream()
                .map(Guard::word)
                .toList();

        for (String word : words) {
            assertThat(places(policies(text("{ %s: none }".formatted(word))))).isEmpty();
            assertThat(Expectation.Reason.values()).extracting(Enum::name).contains(word.toUpperCase(Locale.ROOT));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ psy: 10% }           | 7:15: unknown key \"psy\" in guards; did you mean \"psi\"?",
                "{ psi: 150% }          | 7:20: psi is above 0% to 100% but this is 150%",
                "{ psi: 2s }            | 7:20: psi is a share such as 5% but 2s is a duration",
                "{ major_faults: 100 }  | 7:29: major_faults is a rate such as 100/s but 100 has no unit; write 100/s",
                "{ major_faults: 0/s }  | 7:29: major_faults is more than 0/s; leave it out, or write none, for no bound",
                "{ livelock: 10ms }     | 7:25: livelock is 1s to 1h but this is 10ms",
                "{ protection: off }    | 7:27: unknown protection \"off\"; known are effective, none",
            })
    void whatIsWrongIsToldWithItsPlace(String guards, String problem) {
        assertThat(places(policies(text(guards)))).containsExactly(problem);
    }

    @Test
    void whatTheyLookAt_isThere() {
        guards("{ swap: 1GiB, margin: 1MiB, ratio: 20%, psi: 10%, io_psi: 5%, refault_ratio: 25%, major_faults: 1/s,"
                        + " livelock: 10s, kswapd: 1/s }")
                .forEach(guard -> assertThat(guard.signals()).isNotEmpty().noneMatch(Signal::derived));
    }

    @Test
    void aPolicyWithOthers_isAnother() {
        Policy psi = valid(text("{ psi: 10% }")).policies().getFirst();

        assertThat(psi.sameAs(valid(text("{ psi: 10% }")).policies().getFirst()))
                .isTrue();
        assertThat(psi.sameAs(valid(text("{ psi: 11% }")).policies().getFirst()))
                .isFalse();
    }

    private static List<Guard> guards(String guards) {
        return valid(text(guards)).policies().getFirst().guards();
    }

    private static String text(String guards) {
        return """
                version: 1
                policies:
                  - name: batch
                    cgroups: [a]
                    start: usage > 2MiB
                    stop: usage < 1MiB
                    guards: %s
                """.formatted(guards);
    }
}
