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
 * The {@link OwnShare} of each cgroup of which somebody reads scans or steals, on kernels that do not count proactive reclaim apart.
 * Where nobody does, or the kernel does, a write costs nothing here.
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
    private final Map<String, OwnShare> byPath = new ConcurrentHashMap<>();

    OwnShares(Function<Cgroup, CgroupFiles> files, LongSupplier nanos, int pageBytes) {
        this.files = files;
        this.nanos = nanos;
        this.stat = new FilePlan(Format.KEYED, pageBytes);
        this.counters = ReclaimCounters.all(stat);
    }

    /** That of a cgroup whose memory.stat hides it, measured from now on. */
    OwnShare of(Cgroup cgroup) {
        @Nullable OwnShare known = byPath.get(cgroup.path());
        if (known != null && known.cgroup().id() == cgroup.id()) {
            return known;
        }
        OwnShare begun = new OwnShare(cgroup);
        byPath.put(cgroup.path(), begun);
        return begun;
    }

    void forget(Cgroup cgroup) {
        @Nullable OwnShare known = byPath.get(cgroup.path());
        if (known != null && known.cgroup().id() == cgroup.id()) {
            byPath.remove(cgroup.path(), known);
        }
    }

    /** A write to this cgroup begins; null where nothing has to be measured. */
    @Nullable
    Write begin(Cgroup cgroup) {
        if (byPath.isEmpty()) {
            return null;
        }
        @Nullable Write write = null;
        String path = cgroup.path();
        while (true) {
            @Nullable OwnShare share = byPath.get(path);
            if (share != null) {
                write = write == null ? new Write() : write;
                write.add(share);
            }
            if (path.isEmpty()) {
                return write;
            }
            path = LimitCache.parent(path);
        }
    }

    /** One write, in each cgroup in which it counts. */
    final class Write {
        private record Measured(OwnShare share, OwnShare.Before before) {}

        private final List<Measured> measured = new ArrayList<>();

        private void add(OwnShare share) {
            measured.add(new Measured(share, share.began(direct(share.cgroup()), nanos.getAsLong())));
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
                counters.direct(stat.find(scratch, length), direct);
            }
        } catch (IOException _) {
            // Gone, or not ours to read: whoever samples it finds out the same.
            return direct;
        }
        return direct;
    }
}
