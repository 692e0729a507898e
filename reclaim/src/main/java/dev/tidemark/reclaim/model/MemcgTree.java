package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario;
import dev.tidemark.triggers.Cgroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The cgroups there are, their ids, and walks over them ({@code mem_cgroup_iter} in {@code mm/memcontrol.c}). */
final class MemcgTree {

    final MemCgroup root;

    final HookTables hookTables;

    /** Whether counts are known late, see {@link Rstat}. */
    final boolean lateStats;

    /** By id - 1; ids are given out in order and never again, like inodes of cgroupfs. Whoever charges looks here, too. */
    private volatile @Nullable MemCgroup[] byId = new @Nullable MemCgroup[16];

    private int ids;
    private final Map<String, MemCgroup> byPath = new HashMap<>();
    private final ModelClock clock;
    private final int cpus;
    private final List<Consumer<MemCgroup>> listeners = new ArrayList<>();

    MemcgTree(ModelClock clock, int cpus, long hostPages, long swapPages, boolean lateStats) {
        this.lateStats = lateStats;
        this.clock = clock;
        this.cpus = cpus;
        root = new MemCgroup(new Cgroup(1, ""), null, cpus, clock.now(), false);
        root.memory.max = hostPages;
        root.swap.max = swapPages;
        hookTables = new HookTables(root);
        register(root);
    }

    /** Told of each cgroup that appears (online) or goes away (offline). */
    void listen(Consumer<MemCgroup> listener) {
        listeners.add(listener);
    }

    void unlisten(Consumer<MemCgroup> listener) {
        listeners.remove(listener);
    }

    /** The cgroup with that id, also one that was removed while it still holds pages; else null. */
    @Nullable
    MemCgroup withId(long id) {
        @Nullable MemCgroup[] there = byId;
        return id < 1 || id > there.length ? null : there[(int) (id - 1)];
    }

    /** The cgroup if it has not been removed. */
    @Nullable
    MemCgroup online(Cgroup cgroup) {
        MemCgroup memcg = withId(cgroup.id());
        return memcg == null || !memcg.online ? null : memcg;
    }

    @Nullable
    MemCgroup at(String path) {
        return byPath.get(path);
    }

    /** {@code mkdir -p}. */
    MemCgroup make(String path) {
        MemCgroup there = byPath.get(path);
        if (there != null) {
            return there;
        }
        int slash = path.lastIndexOf('/');
        MemCgroup parent = slash < 0 ? root : make(path.substring(0, slash));
        MemCgroup memcg = new MemCgroup(new Cgroup(ids + 1L, path), parent, cpus, clock.now(), lateStats);
        register(memcg);
        memcg.prevSibling = parent.lastChild;
        if (parent.lastChild == null) {
            parent.firstChild = memcg;
        } else {
            parent.lastChild.nextSibling = memcg;
        }
        parent.lastChild = memcg;
        hookTables.online(memcg);
        tell(memcg);
        return memcg;
    }

    private void register(MemCgroup memcg) {
        @Nullable MemCgroup[] there = byId;
        if (ids == there.length) {
            there = Arrays.copyOf(there, 2 * ids);
        }
        there[ids++] = memcg;
        byId = there;
        byPath.put(memcg.cgroup.path(), memcg);
    }

    MemCgroup make(Scenario.CgroupSpec spec) {
        MemCgroup memcg = make(spec.path());
        memcg.memory.max = pages(spec.maxBytes());
        memcg.memory.high = pages(spec.highBytes());
        protect(memcg, spec);
        return memcg;
    }

    /** Writes what takes no reclaim: protection, and the limit of swap. */
    void protect(MemCgroup memcg, Scenario.CgroupSpec spec) {
        memcg.memory.low = pages(spec.lowBytes());
        memcg.memory.min = pages(spec.minBytes());
        memcg.swap.max = pages(spec.swapMaxBytes());
    }

    /**
     * Whether {@code rmdir} would do.
     *
     * @throws IllegalStateException for the kernel's EBUSY
     */
    void requireRemovable(MemCgroup memcg) {
        if (memcg.isRoot()) {
            throw new IllegalStateException("the root cgroup cannot be removed");
        }
        for (MemCgroup child = memcg.firstChild; child != null; child = child.nextSibling) {
            if (child.online) {
                throw new IllegalStateException(
                        "cgroup " + memcg + " cannot be removed: it still has a child, " + child);
            }
        }
        if (memcg.tasks > 0) {
            throw new IllegalStateException(
                    "cgroup " + memcg + " cannot be removed: " + memcg.tasks + " workloads still run in it");
        }
    }

    /** {@code rmdir}: the cgroup is gone for everybody, its pages stay charged to it until they go. */
    void remove(MemCgroup memcg) {
        hookTables.offline(memcg);
        memcg.online = false;
        memcg.memory.low = 0;
        memcg.memory.min = 0;
        byPath.remove(memcg.cgroup.path());
        tell(memcg);
        releaseIfEmpty(memcg);
    }

    /** {@code css_release}: a removed cgroup leaves the tree with its last page. */
    void releaseIfEmpty(MemCgroup memcg) {
        MemCgroup parent = memcg.parent;
        if (memcg.online
                || parent == null
                || memcg.firstChild != null
                || memcg.memory.usage > 0
                || memcg.swap.usage > 0) {
            return;
        }
        if (memcg.prevSibling == null) {
            parent.firstChild = memcg.nextSibling;
        } else {
            memcg.prevSibling.nextSibling = memcg.nextSibling;
        }
        if (memcg.nextSibling == null) {
            parent.lastChild = memcg.prevSibling;
        } else {
            memcg.nextSibling.prevSibling = memcg.prevSibling;
        }
        for (MemCgroup m = parent; m != null; m = m.parent) {
            if (m.iterPosition == memcg) {
                m.iterPosition = null;
            }
        }
        byId[(int) (memcg.cgroup.id() - 1)] = null;
        releaseIfEmpty(parent);
    }

    /** The next one in pre-order below {@code root}, or null after the last. */
    static @Nullable MemCgroup preorder(MemCgroup root, MemCgroup from) {
        if (from.firstChild != null) {
            return from.firstChild;
        }
        for (MemCgroup m = from; m != null && m != root; m = m.parent) {
            if (m.nextSibling != null) {
                return m.nextSibling;
            }
        }
        return null;
    }

    /**
     * One step of a walk that shares its position with all other partial walks from the same root, so that reclaim goes
     * round the subtree over many calls; null at the end of the tree.
     *
     * @param previous what this walk returned last, null to begin
     */
    static @Nullable MemCgroup partial(MemCgroup root, @Nullable MemCgroup previous) {
        MemCgroup position = root.iterPosition;
        MemCgroup next = position == null ? (previous == null ? root : null) : preorder(root, position);
        if (next == null && previous == null) {
            // It jumped in right at the end of the tree: it sees at least one group.
            next = root;
        }
        root.iterPosition = next;
        return next;
    }

    private void tell(MemCgroup memcg) {
        for (Consumer<MemCgroup> listener : List.copyOf(listeners)) {
            listener.accept(memcg);
        }
    }

    static long pages(long bytes) {
        return bytes == Long.MAX_VALUE ? PageCounter.MAX : bytes >> Folios.PAGE_SHIFT;
    }

    /** As its file says it: {@link Long#MAX_VALUE} for {@code max}. */
    static long bytes(long pages) {
        return pages == PageCounter.MAX ? Long.MAX_VALUE : pages << Folios.PAGE_SHIFT;
    }
}
