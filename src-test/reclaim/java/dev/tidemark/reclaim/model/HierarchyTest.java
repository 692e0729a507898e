package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which cgroups of a subtree reclaim visits and what it leaves to each. */
class HierarchyTest {

    private static final long MIB_PAGES = 256;

    /** p with a and b of 16 MiB each below it, and below a: x and y of 8 MiB each. */
    private static Run family(KernelSeries kernel, Lru lru, long lowOfA, long lowOfX) {
        return family(kernel, lru, lowOfA, lowOfX, 8);
    }

    private static Run family(KernelSeries kernel, Lru lru, long lowOfA, long lowOfX, long mibOfXAndY) {
        Scenarios scenarios = Scenarios.host()
                .kernel(kernel, lru)
                .duration(Duration.ofHours(1))
                .cgroup("p", Scenarios.MAX)
                .cgroup("p/a", Scenarios.MAX, Scenarios.MAX, lowOfA * Scenarios.MIB, 0, Scenarios.MAX)
                .cgroup("p/a/x", Scenarios.MAX, Scenarios.MAX, lowOfX * Scenarios.MIB, 0, Scenarios.MAX)
                .cgroup("p/a/y", Scenarios.MAX)
                .cgroup("p/b", Scenarios.MAX);
        for (String path : List.of("a/x", "a/y", "b")) {
            long bytes = (path.equals("b") ? 16 : mibOfXAndY) * Scenarios.MIB;
            scenarios.run(
                    "p/" + path,
                    path,
                    new Step.Write(path, bytes, Scenarios.FAST, 4096),
                    new Step.Sleep(Duration.ofMinutes(50)));
        }
        return Run.started(scenarios).advance(Duration.ofMinutes(2));
    }

    private static Vmscan.Pass reclaim(Run run, String path, long pages) {
        return run.model.kernel().vmscan.tryToFreeMemCgroupPages(run.memcg(path), pages, true, Reclaimer.PROACTIVE, -1);
    }

    private static long stolen(Run run, String path) {
        return run.memcg(path).stat[Stat.PGSTEAL_PROACTIVE];
    }

    /**
     * A child of the target has its raw setting. Below it claims are granted from what the parent has, and what the parent has
     * beyond its children's claims goes to them by what they use beyond their own: a has 8 MiB, x claims 2; of the other 6 x and y, with
     * 6 and 8 MiB unclaimed of 14, get 6 * 6 / 14 and 6 * 8 / 14.
     */
    @Test
    void protectionComesDownTheTree() {
        Run run = family(KernelSeries.NEWEST, Lru.CLASSIC, 8, 2);
        MemCgroup p = run.memcg("p");
        for (MemCgroup m = p; m != null; m = MemcgTree.preorder(p, m)) {
            Protection.calculate(p, m);
        }

        assertThat(run.memcg("p/a").memory.elow).isEqualTo(8 * MIB_PAGES);
        long stock = 64;
        assertThat(run.memcg("p/a/x").memory.elow)
                .isBetween((2 * 14 + 36) * MIB_PAGES / 14 - stock, (2 * 14 + 36) * MIB_PAGES / 14 + stock);
        assertThat(run.memcg("p/a/y").memory.elow).isBetween(48 * MIB_PAGES / 14 - stock, 48 * MIB_PAGES / 14 + stock);
    }

    /** Seen from a itself its own 8 MiB do not count, and x has its raw 2. */
    @Test
    void theTargetsOwnProtectionGivesNothingToItsChildren() {
        Run run = family(KernelSeries.NEWEST, Lru.CLASSIC, 8, 2);
        MemCgroup a = run.memcg("p/a");
        for (MemCgroup m = a; m != null; m = MemcgTree.preorder(a, m)) {
            Protection.calculate(a, m);
        }

        assertThat(run.memcg("p/a/x").memory.elow).isEqualTo(2 * MIB_PAGES);
        assertThat(run.memcg("p/a/y").memory.elow).isZero();
    }

    @ParameterizedTest
    @EnumSource(Lru.class)
    void lowIsOverriddenOnlyWhenNothingAtAllWasTaken(Lru lru) {
        Run run = family(KernelSeries.NEWEST, lru, 64, 64);

        while (reclaim(run, "p", 512).reclaimed() > 0 && run.memcg("p/a").events[MemcgEvent.LOW] == 0) {
            assertThat(stolen(run, "p/a")).as("while b has something").isZero();
        }

        assertThat(run.memcg("p/b").lruPages()).as("b was taken first").isZero();
        assertThat(stolen(run, "p/a")).isPositive();
    }

    /**
     * Each call stops at the first cgroup that gave enough, and the next one goes on behind it. (4096 pages are one page of priority 12,
     * for which generations give a batch of 64.)
     */
    @Test
    void callsTakeTurnsAmongTheCgroups() {
        Run run = family(KernelSeries.LINUX_6_12, Lru.MGLRU, 0, 0, 16);

        assertThat(visited(run, 3)).containsExactlyInAnyOrder("p/a/x", "p/a/y", "p/b");
    }

    /** Which cgroup each of so many calls took from; one more for each further cgroup in the same call. */
    private static List<String> visited(Run run, int calls) {
        List<String> visited = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            long[] before = {stolen(run, "p/a/x"), stolen(run, "p/a/y"), stolen(run, "p/b")};
            reclaim(run, "p", 8);
            int n = 0;
            for (String path : List.of("p/a/x", "p/a/y", "p/b")) {
                if (stolen(run, path) > before[n++]) {
                    visited.add(path);
                }
            }
        }
        return visited;
    }

    /** 6.1 goes over all of them each time, so each call takes from each. */
    @Test
    void oldKernelsVisitAllEachTime() {
        Run run = family(KernelSeries.LINUX_6_1, Lru.CLASSIC, 0, 0);

        assertThat(visited(run, 4)).hasSize(12);
    }
}
