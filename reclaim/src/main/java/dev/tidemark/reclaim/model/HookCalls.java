package dev.tidemark.reclaim.model;

import dev.tidemark.triggers.Cgroup;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a cgroup ({@code mm/bpf_memcontrol.h} of the series): a look without any order whether there is a table
 * and the hook in it, and only then the look that counts, inside a section that {@link HookTables} waits for.
 *
 * <p><b>Thread:</b> any. Where the hook is not there: one plain read of the cgroup and one of its table. Where it is:
 * wait-free as far as the hook is, no allocation. <b>Failure:</b> what a hook throws is counted and answered as 0 or false.
 */
final class HookCalls {

    /** How many hooks deep this thread is, of whichever model: in none of them it may wait. */
    private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

    final Srcu srcu = new Srcu();
    private final LongAdder failures = new LongAdder();
    private final AtomicReference<@Nullable RuntimeException> firstFailure = new AtomicReference<>();

    /** Whether this thread is in a hook, and must not wait. */
    static boolean inHook() {
        return DEPTH.get()[0] > 0;
    }

    /** {@code memcg_charged}: the delay in milliseconds. */
    int charged(MemCgroup memcg, int nrPages) {
        MemcgHooks present = memcg.hooks();
        if (present == null || present.memcgCharged == null) {
            return 0;
        }
        int section = enter();
        try {
            MemcgHooks hooks = memcg.hooksInSection();
            return hooks == null || hooks.memcgCharged == null
                    ? 0
                    : Math.max(0, hooks.memcgCharged.memcgCharged(memcg.cgroup, nrPages));
        } catch (RuntimeException e) {
            failed(e);
            return 0;
        } finally {
            exit(section);
        }
    }

    /** {@code memcg_uncharged}. */
    void uncharged(MemCgroup memcg, int nrPages) {
        MemcgHooks present = memcg.hooks();
        if (present == null || present.memcgUncharged == null) {
            return;
        }
        int section = enter();
        try {
            MemcgHooks hooks = memcg.hooksInSection();
            if (hooks != null && hooks.memcgUncharged != null) {
                hooks.memcgUncharged.memcgUncharged(memcg.cgroup, nrPages);
            }
        } catch (RuntimeException e) {
            failed(e);
        } finally {
            exit(section);
        }
    }

    /** {@code below_low}. */
    boolean belowLow(MemCgroup memcg) {
        MemcgHooks present = memcg.hooks();
        if (present == null || present.belowLow == null) {
            return false;
        }
        int section = enter();
        try {
            MemcgHooks hooks = memcg.hooksInSection();
            return hooks != null
                    && hooks.belowLow != null
                    && hooks.belowLow.isBelow(memcg.cgroup, memcg.memory.elow, memcg.memory.usage);
        } catch (RuntimeException e) {
            failed(e);
            return false;
        } finally {
            exit(section);
        }
    }

    /** {@code below_min}. */
    boolean belowMin(MemCgroup memcg) {
        MemcgHooks present = memcg.hooks();
        if (present == null || present.belowMin == null) {
            return false;
        }
        int section = enter();
        try {
            MemcgHooks hooks = memcg.hooksInSection();
            return hooks != null
                    && hooks.belowMin != null
                    && hooks.belowMin.isBelow(memcg.cgroup, memcg.memory.emin, memcg.memory.usage);
        } catch (RuntimeException e) {
            failed(e);
            return false;
        } finally {
            exit(section);
        }
    }

    /** {@code memcg_nr_pages_over_high}: pages, 0 for none. */
    int nrPagesOverHigh(MemCgroup memcg) {
        MemcgHooks present = memcg.hooks();
        if (present == null || present.nrPagesOverHigh == null) {
            return 0;
        }
        int section = enter();
        try {
            MemcgHooks hooks = memcg.hooksInSection();
            return hooks == null || hooks.nrPagesOverHigh == null
                    ? 0
                    : Math.max(0, hooks.nrPagesOverHigh.nrPagesOverHigh(memcg.cgroup));
        } catch (RuntimeException e) {
            failed(e);
            return 0;
        } finally {
            exit(section);
        }
    }

    /** {@code bpf_try_charge_memcg} of v1: how many pages to reclaim for a charge that does not fit. */
    int tryCharge(
            MemCgroup memcg, int gfp, int nrPages, @Nullable MemCgroup over, int reclaimOptions, boolean chargeDone) {
        MemcgHooks present = memcg.hooks();
        if (present == null || present.tryCharge == null) {
            return nrPages;
        }
        int section = enter();
        try {
            MemcgHooks hooks = memcg.hooksInSection();
            if (hooks == null || hooks.tryCharge == null) {
                return nrPages;
            }
            int wanted = hooks.tryCharge.tryCharge(
                    memcg.cgroup, gfp, nrPages, over == null ? null : over.cgroup, reclaimOptions, chargeDone);
            return !chargeDone && wanted > 0 && wanted <= MemcgHooks.MOST_TO_RECLAIM ? wanted : nrPages;
        } catch (RuntimeException e) {
            failed(e);
            return nrPages;
        } finally {
            exit(section);
        }
    }

    /** {@code handle_cgroup_online}. */
    void online(MemCgroup memcg) {
        MemcgHooks hooks = memcg.hooks();
        if (hooks != null) {
            handle(hooks.handleCgroupOnline, memcg);
        }
    }

    /** {@code handle_cgroup_offline}. */
    void offline(MemCgroup memcg) {
        MemcgHooks hooks = memcg.hooks();
        if (hooks != null) {
            handle(hooks.handleCgroupOffline, memcg);
        }
    }

    /** With the lock held under which tables change, so that no section is needed. */
    private void handle(@Nullable Consumer<Cgroup> hook, MemCgroup memcg) {
        if (hook == null) {
            return;
        }
        int[] depth = DEPTH.get();
        depth[0]++;
        try {
            hook.accept(memcg.cgroup);
        } catch (RuntimeException e) {
            failed(e);
        } finally {
            depth[0]--;
        }
    }

    long failures() {
        return failures.sum();
    }

    @Nullable
    RuntimeException firstFailure() {
        return firstFailure.get();
    }

    private int enter() {
        DEPTH.get()[0]++;
        return srcu.readLock();
    }

    private void exit(int section) {
        srcu.readUnlock(section);
        DEPTH.get()[0]--;
    }

    private void failed(RuntimeException e) {
        failures.increment();
        firstFailure.compareAndSet(null, e);
    }
}
