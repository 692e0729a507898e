package dev.tidemark.reclaim;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.PushSource;
import dev.tidemark.triggers.SignalReader;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What reclaim needs of a kernel: to find cgroups, to read their signals or be told of them, and to take memory back.
 *
 * <p>Two kernels stand behind it: a real host ({@code reclaim.cgroup2}) and the model in virtual time ({@code
 * reclaim.model}). A policy cannot tell them apart.
 *
 * <p><b>Thread:</b> every method may be called from any thread; only {@link #read} blocks. <b>Failure:</b> what the
 * kernel answers is an {@link ReclaimResult.Outcome} or a {@link LimitAnswer}, never an error signal.
 */
public interface MemoryController extends SignalReader, PushSource, AutoCloseable {

    /**
     * The cgroups that the filter selects: first those there are, then {@link CgroupChange.Listed}, then each that
     * appears or goes away, until cancelled.
     *
     * <p><b>Thread:</b> emitted on the controller's own thread. <b>Back-pressure:</b> changes are buffered without bound
     * by their own nature (each must be seen); a consumer is expected to request without bound.
     */
    Flux<CgroupChange> watch(CgroupFilter filter);

    /**
     * Takes memory back from a cgroup, with the semantics of the kernel's function of this name ({@code mm/vmscan.c}).
     *
     * <p>Lazy: the reclaim starts on subscription and the Mono completes when the kernel has returned, on the
     * controller's reclaim thread. Subscribing never blocks. Do not dispose it to stop it: {@link #cancel} does, and
     * still tells what was taken.
     *
     * @param nrPages pages of {@link #pageSize()} bytes to take at least; the kernel may take more or fewer. For 0 it is
     *     asked, but for nothing
     * @param gfp allocation context, {@link Gfp}
     * @param reclaimOptions {@link ReclaimOptions}: without {@code MAY_SWAP} only file pages are taken; {@link
     *     ReclaimResult.Outcome#REFUSED} where that cannot be had (below 6.11 in a cgroup that can swap)
     * @param swappiness below 0: the kernel's default; 0..200: an override, which a kernel that takes none (below 6.11) goes
     *     without; 201: anonymous memory only, REFUSED where that cannot be had (below 6.16); above: REFUSED. An override counts
     *     only with {@code PROACTIVE}
     */
    Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness);

    /**
     * Makes a reclaim in flight on the cgroup return early, with {@link ReclaimResult.Outcome#INTERRUPTED} and what it
     * had got, and a {@link #setLimit} as soon as the limit holds. Nothing happens when none is in flight. Never blocks.
     */
    void cancel(Cgroup cgroup);

    /** Growth of which any part may be dirty. */
    long LOOK_ANYWAY = 0;

    /**
     * Starts the writeback of file pages that the cgroup has dirtied, as far as they can be found, without waiting for the
     * disk: reclaim can take them once they are clean. Lazy; completes when everything has been handed to the disks, on the
     * controller's reclaim thread.
     *
     * @param grownBytes by which usage has grown: nothing is started, nor looked for, where hardly any of it can be dirty; or {@link
     *     #LOOK_ANYWAY}
     */
    Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes);

    /** A cgroup's usage and limits, read now. Lazy; completes on the controller's reclaim thread. */
    Mono<LimitAnswer> limits(Cgroup cgroup);

    /**
     * Sets a limit, if it is what it is thought to be; tells what it is then. Between the look and the write somebody else's write is
     * overwritten: the kernel has no way to compare and set.
     *
     * <p>Lazy; completes on the controller's reclaim thread. Writing {@code memory.high} below usage reclaims the difference in the writer,
     * in rounds that end early only by {@link #cancel}; the limit holds from the first on. Do not dispose it.
     *
     * @param expectedBytes what is thought to be there
     * @param bytes a whole number of pages, or {@link CgroupLimits#MAX}
     */
    Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes);

    /** Bytes in a page. */
    int pageSize();

    /** Stops watching and pushing, cancels what is in flight and lets go of every file. Idempotent. */
    @Override
    void close();
}
