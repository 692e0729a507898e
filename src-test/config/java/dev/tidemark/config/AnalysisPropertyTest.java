package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.AnalysisTruth.Mode;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** No claim of the analysis is ever contradicted by what expressions come to on random values. */
class AnalysisPropertyTest {
    private static final List<String> LEVELS =
            List.of("usage", "swap.usage", "max(usage, 5s)", "usage over 4s", "limit - usage");
    private static final List<String> COUNTS =
            List.of("delta(pgscan, 5s)", "delta(pgscan, 3s) + 1", "-delta(pgscan, 5s)");
    private static final List<String> SHARES =
            List.of("psi.some.avg10", "psi.some over 2s", "usage / limit", "psi.some.avg10 - 50%", "psi.full over 3s");
    private static final List<String> RELATIONS = List.of("<", "<=", ">", ">=", "==", "!=");

    private static <T> T pick(SplittableRandom random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Two conditions, and moments at which they are looked at. */
    private record Sample(String first, String second, List<AnalysisMoments.Moment> moments) {}

    private static String truth(SplittableRandom random, int depth) {
        if (depth <= 0 || random.nextInt(4) == 0) {
            return comparison(random);
        }
        String a = truth(random, depth - 1);
        String b = truth(random, depth - 1);
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> "(" + a + ") and (" + b + ")";
            case 3, 4 -> "(" + a + ") or (" + b + ")";
            case 5, 6 -> "not (" + a + ")";
            case 7 -> "(" + a + ") for 2s";
            case 8 -> "(" + a + ") hold 2s";
            case 9 -> random.nextInt(1, 4) + " of (" + a + ", " + b + ", " + truth(random, depth - 1) + ")";
            case 10 -> "(" + pick(random, List.of("rising", "falling")) + "(" + a + ") hold 1s)";
            default -> "((" + a + ") then (" + b + ") within 3s)";
        };
    }

    private static String comparison(SplittableRandom random) {
        String relation = ' ' + pick(random, RELATIONS) + ' ';
        return switch (random.nextInt(6)) {
            case 0 -> pick(random, LEVELS) + relation + random.nextInt(9) + "MiB";
            case 1 -> random.nextInt(9) + "MiB" + relation + pick(random, LEVELS);
            case 2 -> pick(random, COUNTS) + relation + random.nextInt(4);
            case 3 -> pick(random, SHARES) + relation + random.nextInt(5) * 25 + "%";
            case 4 -> {
                String mark =
                        pick(random, List.of("50% of limit", "75% of limit", "limit", "limit * 2", "-50% * limit"));
                yield random.nextBoolean() ? "usage" + relation + mark : mark + relation + "usage";
            }
            default -> pick(random, LEVELS) + relation + pick(random, LEVELS);
        };
    }

    private static final Gen<Sample> SAMPLES = (random, size) -> new Sample(
            truth(random, 1 + size / 25), truth(random, 1 + size / 25), AnalysisMoments.random(random, 4 + size / 2));

    @Test
    void nothingThatIsClaimedIsEverContradicted() {
        AtomicInteger single = new AtomicInteger();
        AtomicInteger pairs = new AtomicInteger();
        Check.forAll(3000, SAMPLES, sample -> {
            Expr first = Reading.expr(sample.first);
            Expr second = Reading.expr(sample.second);
            AnalysisMoments moments = new AnalysisMoments(sample.moments);
            AnalysisTruth truth = new AnalysisTruth();
            List<Double> firsts = moments.values(first);
            List<Double> seconds = moments.values(second);
            for (Mode mode : Mode.values()) {
                if (truth.never(first, mode)) {
                    single.incrementAndGet();
                    assertThat(firsts).as("never %s", mode).noneMatch(value -> is(value, mode));
                }
                for (Mode other : Mode.values()) {
                    boolean never = truth.region(first, mode)
                            .and(truth.region(second, other))
                            .isNothing();
                    if (never) {
                        pairs.incrementAndGet();
                        for (int i = 0; i < firsts.size(); i++) {
                            assertThat(is(firsts.get(i), mode) && is(seconds.get(i), other))
                                    .as("%s and %s at moment %d", mode, other, i)
                                    .isFalse();
                        }
                    }
                }
            }
        });
        // Or it would have shown nothing.
        assertThat(single).hasValueGreaterThan(200);
        assertThat(pairs).hasValueGreaterThan(1000);
    }

    private static boolean is(double value, Mode mode) {
        return switch (mode) {
            case TRUE -> value == 1;
            case FALSE -> value == 0;
            case NOT_TRUE -> value != 1;
            case NOT_FALSE -> value != 0;
        };
    }

    @Test
    void rangesHoldAllValues() {
        List<String> terms = new ArrayList<>(LEVELS);
        terms.addAll(COUNTS);
        terms.addAll(SHARES);
        terms.addAll(List.of("usage * 2 - swap.usage", "usage / 2MiB", "limit + usage", "delta(usage, 3s)", "-usage"));
        Check.forAll(400, (Gen<List<AnalysisMoments.Moment>>) AnalysisMoments::random, moments -> {
            for (String term : terms) {
                Expr.Comparison wrapped = (Expr.Comparison) Reading.expr(term + " == " + term);
                AnalysisRange range = AnalysisRange.of(wrapped.left());
                assertThat(new AnalysisMoments(moments).values(wrapped.left()))
                        .as("%s in %s", term, range)
                        .allMatch(value -> Double.isNaN(value) || (range.low() <= value && value <= range.high()));
            }
        });
    }
}
