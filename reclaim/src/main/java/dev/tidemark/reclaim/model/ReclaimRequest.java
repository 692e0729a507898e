package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import java.util.function.BiConsumer;

/**
 * One request to reclaim from outside. With {@code PROACTIVE} it is a write to {@code memory.reclaim} ({@code
 * user_proactive_reclaim}): passes of a quarter of what remains, on old kernels of all of it, until enough was taken, at most
 * 17 of them for nothing, and a signal is looked for between two passes. Without, it is one pass, as the BPF series' kernel
 * function makes it.
 */
final class ReclaimRequest {

    private final Kernel kernel;
    private final Cgroup cgroup;
    private final long nrPages;
    private final boolean maySwap;
    private final boolean proactive;
    private final int swappiness;
    private final BiConsumer<ReclaimRequest, ReclaimResult> done;

    private long startedNanos;
    private Vmscan.Pass sum = Vmscan.Pass.NONE;
    private int retries = Charge.MAX_RECLAIM_RETRIES;
    private volatile boolean cancelled;

    ReclaimRequest(
            Kernel kernel,
            Cgroup cgroup,
            long nrPages,
            boolean maySwap,
            boolean proactive,
            int swappiness,
            BiConsumer<ReclaimRequest, ReclaimResult> done) {
        this.kernel = kernel;
        this.cgroup = cgroup;
        this.nrPages = nrPages;
        this.maySwap = maySwap;
        this.proactive = proactive;
        this.swappiness = swappiness;
        this.done = done;
    }

    Cgroup cgroup() {
        return cgroup;
    }

    /** From any thread. */
    void cancel() {
        cancelled = true;
    }

    void start() {
        startedNanos = kernel.clock.now();
        MemCgroup memcg = kernel.tree.online(cgroup);
        if (memcg == null) {
            finish(Outcome.GONE, "");
        } else if (swappiness > ScanCount.SWAPPINESS_ANON_ONLY) {
            finish(Outcome.REFUSED, "Invalid argument: swappiness " + swappiness + " is above 201 (anonymous only)");
        } else if (proactive && !takes(swappiness)) {
            finish(
                    Outcome.REFUSED,
                    "Invalid argument: Linux " + kernel.series.version() + " does not take swappiness "
                            + (swappiness > ScanCount.MAX_SWAPPINESS ? "max" : "" + swappiness));
        } else if (proactive && !maySwap && !takes(0) && Swap.left(memcg) > 0) {
            finish(
                    Outcome.REFUSED,
                    "Linux " + kernel.series.version()
                            + " cannot be asked for file pages only, and this cgroup can swap");
        } else if (nrPages < 0) {
            finish(Outcome.REFUSED, "Invalid argument: " + nrPages + " pages to reclaim");
        } else if (proactive) {
            next();
        } else if (cancelled) {
            finish(Outcome.INTERRUPTED, "");
        } else {
            once(memcg);
        }
    }

    private void next() {
        MemCgroup memcg = kernel.tree.online(cgroup);
        if (memcg == null) {
            finish(Outcome.GONE, "");
            return;
        }
        if (sum.reclaimed() >= nrPages) {
            finish(Outcome.SUCCESS, "");
            return;
        }
        if (cancelled) {
            finish(Outcome.INTERRUPTED, "");
            return;
        }
        Vmscan.Pass pass = kernel.vmscan.tryToFreeMemCgroupPages(
                memcg, batch(nrPages - sum.reclaimed()), maySwap, Reclaimer.PROACTIVE, swappiness);
        sum = sum.plus(pass);
        boolean exhausted = pass.reclaimed() == 0 && retries-- == 0;
        kernel.clock.after(pass.nanos(), () -> {
            if (exhausted) {
                finish(Outcome.AGAIN, "");
            } else {
                next();
            }
        });
    }

    /** {@code swappiness=} is of 6.11, {@code max} of 6.16. */
    private boolean takes(int swappiness) {
        KernelSeries since = swappiness > ScanCount.MAX_SWAPPINESS ? KernelSeries.LINUX_7_2 : KernelSeries.LINUX_6_12;
        return swappiness < 0 || kernel.series.isAtLeast(since);
    }

    /** Before 6.8 all that is left, now a quarter of it. */
    private long batch(long left) {
        return kernel.series.isAtLeast(KernelSeries.LINUX_6_12) ? left / 4 : left;
    }

    private void once(MemCgroup memcg) {
        sum = kernel.vmscan.tryToFreeMemCgroupPages(memcg, nrPages, maySwap, Reclaimer.DIRECT, -1);
        kernel.clock.after(sum.nanos(), () -> finish(sum.reclaimed() >= nrPages ? Outcome.SUCCESS : Outcome.AGAIN, ""));
    }

    /** Answers that it will not do this. */
    void refuse(String message) {
        startedNanos = kernel.clock.now();
        finish(Outcome.REFUSED, message);
    }

    /** Ends it at once, for a controller that closes. */
    void abandon() {
        finish(Outcome.INTERRUPTED, "");
    }

    private void finish(Outcome outcome, String message) {
        MemCgroup memcg = kernel.tree.online(cgroup);
        double usage = memcg == null || memcg.isRoot() ? Double.NaN : (double) (memcg.memory.usage * Folios.PAGE_SIZE);
        long now = kernel.clock.now();
        done.accept(
                this,
                new ReclaimResult(
                        sum.reclaimed(), outcome, message, usage, startedNanos, now, sum.cpuNanos(), sum.swappedOut()));
    }
}
