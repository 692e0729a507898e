package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Batch;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchSizeTest {

    private static final int PAGE = 4096;
    private static final long MIB = 1 << 20;
    private static final Batch TARGET = new Batch.Time(Duration.ofMillis(20));
    private static final long TARGET_NANOS = Duration.ofMillis(20).toNanos();

    private final BatchSize size = new BatchSize(Double.NaN);

    @Test
    void theFirstWriteIsOf4MiB() {
        assertThat(size.bytes(TARGET)).isEqualTo(4 * MIB);
    }

    @Test
    void aSizeThatIsWrittenIsTaken() {
        Batch written = new Batch.Size(3 * MIB);
        size.learn(written, 3 * MIB, result(Outcome.SUCCESS, 3 * MIB, 10 * TARGET_NANOS), PAGE);

        assertThat(size.bytes(written)).isEqualTo(3 * MIB);
        assertThat(size.bytesPerNano()).as("there is no time to aim at").isNaN();
    }

    @Test
    void oneLuckyWriteNeverMoreThanDoublesIt() {
        size.learn(TARGET, 4 * MIB, result(Outcome.SUCCESS, 4 * MIB, 1000), PAGE);

        assertThat(size.bytes(TARGET)).isEqualTo(8 * MIB);
    }

    @Test
    void aWriteThatTookTooLongShrinksItAtOnce() {
        size.learn(TARGET, 4 * MIB, result(Outcome.SUCCESS, 4 * MIB, 8 * TARGET_NANOS), PAGE);

        assertThat(size.bytes(TARGET)).isEqualTo(MIB / 2);
    }

    @Test
    void staysWithinItsBounds() {
        for (int i = 0; i < 20; i++) {
            long bytes = size.bytes(TARGET);
            size.learn(TARGET, bytes, result(Outcome.SUCCESS, bytes, 1000), PAGE);
        }
        assertThat(size.bytes(TARGET)).isEqualTo(64 * MIB);

        size.learn(TARGET, 64 * MIB, result(Outcome.AGAIN, 0, 1000 * TARGET_NANOS), PAGE);
        assertThat(size.bytes(TARGET)).isEqualTo(128 << 10);
    }

    @Test
    void aSmallWriteDoesNotTeachToAskForMore() {
        size.learn(TARGET, MIB, result(Outcome.SUCCESS, MIB, 1000), PAGE);

        assertThat(size.bytes(TARGET)).isEqualTo(4 * MIB);
    }

    @Test
    void onlyASuccessThatWasSeenTeachesToAskForMore() {
        for (Outcome outcome : Outcome.values()) {
            size.learn(TARGET, 4 * MIB, result(outcome, outcome == Outcome.SUCCESS ? 0 : 2 * MIB, 1000), PAGE);

            assertThat(size.bytes(TARGET)).as("%s", outcome).isEqualTo(4 * MIB);
        }
    }

    @Test
    void aWriteThatWasCutShortTeachesDownwards() {
        size.learn(TARGET, 4 * MIB, result(Outcome.INTERRUPTED, MIB, 2 * TARGET_NANOS), PAGE);

        assertThat(size.bytes(TARGET)).isEqualTo(MIB / 2);
    }

    @Test
    void whatWasNotAskedTeachesNothing() {
        size.learn(TARGET, 4 * MIB, ReclaimResult.none(Outcome.INTERRUPTED, "", 0, 0), PAGE);

        assertThat(size.bytesPerNano()).isNaN();
    }

    /** Bytes per second from what 128 KiB to 64 MiB in 20 ms come to; the second speed is up to ten times more or less. */
    @Test
    void anySpeed_isMetWithinAFewWrites_alsoAfterItChangesTenfold() {
        Gen<Double> exponent = Gen.longs(0, 1000).map(thousandth -> thousandth / 1000.0);
        Check.forAll(exponent.with(exponent, (a, b) -> new double[] {a, b}), speeds -> {
            double low = BatchSize.LEAST_BYTES / (double) TARGET_NANOS;
            double first = low * Math.pow(BatchSize.MOST_BYTES / (double) BatchSize.LEAST_BYTES, speeds[0]);
            double second = first * Math.pow(10, 2 * speeds[1] - 1);
            BatchSize learnt = new BatchSize(Double.NaN);

            write(learnt, first, 8);
            assertMet(learnt, first);
            write(learnt, second, 5);
            assertMet(learnt, second);
        });
    }

    /** A write has a cost of its own beside that of its pages. */
    @Test
    void aSpeedWithAFixedCostIsMetToo() {
        double perNano = 4.0 * MIB / TARGET_NANOS;
        long fixed = TARGET_NANOS / 2;
        for (int i = 0; i < 30; i++) {
            long bytes = size.bytes(TARGET);
            size.learn(TARGET, bytes, result(Outcome.SUCCESS, bytes, fixed + (long) (bytes / perNano)), PAGE);
        }

        double took = fixed + size.bytes(TARGET) / perNano;
        assertThat(took).isBetween(TARGET_NANOS * 0.9, TARGET_NANOS * 1.1);
    }

    private static void write(BatchSize learnt, double bytesPerNano, int times) {
        for (int i = 0; i < times; i++) {
            long bytes = learnt.bytes(TARGET);
            learnt.learn(TARGET, bytes, result(Outcome.SUCCESS, bytes, (long) (bytes / bytesPerNano)), PAGE);
        }
    }

    private static void assertMet(BatchSize learnt, double bytesPerNano) {
        long bytes = learnt.bytes(TARGET);
        double took = bytes / bytesPerNano;
        if (bytes > BatchSize.LEAST_BYTES) {
            assertThat(took).isLessThanOrEqualTo(2.0 * TARGET_NANOS);
        }
        if (bytes < BatchSize.MOST_BYTES) {
            assertThat(took).isGreaterThanOrEqualTo(TARGET_NANOS / 2.0);
        }
    }

    private static ReclaimResult result(Outcome outcome, long movedBytes, long tookNanos) {
        return new ReclaimResult(movedBytes / PAGE, outcome, "", 0, 0, tookNanos, tookNanos, 0);
    }
}
