package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class WatchTest {

    private static final CgroupFilter BATCH = new CgroupFilter() {
        @Override
        public boolean selects(String path) {
            return path.startsWith("batch/");
        }

        @Override
        public boolean reaches(String path) {
            return path.isEmpty() || path.startsWith("batch");
        }
    };

    @Test
    void firstWhatThereIsThenWhatChanges() {
        Run run = new Run(Scenarios.host()
                .cgroup("batch/a", Scenarios.MAX)
                .cgroup("other/b", Scenarios.MAX)
                .cgroup("batch/c", Scenarios.MAX));
        List<CgroupChange> changes = new ArrayList<>();
        Disposable watching = run.model.watch(BATCH).subscribe(changes::add, Run::fail);
        run.advance(Duration.ofMillis(1));
        Cgroup a = run.cgroup("batch/a");
        Cgroup c = run.cgroup("batch/c");
        assertThat(changes)
                .containsExactly(new CgroupChange.Appeared(a), new CgroupChange.Appeared(c), new CgroupChange.Listed());
        changes.clear();

        run.create("other/d", Scenarios.MAX);
        run.model.remove(a);
        Cgroup again = run.create("batch/a", Scenarios.MAX);
        run.advance(Duration.ofMillis(1));

        assertThat(changes).containsExactly(new CgroupChange.Gone(a), new CgroupChange.Appeared(again));
        assertThat(again.id()).isGreaterThan(c.id());
        watching.dispose();
        run.model.remove(again);
        run.advance(Duration.ofMillis(1));
        assertThat(changes).hasSize(2);
    }

    @Test
    void closingCompletes() {
        Run run = new Run(Scenarios.host());
        List<String> seen = new ArrayList<>();
        run.model.watch(BATCH).subscribe(change -> seen.add("" + change), Run::fail, () -> seen.add("complete"));
        run.advance(Duration.ofMillis(1));

        run.model.close();

        assertThat(seen).containsExactly("Listed[]", "complete");
    }

    @Test
    void aGoneCgroupIsNotReadEvenWhenAnotherIsInItsPlace() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        Cgroup old = run.cgroup("a");
        run.model.remove(old);
        run.create("a", Scenarios.MAX);

        assertThatThrownBy(() -> run.model.read(old, SignalSet.of(Signal.USAGE), new double[1]))
                .isInstanceOf(CgroupGoneException.class);
    }

    @Test
    void aBusyCgroupCannotBeRemoved() {
        Run run = new Run(
                Scenarios.host().cgroup("p/a", Scenarios.MAX).run("p/a", "w", new Step.Sleep(Duration.ofSeconds(1))));
        run.model.start();

        assertThatThrownBy(() -> run.model.remove(run.cgroup("p/a")))
                .hasMessageContaining("1 workloads still run in it");
        assertThatThrownBy(() -> run.model.remove(run.cgroup("p"))).hasMessageContaining("it still has a child");
        assertThatThrownBy(() -> run.model.remove(run.cgroup(""))).hasMessageContaining("root");
        run.advance(Duration.ofSeconds(2));
        run.model.remove(run.cgroup("p/a"));
        assertThat(run.model.cgroup("p/a")).isEmpty();
    }

    @Test
    void pagesOfARemovedCgroupStayUntilReclaimed() {
        Run run = Run.started(Scenarios.host()
                        .cgroup("p/a", Scenarios.MAX)
                        .run("p/a", "w", new Step.Write("f", 4 * Scenarios.MIB, Scenarios.FAST, 4096)))
                .advance(Duration.ofMinutes(1));
        run.model.remove(run.cgroup("p/a"));
        assertThat(run.value("p", Signal.USAGE)).isEqualTo(4.0 * Scenarios.MIB);

        run.reclaim("p", 1024, Run.PROACTIVE, -1);

        assertThat(run.value("p", Signal.USAGE)).isZero();
        assertThat(run.memcg("p").firstChild).as("and then it is really gone").isNull();
    }

    @Test
    void namesThatNobodyMakesAreRefused() {
        assertThatThrownBy(() -> new Run(
                        Scenarios.host().cgroup("a", 1 << 20).run("a", "w", new Step.Read("f", Scenarios.FAST, 1))))
                .hasMessage("workload w reads f, which none writes");
        assertThatThrownBy(() -> new Run(
                        Scenarios.host().cgroup("a", 1 << 20).run("a", "w", new Step.Touch("x", Scenarios.FAST, 1))))
                .hasMessage("workload w touches x, which none of its earlier steps allocates");
    }
}
