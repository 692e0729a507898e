package dev.tidemark.reclaim.cgroup2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
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
    private final Map<Limit, SlowNumbers> others = new EnumMap<>(Limit.class);
    private final SlowNumbers swapUsage;
    private volatile HostMemoryAt total;
    private volatile HostMemoryAt swapFree;

    private record HostMemoryAt(double bytes, long nanos) {}

    /** The limits that a cgroup itself has. */
    enum Limit {
        MAX(KernelFile.MAX),
        HIGH(KernelFile.HIGH),
        LOW(KernelFile.LOW),
        MIN(KernelFile.MIN),
        SWAP_MAX(KernelFile.SWAP_MAX),
        SWAP_HIGH(KernelFile.SWAP_HIGH),
        ZSWAP_MAX(KernelFile.ZSWAP_MAX);

        private final String fileName;

        Limit(String fileName) {
            this.fileName = fileName;
        }

        /** What it is called in expressions. Looks for it. */
        Signal signal() {
            return Signal.all().stream()
                    .filter(signal -> signal.file().equals(fileName))
                    .findFirst()
                    .orElseThrow();
        }
    }

    LimitCache(CgroupFs fs, Path root, HostFacts host, LongSupplier nanos) throws IOException {
        this.fs = fs;
        this.root = root;
        this.host = host;
        this.nanos = nanos;
        this.total = new HostMemoryAt(host.totalBytes(), nanos.getAsLong());
        this.swapFree = new HostMemoryAt(Double.NaN, nanos.getAsLong());
        this.swapUsage = new SlowNumbers(fs, root, KernelFile.SWAP_CURRENT.fileName(), nanos);
        for (Limit limit : EnumSet.range(Limit.LOW, Limit.ZSWAP_MAX)) {
            others.put(limit, new SlowNumbers(fs, root, limit.fileName, nanos));
        }
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

    /** One limit of this very cgroup; infinite where there is none, NaN where the kernel has no such file. */
    double own(Limit limit, Cgroup cgroup, CgroupFiles files, Scratch scratch) throws IOException {
        return switch (limit) {
            case MAX -> own(cgroup, files, scratch).max();
            case HIGH -> own(cgroup, files, scratch).high();
            default -> numbers(limit).of(cgroup.path(), files, scratch);
        };
    }

    private SlowNumbers numbers(Limit limit) {
        SlowNumbers numbers = others.get(limit);
        if (numbers == null) {
            throw new IllegalArgumentException(limit + " is kept with the others of its cgroup");
        }
        return numbers;
    }

    /** The lowest limit on the way from the cgroup to the root; the host's memory where there is none below it. */
    double lowest(Cgroup cgroup, CgroupFiles files, Scratch scratch) throws IOException {
        double lowest = Math.min(own(cgroup, files, scratch).lowest(), hostBytes());
        // By index: an iterator would be garbage with each sample.
        List<String> ancestors = files.ancestors();
        for (int i = 0; i < ancestors.size(); i++) {
            lowest = Math.min(lowest, ofAncestor(ancestors.get(i), scratch).lowest());
        }
        return lowest;
    }

    /**
     * What the cgroup may still swap out: the least of what each level on the way to the root allows and of what the host has free.
     * Of the levels above, as of a second ago.
     */
    double swapHeadroom(Cgroup cgroup, CgroupFiles files, Scratch scratch) throws IOException {
        double usage = value(files.read(KernelFile.SWAP_CURRENT, scratch), scratch);
        double headroom = left(own(Limit.SWAP_MAX, cgroup, files, scratch), usage, swapFreeBytes());
        List<String> ancestors = files.ancestors();
        for (int i = 0; i < ancestors.size(); i++) {
            String path = ancestors.get(i);
            headroom = left(numbers(Limit.SWAP_MAX).of(path, scratch), swapUsage.of(path, scratch), headroom);
        }
        return headroom;
    }

    /** A level that does not account swap (the root, or a kernel that does not) sets no bound. */
    private static double left(double max, double usage, double atMost) {
        double left = max - usage;
        return Double.isNaN(left) ? atMost : Math.min(atMost, Math.max(0, left));
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

    private double swapFreeBytes() throws IOException {
        HostMemoryAt known = swapFree;
        long now = nanos.getAsLong();
        if (Double.isNaN(known.bytes) || now - known.nanos > FRESH.toNanos()) {
            known = new HostMemoryAt(host.swapFreeBytes(), now);
            swapFree = known;
        }
        return known.bytes;
    }

    /** The cgroup is gone: what takes its path starts afresh. */
    void forget(Cgroup cgroup) {
        limits.invalidate(cgroup.path());
        others.values().forEach(numbers -> numbers.forget(cgroup.path()));
        swapUsage.forget(cgroup.path());
    }
}
