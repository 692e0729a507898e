package dev.tidemark.reclaim.model;

import reactor.core.scheduler.Schedulers;

/** A cgroup {@code p} with two below it and the charge path of two CPUs, without workloads and reclaim. */
final class Host {

    private static final ModelClock CLOCK = new ModelClock(Schedulers.immediate(), failure -> {});

    final MemcgTree tree = new MemcgTree(CLOCK, 2, PageCounter.MAX, 0, false);
    final MemCgroup parent = tree.make("p");
    final MemCgroup child = tree.make("p/a");
    final MemCgroup sibling = tree.make("p/b");
    final Charge charge = new Charge(tree, 2);
    final HookTables tables = tree.hookTables;

    /** Charges a batch for one page; the delay that the hooks ask for, in milliseconds. */
    int charge(Charger charger) {
        charger.hookDelayJiffies = 0;
        MemCgroup over = charge.tryCharge(charger, Charge.MEMCG_CHARGE_BATCH);
        if (over != null) {
            throw new IllegalStateException("without a limit, full at " + over);
        }
        return (int) charger.hookDelayJiffies;
    }

    /** What is charged to the cgroup alone and in no stock. */
    long used(MemCgroup memcg) {
        long below = 0;
        for (MemCgroup m = memcg.firstChild; m != null; m = m.nextSibling) {
            below += m.memory.usage;
        }
        return memcg.memory.usage - below - charge.stockOf(memcg);
    }

    static MemcgHooks delaying(int delayMs) {
        return MemcgHooks.builder().memcgCharged((memcg, nrPages) -> delayMs).build();
    }
}
