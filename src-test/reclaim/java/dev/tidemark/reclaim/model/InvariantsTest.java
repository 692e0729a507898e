package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Scenario.SwapKind;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What holds in every scenario at every instant, on both engines and with each kind of swap. */
class InvariantsTest {

    private static final int RUNS = Integer.getInteger("tidemark.runs", 500);
    private static final int STEPS = 24;

    @Test
    void pagesAreConservedCountersGrowAndLimitsHold() {
        Check.forAll(RUNS, ModelCase.cases(), c -> {
            Run run = c.run();
            Invariants invariants = new Invariants(run);
            invariants.verify();
            run.model.start();
            for (int i = 0; i < STEPS; i++) {
                c.disturb(run, i);
                run.advance(Duration.ofMillis(10), Duration.ofMillis(2), invariants::verify);
            }
            run.advance(Duration.ofMinutes(2));
            invariants.verify();
        });
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

    /** But for charges that are let through against a limit, which zswap alone makes and no hook is told of. */
    @Test
    void hooksAreToldOfEveryPage() {
        Gen<ModelCase> tight = ModelCase.cases().suchThat(c -> c.swapKind() != SwapKind.ZSWAP);
        Check.forAll(RUNS / 5, tight, c -> {
            Run run = c.run();
            Ledger ledger = new Ledger();
            run.model.attach(run.cgroup(""), ledger.table);
            run.model.start();
            for (int i = 0; i < STEPS; i++) {
                c.disturb(run, i);
                run.advance(Duration.ofMillis(10));
                Kernel kernel = run.model.kernel();
                MemCgroup root = kernel.tree.root;
                for (MemCgroup m = root; m != null; m = MemcgTree.preorder(root, m)) {
                    long charged = m.local[0] + m.local[1] + m.local[2] + m.local[3] + kernel.charge.stockOf(m);
                    assertThat(ledger.pages.getOrDefault(m.cgroup, 0L))
                            .as("%s", m)
                            .isEqualTo(charged);
                }
            }
        });
    }

    /** What one cgroup may lose beyond its protection: a batch for each list, and one that is under way. */
    private static final long SLACK = 6 * Generations.MIN_LRU_BATCH;

    /**
     * Reclaim of a cgroup takes nothing from one below that is within its memory.min, and takes others no further than to it.
     * The protection is worked out here anew, for children of the target, whose own setting is what counts.
     */
    @Test
    void nothingBelowMinIsTaken() {
        List<Integer> looked = new ArrayList<>();
        Check.forAll(RUNS, ModelCase.cases(), c -> {
            Run run = c.run();
            run.model.start();
            for (int i = 0; i < STEPS / 2; i++) {
                run.advance(Duration.ofMillis(20));
                MemCgroup target = run.memcg("p");
                IdentityHashMap<MemCgroup, long[]> before = new IdentityHashMap<>();
                for (MemCgroup child = target.firstChild; child != null; child = child.nextSibling) {
                    before.put(child, new long[] {child.memory.usage, stolen(child)});
                }
                run.model
                        .kernel()
                        .vmscan
                        .tryToFreeMemCgroupPages(
                                target, 1 + 200L * i, true, i % 2 == 0 ? Reclaimer.PROACTIVE : Reclaimer.DIRECT, -1);
                before.forEach((child, then) -> {
                    long min = child.memory.min;
                    if (then[0] <= min) {
                        looked.add(i(then[0]));
                        assertThat(stolen(child))
                                .as("%s within its min %s", child, min)
                                .isEqualTo(then[1]);
                    } else {
                        assertThat(child.memory.usage)
                                .as("%s of %s, min %s", child, then[0], min)
                                .isGreaterThanOrEqualTo(Math.max(0, min - SLACK));
                    }
                });
            }
        });
        assertThat(looked).as("instants at which min protected something").hasSizeGreaterThan(RUNS);
    }

    private static int i(long value) {
        return Math.toIntExact(value);
    }

    /** From the cgroup alone, by anybody. */
    private static long stolen(MemCgroup m) {
        return m.local[Stat.PGSTEAL_DIRECT] + m.local[Stat.PGSTEAL_PROACTIVE];
    }

    @Test
    void aChargeThatReturnedIsWithinMax() {
        Check.forAll(RUNS / 5, ModelCase.cases(), c -> {
            Run run = c.run();
            run.model.start();
            run.advance(Duration.ofMillis(400), Duration.ofMillis(1), () -> {
                for (String path : ModelCase.PATHS) {
                    MemCgroup m = run.memcg(path);
                    assertThat(m.memory.usage).as("%s", m).isLessThanOrEqualTo(m.memory.max);
                }
            });
        });
    }
}
