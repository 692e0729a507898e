package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("EnumOrdinal") // files go by their ordinals
class DescriptorBudgetTest {
    private static final int CURRENT = KernelFile.CURRENT.ordinal();
    private static final int EVENTS = KernelFile.EVENTS.ordinal();
    private static final int STAT = KernelFile.STAT.ordinal();

    @Test
    void othersTakeAtMostTwoThirds_currentTheWhole() {
        DescriptorBudget budget = new DescriptorBudget(4);

        assertThat(budget.tryAcquire(STAT)).isTrue();
        assertThat(budget.tryAcquire(EVENTS)).isTrue();
        assertThat(budget.tryAcquire(STAT)).isFalse();
        assertThat(budget.tryAcquire(CURRENT)).isTrue();
        assertThat(budget.tryAcquire(CURRENT)).isTrue();
        assertThat(budget.tryAcquire(CURRENT)).isFalse();
        assertThat(budget.kept()).isEqualTo(4);
    }

    @Test
    void whatIsReleasedCanBeTakenAgain() {
        DescriptorBudget budget = new DescriptorBudget(2);
        budget.tryAcquire(CURRENT);
        budget.tryAcquire(CURRENT);

        assertThat(budget.tryAcquire(STAT)).isFalse();
        budget.release(CURRENT);
        assertThat(budget.tryAcquire(STAT)).isTrue();
        budget.release(STAT);
        budget.release(CURRENT);
        assertThat(budget.kept()).isZero();
    }

    @Test
    void whatIsRefusedIsKnown_butNotThatItIsClosed() {
        DescriptorBudget budget = new DescriptorBudget(1);
        assertThat(budget.tryAcquire(CURRENT)).isTrue();
        assertThat(budget.refuses()).isFalse();
        assertThat(budget.tryAcquire(CURRENT)).isFalse();
        assertThat(budget.refuses()).isTrue();

        DescriptorBudget closed = new DescriptorBudget(1);
        closed.close();
        assertThat(closed.tryAcquire(CURRENT)).isFalse();
        assertThat(closed.refuses()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "30000, 20000, 32768",
        "18720, 8720, 32768",
        "600, 400, 1024",
        "600, 600, 2048",
        "0, 0, 1",
        "90000, 60000, 65536"
    })
    void limitFor(int files, int others, long limit) {
        assertThat(DescriptorBudget.limitFor(files, others)).isEqualTo(limit);
        int most = DescriptorBudget.besidePushes(limit);
        assertThat(most).isGreaterThanOrEqualTo(Math.min(files, DescriptorBudget.MOST));
        assertThat(most * 2 / 3).isGreaterThanOrEqualTo(Math.min(others, DescriptorBudget.MOST * 2 / 3));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "256, 0, 32", "1024, 640, 128", "2147483647, 32768, 1024"})
    void ofTheProcessLimit(long limit, int forReading, int forPushes) {
        assertThat(DescriptorBudget.besidePushes(limit)).isEqualTo(forReading);
        assertThat(DescriptorBudget.forPushes(limit)).isEqualTo(forPushes);
    }

    @Test
    void whatIsSetAsideForPushes_mayBeTakenByFilesAsLongAsThereAreNone() {
        long limit = DescriptorBudget.LEFT_TO_OTHERS + 80;
        DescriptorBudget budget = DescriptorBudget.of(limit);
        int beside = DescriptorBudget.besidePushes(limit);
        while (budget.tryAcquire(CURRENT)) {
            assertThat(budget.kept()).isLessThanOrEqualTo(80);
        }
        assertThat(budget.kept()).isEqualTo(80);

        assertThat(budget.leaveRoomForPushes()).as("more is kept by now").isTrue();
        while (budget.kept() >= beside) {
            assertThat(budget.tryAcquire(CURRENT)).isFalse();
            budget.release(CURRENT);
        }
        assertThat(budget.tryAcquire(CURRENT)).isTrue();
        assertThat(budget.kept()).isEqualTo(beside);
        assertThat(budget.leaveRoomForPushes()).isFalse();
    }
}
