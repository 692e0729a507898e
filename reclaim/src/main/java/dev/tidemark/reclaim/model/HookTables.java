package dev.tidemark.reclaim.model;

import dev.tidemark.reclaim.model.MemcgHooksException.Errno;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which table of hooks is in force in which cgroup ({@code bpf_memcg_ops_reg} and {@code bpf_memcg_ops_unreg} of the series'
 * v7; {@code attachGlobal} is that of v1).
 *
 * <p><b>Thread:</b> any, while others charge; one change at a time ({@code cgroup_mutex}). {@link #swap}, {@link #detach} and
 * {@link #detachGlobal} return when no call of the old table is in flight any more, and block their caller as long: they are
 * refused within a hook. <b>Failure:</b> a {@link MemcgHooksException}; then nothing has changed.
 */
final class HookTables {

    private final ReentrantLock cgroupMutex = new ReentrantLock();
    private final MemCgroup root;
    private @Nullable MemcgHooks global;

    HookTables(MemCgroup root) {
        this.root = root;
    }

    void attach(MemCgroup memcg, MemcgHooks hooks, int flags) {
        requireSleepable();
        if ((flags & ~MemcgHooks.ALLOW_OVERRIDE) != 0) {
            throw new MemcgHooksException(
                    Errno.EOPNOTSUPP,
                    "flags 0x" + Integer.toHexString(flags) + " are not known: use 0 or MemcgHooks.ALLOW_OVERRIDE");
        }
        cgroupMutex.lock();
        try {
            MemCgroup inherited = memcg.hooksFrom;
            if (inherited == memcg) {
                throw new MemcgHooksException(
                        Errno.EBUSY, "cgroup " + memcg + " has a table of its own: swap it, or detach it first");
            }
            if (inherited != null && (memcg.hooksFlags & MemcgHooks.ALLOW_OVERRIDE) == 0) {
                throw new MemcgHooksException(
                        Errno.EBUSY,
                        "cgroup " + memcg + " inherits the table of " + inherited
                                + ", which was attached without ALLOW_OVERRIDE: attach that one with it");
            }
            for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
                if (m.hooksFrom != null && m.hooksFrom != inherited) {
                    throw new MemcgHooksException(
                            Errno.EBUSY,
                            "cgroup " + m.hooksFrom + " below " + memcg
                                    + " has a table of its own: attach from the root downwards, or detach that one first");
                }
            }
            for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
                put(m, memcg, hooks, flags);
            }
        } finally {
            cgroupMutex.unlock();
        }
    }

    /** Puts another table in place of the one that is attached there, with the same flags. */
    void swap(MemCgroup memcg, MemcgHooks hooks) {
        requireSleepable();
        cgroupMutex.lock();
        try {
            if (memcg.hooksFrom != memcg) {
                throw new MemcgHooksException(
                        Errno.EINVAL, "cgroup " + memcg + " has no table of its own to swap: attach one");
            }
            for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
                if (m.hooksFrom == memcg) {
                    put(m, memcg, hooks, memcg.hooksFlags);
                }
            }
        } finally {
            cgroupMutex.unlock();
        }
        root.hookCalls.srcu.synchronize();
    }

    /** Puts what the parent has in place of the table that is attached there; does nothing where none is. */
    void detach(MemCgroup memcg) {
        requireSleepable();
        cgroupMutex.lock();
        try {
            if (memcg.hooksFrom == memcg) {
                MemCgroup parent = memcg.parent;
                for (MemCgroup m = memcg; m != null; m = MemcgTree.preorder(memcg, m)) {
                    if (m.hooksFrom == memcg) {
                        inherit(m, parent);
                    }
                }
            }
        } finally {
            cgroupMutex.unlock();
        }
        root.hookCalls.srcu.synchronize();
    }

    /** {@code css_online}: a new cgroup takes over what its parent has and is told to the table. */
    void online(MemCgroup memcg) {
        cgroupMutex.lock();
        try {
            inherit(memcg, memcg.parent);
            memcg.hookCalls.online(memcg);
        } finally {
            cgroupMutex.unlock();
        }
    }

    /** {@code css_offline}: what is still charged to the cgroup stays with its table. */
    void offline(MemCgroup memcg) {
        cgroupMutex.lock();
        try {
            memcg.hookCalls.offline(memcg);
        } finally {
            cgroupMutex.unlock();
        }
    }

    /** For every cgroup whose table has no {@code tryCharge}. */
    void attachGlobal(MemcgHooks hooks) {
        requireSleepable();
        if (!hooks.isTryChargeAlone()) {
            throw new MemcgHooksException(
                    Errno.EOPNOTSUPP,
                    "only tryCharge can be attached without a cgroup: attach the other hooks to a cgroup, for all of them to the root");
        }
        cgroupMutex.lock();
        try {
            if (global != null) {
                throw new MemcgHooksException(
                        Errno.EEXIST, "there is a global table already, and only one may be: detach it first");
            }
            setGlobal(hooks);
        } finally {
            cgroupMutex.unlock();
        }
    }

    /** Does nothing when there is none. */
    void detachGlobal() {
        requireSleepable();
        cgroupMutex.lock();
        try {
            setGlobal(null);
        } finally {
            cgroupMutex.unlock();
        }
        root.hookCalls.srcu.synchronize();
    }

    /** Changes of the tree and of tables wait, so not in a hook. */
    static void requireSleepable() {
        if (HookCalls.inHook()) {
            throw new MemcgHooksException(
                    Errno.EINVAL, "a hook must not wait: do this from a scheduler, outside of the charge");
        }
    }

    private void setGlobal(@Nullable MemcgHooks hooks) {
        global = hooks;
        for (MemCgroup m = root; m != null; m = MemcgTree.preorder(root, m)) {
            m.setHooks(inForce(m.attachedHooks));
        }
    }

    private void inherit(MemCgroup memcg, @Nullable MemCgroup parent) {
        if (parent == null) {
            put(memcg, null, null, 0);
        } else {
            put(memcg, parent.hooksFrom, parent.attachedHooks, parent.hooksFlags);
        }
    }

    private void put(MemCgroup memcg, @Nullable MemCgroup from, @Nullable MemcgHooks hooks, int flags) {
        memcg.hooksFrom = from;
        memcg.hooksFlags = flags;
        memcg.attachedHooks = hooks;
        memcg.setHooks(inForce(hooks));
    }

    /** What is called: one table, so that one look at the cgroup tells. */
    private @Nullable MemcgHooks inForce(@Nullable MemcgHooks hooks) {
        MemcgHooks everywhere = global;
        return hooks == null || everywhere == null
                ? (hooks == null ? everywhere : hooks)
                : hooks.orTryCharge(everywhere);
    }
}
