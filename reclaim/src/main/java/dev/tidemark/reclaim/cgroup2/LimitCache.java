package dev.tidemark.reclaim.cgroup2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits, which change seldom and are wanted with each sample, also those of all ancestors.
 *
 * <p>memory.max and memory.high stand with the {@link Level} whose they are, so that a sample looks nothing up; levels above are one
 * object for all that are below, kept for as long as there is one. The others, wanted seldom, are in caches by path.
 *
 * <p>Read again after {@link #FRESH}; where there are very many cgroups after {@link #EACH} of them all, because limits of ten thousand
 * that are seen twenty seconds late are cheaper than a core spent on reading them.
 *
 * <p><b>Thread:</b> any; blocks on a miss. <b>Time:</b> the clock given, nanoseconds.
 */
final class LimitCache {
    static final Duration FRESH = Duration.ofSeconds(1);
    static final Duration EACH = Duration.ofMillis(2);

    private static final String MEMINFO = "meminfo"; // below /proc
    private static final int KIB = 1024;

    private static final long FRESH_NANOS = FRESH.toNanos();
    private static final long EACH_NANOS = EACH.toNanos();

    /** A batch of reclaim can fill much of it; one read serves all cgroups of a tick. */
    private static final long SWAP_FRESH_NANOS = Duration.ofMillis(100).toNanos();

    private final CgroupFs fs;
    private final Path root;
    private final HeldMount mount;
    private final HostFiles hostFiles;
    private final Cache<String, Level> inner;
    private final AtomicInteger leaves = new AtomicInteger();
    private final Map<Limit, SlowNumbers> others = new EnumMap<>(Limit.class);
    private final SlowNumbers swapUsage;
    private final Protections protections;
    private final Path proc;
    private final FilePlan memInfo;
    private final int memTotal;
    private final int swapFree;
    private volatile HostMemoryAt hostMemory;

    private record HostMemoryAt(double totalBytes, double swapFreeBytes, long nanos) {}

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

        String fileName() {
            return fileName;
        }

        /** What it is called in expressions. Looks for it. */
        Signal signal() {
            return Signal.all().stream()
                    .filter(signal -> signal.file().equals(fileName))
                    .findFirst()
                    .orElseThrow();
        }
    }

    LimitCache(CgroupFs fs, Path root, HeldMount mount, HostFacts host, HostFiles hostFiles, LongSupplier nanos)
            throws IOException {
        this.fs = fs;
        this.root = root;
        this.mount = mount;
        this.hostFiles = hostFiles;
        this.proc = host.proc();
        this.memInfo = new FilePlan(KernelFile.Format.MEMINFO, host.pageBytes());
        this.memTotal = memInfo.key("MemTotal");
        this.swapFree = memInfo.key("SwapFree");
        this.hostMemory = readHostMemory(nanos.getAsLong());
        this.swapUsage = new SlowNumbers(fs, KernelFile.SWAP_CURRENT.fileName(), nanos);
        for (Limit limit : EnumSet.range(Limit.LOW, Limit.ZSWAP_MAX)) {
            others.put(limit, new SlowNumbers(fs, limit.fileName, nanos));
        }
        // There is one such hierarchy, however often it is mounted.
        boolean recursive = Mount.parse(host.mountInfo()).stream()
                .anyMatch(each ->
                        each.type().equals("cgroup2") && each.superOptions().contains("memory_recursiveprot"));
        this.protections = new Protections(fs, recursive, this::freshNanos);
        // The executor: Caffeine's default would start threads of the common pool.
        this.inner = Caffeine.newBuilder().executor(Runnable::run).weakValues().build();
    }

    /** The level of a cgroup that is read, counted until {@link #unread}. */
    Level leaf(Cgroup cgroup) {
        leaves.incrementAndGet();
        String path = cgroup.path();
        return new Level(path, directory(path), path.isEmpty() ? null : inner(parent(path)));
    }

    private Level inner(String path) {
        // Not within one another: a cache that computes must not be asked for something else meanwhile.
        @Nullable Level known = inner.getIfPresent(path);
        if (known != null) {
            return known;
        }
        @Nullable Level above = path.isEmpty() ? null : inner(parent(path));
        return inner.get(path, _ -> new Level(path, directory(path), above));
    }

    private Directory directory(String path) {
        return new Directory(mount, root.resolve(path));
    }

    /** The limits of this very cgroup, which is {@linkplain CgroupFiles#prove proven} later. */
    OwnLimits own(CgroupFiles files, long now, Scratch scratch) throws IOException {
        Level level = files.level();
        @Nullable OwnLimits known = level.limits;
        if (known != null && now - known.untilNanos() < 0) {
            return known;
        }
        OwnLimits read = read(level, now, scratch);
        scratch.unproven = true;
        return read;
    }

    /** One limit of this very cgroup; infinite where there is none, NaN where the kernel has no such file. */
    double own(Limit limit, CgroupFiles files, long now, Scratch scratch) throws IOException {
        return switch (limit) {
            case MAX -> own(files, now, scratch).max();
            case HIGH -> own(files, now, scratch).high();
            default -> numbers(limit).of(files, scratch);
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
    double lowest(CgroupFiles files, long now, Scratch scratch) throws IOException {
        double lowest = Math.min(own(files, now, scratch).lowest(), hostBytes(now));
        for (@Nullable Level level = files.level().above(); level != null; level = level.above()) {
            @Nullable OwnLimits known = level.limits;
            OwnLimits limits = known != null && now - known.untilNanos() < 0 ? known : read(level, now, scratch);
            lowest = Math.min(lowest, limits.lowest());
        }
        return lowest;
    }

    /** What memory.min and memory.low keep for the cgroup, its own and those above. */
    double protection(CgroupFiles files, long now, Scratch scratch) throws IOException {
        return protections.of(files, now, scratch);
    }

    /**
     * What the cgroup may still swap out: the least of what each level on the way to the root allows and of what the host has free.
     * Of the levels above, as of a second ago. How much swap is used is read only where a limit makes it matter: on most hosts nowhere.
     */
    double swapHeadroom(CgroupFiles files, long now, Scratch scratch) throws IOException {
        double headroom = swapFreeBytes(now);
        if (headroom <= 0) {
            return 0;
        }
        double max = own(Limit.SWAP_MAX, files, now, scratch);
        if (isLimit(max)) {
            headroom = left(max, value(files.read(KernelFile.SWAP_CURRENT, scratch), scratch), headroom);
        }
        for (@Nullable Level level = files.level().above(); level != null && headroom > 0; level = level.above()) {
            max = numbers(Limit.SWAP_MAX).of(level, scratch);
            if (isLimit(max)) {
                headroom = left(max, swapUsage.of(level, scratch), headroom);
            }
        }
        return headroom;
    }

    /** Not where the file is missing, as at the root, nor for {@code max}. */
    private static boolean isLimit(double max) {
        return max < Double.POSITIVE_INFINITY;
    }

    /** A level that does not account swap (the root, or a kernel that does not) sets no bound. */
    private static double left(double max, double usage, double atMost) {
        double left = max - usage;
        return Double.isNaN(left) ? atMost : Math.min(atMost, Math.max(0, left));
    }

    private OwnLimits read(Level level, long now, Scratch scratch) throws IOException {
        OwnLimits read = new OwnLimits(
                single(fs, level.directory(), KernelFile.MAX, scratch),
                single(fs, level.directory(), KernelFile.HIGH, scratch),
                now + freshNanos(1));
        level.limits = read;
        return read;
    }

    /** How long may be believed what takes reading so many cgroups at least. */
    private long freshNanos(int cgroups) {
        return Math.max(FRESH_NANOS, EACH_NANOS * Math.max(cgroups, leaves.get() + inner.estimatedSize()));
    }

    /** The number in a file; NaN where there is no such file. */
    static double single(CgroupFs fs, Directory directory, String file, Scratch scratch) throws IOException {
        try {
            int descriptor = fs.openForReading(directory, file, scratch);
            try {
                return value(fs.read(descriptor, scratch), scratch);
            } finally {
                fs.close(descriptor);
            }
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
    private double hostBytes(long now) throws IOException {
        return hostMemory(now, FRESH_NANOS).totalBytes;
    }

    /** Of the host, as of a tenth of a second ago at most. */
    double swapFreeBytes(long now) throws IOException {
        return known(hostMemory(now, SWAP_FRESH_NANOS).swapFreeBytes, "SwapFree");
    }

    private HostMemoryAt hostMemory(long now, long freshNanos) throws IOException {
        HostMemoryAt known = hostMemory;
        if (now - known.nanos > freshNanos) {
            known = readHostMemory(now);
            hostMemory = known;
        }
        return known;
    }

    private HostMemoryAt readHostMemory(long now) throws IOException {
        Scratch scratch = Scratch.mine();
        int length = hostFiles.read(MEMINFO, scratch);
        double[] found = memInfo.find(scratch, Math.max(0, length));
        return new HostMemoryAt(known(found[memTotal], "MemTotal") * KIB, found[swapFree] * KIB, now);
    }

    private double known(double value, String name) throws IOException {
        if (Double.isNaN(value)) {
            throw new IOException(proc.resolve(MEMINFO) + " has no " + name);
        }
        return value;
    }

    /** A cgroup that had a {@link #leaf} is read no more. */
    void unread() {
        leaves.decrementAndGet();
    }

    /** Its limits have been written: what is kept of them is not true any more. */
    void changed(CgroupFiles files) {
        files.level().limits = null;
        numbers(Limit.LOW).forget(files.level().path());
    }

    /** The cgroup is gone: what takes its path starts afresh. */
    void forget(Cgroup cgroup) {
        inner.invalidate(cgroup.path());
        others.values().forEach(numbers -> numbers.forget(cgroup.path()));
        swapUsage.forget(cgroup.path());
    }
}
