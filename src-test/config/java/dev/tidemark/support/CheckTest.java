package dev.tidemark.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CheckTest {

    @Test
    void failureNamesSeedAndTheSmallestValueFound() {
        Gen<Integer> theSize = (random, size) -> size;

        assertThatThrownBy(
                        () -> Check.forAll(42, 100, theSize, n -> assertThat(n).isLessThan(7)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run 13 of 100 failed for the value\n    7\n")
                .hasMessageContaining("-Dtidemark.seed=42");
    }

    @Test
    void anyExceptionIsAFailure() {
        assertThatThrownBy(() -> Check.forAll(1, 10, Gen.always("x"), x -> Integer.parseInt(x)))
                .isInstanceOf(AssertionError.class)
                .hasCauseInstanceOf(NumberFormatException.class);
    }

    @Test
    void sameSeedGivesTheSameValues() {
        assertThat(valuesOf(7)).isEqualTo(valuesOf(7)).isNotEqualTo(valuesOf(8)).hasSize(200);
    }

    @Test
    void numbersStayInTheirRangeAndMeetItsEnds() {
        long[][] ranges = {{0, 0}, {-3, 3}, {Long.MIN_VALUE, Long.MAX_VALUE}, {1, Long.MAX_VALUE}, {Long.MIN_VALUE, 0}};
        for (long[] range : ranges) {
            List<Long> seen = new ArrayList<>();

            Check.forAll(3, 500, Gen.longs(range[0], range[1]), n -> {
                seen.add(n);
                assertThat(n).isBetween(range[0], range[1]);
            });

            assertThat(seen).contains(range[0], range[1]);
        }
    }

    @Test
    void recursionEnds() {
        Gen<String> sum =
                Gen.recursive(Gen.of("1", "2"), inner -> inner.with(inner, (a, b) -> "(" + a + "+" + b + ")"));

        assertThatCode(() -> Check.forAll(5, 300, sum, text -> assertThat(text).hasSizeLessThan(1000)))
                .doesNotThrowAnyException();
    }

    @Test
    void filterThatNothingFitsSaysSo() {
        Gen<Integer> none = Gen.ints(0, 9).suchThat(n -> n > 9);

        assertThatThrownBy(() -> none.next(new SplittableRandom(1), 1)).hasMessageContaining("no value of 1000 fits");
    }

    private static List<String> valuesOf(long seed) {
        List<String> values = new ArrayList<>();
        Check.forAll(seed, 200, Gen.lists(Gen.anyStrings()), list -> values.add(list.toString()));
        return values;
    }
}
