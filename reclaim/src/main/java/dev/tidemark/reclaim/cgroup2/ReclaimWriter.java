package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out one request by one write(2) to memory.reclaim.
 *
 * <p>What was taken is what memory.current moved by. Not pgsteal_proactive (6.15 and later), though that does not mix with
 * charges of the same moment: memory.stat is brought up to date only after 64 changes a CPU, so on a large host it may not
 * move at all over one batch, and bringing it up to date takes a lock of the whole host. memory.current is one counter,
 * exact, and costs two microseconds.
 *
 * <p>What it cost is the CPU of the writing thread, for reclaim runs in the task that asks, compression for zram and zswap included. Not
 * in it is what others do for it: the flushers that write dirty pages, and interrupts where the kernel counts them apart.
 *
 * <p>What was swapped out is what memory.swap.current grew by: swap slots, also those of pages in zswap, and those of pages whose
 * write is not done yet. It is of the cgroup and not of the request: what the workload has read back meanwhile is taken off (too
 * little is told), what others swap out of it at the same time is added, and so is what the kernel swaps out for another reason.
 * pswpout and zswpout, which do not mix with reading back, are in memory.stat and have its delay. It is read only
 * where the request may take anonymous memory and the host has had swap left within the last second; both reads cost two microseconds.
 *
 * <p>memory.reclaim is always proactive and may always swap. A request without {@code PROACTIVE} is carried out all the
 * same, because the memory it frees is the same; only the kernel's books differ (direct instead of proactive scans,
 * vmpressure). Its override of swappiness does not count, as in the kernel. A request without {@code MAY_SWAP} becomes
 * {@code swappiness=0}, which is file pages only. On a kernel that takes no swappiness a number is left out, for it is a preference;
 * what must be file pages or anonymous memory only is refused there unless the cgroup can swap nothing out anyway.
 *
 * <p><b>Thread:</b> a platform thread of the reclaim scheduler; blocks until the kernel returns. <b>Time:</b> the clock
 * given; the start is taken right before the write. <b>Failure:</b> every answer of the kernel is an outcome.
 */
final class ReclaimWriter {
    static final int ANON_ONLY = 201;

    /** What to write, or why it is not written. */
    private sealed interface Request {
        record Text(String text, boolean mayTakeAnon) implements Request {}

        record No(String reason) implements Request {}
    }

    private final CgroupFs fs;
    private final HostFacts host;
    private final Path root;
    private final int pageBytes;
    private final boolean dryRun;
    private final LongSupplier nanos;
    private final LimitCache limits;
    private final SwappinessKey swappinessKey;
    private final Function<Cgroup, CgroupFiles> files;
    private final OwnShares ownShares;

    ReclaimWriter(
            CgroupFs fs,
            HostFacts host,
            Path root,
            int pageBytes,
            boolean dryRun,
            LongSupplier nanos,
            LimitCache limits,
            SwappinessKey swappinessKey,
            Function<Cgroup, CgroupFiles> files,
            OwnShares ownShares) {
        this.fs = fs;
        this.host = host;
        this.root = root;
        this.pageBytes = pageBytes;
        this.dryRun = dryRun;
        this.nanos = nanos;
        this.limits = limits;
        this.swappinessKey = swappinessKey;
        this.files = files;
        this.ownShares = ownShares;
    }

    ReclaimResult reclaim(InFlight flight, long nrPages, int reclaimOptions, int swappiness) {
        Cgroup cgroup = flight.cgroup();
        if (flight.isCancelled() || Thread.currentThread().isInterrupted()) {
            return without(Outcome.INTERRUPTED, "", Double.NaN);
        }
        try {
            CgroupFiles open = files.apply(cgroup);
            open.requireSame();
            return switch (request(cgroup, nrPages, reclaimOptions, swappiness)) {
                case Request.No(String reason) -> without(Outcome.REFUSED, reason, number(open, KernelFile.CURRENT));
                case Request.Text text -> measured(flight, open, text, nrPages);
            };
        } catch (CgroupGoneException _) {
            return without(Outcome.GONE, "", Double.NaN);
        } catch (IOException e) {
            return without(Outcome.REFUSED, words(e), Double.NaN);
        }
    }

    /** So that what it scans and steals is not taken for somebody else's. */
    private ReclaimResult measured(InFlight flight, CgroupFiles open, Request.Text text, long nrPages)
            throws IOException {
        OwnShares.@Nullable Write write = dryRun ? null : ownShares.beginReclaim(flight.cgroup());
        if (write == null) {
            return write(flight, open, text);
        }
        long taken = 0;
        try {
            ReclaimResult result = write(flight, open, text);
            taken = result.pagesReclaimed();
            return result;
        } finally {
            write.end(Math.min(taken, nrPages));
        }
    }

    private ReclaimResult write(InFlight flight, CgroupFiles open, Request.Text text) throws IOException {
        double before = number(open, KernelFile.CURRENT);
        Path file = root.resolve(flight.cgroup().path()).resolve(KernelFile.RECLAIM);
        // A channel of its own a request: requests through one descriptor would wait for each other in the kernel, and
        // cancelling one closes it.
        FileChannel opened;
        try {
            opened = fs.openForWriting(file);
        } catch (IOException e) {
            open.requireSame();
            return switch (Errno.of(e)) {
                case NOENT ->
                    without(
                            Outcome.REFUSED,
                            file + " is not there: the memory controller is not enabled for this cgroup",
                            before);
                case NODEV -> without(Outcome.GONE, "", Double.NaN);
                default -> without(Outcome.REFUSED, words(e), before);
            };
        }
        try (FileChannel channel = opened) {
            // The id was the same before it was opened, so this is the cgroup's own file or that of nothing any more.
            open.requireSame();
            if (!flight.writesTo(channel)) {
                return without(Outcome.INTERRUPTED, "", before);
            }
            try {
                return dryRun ? without(Outcome.DRY_RUN, "", before) : ask(open, channel, text, before);
            } finally {
                flight.end();
            }
        }
    }

    private ReclaimResult ask(CgroupFiles open, FileChannel channel, Request.Text text, double before)
            throws IOException {
        ByteBuffer request = ByteBuffer.wrap(text.text().getBytes(StandardCharsets.US_ASCII));
        MemorySegment cpu = Scratch.mine().time();
        boolean mayBeSwapped = text.mayTakeAnon() && limits.swapFreeBytes(nanos.getAsLong()) > 0;
        double swappedBefore = mayBeSwapped ? number(open, KernelFile.SWAP_CURRENT) : Double.NaN;
        Outcome outcome;
        String message = "";
        long started = nanos.getAsLong();
        long cpuBefore = LibC.threadCpuNanos(cpu);
        try {
            outcome = fs.write(channel, request) == 0 ? Outcome.AGAIN : Outcome.SUCCESS;
        } catch (ClosedChannelException _) {
            outcome = Outcome.INTERRUPTED;
        } catch (IOException e) {
            outcome = answer(e);
            message = outcome == Outcome.REFUSED ? words(e) : "";
        }
        long cpuNanos = LibC.threadCpuNanos(cpu) - cpuBefore;
        long finished = nanos.getAsLong();
        try {
            double after = number(open, KernelFile.CURRENT);
            double swapped = mayBeSwapped ? number(open, KernelFile.SWAP_CURRENT) - swappedBefore : 0;
            return new ReclaimResult(
                    pages(before - after), outcome, message, after, started, finished, cpuNanos, pages(swapped));
        } catch (CgroupGoneException _) {
            return new ReclaimResult(0, Outcome.GONE, "", Double.NaN, started, finished, cpuNanos, 0);
        }
    }

    /** Of bytes moved; 0 where they moved the other way or it is not known. */
    private long pages(double bytes) {
        return bytes > 0 ? (long) (bytes / pageBytes) : 0;
    }

    private static Outcome answer(IOException e) {
        return switch (Errno.of(e)) {
            case NODEV, NOENT -> Outcome.GONE;
            // As an exception only from other kinds of files; FileChannel answers 0.
            case AGAIN -> Outcome.AGAIN;
            case INTR -> Outcome.INTERRUPTED;
            default -> Outcome.REFUSED;
        };
    }

    /** NaN where there is no such file (the root) or it cannot be read any more. */
    private static double number(CgroupFiles open, KernelFile file) throws CgroupGoneException {
        Scratch scratch = Scratch.mine();
        try {
            return LimitCache.value(open.readAlone(file, scratch), scratch);
        } catch (CgroupGoneException e) {
            throw e;
        } catch (IOException _) {
            // Not knowing what was taken is an answer too.
            return Double.NaN;
        }
    }

    private ReclaimResult without(Outcome outcome, String message, double usageBytes) {
        return ReclaimResult.none(outcome, message, usageBytes, nanos.getAsLong());
    }

    static String words(IOException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    private Request request(Cgroup cgroup, long nrPages, int reclaimOptions, int swappiness) throws IOException {
        if (nrPages < 0 || nrPages > Long.MAX_VALUE / pageBytes) {
            return new Request.No(nrPages + " pages cannot be asked for");
        }
        if (swappiness > ANON_ONLY) {
            return new Request.No("swappiness " + swappiness + " is above " + ANON_ONLY);
        }
        String size = Long.toString(nrPages * pageBytes);
        int override = (reclaimOptions & ReclaimOptions.PROACTIVE) != 0 ? swappiness : -1;
        boolean filesOnly = (reclaimOptions & ReclaimOptions.MAY_SWAP) == 0;
        if (filesOnly) {
            override = 0;
        }
        if (override < 0) {
            return new Request.Text(size, true);
        }
        SwappinessKey.Support support =
                swappinessKey.support(root.resolve(cgroup.path()).resolve(KernelFile.RECLAIM));
        if (override == ANON_ONLY) {
            return anonOnly(cgroup, size, support);
        }
        if (support != SwappinessKey.Support.NONE) {
            return new Request.Text(size + " swappiness=" + override, override > 0);
        }
        if (filesOnly && swapHeadroomBytes(cgroup) > 0) {
            return new Request.No(kernel() + " cannot be asked for file pages only, and this cgroup can swap: Linux "
                    + SwappinessKey.NUMBERS_SINCE + " or newer can, or set memory.swap.max to 0");
        }
        // A number is a preference. For file pages only it is as good where anonymous memory has nowhere to go.
        return new Request.Text(size, !filesOnly);
    }

    private Request anonOnly(Cgroup cgroup, String size, SwappinessKey.Support support) throws IOException {
        if (support != SwappinessKey.Support.MAX) {
            return new Request.No(kernel() + " cannot be asked for anonymous memory only: Linux "
                    + SwappinessKey.MAX_SINCE + " or newer can");
        }
        // Many kernels that know the word take file pages then (6.16 until August 2026).
        return swapHeadroomBytes(cgroup) > 0
                ? new Request.Text(size + " swappiness=max", true)
                : new Request.No(
                        "only anonymous memory is to be taken, and this cgroup can swap nothing out: no swap is free, or "
                                + "memory.swap.max here or above is reached");
    }

    private String kernel() {
        return "this kernel (" + host.kernelRelease() + ")";
    }

    /** What this cgroup may still swap out: the least of what each level allows and of what the host has free. */
    private double swapHeadroomBytes(Cgroup cgroup) throws IOException {
        Scratch scratch = Scratch.mine();
        double headroom = host.swapFreeBytes();
        String path = cgroup.path();
        while (headroom > 0) {
            Directory directory = new Directory(root.resolve(path));
            double max = LimitCache.single(fs, directory, KernelFile.SWAP_MAX, scratch);
            double current = LimitCache.single(fs, directory, KernelFile.SWAP_CURRENT.fileName(), scratch);
            double here = max - current;
            if (!Double.isNaN(here)) {
                headroom = Math.min(headroom, here);
            }
            if (path.isEmpty()) {
                break;
            }
            path = LimitCache.parent(path);
        }
        return headroom;
    }
}
