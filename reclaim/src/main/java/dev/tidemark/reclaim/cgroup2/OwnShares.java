package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.cgroup2.KernelFile.Format;
import dev.tidemark.reclaim.cgroup2.ReclaimCounters.Count;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@link OwnShare} of each cgroup of which somebody reads scans or steals. Where nobody does, a write costs nothing here; nor does
 * one to memory.reclaim on kernels that count what it takes apart.
 *
 * <p>The counters are hierarchical: a write to a cgroup counts there and in each of its ancestors, so it is measured in each of them
 * that is read.
 *
 * <p><b>Thread:</b> any; {@link #begin} and {@link Write#end} read memory.stat and block. <b>Failure:</b> where memory.stat cannot be
 * read, nothing is taken for the agent's own.
 */
final class OwnShares {
    private final Function<Cgroup, CgroupFiles> files;
    private final LongSupplier nanos;
    private final FilePlan stat;
    private final ReclaimCounters counters;
    /** Whose scans or steals somebody reads. */
    private final Map<String, Cgroup> read = new ConcurrentHashMap<>();

    /** Of those that a write has counted in: until then there is nothing to be told apart. */
    private final Map<String, OwnShare> shares = new ConcurrentHashMap<>();

    /** Whether this kernel does, as far as is known; once it is, it stays. */
    private volatile boolean countedApart;

    OwnShares(Function<Cgroup, CgroupFiles> files, LongSupplier nanos, int pageBytes) {
        this.files = files;
        this.nanos = nanos;
        this.stat = new FilePlan(Format.KEYED, pageBytes);
        this.counters = ReclaimCounters.all(stat);
    }

    /** Has it measured from the next write on; that of a cgroup which a write has counted in already, else null. */
    @Nullable
    OwnShare of(Cgroup cgroup) {
        read.put(cgroup.path(), cgroup);
        @Nullable OwnShare known = shares.get(cgroup.path());
        return known != null && known.cgroup().equals(cgroup) ? known : null;
    }

    void forget(Cgroup cgroup) {
        if (read.remove(cgroup.path(), cgroup)) {
            shares.remove(cgroup.path());
        }
    }

    /** A write to memory.reclaim of this cgroup begins; null where nothing has to be measured. */
    @Nullable
    Write beginReclaim(Cgroup cgroup) {
        return countedApart ? null : begin(cgroup, true);
    }

    /** A write to memory.high of this cgroup begins, which every kernel counts as direct reclaim; null where nobody reads that. */
    @Nullable
    Write beginLimit(Cgroup cgroup) {
        return begin(cgroup, false);
    }

    private @Nullable Write begin(Cgroup cgroup, boolean proactive) {
        if (read.isEmpty()) {
            return null;
        }
        @Nullable Write write = null;
        String path = cgroup.path();
        while (true) {
            @Nullable Cgroup counted = read.get(path);
            if (counted != null) {
                OwnShare share = begun(counted);
                double[] direct = direct(counted);
                if (proactive && countedApart) {
                    return null;
                }
                write = write == null ? new Write() : write;
                write.add(share, direct);
            }
            if (path.isEmpty()) {
                return write;
            }
            path = LimitCache.parent(path);
        }
    }

    /** Known to whoever reads the cgroup before the counters are looked at, so that what is told of them does not step back. */
    private OwnShare begun(Cgroup cgroup) {
        OwnShare share = shares.compute(
                cgroup.path(),
                (_, known) -> known != null && known.cgroup().equals(cgroup) ? known : new OwnShare(cgroup));
        files.apply(cgroup).share(share);
        return share;
    }

    /** One write, in each cgroup in which it counts. */
    final class Write {
        private record Measured(OwnShare share, OwnShare.Before before) {}

        private final List<Measured> measured = new ArrayList<>();

        private void add(OwnShare share, double[] direct) {
            measured.add(new Measured(share, share.began(direct, nanos.getAsLong())));
        }

        /**
         * It has ended.
         *
         * @param pages what it took by memory.current, but no more than it had asked for
         */
        void end(long pages) {
            for (Measured of : measured) {
                of.share.ended(of.before, direct(of.share.cgroup()), pages, nanos.getAsLong());
            }
        }
    }

    private double[] direct(Cgroup cgroup) {
        double[] direct = new double[Count.SIZE];
        Arrays.fill(direct, Double.NaN);
        Scratch scratch = Scratch.mine();
        try {
            int length = files.apply(cgroup).readAlone(KernelFile.STAT, scratch);
            if (length != CgroupFiles.NO_FILE) {
                double[] found = stat.find(scratch, length);
                countedApart |= counters.countsProactiveApart(found);
                counters.direct(found, direct);
            }
        } catch (IOException _) {
            // Gone, or not ours to read: whoever samples it finds out the same.
            return direct;
        }
        return direct;
    }
}
