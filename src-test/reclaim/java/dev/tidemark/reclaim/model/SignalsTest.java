package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private static Signal signal(String name) {
        return Objects.requireNonNull(Signal.named(name), name);
    }

    private static Run written() {
        return Run.started(new Scenarios()
                        .cgroup("a", Scenarios.MAX)
                        .run("a", "writer", new Step.Write("data", 8 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofSeconds(60));
    }

    @Test
    void theListsAddUpToWhatIsCharged() {
        Run run = written();

        assertThat(run.value("a", signal("file"))).isEqualTo(8.0 * Scenarios.MIB);
        assertThat(run.value("a", signal("inactive_file")) + run.value("a", signal("active_file")))
                .isEqualTo(run.value("a", signal("file")));
        assertThat(run.value("a", signal("anon"))).isZero();
    }

    @Test
    void proactiveReclaimIsNobodysScan() {
        Run run = written();

        run.reclaim("a", 256, Run.PROACTIVE, -1);
        assertThat(run.value("a", signal("pgscan_proactive"))).isPositive();
        assertThat(run.value("a", signal("pgsteal_proactive"))).isPositive();
        assertThat(run.value("a", Signal.PGSCAN)).isZero();
        assertThat(run.value("a", Signal.PGSTEAL)).isZero();

        run.reclaim("a", 256, ReclaimOptions.MAY_SWAP, -1);
        assertThat(run.value("a", Signal.PGSCAN)).isPositive().isEqualTo(run.value("a", Signal.PGSCAN_DIRECT));
        assertThat(run.value("a", Signal.PGSTEAL)).isPositive().isEqualTo(run.value("a", Signal.PGSTEAL_DIRECT));
    }

    @Test
    void theHostHasItsOwn_andACgroupNoneOfThem() throws CgroupGoneException {
        Run run = written();
        SignalSet set = SignalSet.of(
                signal("host.total"),
                signal("host.free"),
                signal("host.available"),
                signal("host.cached"),
                Signal.USAGE);
        double[] values = new double[set.size()];

        run.model.read(Cgroup.HOST, set, values);
        double total = values[set.slot(signal("host.total"))];
        assertThat(total).isPositive();
        assertThat(values[set.slot(signal("host.free"))]).isEqualTo(total - 8.0 * Scenarios.MIB);
        assertThat(values[set.slot(signal("host.available"))]).isEqualTo(total);
        assertThat(values[set.slot(signal("host.cached"))]).isEqualTo(8.0 * Scenarios.MIB);
        assertThat(values[set.slot(Signal.USAGE)]).isNaN();

        assertThat(run.value("a", signal("host.total"))).isNaN();
    }

    @Test
    void whatTheModelDoesNotHaveIsUnknown() {
        Run run = written();

        assertThat(run.value("a", signal("slab"))).isNaN();
        assertThat(run.value("a", Signal.HEADROOM))
                .as("computed by whoever asks")
                .isNaN();
        assertThat(run.value("a", signal("events.local.max"))).isZero();
        assertThat(run.value("a", signal("pgscan_kswapd"))).isZero();
    }

    /** pgscan_proactive is of 6.15, and of memory.stat's pswpin of 6.13. */
    @Test
    void anOldKernelHasFewerSignals() {
        Run run = new Run(
                Scenarios.host().kernel(KernelSeries.LINUX_6_12, Lru.CLASSIC).cgroup("a", Scenarios.MAX));

        assertThat(run.value("a", signal("pgscan_proactive"))).isNaN();
        assertThat(run.value("a", signal("pswpin"))).isNaN();
        assertThat(run.value("a", signal("zswpin"))).isZero();
        assertThat(new Run(Scenarios.host().cgroup("a", Scenarios.MAX)).value("a", signal("pgscan_proactive")))
                .isZero();
    }
}
