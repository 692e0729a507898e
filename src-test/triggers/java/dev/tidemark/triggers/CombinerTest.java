package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expr.Aggregate;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class CombinerTest {

    private record Change(int member, double value) {}

    @Test
    void value_isThatOfAllKnownMembersAfterAnyChanges() {
        Gen<Change> change = Gen.ints(0, 20)
                .with(
                        Gen.of(Double.NaN, 0.0, 1.0, 2.0, 3.0, 1e9, Double.POSITIVE_INFINITY),
                        (member, value) -> new Change(member, value));
        Gen<Aggregate> aggregate = Gen.of(Aggregate.SUM, Aggregate.MIN, Aggregate.MAX, Aggregate.MEAN);

        Check.forAll(Gen.lists(change).with(aggregate, Map::entry), entry -> {
            Combiner combiner = new Combiner(entry.getValue());
            Map<Integer, Double> members = new TreeMap<>();
            for (Change one : entry.getKey()) {
                combiner.set(one.member, one.value);
                members.put(one.member, one.value);
                assertThat((Double) combiner.value()).isEqualTo(expected(entry.getValue(), members));
            }
        });
    }

    @Test
    void truths_areCountedWithoutTheUnknown() {
        List<Double> truths = List.of(1.0, 0.0, Double.NaN, 1.0);

        assertThat(of(Aggregate.COUNT, truths)).isEqualTo(2);
        assertThat(of(Aggregate.ANY, truths)).isEqualTo(1);
        assertThat(of(Aggregate.ALL, truths)).isZero();
        assertThat(of(Aggregate.ALL, List.of(1.0, Double.NaN))).isEqualTo(1);
        assertThat(of(Aggregate.ANY, List.of(Double.NaN))).isNaN();
        assertThat(of(Aggregate.COUNT, List.of())).isNaN();
    }

    @Test
    void sum_doesNotDriftHoweverOftenItChanges() {
        Combiner combiner = new Combiner(Aggregate.SUM);
        combiner.set(0, 0.1);

        for (int i = 0; i < 100_000; i++) {
            combiner.set(1, i % 2 == 0 ? 1e17 : 0.2);
        }

        assertThat(combiner.value()).isEqualTo(0.1 + 0.2);
    }

    private static double of(Aggregate aggregate, List<Double> values) {
        Combiner combiner = new Combiner(aggregate);
        for (int member = 0; member < values.size(); member++) {
            combiner.set(member, values.get(member));
        }
        return combiner.value();
    }

    private static Double expected(Aggregate aggregate, Map<Integer, Double> members) {
        double[] known = members.values().stream()
                .mapToDouble(Double::doubleValue)
                .filter(value -> !Double.isNaN(value))
                .toArray();
        DoubleStream all = DoubleStream.of(known);
        return known.length == 0
                ? Double.NaN
                : switch (aggregate) {
                    case SUM -> all.sum();
                    case MEAN -> all.sum() / known.length;
                    case MIN -> all.min().orElseThrow();
                    default -> all.max().orElseThrow();
                };
    }
}
