package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.Decision.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A policy's conditions, compiled once. It has no state: that is in two arrays a cgroup, whose sizes it knows, and a step
 * over them allocates nothing.
 *
 * <p><b>Thread:</b> immutable. <b>Back-pressure:</b> none. <b>Time:</b> that of the {@link Evaluation}. <b>Failure:</b> a
 * step does not throw on any values.
 */
final class Program {

    /** A window is looked at with a resolution of this part of it at most, which bounds its memory to about a KiB. */
    static final int MAX_SPACINGS = 32;

    private final Condition start;
    private final Condition stop;
    private final int doubles;
    private final long[] freshLongs;

    private Program(Condition start, Condition stop, int doubles, long[] freshLongs) {
        this.start = start;
        this.stop = stop;
        this.doubles = doubles;
        this.freshLongs = freshLongs;
    }

    /** The signals that a policy's conditions speak of. */
    static SignalSet signals(Policy policy) {
        Set<Signal> signals = EnumSet.noneOf(Signal.class);
        collect(policy.start(), signals);
        collect(policy.stop(), signals);
        return SignalSet.of(signals);
    }

    /** @param layout where values are found; has all of the policy's signals */
    static Program compile(Policy policy, SignalSet layout) {
        Compiler compiler = new Compiler(layout, policy.period());
        Condition start = compiler.condition(policy.start());
        Condition stop = compiler.condition(policy.stop());
        return new Program(
                start,
                stop,
                compiler.doubles,
                compiler.longs.stream().mapToLong(Long::longValue).toArray());
    }

    /** A program of ready-made nodes that need no state. */
    static Program of(Node start, Node stop) {
        int[] noSlots = {};
        long[] noLongs = {};
        return new Program(
                new Condition(start, noSlots, List.of(), List.of()),
                new Condition(stop, noSlots, List.of(), List.of()),
                0,
                noLongs);
    }

    Condition start() {
        return start;
    }

    Condition stop() {
        return stop;
    }

    double[] newDoubles() {
        double[] state = new double[doubles];
        Arrays.fill(state, Double.NaN);
        return state;
    }

    long[] newLongs() {
        return freshLongs.clone();
    }

    private static void collect(Expr expr, Set<Signal> into) {
        switch (expr) {
            case Expr.Literal _ -> {}
            case Expr.SignalRef(Signal signal, var _) -> into.add(signal);
            case Expr.Negate negate -> collect(negate.operand(), into);
            case Expr.Arithmetic arithmetic -> {
                collect(arithmetic.left(), into);
                collect(arithmetic.right(), into);
            }
            case Expr.Comparison comparison -> {
                collect(comparison.left(), into);
                collect(comparison.right(), into);
            }
            case Expr.Not not -> collect(not.operand(), into);
            case Expr.And and -> {
                collect(and.left(), into);
                collect(and.right(), into);
            }
            case Expr.Or or -> {
                collect(or.left(), into);
                collect(or.right(), into);
            }
            case Expr.For sustained -> collect(sustained.condition(), into);
            case Expr.Hold kept -> collect(kept.condition(), into);
            case Expr.Windowed windowed -> collect(windowed.operand(), into);
        }
    }

    private static int[] slots(Expr expr, SignalSet layout) {
        Set<Signal> signals = EnumSet.noneOf(Signal.class);
        collect(expr, signals);
        return signals.stream().mapToInt(layout::slot).toArray();
    }

    /** START or STOP. */
    static final class Condition {
        private final Node root;
        private final int[] slots;
        private final List<Leaf> leaves;
        private final Level[] levels;

        private Condition(Node root, int[] slots, List<Leaf> leaves, List<Level> levels) {
            this.root = root;
            this.slots = slots;
            this.leaves = leaves;
            this.levels = levels.toArray(Level[]::new);
        }

        double step(Evaluation e) {
            return root.step(e);
        }

        /** What it would be, after {@link #step}, if no {@code for} had to be waited for. */
        double peek(Evaluation e) {
            return root.peek(e);
        }

        /** The next instant at which a value that is known now goes stale. */
        long goesStaleAt(Evaluation e) {
            long earliest = Evaluation.NEVER;
            for (int slot : slots) {
                if (!Double.isNaN(e.value(slot))) {
                    earliest = Math.min(earliest, Evaluation.after(e.observed[slot], e.staleAfter));
                }
            }
            return earliest;
        }

        /** The measured values, after {@link #step}. */
        List<Reading> readings(Evaluation e) {
            List<Reading> readings = new ArrayList<>(leaves.size());
            for (Leaf leaf : leaves) {
                readings.add(new Reading(leaf.text, leaf.unit, leaf.node.peek(e)));
            }
            return readings;
        }

        /** The nearest level that usage has not risen over yet; positive infinity when there is none. */
        double levelAbove(Evaluation e, double usage) {
            double nearest = Double.POSITIVE_INFINITY;
            for (Level level : levels) {
                double value = level.value.peek(e);
                if (level.ofEqual ? usage < value : usage <= value) {
                    nearest = Math.min(nearest, value);
                }
            }
            return nearest;
        }

        /** The nearest level that usage has not fallen under yet; negative infinity when there is none. */
        double levelBelow(Evaluation e, double usage) {
            double nearest = Double.NEGATIVE_INFINITY;
            for (Level level : levels) {
                double value = level.value.peek(e);
                if (level.ofEqual ? usage >= value : usage > value) {
                    nearest = Math.max(nearest, value);
                }
            }
            return nearest;
        }
    }

    private record Leaf(String text, Unit unit, Node node) {}

    /**
     * What usage is compared with.
     *
     * @param ofEqual whether equality counts as above the level ({@code >=}, {@code <}); otherwise as below
     */
    private record Level(Node value, boolean ofEqual) {}

    /** Hands out state and makes nodes. */
    static final class Compiler {
        private final SignalSet layout;
        private final long period;
        private final List<Long> longs = new ArrayList<>();
        private int doubles;

        private Map<String, Leaf> leaves = new LinkedHashMap<>();
        private List<Level> levels = new ArrayList<>();

        private Compiler(SignalSet layout, Duration period) {
            this.layout = layout;
            this.period = period.toNanos();
        }

        private Condition condition(Expr expr) {
            leaves = new LinkedHashMap<>();
            levels = new ArrayList<>();
            Node root = node(expr, true);
            return new Condition(root, slots(expr, layout), List.copyOf(leaves.values()), levels);
        }

        /** @param told whether a measured value here is one of the condition's readings, not part of one */
        private Node node(Expr expr, boolean told) {
            return switch (expr) {
                case Expr.Literal literal -> new Node.Constant(literal.value());
                case Expr.SignalRef(Signal signal, var _) -> leaf(expr, new Node.Read(layout.slot(signal)), told);
                case Expr.Negate negate -> new Node.Minus(node(negate.operand(), told));
                case Expr.Arithmetic(var operator, var left, var right, var _, var _) ->
                    new Node.Calculate(operator, node(left, told), node(right, told));
                case Expr.Comparison comparison -> comparison(comparison, told);
                case Expr.Not not -> new Node.Inverse(node(not.operand(), told));
                case Expr.And and -> new Node.Both(node(and.left(), told), node(and.right(), told));
                case Expr.Or or -> new Node.Either(node(or.left(), told), node(or.right(), told));
                case Expr.For(var condition, var duration, var _) ->
                    new Node.Sustained(node(condition, told), duration.toNanos(), longs(Node.Sustained.LONGS));
                case Expr.Hold(var condition, var duration, var _) ->
                    new Node.Kept(
                            node(condition, told),
                            duration.toNanos(),
                            slots(condition, layout),
                            longs(Node.Kept.LONGS));
                case Expr.Windowed windowed -> leaf(expr, course(windowed), told);
            };
        }

        private Node leaf(Expr expr, Node node, boolean told) {
            if (told) {
                String text = expr.toString();
                leaves.putIfAbsent(text, new Leaf(text, expr.unit(), node));
            }
            return node;
        }

        private Node comparison(Expr.Comparison comparison, boolean told) {
            Node left = node(comparison.left(), told);
            Node right = node(comparison.right(), told);
            Relation relation = comparison.relation();
            if (isUsage(comparison.left()) && !mentionsUsage(comparison.right())) {
                levels.add(new Level(right, relation == Relation.GREATER_OR_EQUAL || relation == Relation.LESS));
            } else if (isUsage(comparison.right()) && !mentionsUsage(comparison.left())) {
                levels.add(new Level(left, relation == Relation.LESS_OR_EQUAL || relation == Relation.GREATER));
            }
            return new Node.Compare(relation, left, right);
        }

        private Node course(Expr.Windowed windowed) {
            long over = windowed.over().toNanos();
            // Only usage is sampled more often than once a period; twice the periods leave room for pokes.
            int spacings = mentionsUsage(windowed.operand())
                    ? MAX_SPACINGS
                    : Math.clamp(2 * Math.ceilDiv(over, period), 4, MAX_SPACINGS);
            int capacity = Node.Course.capacity(spacings);
            Node operand = node(windowed.operand(), false);
            return new Node.Course(
                    windowed.window(),
                    operand,
                    over,
                    isCounter(windowed.operand()) && windowed.window() != Expr.Window.MEAN,
                    Math.ceilDiv(over, spacings),
                    capacity,
                    slots(windowed.operand(), layout),
                    longs(Node.Course.LONGS + capacity),
                    doubles(Node.Course.DOUBLES + capacity));
        }

        private int longs(int count) {
            int at = longs.size();
            for (int i = 0; i < count; i++) {
                longs.add(Evaluation.NONE);
            }
            return at;
        }

        private int doubles(int count) {
            int at = doubles;
            doubles += count;
            return at;
        }

        /** Whether a fall can only be a reset: a counter, a sum of counters, a share or a multiple of one. */
        private static boolean isCounter(Expr expr) {
            return switch (expr) {
                case Expr.SignalRef(Signal signal, var _) -> signal.counter();
                case Expr.Arithmetic(var operator, var left, var right, var _, var _) ->
                    switch (operator) {
                        case ADD -> isCounter(left) && isCounter(right);
                        case MULTIPLY ->
                            (isCounter(left) && right instanceof Expr.Literal)
                                    || (left instanceof Expr.Literal && isCounter(right));
                        case DIVIDE -> isCounter(left) && right instanceof Expr.Literal;
                        case SUBTRACT -> false;
                    };
                default -> false;
            };
        }

        private static boolean isUsage(Expr expr) {
            return expr instanceof Expr.SignalRef(Signal signal, var _) && signal == Signal.USAGE;
        }

        private static boolean mentionsUsage(Expr expr) {
            Set<Signal> signals = EnumSet.noneOf(Signal.class);
            collect(expr, signals);
            return signals.contains(Signal.USAGE);
        }
    }
}
