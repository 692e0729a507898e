package dev.tidemark.reclaim.model;

import dev.tidemark.triggers.Cgroup;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A table of hooks for the memory controller of the model: what the BPF series lets a program see and do, in the words of its
 * {@code struct memcg_bpf_ops} (v7), with {@code memcg_nr_pages_over_high} of v2 and {@code try_charge_memcg} of v1. A hook
 * that was not set is not there and costs nothing. Attached with {@link MemoryModel#attach}.
 *
 * <p><b>Thread:</b> hooks run in the allocating task or in the one that reclaims, in the middle of it, on the model's thread.
 * None of them may wait: from within a hook nothing can be attached or detached, no cgroup made or removed, and {@link
 * MemoryModel#tryToFreeMemCgroupPages} is refused; hand such work to a scheduler. <b>Failure:</b> what a hook throws is counted ({@link
 * MemoryModel#hookFailures}) and stands for the answer 0 or false. <b>Identity:</b> two tables are the same if they are one object.
 */
public final class MemcgHooks {

    /** {@code BPF_F_ALLOW_OVERRIDE}: cgroups below may attach a table of their own in place of the one they inherit. */
    public static final int ALLOW_OVERRIDE = 1;

    /** {@code HPAGE_PMD_NR}: the most pages that {@link TryCharge} can have reclaimed in one round. */
    public static final int MOST_TO_RECLAIM = 512;

    /** {@code memcg_charged}. */
    @FunctionalInterface
    public interface Charged {
        /**
         * After a charge has reached the counters. Charges served from a per-CPU stock are not told.
         *
         * @param memcg the cgroup that was charged, perhaps below the one the table is attached to
         * @param nrPages the whole batch, normally 64 pages, not what the task asked for
         * @return by how many milliseconds to delay the task: up to 10 none, at most 2000. Before that delay the cgroups that are over
         *     their {@code memory.high} are reclaimed from, and it is the longer of this and the delay for being over high
         */
        int memcgCharged(Cgroup memcg, int nrPages);
    }

    /** {@code memcg_uncharged}. */
    @FunctionalInterface
    public interface Uncharged {
        /**
         * After pages have been given back to the counters.
         *
         * @param memcg the cgroup they had been charged to; it may have been removed meanwhile
         * @param nrPages the whole batch
         */
        void memcgUncharged(Cgroup memcg, int nrPages);
    }

    /** {@code below_low} and {@code below_min}. */
    @FunctionalInterface
    public interface Below {
        /**
         * Reclaim asks whether a cgroup is protected. Not asked of the cgroup that is being reclaimed and of the root, which never are.
         *
         * @param protectedPages effective {@code memory.low} or {@code memory.min}, in pages
         * @param usagePages what is charged to the cgroup, in pages
         * @return true: it is, whatever the numbers say; false: as the numbers say. The effective protection stays what it is, so a
         *     cgroup that does get scanned is scanned in proportion as ever
         */
        boolean isBelow(Cgroup memcg, long protectedPages, long usagePages);
    }

    /** {@code memcg_nr_pages_over_high} of v2. */
    @FunctionalInterface
    public interface PagesOverHigh {
        /**
         * By how many pages the cgroup is to be taken as over its {@code memory.high}, if it is not by more. Above 64 the task that
         * charges reclaims at once. Asked many times a charge, at each level up to the root: it should be quick and say the same.
         *
         * @return pages, 0 or less for none
         */
        int nrPagesOverHigh(Cgroup memcg);
    }

    /** {@code try_charge_memcg} of v1. */
    @FunctionalInterface
    public interface TryCharge {
        /**
         * After each attempt to charge the counters: one that succeeded, or one that failed and is about to reclaim.
         *
         * @param gfp the allocation's context, {@link dev.tidemark.reclaim.Gfp}
         * @param nrPages what the task asked for
         * @param memOverLimit the cgroup whose limit is in the way, null when the charge is done
         * @param reclaimOptions what the reclaim is going to be, {@link dev.tidemark.reclaim.ReclaimOptions}
         * @param chargeDone whether the charge has succeeded; then the answer does not count
         * @return how many pages the round of reclaim is to go for, 1 to {@link #MOST_TO_RECLAIM}; anything else: as many as were asked for
         */
        int tryCharge(
                Cgroup memcg,
                int gfp,
                int nrPages,
                @Nullable Cgroup memOverLimit,
                int reclaimOptions,
                boolean chargeDone);
    }

    final @Nullable Charged memcgCharged;
    final @Nullable Uncharged memcgUncharged;
    final @Nullable Below belowLow;
    final @Nullable Below belowMin;
    final @Nullable PagesOverHigh nrPagesOverHigh;
    final @Nullable TryCharge tryCharge;
    final @Nullable Consumer<Cgroup> handleCgroupOnline;
    final @Nullable Consumer<Cgroup> handleCgroupOffline;

    private MemcgHooks(Builder from) {
        memcgCharged = from.memcgCharged;
        memcgUncharged = from.memcgUncharged;
        belowLow = from.belowLow;
        belowMin = from.belowMin;
        nrPagesOverHigh = from.nrPagesOverHigh;
        tryCharge = from.tryCharge;
        handleCgroupOnline = from.handleCgroupOnline;
        handleCgroupOffline = from.handleCgroupOffline;
    }

    /** An empty table to put hooks in. */
    public static Builder builder() {
        return new Builder();
    }

    /** Whether there is no hook but {@code tryCharge}, as in the one table that v1 knows. */
    boolean isTryChargeAlone() {
        return tryCharge != null
                && memcgCharged == null
                && memcgUncharged == null
                && belowLow == null
                && belowMin == null
                && nrPagesOverHigh == null
                && handleCgroupOnline == null
                && handleCgroupOffline == null;
    }

    /** This table, with another's {@code tryCharge} if it has none. */
    MemcgHooks orTryCharge(MemcgHooks other) {
        if (tryCharge != null || other.tryCharge == null) {
            return this;
        }
        Builder both = new Builder();
        both.memcgCharged = memcgCharged;
        both.memcgUncharged = memcgUncharged;
        both.belowLow = belowLow;
        both.belowMin = belowMin;
        both.nrPagesOverHigh = nrPagesOverHigh;
        both.tryCharge = other.tryCharge;
        both.handleCgroupOnline = handleCgroupOnline;
        both.handleCgroupOffline = handleCgroupOffline;
        return both.build();
    }

    /** Puts a table together. Not thread-safe; the table is. */
    public static final class Builder {

        private @Nullable Charged memcgCharged;
        private @Nullable Uncharged memcgUncharged;
        private @Nullable Below belowLow;
        private @Nullable Below belowMin;
        private @Nullable PagesOverHigh nrPagesOverHigh;
        private @Nullable TryCharge tryCharge;
        private @Nullable Consumer<Cgroup> handleCgroupOnline;
        private @Nullable Consumer<Cgroup> handleCgroupOffline;

        private Builder() {}

        /** Told of charges; may delay the task. */
        public Builder memcgCharged(Charged hook) {
            memcgCharged = hook;
            return this;
        }

        /** Told of what is given back. */
        public Builder memcgUncharged(Uncharged hook) {
            memcgUncharged = hook;
            return this;
        }

        /** May protect a cgroup from reclaim as {@code memory.low} does: unless nothing else is left to reclaim. */
        public Builder belowLow(Below hook) {
            belowLow = hook;
            return this;
        }

        /** May protect a cgroup from reclaim as {@code memory.min} does. */
        public Builder belowMin(Below hook) {
            belowMin = hook;
            return this;
        }

        /** May have a cgroup taken as over its {@code memory.high}. */
        public Builder nrPagesOverHigh(PagesOverHigh hook) {
            nrPagesOverHigh = hook;
            return this;
        }

        /** May change how much is reclaimed for a charge that does not fit. */
        public Builder tryCharge(TryCharge hook) {
            tryCharge = hook;
            return this;
        }

        /** Told of each cgroup that is made below, once it has inherited the table; not of those there are when it is attached. */
        public Builder handleCgroupOnline(Consumer<Cgroup> hook) {
            handleCgroupOnline = hook;
            return this;
        }

        /** Told of each cgroup with this table that is removed. */
        public Builder handleCgroupOffline(Consumer<Cgroup> hook) {
            handleCgroupOffline = hook;
            return this;
        }

        /** The table, with what has been set up to now. */
        public MemcgHooks build() {
            return new MemcgHooks(this);
        }
    }
}
