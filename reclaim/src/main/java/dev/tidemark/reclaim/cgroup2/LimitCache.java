package dev.tidemark.reclaim.cgroup2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits, which change seldom and are wanted with each sample, also those of all ancestors.
 *
 * <p>Read again after {@link #FRESH}; where there are very many cgroups after as much longer as keeps all of it at about a
 * thousand cgroups a second, because a limit seen ten seconds late is cheaper than a core spent on reading limits.
 *
 * <p><b>Thread:</b> any; blocks on a miss. <b>Time:</b> the clock given, nanoseconds.
 */
final class LimitCache {
    static final Duration FRESH = Duration.ofSeconds(1);
    static final Duration EACH = Duration.ofMillis(1);

    private final CgroupFs fs;
    private final Path root;
    private final HostFacts host;
    private final LongSupplier nanos;
    private final Cache<String, OwnLimits> limits;
    private volatile HostMemoryAt total;

    private record HostMemoryAt(double bytes, long nanos) {}

    LimitCache(CgroupFs fs, Path root, HostFacts host, LongSupplier nanos) throws IOException {
        this.fs = fs;
        this.root = root;
        this.host = host;
        this.nanos = nanos;
        this.total = new HostMemoryAt(host.totalBytes(), nanos.getAsLong());
        // The executor: Caffeine's default would start threads of the common pool.
        this.limits = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(nanos::getAsLong)
                .expireAfter(Expiry.<String, OwnLimits>creating((_, _) -> freshFor()))
                .build();
    }

    private Duration freshFor() {
        Duration forAll = EACH.multipliedBy(size());
        return forAll.compareTo(FRESH) > 0 ? forAll : FRESH;
    }

    private long size() {
        // Nothing is in it yet when it is being built.
        @Nullable Cache<String, OwnLimits> cache = limits;
        return cache == null ? 0 : cache.estimatedSize();
    }

    /** The limits of this very cgroup. */
    OwnLimits own(Cgroup cgroup, CgroupFiles files, Scratch scratch) throws IOException {
        @Nullable OwnLimits known = limits.getIfPresent(cgroup.path());
        if (known != null) {
            return known;
        }
        OwnLimits read = of(files.directory(), scratch);
        files.requireSame();
        limits.put(cgroup.path(), read);
        return read;
    }

    /** The lowest limit on the way from the cgroup to the root; the host's memory where there is none below it. */
    double lowest(Cgroup cgroup, OwnLimits own, Scratch scratch) throws IOException {
        double lowest = Math.min(own.lowest(), hostBytes());
        String path = cgroup.path();
        while (!path.isEmpty()) {
            path = parent(path);
            lowest = Math.min(lowest, ofAncestor(path, scratch).lowest());
        }
        return lowest;
    }

    private OwnLimits ofAncestor(String path, Scratch scratch) throws IOException {
        @Nullable OwnLimits known = limits.getIfPresent(path);
        if (known != null) {
            return known;
        }
        OwnLimits read = of(root.resolve(path), scratch);
        limits.put(path, read);
        return read;
    }

    private OwnLimits of(Path directory, Scratch scratch) throws IOException {
        return new OwnLimits(
                single(fs, directory.resolve(KernelFile.MAX), scratch),
                single(fs, directory.resolve(KernelFile.HIGH), scratch));
    }

    /** The number in a file; NaN where there is no such file. */
    static double single(CgroupFs fs, Path file, Scratch scratch) throws IOException {
        try (var channel = fs.openForReading(file)) {
            return value(fs.read(channel, scratch), scratch);
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NOENT, NODEV, NOTSUP, NOTDIR -> Double.NaN;
                default -> throw e;
            };
        }
    }

    static double value(int length, Scratch scratch) {
        return length == CgroupFiles.NO_FILE ? Double.NaN : KernelText.single(scratch.bytes(length), length);
    }

    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /** It changes too: memory is plugged in and balloons grow. */
    private double hostBytes() throws IOException {
        HostMemoryAt known = total;
        long now = nanos.getAsLong();
        if (now - known.nanos > FRESH.toNanos()) {
            known = new HostMemoryAt(host.totalBytes(), now);
            total = known;
        }
        return known.bytes;
    }

    /** The cgroup is gone: what takes its path starts afresh. */
    void forget(Cgroup cgroup) {
        limits.invalidate(cgroup.path());
    }
}
