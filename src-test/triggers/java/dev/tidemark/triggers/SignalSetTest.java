package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignalSetTest {

    @Test
    void slots_areInOrderOfDeclarationWhateverTheOrderGiven() {
        SignalSet set = SignalSet.of(Signal.PGSCAN, Signal.USAGE, Signal.PGSCAN);

        assertThat(set).isEqualTo(SignalSet.of(List.of(Signal.USAGE, Signal.PGSCAN)));
        assertThat(set.signals()).containsExactly(Signal.USAGE, Signal.PGSCAN);
        assertThat(set.slot(Signal.USAGE)).isZero();
        assertThat(set.slot(Signal.PGSCAN)).isEqualTo(1);
        assertThat(set.slot(Signal.LIMIT)).isEqualTo(-1);
        assertThat(set).hasToString("[usage, pgscan]");
    }

    @Test
    void plus_isTheUnion() {
        SignalSet usage = SignalSet.of(Signal.USAGE);

        assertThat(SignalSet.EMPTY.plus(usage)).isSameAs(usage);
        assertThat(usage.plus(SignalSet.EMPTY)).isSameAs(usage);
        assertThat(usage.plus(SignalSet.of(Signal.LIMIT))).isEqualTo(SignalSet.of(Signal.USAGE, Signal.LIMIT));
    }

    @Test
    void sample_mustCarryAValueForEachSignal() {
        Cgroup cgroup = new Cgroup(1, "");
        SignalSet both = SignalSet.of(Signal.USAGE, Signal.PGSCAN);

        assertThatThrownBy(() -> new Sample(cgroup, 0, both, new double[1]))
                .hasMessage("a value for each of [usage, pgscan] required but there are 1");
        assertThat(new Sample(cgroup, 5, both, new double[] {4096, 3}))
                .hasToString("Sample[/#1 at 5, usage=4KiB, pgscan=3]")
                .isEqualTo(new Sample(cgroup, 5, both, new double[] {4096, 3}));
    }
}
