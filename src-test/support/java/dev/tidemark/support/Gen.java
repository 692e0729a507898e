package dev.tidemark.support;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes values out of randomness. The size, 0 or more, bounds how long and how deep a value gets; the same random
 * state and size always give an equal value, which is what makes replaying and shrinking work.
 */
@FunctionalInterface
public interface Gen<T> {

    T next(SplittableRandom random, int size);

    static <T> Gen<T> always(T value) {
        return (random, size) -> value;
    }

    /** One of the values, each equally often. */
    @SafeVarargs
    @SuppressWarnings("varargs") // copied at once, never written to
    static <T> Gen<T> of(T... values) {
        List<T> all = List.of(values);
        return (random, size) -> all.get(random.nextInt(all.size()));
    }

    /** A value of one of the generators, each equally often; naming one twice doubles its share. */
    @SafeVarargs
    @SuppressWarnings("varargs") // copied at once, never written to
    static <T> Gen<T> oneOf(Gen<? extends T>... gens) {
        List<Gen<? extends T>> all = List.of(gens);
        return (random, size) -> all.get(random.nextInt(all.size())).next(random, size);
    }

    /** From {@code low} to {@code high}, both included; one in eight is one of the two ends. */
    static Gen<Integer> ints(int low, int high) {
        return longs(low, high).map(Math::toIntExact);
    }

    /** From {@code low} to {@code high}, both included; one in eight is one of the two ends. */
    static Gen<Long> longs(long low, long high) {
        if (low > high) {
            throw new IllegalArgumentException("low <= high required but they were " + low + " and " + high);
        }
        return (random, size) -> {
            if (random.nextInt(8) == 0) {
                return random.nextBoolean() ? low : high;
            }
            return high == Long.MAX_VALUE
                    ? (low == Long.MIN_VALUE ? random.nextLong() : random.nextLong(low - 1, high) + 1)
                    : random.nextLong(low, high + 1);
        };
    }

    static Gen<Boolean> booleans() {
        return (random, size) -> random.nextBoolean();
    }

    /** A text of at most {@code size} of the alphabet's characters. */
    static Gen<String> strings(String alphabet) {
        int[] points = alphabet.codePoints().toArray();
        return (random, size) -> {
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(size + 1); left > 0; left--) {
                text.appendCodePoint(points[random.nextInt(points.length)]);
            }
            return text.toString();
        };
    }

    /** A text of at most {@code size} characters of any kind: letters, controls, other scripts, lone surrogates. */
    static Gen<String> anyStrings() {
        return (random, size) -> {
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(size + 1); left > 0; left--) {
                switch (random.nextInt(8)) {
                    case 0 -> text.append((char) random.nextInt(' '));
                    case 1 -> text.append((char) random.nextInt(Character.MAX_VALUE + 1));
                    case 2 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                    default -> text.append((char) random.nextInt(' ', 127));
                }
            }
            return text.toString();
        };
    }

    /** At most {@code size} elements, each made with half the size. */
    static <T> Gen<List<T>> lists(Gen<T> element) {
        return (random, size) -> {
            int length = random.nextInt(size + 1);
            List<T> list = new ArrayList<>(length);
            for (int i = 0; i < length; i++) {
                list.add(element.next(random, size / 2));
            }
            return List.copyOf(list);
        };
    }

    /** A leaf, or while there is size left a branch over values of half the size: for expressions and trees. */
    static <T> Gen<T> recursive(Gen<T> leaf, Function<Gen<T>, Gen<T>> branch) {
        return (random, size) -> {
            if (size <= 0 || random.nextInt(4) == 0) {
                return leaf.next(random, size);
            }
            return branch.apply(recursive(leaf, branch)).next(random, size / 2);
        };
    }

    default <R> Gen<R> map(Function<? super T, ? extends R> change) {
        return (random, size) -> change.apply(next(random, size));
    }

    default <R> Gen<R> flatMap(Function<? super T, Gen<R>> then) {
        return (random, size) -> then.apply(next(random, size)).next(random, size);
    }

    default <U, R> Gen<R> with(Gen<U> other, BiFunction<? super T, ? super U, ? extends R> join) {
        return (random, size) -> join.apply(next(random, size), other.next(random, size));
    }

    /** Only values that fit; gives up, loudly, when a thousand in a row do not. */
    default Gen<T> suchThat(Predicate<? super T> fits) {
        return (random, size) -> {
            for (int tries = 0; tries < 1000; tries++) {
                T value = next(random, size);
                if (fits.test(value)) {
                    return value;
                }
            }
            throw new IllegalStateException("no value of 1000 fits; make the generator narrower, not the filter");
        };
    }
}
