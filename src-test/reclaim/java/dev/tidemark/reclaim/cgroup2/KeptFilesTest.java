package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptFilesTest {
    private final List<Integer> closed = new ArrayList<>();
    private final DescriptorBudget budget = new DescriptorBudget(2);
    private final KeptFiles kept = new KeptFiles(
            new CgroupFs() {
                @Override
                void close(int descriptor) {
                    closed.add(descriptor);
                }
            },
            budget,
            3);

    private void keep(int file, int descriptor) {
        assertThat(kept.enter()).isTrue();
        assertThat(kept.reserve(file)).isTrue();
        kept.keep(file, descriptor);
        kept.leave();
    }

    @Test
    void closedByTheLastToLeave() {
        keep(0, 70);
        keep(2, 72);
        assertThat(kept.enter()).isTrue();
        assertThat(kept.enter()).isTrue();

        kept.close();
        kept.close();
        assertThat(kept.descriptor(0)).isEqualTo(70);
        assertThat(kept.enter()).as("nobody comes in any more").isFalse();
        kept.leave();
        assertThat(closed).isEmpty();
        assertThat(budget.kept()).isEqualTo(2);
        kept.leave();

        assertThat(closed).containsExactly(70, 72);
        assertThat(budget.kept()).isZero();
    }

    @Test
    void closedAtOnceWhenNobodyIsInside() {
        keep(0, 70);

        kept.close();

        assertThat(closed).containsExactly(70);
    }

    @Test
    void twoThatOpenTheSameFile_oneIsKept() {
        assertThat(kept.reserve(0)).isTrue();
        assertThat(kept.reserve(0)).isFalse();
        assertThat(kept.descriptor(0)).as("not open yet").isEqualTo(KeptFiles.NONE);
        kept.release(0);
        assertThat(kept.reserve(0)).isTrue();
        kept.keep(0, 71);

        assertThat(kept.descriptor(0)).isEqualTo(71);
        assertThat(kept.reserve(0)).isFalse();
        assertThat(budget.kept()).isEqualTo(1);
    }

    @Test
    void whatIsKeptDuringTheCloseIsClosedToo() {
        assertThat(kept.enter()).isTrue();
        assertThat(kept.reserve(0)).isTrue();
        kept.close();
        kept.keep(0, 70);
        kept.leave();

        assertThat(closed).containsExactly(70);
        assertThat(budget.kept()).isZero();
    }
}
