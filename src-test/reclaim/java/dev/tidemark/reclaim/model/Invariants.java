package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** What holds at every instant, looked at again and again in one run. */
final class Invariants {

    private final Kernel kernel;
    private final IdentityHashMap<MemCgroup, long[]> before = new IdentityHashMap<>();
    /** Those with one below that is no more: of it they keep the counts. */
    private final Set<MemCgroup> lost = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Usage of each cgroup when it was last seen, and the limit it had then. */
    private final IdentityHashMap<MemCgroup, long[]> usage = new IdentityHashMap<>();

    Invariants(Run run) {
        kernel = run.model.kernel();
    }

    void verify() {
        Set<MemCgroup> present = Collections.newSetFromMap(new IdentityHashMap<>());
        for (MemCgroup m = kernel.tree.root; m != null; m = MemcgTree.preorder(kernel.tree.root, m)) {
            present.add(m);
        }
        before.keySet().stream().filter(m -> !present.contains(m)).forEach(gone -> {
            for (MemCgroup m = gone.parent; m != null; m = m.parent) {
                lost.add(m);
            }
        });
        pagesAreConserved();
        for (MemCgroup m = kernel.tree.root; m != null; m = MemcgTree.preorder(kernel.tree.root, m)) {
            countersAreTheSumOfTheirParts(m);
            countersAreMonotonic(m);
            usageIsWithinLimits(m);
        }
    }

    private void pagesAreConserved() {
        MemCgroup root = kernel.tree.root;
        assertThat(root.lruPages()).as("pages on lists are the pages there are").isEqualTo(kernel.pages.folios.live());
        for (MemCgroup m = root; m != null; m = MemcgTree.preorder(root, m)) {
            long onLists = 0;
            for (int lru = 0; lru < 4; lru++) {
                int counted = kernel.pages.lists.count(m, lru);
                assertThat(m.local[lru]).as("list %s of %s", lru, m).isEqualTo(counted);
                onLists += counted;
            }
            long pool = Math.ceilDiv(m.local[Stat.ZSWAP], 4096);
            long below = 0;
            for (MemCgroup child = m.firstChild; child != null; child = child.nextSibling) {
                below += child.memory.usage;
            }
            long zram = m.isRoot() && kernel.swap.device instanceof Zram device ? device.pages() : 0;
            assertThat(m.memory.usage)
                    .as("usage of %s", m)
                    .isEqualTo(onLists + kernel.charge.stockOf(m) + pool + zram + below);
            assertThat(m.swap.usage).as("swap of %s", m).isEqualTo(m.stat[Stat.SWAP]);
            assertThat(m.stat[Stat.ZSWAPPED])
                    .as("compressed pages of %s are swapped-out pages", m)
                    .isBetween(0L, m.swap.usage);
            assertThat(m.local[Stat.FILE_DIRTY]).isEqualTo(m.dirty.size);
        }
    }

    private void countersAreTheSumOfTheirParts(MemCgroup m) {
        long[] sums = m.local.clone();
        long[] events = m.eventsLocal.clone();
        for (MemCgroup child = m.firstChild; child != null; child = child.nextSibling) {
            for (int item = 0; item < sums.length; item++) {
                sums[item] += child.stat[item];
            }
            for (int event = 0; event < events.length; event++) {
                events[event] += child.events[event];
            }
        }
        for (int item = 0; item < sums.length; item++) {
            if (item < Stat.FIRST_EVENT || !lost.contains(m)) {
                assertThat(m.stat[item]).as("counter %s of %s", item, m).isEqualTo(sums[item]);
            } else {
                // Of cgroups that are no more the counts stay above.
                assertThat(m.stat[item]).as("counter %s of %s", item, m).isGreaterThanOrEqualTo(sums[item]);
            }
        }
        if (!m.isRoot()) {
            for (int event = 0; event < events.length; event++) {
                if (lost.contains(m)) {
                    assertThat(m.events[event]).as("event %s of %s", event, m).isGreaterThanOrEqualTo(events[event]);
                } else {
                    assertThat(m.events[event]).as("event %s of %s", event, m).isEqualTo(events[event]);
                }
            }
        }
    }

    private void countersAreMonotonic(MemCgroup m) {
        int events = Stat.COUNT - Stat.FIRST_EVENT;
        long[] now = new long[events + m.events.length];
        System.arraycopy(m.stat, Stat.FIRST_EVENT, now, 0, events);
        System.arraycopy(m.events, 0, now, events, m.events.length);
        long[] then = before.put(m, now);
        for (int item = 0; then != null && item < now.length; item++) {
            assertThat(now[item])
                    .as("counter %s of %s", item + Stat.FIRST_EVENT, m)
                    .isGreaterThanOrEqualTo(then[item]);
        }
    }

    /** Only a limit that was lowered below what was there can be exceeded, and from then on usage does not grow. */
    private void usageIsWithinLimits(MemCgroup m) {
        long[] then = usage.put(m, new long[] {m.memory.usage, m.memory.max});
        if (then != null && then[1] > m.memory.max) {
            return;
        }
        long allowed = then == null ? m.memory.max : Math.max(m.memory.max, then[0]);
        assertThat(m.memory.usage).as("usage of %s", m).isLessThanOrEqualTo(allowed);
    }
}
