package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.ReclaimEvent.Reason;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CircuitTest {

    private static final double MIB = 1 << 20;

    private final Circuit circuit = new Circuit();

    @Test
    void eachFailureDoublesTheWait_fromAMillisecondToAMinute() {
        for (int i = 0; i < 16; i++) {
            assertThat(millis(circuit.after(Effect.NOTHING, 0))).isEqualTo(1L << i);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(millis(circuit.after(Effect.NOTHING, 0))).isEqualTo(60_000);
        }
    }

    @Test
    void opensWhenWaitsReachASecond_andProbesThen() {
        for (int i = 1; i < Circuit.OPEN_AT; i++) {
            assertThat(circuit.after(Effect.NOTHING, 0)).isLessThan(TimeUnit.SECONDS.toNanos(1));
            assertThat(circuit.isOpen()).isFalse();
            assertThat(circuit.reason()).isEqualTo(Reason.NO_PROGRESS);
        }

        assertThat(circuit.after(Effect.NOTHING, 0)).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(circuit.isOpen()).isTrue();
        assertThat(circuit.probes()).isTrue();
        assertThat(circuit.reason()).isEqualTo(Reason.CIRCUIT_OPEN);
    }

    @Test
    void theFirstThatMovesSomethingClosesIt() {
        circuit.after(Effect.REFUSED, 0);
        assertThat(circuit.isOpen()).isTrue();

        assertThat(circuit.after(Effect.MOVED, 0)).isZero();
        assertThat(circuit.isOpen()).isFalse();
        assertThat(millis(circuit.after(Effect.NOTHING, 0))).isEqualTo(1);
    }

    @Test
    void aRefusalOpensItAtOnce() {
        assertThat(millis(circuit.after(Effect.REFUSED, 0))).isEqualTo(1024);
        assertThat(millis(circuit.after(Effect.REFUSED, 0))).isEqualTo(2048);
        assertThat(circuit.probes()).isTrue();
    }

    @Test
    void aStuckWriteOpensItAtOnce() {
        assertThat(millis(circuit.after(Effect.STUCK, 0))).isEqualTo(1024);
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    void saysYesAndDoesNothing_isBelievedSomeTimes_andNeverAskedForLess() {
        for (int i = 1; i < Circuit.UNSEEN_SUCCESSES; i++) {
            assertThat(circuit.after(Effect.UNSEEN, 0)).isZero();
        }
        assertThat(millis(circuit.after(Effect.UNSEEN, 0))).isEqualTo(1);
        for (int i = 1; i < Circuit.OPEN_AT; i++) {
            circuit.after(Effect.UNSEEN, 0);
        }

        assertThat(circuit.isOpen()).isTrue();
        assertThat(circuit.probes())
                .as("a small one would not be seen among charges")
                .isFalse();
    }

    @Test
    void unseenSuccessesCountInARow() {
        for (int i = 0; i < 100; i++) {
            for (int j = 1; j < Circuit.UNSEEN_SUCCESSES; j++) {
                assertThat(circuit.after(Effect.UNSEEN, 0)).isZero();
            }
            circuit.after(Effect.MOVED, 0);
        }
        assertThat(circuit.failures()).isZero();
    }

    @Test
    void whatNobodyWantedAnyMoreSaysNothing() {
        circuit.after(Effect.NOTHING, 0);
        assertThat(circuit.after(Effect.NONE, 0)).isZero();

        assertThat(millis(circuit.after(Effect.NOTHING, 0))).isEqualTo(2);
    }

    @Test
    void growthOfUsageIsWorthATry() {
        circuit.after(Effect.NOTHING, 64 * MIB);
        assertThat(circuit.isOutgrown(67 * MIB)).isFalse();
        assertThat(circuit.isOutgrown(68 * MIB)).isTrue();

        circuit.after(Effect.NOTHING, 1024 * MIB);
        assertThat(circuit.isOutgrown(1055 * MIB)).isFalse();
        assertThat(circuit.isOutgrown(1056 * MIB)).isTrue();
        assertThat(circuit.isOutgrown(Double.NaN)).isFalse();
    }

    @Test
    void growthDoesNotHelpAgainstARefusal() {
        circuit.after(Effect.REFUSED, 64 * MIB);

        assertThat(circuit.isOutgrown(1024 * MIB)).isFalse();
    }

    @Test
    void goesOnWhereAnotherLeftOff() {
        circuit.resume(Circuit.OPEN_AT + 2);

        assertThat(circuit.probes()).isTrue();
        assertThat(millis(circuit.after(Effect.NOTHING, 0))).isEqualTo(8192);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
