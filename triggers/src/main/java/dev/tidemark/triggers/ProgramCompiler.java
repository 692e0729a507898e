package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Program.Across;
import dev.tidemark.triggers.Program.Condition;
import dev.tidemark.triggers.Program.Level;
import dev.tidemark.triggers.Program.Part;
import dev.tidemark.triggers.Program.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes nodes and hands out their state. A window, an aggregate or a pressure trigger that stands in several places of a policy is
 * made once.
 */
final class ProgramCompiler {
    private final Policy policy;
    private final Sources sources;
    private final Windows windows;
    private final State state = new State();
    private final Map<String, Part> shared = new HashMap<>();
    private final List<Across> across = new ArrayList<>();
    private final Map<PushRequest.Pressure, TimedNode.Pushed> pressures = new LinkedHashMap<>();

    private Map<String, Part> leaves = new LinkedHashMap<>();
    private List<Level> levels = new ArrayList<>();

    ProgramCompiler(Policy policy, SignalSet layout) {
        this.policy = policy;
        sources = new Sources(layout, List.copyOf(Program.elsewhere(policy).keySet()), pressures);
        windows = new Windows(sources, state, policy.period());
    }

    Program compile() {
        Condition start = condition(policy.start());
        Condition stop = condition(policy.stop());
        return new Program(start, stop, across, sources.paths(), pressures, state);
    }

    private Condition condition(Expr expr) {
        leaves = new LinkedHashMap<>();
        levels = new ArrayList<>();
        Part part = part(expr, true);
        return new Condition(part, sources.inputs(expr), List.copyOf(leaves.values()), levels);
    }

    /** @param told whether a measured value here is one of the condition's readings, not part of one */
    private Part part(Expr expr, boolean told) {
        return switch (expr) {
            case Expr.Literal literal -> leaf(expr, new ValueNode.Constant(literal.value()));
            case Expr.SignalRef(Signal signal, var _) -> told(leaf(expr, signal(signal, null)), told);
            case Expr.Elsewhere(String path, Signal signal, var _) -> told(leaf(expr, signal(signal, path)), told);
            case Expr.Negate negate -> over(expr, negate.operand(), told, ValueNode.Minus::new);
            case Expr.Arithmetic arithmetic -> arithmetic(arithmetic, told);
            case Expr.Comparison comparison -> comparison(comparison, told);
            case Expr.Not not -> over(expr, not.operand(), told, TruthNode.Inverse::new);
            case Expr.And _ -> ofParts(expr, told, nodes -> new TruthNode.Both(nodes[0], nodes[1]));
            case Expr.Or _ -> ofParts(expr, told, nodes -> new TruthNode.Either(nodes[0], nodes[1]));
            case Expr.AtLeast it -> ofParts(expr, told, nodes -> new TruthNode.AtLeast(it.least(), nodes));
            case Expr.Named named -> over(expr, named.body(), told, UnaryOperator.identity());
            case Expr.For it -> over(expr, it.condition(), told, node -> sustained(it, node));
            case Expr.Hold it -> over(expr, it.condition(), told, node -> kept(it, node));
            case Expr.Then it -> ofParts(expr, told, nodes -> sequence(it, nodes));
            case Expr.Edge it -> over(expr, it.condition(), told, node -> edge(it, node));
            case Expr.Changed it -> over(expr, it.operand(), told, this::changed);
            case Expr.Count it -> told(over(expr, it.condition(), told, node -> count(it, node)), told);
            case Expr.Windowed it -> told(shared(expr, () -> window(it)), told);
            case Expr.Quantile it ->
                told(shared(expr, () -> over(expr, it.operand(), false, node -> windows.quantile(it, node))), told);
            case Expr.Across it -> told(across(it), told);
            case Expr.Pressure it -> told(leaf(expr, pressure(it)), told);
            case Expr.Call it -> told(ofParts(expr, false, nodes -> call(it, nodes)), told);
        };
    }

    private Part leaf(Expr expr, Node node) {
        return new Part(expr, node, List.of());
    }

    private Part over(Expr expr, Expr operand, boolean told, UnaryOperator<Node> node) {
        Part part = part(operand, told);
        return new Part(expr, node.apply(part.node()), List.of(part));
    }

    private Part ofParts(Expr expr, boolean told, Function<Node[], Node> node) {
        List<Part> parts = new ArrayList<>();
        for (Expr child : expr.children()) {
            parts.add(part(child, told));
        }
        return new Part(expr, node.apply(parts.stream().map(Part::node).toArray(Node[]::new)), List.copyOf(parts));
    }

    private Part told(Part part, boolean told) {
        if (told) {
            leaves.putIfAbsent(part.expr().toString(), part);
        }
        return part;
    }

    /** The part of the same text, if there is one already: what it remembers is the same too. */
    private Part shared(Expr expr, Supplier<Part> part) {
        String text = expr.toString();
        Part found = shared.get(text);
        if (found == null) {
            found = part.get();
            shared.put(text, found);
        }
        return new Part(expr, found.node(), found.parts());
    }

    /** @param path of another cgroup, null for the watched one and the host */
    private Node signal(Signal signal, @Nullable String path) {
        if (!signal.derived() || signal.kind() == Signal.Kind.SHARE) {
            return sources.read(signal, path);
        }
        List<Node> parts =
                signal.parts().stream().map(part -> signal(part, path)).toList();
        if (signal == Signal.HEADROOM) {
            return new ValueNode.Headroom(parts.get(0), parts.get(1));
        }
        if (signal == Signal.FILL_RATE) {
            return fillRate(path);
        }
        if (signal == Signal.TIME_TO_LIMIT) {
            return new ValueNode.TimeToLimit(parts.get(0), parts.get(1), fillRate(path));
        }
        if (signal == Signal.RECLAIMABLE) {
            return new ValueNode.Reclaimable(parts.toArray(Node[]::new));
        }
        throw new IllegalArgumentException("no formula for " + signal);
    }

    private Node fillRate(@Nullable String path) {
        Expr usage = sources.expr(Signal.USAGE, path);
        return shared(
                        sources.expr(Signal.FILL_RATE, path),
                        () -> over(usage, usage, false, node -> windows.fillRate(usage, node)))
                .node();
    }

    private Part window(Expr.Windowed it) {
        if (it.window() != Expr.Window.SHARE) {
            return over(it, it.operand(), false, node -> windows.window(it, node));
        }
        Expr bare = Sources.bare(it.operand());
        String path = bare instanceof Expr.Elsewhere other ? other.path() : null;
        Signal share = bare instanceof Expr.Elsewhere other ? other.signal() : ((Expr.SignalRef) bare).signal();
        Node[] changes = share.parts().stream()
                .map(part -> windows.change(sources.expr(part, path), sources.read(part, path), it.over()))
                .toArray(Node[]::new);
        return leaf(it, new ValueNode.Share(share, changes[0], changes[1]));
    }

    private Part arithmetic(Expr.Arithmetic it, boolean told) {
        Part left = part(it.left(), told);
        Part right = part(it.right(), told);
        return new Part(it, calculate(it.operator(), left.node(), right.node()), List.of(left, right));
    }

    private static Node calculate(Operator operator, Node left, Node right) {
        if (operator == Operator.MULTIPLY
                && left instanceof ValueNode.Constant(double factor)
                && right instanceof ValueNode.Own(int slot)) {
            return new ValueNode.Scaled(factor, slot);
        }
        return new ValueNode.Calculate(operator, left, right);
    }

    private Part comparison(Expr.Comparison it, boolean told) {
        Part left = part(it.left(), told);
        Part right = part(it.right(), told);
        Relation relation = it.relation();
        if (!Reads.of(it.right()).hasUsage()) {
            addLevel(it.left(), right.node(), relation == Relation.GREATER_OR_EQUAL || relation == Relation.LESS);
        }
        if (!Reads.of(it.left()).hasUsage()) {
            addLevel(it.right(), left.node(), relation == Relation.LESS_OR_EQUAL || relation == Relation.GREATER);
        }
        Node node = right.node() instanceof ValueNode.Constant(double constant)
                ? new TruthNode.CompareWith(relation, left.node(), constant)
                : new TruthNode.Compare(relation, left.node(), right.node());
        return new Part(it, node, List.of(left, right));
    }

    /**
     * Notes what usage is compared with, also where that is said as {@code headroom < 64MiB}.
     *
     * @param ofEqual whether the side counts as above the other when they are equal
     */
    private void addLevel(Expr side, Node other, boolean ofEqual) {
        if (!(Sources.bare(side) instanceof Expr.SignalRef(Signal signal, var _))) {
            return;
        }
        if (signal == Signal.USAGE) {
            levels.add(new Level(other, ofEqual));
        } else if (signal == Signal.HEADROOM) {
            Node limit = sources.read(Signal.LIMIT, null);
            levels.add(new Level(new ValueNode.Calculate(Operator.SUBTRACT, limit, other), !ofEqual));
        }
    }

    private Node sustained(Expr.For it, Node condition) {
        state.begin("for");
        return new TimedNode.Sustained(condition, it.duration().toNanos(), state.longs(TimedNode.Sustained.LONGS));
    }

    private Node kept(Expr.Hold it, Node condition) {
        state.begin("hold");
        return new TimedNode.Kept(
                condition, it.duration().toNanos(), sources.inputs(it.condition()), state.longs(TimedNode.Kept.LONGS));
    }

    private Node sequence(Expr.Then it, Node[] nodes) {
        state.begin("then");
        return new TimedNode.Sequence(nodes[0], nodes[1], it.within().toNanos(), state.longs(TimedNode.Sequence.LONGS));
    }

    private Node edge(Expr.Edge it, Node condition) {
        state.begin("edge");
        return new MomentNode.Edge(it.rising(), condition, state.longs(MomentNode.Edge.LONGS));
    }

    private Node changed(Node operand) {
        state.begin("changed");
        return new MomentNode.Changed(
                operand, state.longs(MomentNode.Changed.LONGS), state.doubles(MomentNode.Changed.DOUBLES));
    }

    private Node count(Expr.Count it, Node condition) {
        long over = it.over().toNanos();
        state.begin("count " + over + it.tumbling());
        return it.tumbling()
                ? new MomentNode.TumblingOnsets(condition, over, state.longs(MomentNode.TumblingOnsets.LONGS))
                : new MomentNode.Onsets(condition, over, state.longs(MomentNode.Onsets.LONGS));
    }

    private Node call(Expr.Call it, Node[] nodes) {
        state.begin("call " + it.function().name());
        return new CallNode(
                it.function(),
                it.unit(),
                nodes,
                state.longs(CallNode.longs(it.function())),
                state.doubles(CallNode.doubles(it.function(), nodes.length)));
    }

    private Node pressure(Expr.Pressure it) {
        return pressures.computeIfAbsent(Sources.request(it), _ -> {
            state.begin("pressure");
            return new TimedNode.Pushed(state.longs(TimedNode.Pushed.LONGS));
        });
    }

    private Part across(Expr.Across it) {
        Part part = shared(it, () -> {
            Map<String, Part> outerLeaves = leaves;
            List<Level> outerLevels = levels;
            Condition operand = condition(it.operand());
            leaves = outerLeaves;
            levels = outerLevels;
            across.add(new Across(it.aggregate(), operand));
            return new Part(it, new ValueNode.Across(across.size() - 1), List.of(operand.part()));
        });
        levels.addAll(
                across.get(((ValueNode.Across) part.node()).index()).operand().levels());
        return part;
    }
}
