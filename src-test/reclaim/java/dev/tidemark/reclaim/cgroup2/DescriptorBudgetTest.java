package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorBudgetTest {
    @Test
    void othersTakeAtMostHalf_currentTheWhole() {
        DescriptorBudget budget = new DescriptorBudget(4);

        assertThat(budget.tryAcquire(KernelFile.STAT)).isTrue();
        assertThat(budget.tryAcquire(KernelFile.EVENTS)).isTrue();
        assertThat(budget.tryAcquire(KernelFile.STAT)).isFalse();
        assertThat(budget.tryAcquire(KernelFile.CURRENT)).isTrue();
        assertThat(budget.tryAcquire(KernelFile.CURRENT)).isTrue();
        assertThat(budget.tryAcquire(KernelFile.CURRENT)).isFalse();
        assertThat(budget.kept()).isEqualTo(4);
    }

    @Test
    void whatIsReleasedCanBeTakenAgain() {
        DescriptorBudget budget = new DescriptorBudget(2);
        budget.tryAcquire(KernelFile.CURRENT);
        budget.tryAcquire(KernelFile.CURRENT);

        assertThat(budget.tryAcquire(KernelFile.STAT)).isFalse();
        budget.release(KernelFile.CURRENT);
        assertThat(budget.tryAcquire(KernelFile.STAT)).isTrue();
        budget.release(KernelFile.STAT);
        budget.release(KernelFile.CURRENT);
        assertThat(budget.kept()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "256, 0, 32", "1024, 640, 128", "2147483647, 32768, 1024"})
    void ofTheProcessLimit(long limit, int forReading, int forPushes) {
        assertThat(DescriptorBudget.of(limit)).isEqualTo(forReading);
        assertThat(DescriptorBudget.forPushes(limit)).isEqualTo(forPushes);
    }
}
