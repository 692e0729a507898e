package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Some seeds of what {@code src-test/faults/run} does with many. */
class FaultsTest {

    private static final Duration LENGTH = Duration.ofMinutes(10);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void noPromiseIsBrokenWhateverGoesWrong(long seed) {
        FaultRun.Outcome outcome = FaultRun.of(seed, LENGTH);

        assertThat(outcome.broken()).isEmpty();
        assertThat(outcome.requests()).isGreaterThan(100);
    }

    @Test
    void oneSeedIsOneRun() {
        assertThat(FaultRun.of(7, LENGTH)).isEqualTo(FaultRun.of(7, LENGTH));
    }
}
