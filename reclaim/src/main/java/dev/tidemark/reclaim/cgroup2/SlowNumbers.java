package dev.tidemark.reclaim.cgroup2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One file of one number in each cgroup, which changes seldom or may be known late.
 *
 * <p>Read again after {@link LimitCache#FRESH}; where there are very many cgroups after as much longer as keeps all of it at about a
 * thousand cgroups a second, because a limit seen ten seconds late is cheaper than a core spent on reading limits.
 *
 * <p><b>Thread:</b> any; blocks on a miss. <b>Time:</b> the clock given, nanoseconds.
 */
final class SlowNumbers {
    private final CgroupFs fs;
    private final Path root;
    private final String file;
    private final Cache<String, Double> numbers;

    SlowNumbers(CgroupFs fs, Path root, String file, LongSupplier nanos) {
        this.fs = fs;
        this.root = root;
        this.file = file;
        // The executor: Caffeine's default would start threads of the common pool.
        this.numbers = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(nanos::getAsLong)
                .expireAfter(Expiry.<String, Double>creating((_, _) -> freshFor()))
                .build();
    }

    private Duration freshFor() {
        // Nothing is in it yet when it is being built.
        @Nullable Cache<String, Double> cache = numbers;
        Duration forAll = LimitCache.EACH.multipliedBy(cache == null ? 0 : cache.estimatedSize());
        return forAll.compareTo(LimitCache.FRESH) > 0 ? forAll : LimitCache.FRESH;
    }

    /** Of the cgroup at this path, whichever it is; NaN where there is no such file, infinite for {@code max}. */
    double of(String path, Scratch scratch) throws IOException {
        @Nullable Double known = numbers.getIfPresent(path);
        return known != null ? known : read(path, root.resolve(path), scratch);
    }

    /** Of this very cgroup. */
    double of(String path, CgroupFiles files, Scratch scratch) throws IOException {
        @Nullable Double known = numbers.getIfPresent(path);
        if (known != null) {
            return known;
        }
        double number = read(path, files.directory(), scratch);
        try {
            files.requireSame();
        } catch (IOException e) {
            forget(path);
            throw e;
        }
        return number;
    }

    private double read(String path, Path directory, Scratch scratch) throws IOException {
        double number = LimitCache.single(fs, directory.resolve(file), scratch);
        numbers.put(path, number);
        return number;
    }

    void forget(String path) {
        numbers.invalidate(path);
    }
}
