package dev.tidemark.support;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs a property on generated values, small ones first. A failure names the seed, and {@code -Dtidemark.seed=SEED} makes
 * the same values again; before it is reported the value is made smaller by making it anew with smaller sizes.
 */
public final class Check {

    private static final int RUNS = Integer.getInteger("tidemark.runs", 1000);
    private static final int MAX_SIZE = 50;

    /** The same values in every build, so that none fails by chance; other seeds are for looking further. */
    private static final long SEED = 20_251_101;

    private Check() {}

    /** Holds when it returns, fails by throwing anything. */
    @FunctionalInterface
    public interface Property<T> {
        void holdsFor(T value) throws Exception;
    }

    /** A thousand runs, or as many as {@code -Dtidemark.runs} says. */
    public static <T> void forAll(Gen<T> gen, Property<? super T> property) {
        forAll(RUNS, gen, property);
    }

    public static <T> void forAll(int runs, Gen<T> gen, Property<? super T> property) {
        Long given = Long.getLong("tidemark.seed");
        forAll(given != null ? given : SEED, runs, gen, property);
    }

    static <T> void forAll(long seed, int runs, Gen<T> gen, Property<? super T> property) {
        SplittableRandom seeds = new SplittableRandom(seed);
        for (int run = 0; run < runs; run++) {
            long caseSeed = seeds.nextLong();
            int size = (int) ((long) run * MAX_SIZE / runs) + 1;
            Throwable failure = failure(gen, property, caseSeed, size);
            if (failure == null) {
                continue;
            }
            // The smallest size that still fails; the value at each size is unrelated to that at the next.
            for (int smaller = 0; smaller < size; smaller++) {
                Throwable simpler = failure(gen, property, caseSeed, smaller);
                if (simpler != null) {
                    failure = simpler;
                    size = smaller;
                    break;
                }
            }
            throw new AssertionError(
                    "run " + (run + 1) + " of " + runs + " failed for the value\n    "
                            + gen.next(new SplittableRandom(caseSeed), size)
                            + "\nAgain with -Dtidemark.seed=" + seed + "\n" + failure,
                    failure);
        }
    }

    private static <T> @Nullable Throwable failure(Gen<T> gen, Property<? super T> property, long seed, int size) {
        T value = gen.next(new SplittableRandom(seed), size);
        try {
            property.holdsFor(value);
            return null;
        } catch (Exception | AssertionError | StackOverflowError e) {
            return e;
        }
    }
}
