package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever can be written prints as text that reads back as the same tree. */
class ExprRoundTripTest {
    private static final Span ANYWHERE = new Span(1, 1, 1);
    private static final List<Unit> VALUES =
            Stream.of(Unit.values()).filter(unit -> unit != Unit.TRUTH).toList();

    private static <T> T pick(SplittableRandom random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @Test
    void printedTreesReadBackEqual() {
        Check.forAll(2000, ExprRoundTripTest::truth, tree -> {
            Expr read = Reading.expr(tree.toString());

            assertThat(read)
                    .usingRecursiveComparison()
                    .ignoringFieldsOfTypes(Span.class)
                    .isEqualTo(tree);
            assertThat(read.sameAs(tree)).isTrue();
        });
    }

    private static Expr truth(SplittableRandom random, int size) {
        // The parser bounds the depth; half of it leaves room for the parentheses of every level.
        return truth(random, size, 12);
    }

    private static Expr truth(SplittableRandom random, int size, int depth) {
        if (size < 2 || depth == 0) {
            return comparison(random, size, depth);
        }
        int less = size / 2;
        return switch (random.nextInt(6)) {
            case 0 -> new Expr.And(truth(random, less, depth - 1), truth(random, less, depth - 1), ANYWHERE);
            case 1 -> new Expr.Or(truth(random, less, depth - 1), truth(random, less, depth - 1), ANYWHERE);
            case 2 -> new Expr.Not(truth(random, less, depth - 1), ANYWHERE);
            case 3 -> new Expr.For(truth(random, less, depth - 1), window(random), ANYWHERE);
            case 4 -> new Expr.Hold(truth(random, less, depth - 1), window(random), ANYWHERE);
            default -> comparison(random, size, depth);
        };
    }

    private static Expr comparison(SplittableRandom random, int size, int depth) {
        Unit unit = pick(random, VALUES);
        Expr.Relation relation = pick(random, List.of(Expr.Relation.values()));
        return new Expr.Comparison(
                relation, value(unit, random, size / 2, depth), value(unit, random, size / 2, depth), ANYWHERE);
    }

    private static Expr value(Unit unit, SplittableRandom random, int size, int depth) {
        if (size < 2 || depth <= 0) {
            return leaf(unit, random);
        }
        return switch (random.nextInt(6)) {
            case 0 -> new Expr.Negate(value(unit, random, size / 2, depth - 1), ANYWHERE);
            case 1, 2 -> arithmetic(unit, random, size / 2, depth - 1);
            case 3 -> windowed(unit, random, size / 2, depth - 1);
            default -> leaf(unit, random);
        };
    }

    private static Expr arithmetic(Unit unit, SplittableRandom random, int size, int depth) {
        for (int tries = 0; tries < 60; tries++) {
            Expr.Operator operator = pick(random, List.of(Expr.Operator.values()));
            Unit left = pick(random, VALUES);
            Unit right = pick(random, VALUES);
            if (Units.of(operator, left, right) == unit) {
                return new Expr.Arithmetic(
                        operator,
                        value(left, random, size, depth),
                        notZero(operator, value(right, random, size, depth)),
                        unit,
                        ANYWHERE);
            }
        }
        return leaf(unit, random);
    }

    private static Expr notZero(Expr.Operator operator, Expr right) {
        boolean zero =
                operator == Expr.Operator.DIVIDE && right instanceof Expr.Literal literal && literal.value() == 0;
        return zero ? new Expr.Literal(3, right.unit(), ANYWHERE) : right;
    }

    private static Expr windowed(Unit unit, SplittableRandom random, int size, int depth) {
        Unit operandUnit = pick(random, VALUES);
        Expr operand = value(operandUnit, random, size, depth);
        boolean constant = !operand.toString().matches("(?s).*[a-z]{3,}.*");
        if (constant) {
            return leaf(unit, random);
        }
        if (Units.perSecond(operandUnit) == unit) {
            return new Expr.Windowed(Expr.Window.RATE, operand, window(random), unit, ANYWHERE);
        }
        if (operandUnit != unit) {
            return leaf(unit, random);
        }
        boolean delta = Typer.accumulates(operand) || random.nextBoolean();
        return new Expr.Windowed(delta ? Expr.Window.DELTA : Expr.Window.MEAN, operand, window(random), unit, ANYWHERE);
    }

    private static Expr leaf(Unit unit, SplittableRandom random) {
        if (random.nextBoolean()) {
            List<Signal> signals = List.of(Signal.values()).stream()
                    .filter(signal -> signal.unit() == unit)
                    .toList();
            if (!signals.isEmpty()) {
                return new Expr.SignalRef(pick(random, signals), ANYWHERE);
            }
        }
        double value = switch (random.nextInt(3)) {
            case 0 -> random.nextInt(10);
            case 1 -> random.nextInt(100_000) / 1000.0;
            default -> random.nextLong(1L << 50);
        };
        return new Expr.Literal(value, unit, ANYWHERE);
    }

    private static Duration window(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> Duration.ofSeconds(random.nextInt(1, 86_401));
            case 1 -> Duration.ofMillis(random.nextInt(1, 10_000));
            default -> Duration.ofNanos(random.nextLong(1_000_000, 86_400_000_000_000L));
        };
    }

    @Test
    void generatedTreesUseEveryKindOfNode() {
        Gen<Expr> trees = ExprRoundTripTest::truth;
        StringBuilder all = new StringBuilder();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 500; i++) {
            all.append(trees.next(random, 50)).append('\n');
        }
        assertThat(all)
                .contains(" and ", " or ", "not ", " for ", " hold ", " over ", "rate(", "delta(", " of ", "-", "(");
    }
}
