package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Span;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.Decision.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A policy's conditions, compiled once. It has no state: that is in two arrays a cgroup, whose sizes it knows, and a step
 * over them allocates nothing.
 *
 * <p><b>Thread:</b> confined to the core thread, where it is used for all cgroups in turn. <b>Back-pressure:</b> none. <b>Time:</b>
 * that of the {@link Evaluation}. <b>Failure:</b> a step does not throw on any values, unless a function from outside does.
 */
final class Program {

    /** A window is looked at with a resolution of this part of it at most, which bounds its memory to about a KiB. */
    static final int MAX_SPACINGS = 32;

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    private final Condition start;
    private final Condition stop;
    private final List<Across> across;
    private final List<String> elsewhere;
    private final Map<PushRequest.Pressure, TimedNode.Pushed> pressures;
    private final State state;

    Program(
            Condition start,
            Condition stop,
            List<Across> across,
            List<String> elsewhere,
            Map<PushRequest.Pressure, TimedNode.Pushed> pressures,
            State state) {
        this.start = start;
        this.stop = stop;
        this.across = List.copyOf(across);
        this.elsewhere = List.copyOf(elsewhere);
        this.pressures = pressures;
        this.state = state;
    }

    /** What to read of a cgroup that the policy watches. */
    static SignalSet signals(Policy policy) {
        return SignalSet.of(Reads.of(policy).own);
    }

    /** What to read of a cgroup that the policy acts on, to know how much to do and whether to do it. */
    static SignalSet taking(Policy policy) {
        return SignalSet.of(policy.action().signals())
                .plus(guarding(policy, Signal.Scope.CGROUP))
                .plus(USAGE);
    }

    /** What to read of the host. */
    static SignalSet host(Policy policy) {
        return SignalSet.of(Reads.of(policy).host).plus(guarding(policy, Signal.Scope.HOST));
    }

    private static SignalSet guarding(Policy policy, Signal.Scope scope) {
        return SignalSet.of(policy.guards().stream()
                .flatMap(guard -> guard.signals().stream())
                .filter(signal -> signal.scope() == scope)
                .toList());
    }

    /** What to read of cgroups that are named by their path, in the order of {@link #elsewhere()}. */
    static Map<String, SignalSet> elsewhere(Policy policy) {
        Map<String, SignalSet> reads = new LinkedHashMap<>();
        Reads.of(policy).elsewhere.forEach((path, signals) -> reads.put(path, SignalSet.of(signals)));
        return reads;
    }

    /** Every signal that any of these policies reads of whatever: what arrays of values have a slot for. */
    static SignalSet layout(List<Policy> policies) {
        SignalSet all = SignalSet.EMPTY;
        for (Policy policy : policies) {
            all = all.plus(signals(policy)).plus(host(policy)).plus(taking(policy));
            for (SignalSet signals : elsewhere(policy).values()) {
                all = all.plus(signals);
            }
        }
        return all;
    }

    /** @param layout where values are found, of the cgroup, the host and others alike; has all that the policy reads */
    static Program compile(Policy policy, SignalSet layout) {
        return new ProgramCompiler(policy, layout).compile();
    }

    /** A program of ready-made nodes that need no state. */
    static Program of(Node start, Node stop) {
        return new Program(bare(start), bare(stop), List.of(), List.of(), Map.of(), new State());
    }

    private static Condition bare(Node node) {
        Expr expr = new Expr.Literal(0, Unit.COUNT, new Span(1, 1, 1));
        return new Condition(new Part(expr, node, List.of()), Inputs.NOTHING, List.of(), List.of());
    }

    Condition start() {
        return start;
    }

    Condition stop() {
        return stop;
    }

    /** The values of all watched cgroups that the conditions speak of, each at its index in {@link Evaluation#across}. */
    List<Across> across() {
        return across;
    }

    /** The paths of the cgroups that are named, each at its index in {@link Evaluation#elsewhere}. */
    List<String> elsewhere() {
        return elsewhere;
    }

    /** What a kernel should tell by itself. */
    List<PushRequest.Pressure> pressures() {
        return List.copyOf(pressures.keySet());
    }

    /**
     * Notes a push; the conditions are to be stepped next, at the same instant.
     *
     * @return false when nothing here asks for it
     */
    boolean pushed(Evaluation e, Push push) {
        TimedNode.Pushed node = push.request() instanceof PushRequest.Pressure it ? pressures.get(it) : null;
        if (node == null) {
            return false;
        }
        node.pushed(e, push.nanos(), push.lasts().toNanos());
        return true;
    }

    double[] newDoubles() {
        double[] doubles = new double[state.doubles()];
        Arrays.fill(doubles, Double.NaN);
        return doubles;
    }

    long[] newLongs() {
        long[] longs = new long[state.longs()];
        Arrays.fill(longs, Evaluation.NONE);
        return longs;
    }

    /**
     * Whether arrays that were made for the other program fit this one and mean the same in it. The lengths of {@code for} and
     * {@code hold} do not matter.
     */
    boolean sameState(Program other) {
        return state.isLike(other.state);
    }

    /**
     * A value of all watched cgroups together.
     *
     * @param operand of each of them, with the state of the program it belongs to
     */
    record Across(Expr.Aggregate aggregate, Condition operand) {}

    /**
     * A part of an expression and what evaluates it, for those who want to know its value by itself.
     *
     * @param parts in the order of {@link Expr#children}
     */
    record Part(Expr expr, Node node, List<Part> parts) {}

    /** START or STOP, or the operand of an {@link Across}. */
    static final class Condition {
        private final Part part;
        private final Node root;
        private final Inputs inputs;
        private final List<Part> leaves;
        // Of the leaves, in their order: made once, not for each decision.
        private final List<String> texts;
        private final List<Level> levels;

        Condition(Part part, Inputs inputs, List<Part> leaves, List<Level> levels) {
            this.part = part;
            this.root = part.node;
            this.inputs = inputs;
            this.leaves = List.copyOf(leaves);
            this.texts = leaves.stream().map(leaf -> leaf.expr.toString()).toList();
            this.levels = List.copyOf(levels);
        }

        double step(Evaluation e) {
            return root.step(e);
        }

        /** What it would be, after {@link #step}, if no {@code for} had to be waited for. */
        double peek(Evaluation e) {
            return root.peek(e);
        }

        /** The whole of it. */
        Part part() {
            return part;
        }

        /** The next instant at which a value that is known now goes stale. */
        long goesStaleAt(Evaluation e) {
            return inputs.goesStaleAt(e);
        }

        /** The measured values, after {@link #step}. */
        List<Reading> readings(Evaluation e) {
            List<Reading> readings = new ArrayList<>(leaves.size());
            for (int i = 0; i < leaves.size(); i++) {
                Part leaf = leaves.get(i);
                readings.add(new Reading(texts.get(i), leaf.expr.unit(), leaf.node.peek(e)));
            }
            return readings;
        }

        List<Level> levels() {
            return levels;
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

    /**
     * What usage is compared with.
     *
     * @param ofEqual whether equality counts as above the level ({@code >=}, {@code <}); otherwise as below
     */
    record Level(Node value, boolean ofEqual) {}

    /** How much there is to remember of a cgroup, and of what. */
    static final class State {
        private final List<String> contents = new ArrayList<>();
        private int doubles;
        private int longs;

        int longs() {
            return longs;
        }

        int doubles() {
            return doubles;
        }

        /** What the next numbers are for, so that they are not taken for another's. */
        void begin(String content) {
            contents.add(content);
        }

        /** Room for so many whole numbers; returns where it begins. */
        int longs(int count) {
            longs += count;
            return longs - count;
        }

        int doubles(int count) {
            doubles += count;
            return doubles - count;
        }

        boolean isLike(State other) {
            return contents.equals(other.contents) && doubles == other.doubles && longs == other.longs;
        }
    }
}
