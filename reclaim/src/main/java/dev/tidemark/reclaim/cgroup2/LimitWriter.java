package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitAnswer;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes memory.high and memory.low of a cgroup by its id.
 *
 * <p>A write of memory.high below usage takes the difference before it returns ({@code memory_high_write}): counted as direct reclaim, not
 * in pressure. A signal ends that between two rounds; the limit holds by then, and the kernel calls the write a success. {@link InFlight}
 * sends it by closing the channel.
 *
 * <p><b>Thread:</b> a platform thread of the reclaim scheduler; blocks until the kernel returns. <b>Failure:</b> every answer of the
 * kernel is a {@link LimitAnswer}.
 */
final class LimitWriter {
    private final CgroupFs fs;
    private final int pageBytes;
    private final boolean dryRun;
    private final Function<Cgroup, CgroupFiles> files;
    private final LimitCache cache;
    private final OwnShares ownShares;

    LimitWriter(
            CgroupFs fs,
            int pageBytes,
            boolean dryRun,
            Function<Cgroup, CgroupFiles> files,
            LimitCache cache,
            OwnShares ownShares) {
        this.fs = fs;
        this.pageBytes = pageBytes;
        this.dryRun = dryRun;
        this.files = files;
        this.cache = cache;
        this.ownShares = ownShares;
    }

    LimitAnswer look(Cgroup cgroup) {
        try {
            CgroupFiles open = files.apply(cgroup);
            CgroupLimits limits = read(open);
            open.requireSame();
            return new LimitAnswer.Now(limits);
        } catch (IOException e) {
            return failed(cgroup, e);
        }
    }

    LimitAnswer set(InFlight flight, LimitFile file, long expectedBytes, long bytes) {
        Cgroup cgroup = flight.cgroup();
        try {
            CgroupFiles open = files.apply(cgroup);
            CgroupLimits before = read(open);
            open.requireSame();
            if (before.of(file) != expectedBytes || flight.isCancelled()) {
                return new LimitAnswer.Now(before);
            }
            if (dryRun) {
                return new LimitAnswer.Withheld(before);
            }
            try (FileChannel channel = fs.openForReplacing(open.directory().resolve(file.fileName()))) {
                // The id was the same before it was opened, so this is the cgroup's own file or that of nothing any
                // more.
                open.requireSame();
                if (!flight.writesTo(channel)) {
                    return new LimitAnswer.Now(before);
                }
                return new LimitAnswer.Now(written(flight, channel, open, before, bytes));
            }
        } catch (IOException e) {
            return failed(cgroup, e);
        }
    }

    private CgroupLimits written(
            InFlight flight, FileChannel channel, CgroupFiles open, CgroupLimits before, long bytes)
            throws IOException {
        OwnShares.@Nullable Write own = ownShares.beginLimit(flight.cgroup());
        long pages = 0;
        try {
            write(flight, channel, bytes);
            cache.changed(open);
            CgroupLimits after = read(open);
            pages = Math.max(0, (long) (before.usageBytes() - after.usageBytes()) / pageBytes);
            return after;
        } finally {
            if (own != null) {
                own.end(pages);
            }
        }
    }

    private void write(InFlight flight, FileChannel channel, long bytes) throws IOException {
        String text = bytes == CgroupLimits.MAX ? "max\n" : bytes + "\n";
        try {
            fs.write(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (ClosedChannelException _) {
            // Cut short while it reclaimed: whether the limit holds is read anyway.
            return;
        } finally {
            flight.end();
        }
    }

    private CgroupLimits read(CgroupFiles open) throws IOException {
        Scratch scratch = Scratch.mine();
        double usage = LimitCache.value(open.readAlone(KernelFile.CURRENT, scratch), scratch);
        return new CgroupLimits(
                usage,
                limit(open, KernelFile.MIN, 0),
                limit(open, KernelFile.LOW, 0),
                limit(open, KernelFile.HIGH, CgroupLimits.MAX));
    }

    /** @param otherwise where there is no such file, as in the root: who wants to set it finds out */
    private long limit(CgroupFiles open, String file, long otherwise) throws IOException {
        double value = LimitCache.single(fs, open.directory(), file, Scratch.mine());
        if (Double.isNaN(value)) {
            return otherwise;
        }
        return value == Double.POSITIVE_INFINITY ? CgroupLimits.MAX : (long) value;
    }

    private LimitAnswer failed(Cgroup cgroup, IOException e) {
        if (e instanceof CgroupGoneException || Errno.of(e) == Errno.NODEV) {
            return new LimitAnswer.Gone();
        }
        if (Errno.of(e) == Errno.NOENT) {
            return isThere(cgroup)
                    ? new LimitAnswer.Refused(e.getMessage()
                            + " is not there: the memory controller is not enabled for this cgroup, or it is the root")
                    : new LimitAnswer.Gone();
        }
        return new LimitAnswer.Refused(ReclaimWriter.words(e));
    }

    private boolean isThere(Cgroup cgroup) {
        try {
            files.apply(cgroup).requireSame();
            return true;
        } catch (IOException _) {
            // Gone, or not to be looked at: the same to whoever wants to write there.
            return false;
        }
    }
}
