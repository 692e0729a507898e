package dev.tidemark.agent.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.simulate.Course.Merge;
import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** However long a run, its memory is bounded and no spike is lost. */
class CourseTest {

    private static final int LEAST = 0;
    private static final int GREATEST = 1;
    private static final int SUM = 2;

    private static Course course() {
        return new Course(List.of(Merge.LEAST, Merge.GREATEST, Merge.SUM));
    }

    @Test
    void aBinIsAStepUntilAllAreFull() {
        Course course = course();
        for (int step = 0; step < Course.CAPACITY - 1; step++) {
            course.put(GREATEST, step);
            course.step();
        }

        assertThat(course.bins()).isEqualTo(Course.CAPACITY - 1);
        assertThat(course.stepsPerBin()).isOne();
        assertThat(course.value(GREATEST, 77)).isEqualTo(77);
    }

    @Test
    void twoBinsBecomeOneWhenAllAreFull() {
        Course course = course();
        for (int step = 0; step < Course.CAPACITY; step++) {
            course.put(LEAST, step);
            course.put(GREATEST, step);
            course.put(SUM, 1);
            course.step();
        }

        assertThat(course.bins()).isEqualTo(Course.CAPACITY / 2);
        assertThat(course.stepsPerBin()).isEqualTo(2);
        assertThat(course.value(LEAST, 5)).isEqualTo(10);
        assertThat(course.value(GREATEST, 5)).isEqualTo(11);
        assertThat(course.value(SUM, 5)).isEqualTo(2);
    }

    @Test
    void ofAMillionStepsNoSpikeAndNothingOfASumIsLost() {
        Course course = course();
        int steps = 1_000_000;
        for (int step = 0; step < steps; step++) {
            course.put(LEAST, step == 123_456 ? 1 : 50);
            course.put(GREATEST, step == 654_321 ? 100 : 50);
            course.put(SUM, 1);
            course.step();
        }
        double end = steps / 1e3;
        Slots slots = Slots.of(Duration.ofSeconds(1_000), Duration.ofMillis(1), course.stepsPerBin(), Plot.WIDTH);

        assertThat(course.bins()).isBetween(Course.CAPACITY / 2, Course.CAPACITY);
        float[] least = slots.values(course, LEAST, Merge.LEAST);
        float[] greatest = slots.values(course, GREATEST, Merge.GREATEST);
        float[] sum = slots.values(course, SUM, Merge.SUM);
        assertThat(sum).hasSize(Plot.WIDTH).doesNotContain(0);
        double total = 0;
        for (int slot = 0; slot < sum.length; slot++) {
            total += sum[slot];
            boolean first = slot == (int) (123.456 / end * Plot.WIDTH);
            boolean second = slot == (int) (654.321 / end * Plot.WIDTH);
            assertThat(least[slot]).isEqualTo(first ? 1 : 50);
            assertThat(greatest[slot]).isEqualTo(second ? 100 : 50);
        }
        assertThat(total).isEqualTo(steps);
    }

    @Test
    void whatIsUnknownIsNoValue() {
        Course course = course();
        course.put(GREATEST, Double.NaN);
        course.step();
        course.put(GREATEST, 3);
        course.put(GREATEST, Double.NaN);
        course.put(GREATEST, 2);

        assertThat(course.value(GREATEST, 0)).isNaN();
        assertThat(course.value(GREATEST, 1)).isEqualTo(3);
        assertThat(course.value(SUM, 0)).isZero();
        assertThat(course.bins()).as("a step that is not over is no bin").isOne();
    }

    @Test
    void aSlotThatARunEndsInIsCoveredInPart() {
        Course course = course();
        for (int step = 0; step < 25; step++) {
            course.step();
        }
        Slots slots = Slots.of(Duration.ofSeconds(4), Duration.ofMillis(100), 10, Plot.WIDTH);

        assertThat(slots.count()).isEqualTo(4);
        assertThat(slots.covered(course, Duration.ofMillis(2_450))[2]).isCloseTo(0.45, offset());
        assertThat(slots.covered(course, Duration.ofMillis(2_450))[3]).isZero();
    }

    private static Offset<Double> offset() {
        return Offset.offset(1e-9);
    }
}
