package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What holds in every scenario at every instant. */
class ModelPropertiesTest {

    private static final List<String> PATHS = List.of("p", "p/a", "p/b", "p/b/c");

    /**
     * One random scenario and how it is disturbed.
     *
     * @param limits of memory.max by path, in pages
     * @param reclaims how many pages are asked for, every 10 ms
     */
    private record Case(
            long seed, long swapPages, List<Integer> limits, List<Step> steps, List<Long> reclaims, int swappiness) {}

    private static Gen<Step> steps() {
        Gen<Long> size = Gen.longs(1, 6 * Scenarios.MIB);
        return Gen.oneOf(
                (r, s) ->
                        new Step.Write("f" + r.nextInt(2), size.next(r, s), rate(r.nextInt(3)), 1 + r.nextInt(20_000)),
                (r, s) -> new Step.Read("f0", rate(r.nextInt(3)), 1 + r.nextInt(2)),
                (r, s) -> new Step.Allocate("x", size.next(r, s), rate(r.nextInt(3))),
                (r, s) -> new Step.Touch("first", rate(r.nextInt(3)), 1 + r.nextInt(2)),
                (r, s) -> new Step.Free("x"),
                (r, s) -> new Step.Remove("f1"),
                (r, s) -> new Step.Sleep(Duration.ofMillis(r.nextInt(20))));
    }

    private static double rate(int kind) {
        return kind == 0 ? Scenarios.FAST : kind * 40.0 * Scenarios.MIB;
    }

    private static final Gen<Case> CASES = (r, size) -> new Case(
            r.nextLong(),
            r.nextInt(3) * 512L,
            List.of(1024 + r.nextInt(4096), 512 + r.nextInt(4096), 256 + r.nextInt(4096), 256 + r.nextInt(2048)),
            Gen.lists(steps()).next(r, 2 + size / 5),
            Gen.lists(Gen.longs(1, 2048)).next(r, size),
            r.nextInt(-1, 202));

    private static Run run(Case c) {
        Scenarios scenarios = Scenarios.host().seed(c.seed()).swap(c.swapPages() * 4096);
        for (int i = 0; i < PATHS.size(); i++) {
            long max = c.limits().get(i) * 4096L;
            scenarios.cgroup(PATHS.get(i), max, i == 2 ? max / 2 : Scenarios.MAX, max / 4, max / 16, Scenarios.MAX);
        }
        for (String path : PATHS) {
            List<Step> steps = new ArrayList<>();
            steps.add(new Step.Write("f0", 100_000, Scenarios.FAST, 4096));
            steps.add(new Step.Allocate("first", 200_000, Scenarios.FAST));
            steps.addAll(c.steps());
            scenarios.run(path, "w" + path, steps.toArray(Step[]::new));
        }
        return new Run(scenarios);
    }

    /** Sums charges by cgroup, as an agent would. */
    private static final class Ledger {
        final Map<Cgroup, Long> pages = new HashMap<>();

        final MemcgHooks table = MemcgHooks.builder()
                .memcgCharged((memcg, nrPages) -> {
                    pages.merge(memcg, (long) nrPages, Long::sum);
                    return 0;
                })
                .memcgUncharged((memcg, nrPages) -> pages.merge(memcg, (long) -nrPages, Long::sum))
                .build();
    }

    @Test
    void invariantsHold() {
        Check.forAll(150, CASES, c -> {
            Run run = run(c);
            Ledger ledger = new Ledger();
            run.model.attach(run.cgroup(""), ledger.table);
            run.model.start();
            Map<MemCgroup, long[]> before = new HashMap<>();
            for (int i = 0; i < 30; i++) {
                if (i < c.reclaims().size()) {
                    run.request(PATHS.get(i % PATHS.size()), c.reclaims().get(i), Run.PROACTIVE, c.swappiness());
                }
                run.advance(Duration.ofMillis(10), Duration.ofMillis(2), () -> verify(run, ledger, before));
            }
            run.advance(Duration.ofMinutes(2));
            verify(run, ledger, before);
        });
    }

    private static void verify(Run run, Ledger ledger, Map<MemCgroup, long[]> before) {
        Kernel kernel = run.model.kernel();
        MemCgroup root = kernel.tree.root;
        assertThat(root.lruPages()).as("pages on lists are the pages there are").isEqualTo(kernel.pages.folios.live());
        for (MemCgroup m = root; m != null; m = MemcgTree.preorder(root, m)) {
            long[] sums = m.local.clone();
            long stocks = kernel.charge.stockOf(m);
            long charged = m.lru[0].size + m.lru[1].size + m.lru[2].size + m.lru[3].size + stocks;
            long below = 0;
            for (MemCgroup child = m.firstChild; child != null; child = child.nextSibling) {
                below += child.memory.usage;
                for (int item = 0; item < sums.length; item++) {
                    sums[item] += child.stat[item];
                }
            }
            assertThat(m.stat).as("counters of %s are the sum of the parts", m).containsExactly(sums);
            assertThat(m.memory.usage).as("usage of %s", m).isEqualTo(charged + below);
            assertThat(m.memory.usage).as("usage of %s below its limit", m).isLessThanOrEqualTo(m.memory.max);
            assertThat(m.swap.usage).as("swap of %s", m).isEqualTo(m.stat[Stat.SWAP]);
            assertThat(ledger.pages.getOrDefault(m.cgroup, 0L))
                    .as("ledger of %s", m)
                    .isEqualTo(charged);
            assertThat(m.local[Stat.FILE_DIRTY]).isEqualTo(m.dirty.size);
            for (int lru = 0; lru < 4; lru++) {
                assertThat(m.local[lru]).isEqualTo(m.lru[lru].size);
            }
            long[] now = new long[m.stat.length + m.events.length];
            System.arraycopy(m.stat, 0, now, 0, m.stat.length);
            System.arraycopy(m.events, 0, now, m.stat.length, m.events.length);
            long[] then = before.put(m, now);
            for (int item = Stat.FIRST_EVENT; then != null && item < now.length; item++) {
                assertThat(now[item]).as("counter %s of %s", item, m).isGreaterThanOrEqualTo(then[item]);
            }
        }
    }

    @Test
    void theSameScenarioRunsTheSameEachTime() {
        Check.forAll(20, CASES, c -> assertThat(trace(c)).isEqualTo(trace(c)));
    }

    @Test
    void theSeedMatters() {
        Run one = Run.started(Scenarios.selftest().seed(1)).advance(Duration.ofMinutes(1));
        Run two = Run.started(Scenarios.selftest().seed(2)).advance(Duration.ofMinutes(1));

        assertThat(one.model.report()).isNotEqualTo(two.model.report());
    }

    private static List<String> trace(Case c) {
        Run run = run(c);
        List<String> trace = new ArrayList<>();
        run.model.start();
        for (int i = 0; i < 30; i++) {
            if (i < c.reclaims().size()) {
                run.model
                        .tryToFreeMemCgroupPages(
                                run.cgroup(PATHS.get(i % PATHS.size())),
                                c.reclaims().get(i),
                                0xcc0,
                                Run.PROACTIVE,
                                c.swappiness())
                        .subscribe(result -> trace.add(run.time.now(TimeUnit.NANOSECONDS) + " " + result));
            }
            run.advance(Duration.ofMillis(10));
            for (String path : PATHS) {
                for (Signal signal : Signal.all()) {
                    trace.add(path + " " + signal + " " + run.value(path, signal));
                }
            }
        }
        trace.add("" + run.model.report());
        return trace;
    }
}
