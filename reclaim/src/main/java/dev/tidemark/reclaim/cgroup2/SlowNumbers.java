package dev.tidemark.reclaim.cgroup2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One file of one number in each cgroup, which changes seldom or may be known late.
 *
 * <p>Read again as often as {@link LimitCache limits} are.
 *
 * <p><b>Thread:</b> any; blocks on a miss. <b>Time:</b> the clock given, nanoseconds.
 */
final class SlowNumbers {
    private final CgroupFs fs;
    private final String file;
    private final Cache<String, Double> numbers;

    SlowNumbers(CgroupFs fs, String file, LongSupplier nanos) {
        this.fs = fs;
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

    /** Of whichever cgroup is at this level; NaN where there is no such file, infinite for {@code max}. */
    double of(Level level, Scratch scratch) throws IOException {
        @Nullable Double known = numbers.getIfPresent(level.path());
        return known != null ? known : read(level, scratch);
    }

    /** Of this very cgroup. */
    double of(CgroupFiles files, Scratch scratch) throws IOException {
        Level level = files.level();
        @Nullable Double known = numbers.getIfPresent(level.path());
        if (known != null) {
            return known;
        }
        double number = read(level, scratch);
        try {
            files.requireSame();
        } catch (IOException e) {
            forget(level.path());
            throw e;
        }
        return number;
    }

    private double read(Level level, Scratch scratch) throws IOException {
        double number = LimitCache.single(fs, level.directory(), file, scratch);
        numbers.put(level.path(), number);
        return number;
    }

    void forget(String path) {
        numbers.invalidate(path);
    }
}
