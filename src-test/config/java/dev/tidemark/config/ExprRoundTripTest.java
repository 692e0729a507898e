package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever can be written prints as text that reads back as the same tree. */
class ExprRoundTripTest {
    private static final Span ANYWHERE = new Span(1, 1, 1);
    private static final ExprFunction SMOOTHED = Objects.requireNonNull(ExprFunctions.named("smoothed"));
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
                    .isEqualTo(plain(tree));
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
        return switch (random.nextInt(14)) {
            case 0 -> new Expr.And(truth(random, less, depth - 1), truth(random, less, depth - 1), ANYWHERE);
            case 1 -> new Expr.Or(truth(random, less, depth - 1), truth(random, less, depth - 1), ANYWHERE);
            case 2 -> new Expr.Not(truth(random, less, depth - 1), ANYWHERE);
            case 3 -> sustained(truth(random, less, depth - 1), window(random));
            case 4 -> new Expr.Hold(truth(random, less, depth - 1), window(random), ANYWHERE);
            case 5 -> new Expr.Edge(random.nextBoolean(), truth(random, less, depth - 1), ANYWHERE);
            case 6 -> changed(value(pick(random, VALUES), random, less, depth - 1));
            case 7 -> atLeast(random, size, depth - 1);
            case 8 ->
                new Expr.Then(truth(random, less, depth - 1), truth(random, less, depth - 1), window(random), ANYWHERE);
            case 9 -> pressure(random);
            case 10 ->
                across(pick(random, List.of(Expr.Aggregate.ANY, Expr.Aggregate.ALL)), truth(random, less, depth - 1));
            case 11 -> new Expr.Named("some_name", truth(random, less, depth - 1), ANYWHERE);
            default -> comparison(random, size, depth);
        };
    }

    private static Expr sustained(Expr condition, Duration duration) {
        Expr bare = Traits.bare(condition);
        boolean instant = bare instanceof Expr.Edge || bare instanceof Expr.Changed;
        return instant ? condition : new Expr.For(condition, duration, ANYWHERE);
    }

    private static Expr changed(Expr operand) {
        Expr of = Traits.isConstant(operand) ? new Expr.SignalRef(Signal.USAGE, ANYWHERE) : operand;
        return new Expr.Changed(of, ANYWHERE);
    }

    private static Expr atLeast(SplittableRandom random, int size, int depth) {
        int count = random.nextInt(1, 4);
        List<Expr> conditions = Stream.generate(() -> truth(random, size / count / 2, depth))
                .limit(count)
                .toList();
        return new Expr.AtLeast(random.nextInt(1, count + 1), conditions, ANYWHERE);
    }

    private static Expr pressure(SplittableRandom random) {
        Duration window = Duration.ofMillis(random.nextInt(500, 10_001));
        Duration stall = Duration.ofNanos(1000 * random.nextLong(1, window.toNanos() / 1000 + 1));
        return new Expr.Pressure(
                pick(random, List.of(Expr.Resource.values())), random.nextBoolean(), stall, window, ANYWHERE);
    }

    /** The operand itself where an aggregate of it has no meaning. */
    private static Expr across(Expr.Aggregate aggregate, Expr operand) {
        boolean meaningless = Traits.find(operand, part -> part instanceof Expr.Across) != null
                || !Traits.looksAtCgroup(operand)
                || Traits.momentary(operand) != null;
        return meaningless ? operand : new Expr.Across(aggregate, operand, ANYWHERE);
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
        return switch (random.nextInt(10)) {
            case 0 -> new Expr.Negate(value(unit, random, size / 2, depth - 1), ANYWHERE);
            case 1, 2 -> arithmetic(unit, random, size / 2, depth - 1);
            case 3, 4 -> windowed(unit, random, size / 2, depth - 1);
            case 5 -> new Expr.Named("other_name", value(unit, random, size / 2, depth - 1), ANYWHERE);
            case 6 -> added(unit, random, size / 2, depth - 1);
            case 7 ->
                unit == Unit.COUNT ? count(random, size / 2, depth - 1) : ofAll(unit, random, size / 2, depth - 1);
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
        boolean zero = operator == Expr.Operator.DIVIDE
                && Traits.bare(right) instanceof Expr.Literal literal
                && literal.value() == 0;
        return zero ? new Expr.Literal(3, right.unit(), ANYWHERE) : right;
    }

    private static Expr windowed(Unit unit, SplittableRandom random, int size, int depth) {
        Unit operandUnit = pick(random, VALUES);
        Expr operand = value(operandUnit, random, size, depth);
        if (Traits.isConstant(operand)) {
            return leaf(unit, random);
        }
        if (Traits.find(operand, Traits::isUnsteadyTotal) != null) {
            return leaf(unit, random);
        }
        boolean grows = Traits.accumulates(operand);
        List<Expr.Window> windows = new ArrayList<>();
        if (Units.perSecond(operandUnit) == unit) {
            windows.add(Expr.Window.RATE);
            if (!grows) {
                windows.add(Expr.Window.DERIV);
            }
        }
        if (operandUnit == unit) {
            windows.add(Expr.Window.DELTA);
            if (!grows) {
                windows.addAll(List.of(Expr.Window.MEAN, Expr.Window.EWMA, Expr.Window.MIN, Expr.Window.MAX));
                if (random.nextInt(6) == 0) {
                    return new Expr.Quantile(random.nextInt(101) / 100.0, operand, window(random), ANYWHERE);
                }
            }
        }
        if (windows.isEmpty()) {
            return leaf(unit, random);
        }
        Expr.Window window = pick(random, windows);
        boolean tumbling = window != Expr.Window.EWMA && window != Expr.Window.DERIV && random.nextBoolean();
        return new Expr.Windowed(window, operand, window(random), tumbling, unit, ANYWHERE);
    }

    private static Expr added(Unit unit, SplittableRandom random, int size, int depth) {
        Expr time = new Expr.Literal(random.nextInt(1, 100), Unit.DURATION, ANYWHERE);
        return new Expr.Call(SMOOTHED, List.of(value(unit, random, size, depth), time), unit, ANYWHERE);
    }

    private static Expr count(SplittableRandom random, int size, int depth) {
        Expr condition = truth(random, size, depth);
        if (random.nextBoolean()) {
            Expr across = across(Expr.Aggregate.COUNT, condition);
            return across.unit() == Unit.COUNT ? across : leaf(Unit.COUNT, random);
        }
        return new Expr.Count(condition, window(random), random.nextBoolean(), ANYWHERE);
    }

    private static Expr ofAll(Unit unit, SplittableRandom random, int size, int depth) {
        List<Expr.Aggregate> aggregates =
                List.of(Expr.Aggregate.SUM, Expr.Aggregate.MIN, Expr.Aggregate.MAX, Expr.Aggregate.MEAN);
        return across(pick(random, aggregates), value(unit, random, size, depth));
    }

    private static Expr share(SplittableRandom random) {
        Expr share = signal(pick(random, List.of(Signal.REFAULT_RATIO, Signal.SCAN_EFFICIENCY)), random);
        return new Expr.Windowed(Expr.Window.SHARE, share, window(random), false, Unit.RATIO, ANYWHERE);
    }

    private static Expr signal(Signal signal, SplittableRandom random) {
        if (signal.scope() == Signal.Scope.HOST || random.nextInt(3) > 0) {
            return new Expr.SignalRef(signal, ANYWHERE);
        }
        List<String> paths = List.of("a", "batch.slice/x.service", "a\\x2db/\"c\"", "caf\u00E9/\uD83D\uDE00 x");
        return new Expr.Elsewhere(pick(random, paths), signal, ANYWHERE);
    }

    private static Expr leaf(Unit unit, SplittableRandom random) {
        if (unit == Unit.RATIO && random.nextInt(4) == 0) {
            return share(random);
        }
        if (random.nextBoolean()) {
            List<Signal> signals = Signal.all().stream()
                    .filter(signal -> signal.unit() == unit && signal.kind() != Signal.Kind.SHARE)
                    .toList();
            if (!signals.isEmpty()) {
                return signal(pick(random, signals), random);
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
        Set<Class<?>> kinds = new HashSet<>();
        Set<Expr.Window> windows = new HashSet<>();
        Set<Expr.Aggregate> aggregates = new HashSet<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            visit(trees.next(random, 50), part -> {
                kinds.add(part.getClass());
                if (part instanceof Expr.Windowed windowed) {
                    windows.add(windowed.window());
                }
                if (part instanceof Expr.Across across) {
                    aggregates.add(across.aggregate());
                }
            });
        }

        assertThat(kinds).containsExactlyInAnyOrderElementsOf(nodes(Expr.class));
        assertThat(windows).containsExactlyInAnyOrder(Expr.Window.values());
        assertThat(aggregates).containsExactlyInAnyOrder(Expr.Aggregate.values());
    }

    private static Set<Class<?>> nodes(Class<?> sealed) {
        Set<Class<?>> nodes = new HashSet<>();
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            nodes.addAll(permitted.isRecord() ? Set.of(permitted) : nodes(permitted));
        }
        return nodes;
    }

    private static void visit(Expr expr, Consumer<Expr> to) {
        to.accept(expr);
        expr.children().forEach(child -> visit(child, to));
    }

    /** As {@code sameAs} says: names are not told apart from what they stand for. */
    private static Expr plain(Expr expr) {
        return switch (expr) {
            case Expr.Named it -> plain(it.body());
            case Expr.Negate it -> new Expr.Negate(plain(it.operand()), ANYWHERE);
            case Expr.Arithmetic it ->
                new Expr.Arithmetic(it.operator(), plain(it.left()), plain(it.right()), it.unit(), ANYWHERE);
            case Expr.Comparison it ->
                new Expr.Comparison(it.relation(), plain(it.left()), plain(it.right()), ANYWHERE);
            case Expr.Not it -> new Expr.Not(plain(it.operand()), ANYWHERE);
            case Expr.And it -> new Expr.And(plain(it.left()), plain(it.right()), ANYWHERE);
            case Expr.Or it -> new Expr.Or(plain(it.left()), plain(it.right()), ANYWHERE);
            case Expr.For it -> new Expr.For(plain(it.condition()), it.duration(), ANYWHERE);
            case Expr.Hold it -> new Expr.Hold(plain(it.condition()), it.duration(), ANYWHERE);
            case Expr.Windowed it ->
                new Expr.Windowed(it.window(), plain(it.operand()), it.over(), it.tumbling(), it.unit(), ANYWHERE);
            case Expr.Quantile it -> new Expr.Quantile(it.share(), plain(it.operand()), it.over(), ANYWHERE);
            case Expr.Count it -> new Expr.Count(plain(it.condition()), it.over(), it.tumbling(), ANYWHERE);
            case Expr.Edge it -> new Expr.Edge(it.rising(), plain(it.condition()), ANYWHERE);
            case Expr.Changed it -> new Expr.Changed(plain(it.operand()), ANYWHERE);
            case Expr.AtLeast it ->
                new Expr.AtLeast(
                        it.least(),
                        it.conditions().stream().map(ExprRoundTripTest::plain).toList(),
                        ANYWHERE);
            case Expr.Then it -> new Expr.Then(plain(it.first()), plain(it.second()), it.within(), ANYWHERE);
            case Expr.Across it -> new Expr.Across(it.aggregate(), plain(it.operand()), ANYWHERE);
            case Expr.Call it ->
                new Expr.Call(
                        it.function(),
                        it.arguments().stream().map(ExprRoundTripTest::plain).toList(),
                        it.unit(),
                        ANYWHERE);
            case Expr.Literal _, Expr.SignalRef _, Expr.Elsewhere _, Expr.Pressure _ -> expr;
        };
    }
}
