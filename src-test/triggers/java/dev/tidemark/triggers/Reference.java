package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an expression means, written down as plainly as possible: it keeps every instant that was looked at and everything that was
 * observed, and works each value out anew from the whole past. Only that it does not work out the same twice.
 */
final class Reference {

    static final double UNKNOWN = Double.NaN;
    private static final long NONE = Long.MIN_VALUE;

    /**
     * Something that was observed.
     *
     * @param look the first that knew of it, which may have been later
     */
    private record Seen(int look, long nanos, double value) {}

    private final long stale;
    private final long staleElsewhere;
    private final long fillWindow;
    private final List<Long> looks = new ArrayList<>();
    private final Map<String, List<Seen>> seen = new LinkedHashMap<>();
    private final Map<PushRequest, List<Push>> pushes = new HashMap<>();
    private final List<Map<String, Double>> across = new ArrayList<>();
    private final Map<String, Expr> parts = new HashMap<>();
    private final IdentityHashMap<Expr, Map<Integer, Double>> answers = new IdentityHashMap<>();
    private final IdentityHashMap<Expr, Map<Integer, Long>> newest = new IdentityHashMap<>();

    /**
     * @param stale of the cgroup's own values
     * @param staleElsewhere of those of the host and of other cgroups
     * @param fillWindow over which {@code fill_rate} is
     */
    Reference(long stale, long staleElsewhere, long fillWindow) {
        this.stale = stale;
        this.staleElsewhere = staleElsewhere;
        this.fillWindow = fillWindow;
    }

    /** @param path of the cgroup, "" for the watched one and for the host */
    void see(String path, Signal signal, long nanos, double value) {
        seen.computeIfAbsent(path + ":" + signal, _ -> new ArrayList<>()).add(new Seen(looks.size(), nanos, value));
    }

    void pushed(Push push) {
        pushes.computeIfAbsent(push.request(), _ -> new ArrayList<>()).add(push);
    }

    /** Looks, after everything that was observed until then. */
    void look(long nanos, Map<String, Double> acrossNow) {
        looks.add(nanos);
        across.add(acrossNow);
    }

    /** The value at the last look. */
    double value(Expr expr) {
        return value(expr, looks.size() - 1);
    }

    private double value(Expr expr, int at) {
        Map<Integer, Double> known = answers.computeIfAbsent(expr, _ -> new HashMap<>());
        Double answer = known.get(at);
        if (answer == null) {
            answer = meaning(expr, at);
            known.put(at, answer);
        }
        return answer;
    }

    private double meaning(Expr expr, int at) {
        return switch (expr) {
            case Expr.Literal literal -> literal.value();
            case Expr.SignalRef(Signal signal, var _) -> signal("", signal, at);
            case Expr.Elsewhere(String path, Signal signal, var _) -> signal(path, signal, at);
            case Expr.Across _ -> across.get(at).getOrDefault(expr.toString(), UNKNOWN);
            case Expr.Named named -> value(named.body(), at);
            case Expr.Negate negate -> -value(negate.operand(), at);
            case Expr.Arithmetic it -> calculate(it.operator(), value(it.left(), at), value(it.right(), at));
            case Expr.Comparison it -> compare(it.relation(), value(it.left(), at), value(it.right(), at));
            case Expr.Not not -> 1 - value(not.operand(), at);
            case Expr.And and -> atLeast(2, List.of(and.left(), and.right()), at);
            case Expr.Or or -> atLeast(1, List.of(or.left(), or.right()), at);
            case Expr.AtLeast it -> atLeast(it.least(), it.conditions(), at);
            case Expr.For it -> sustained(it.condition(), it.duration().toNanos(), at);
            case Expr.Hold it -> kept(it.condition(), it.duration().toNanos(), at);
            case Expr.Then it -> sequence(it.first(), it.second(), it.within().toNanos(), at);
            case Expr.Edge it -> edge(it, at);
            case Expr.Changed it -> changed(it.operand(), at);
            case Expr.Count it -> count(it, at);
            case Expr.Pressure it -> pressure(it, at);
            case Expr.Windowed it ->
                it.window() == Expr.Window.SHARE
                        ? share(it, at)
                        : ReferenceWindows.windowed(
                                it, points(it.operand(), at, !ReferenceWindows.isExtreme(it)), value(it.operand(), at));
            case Expr.Quantile it ->
                ReferenceWindows.quantile(it, points(it.operand(), at, false), value(it.operand(), at));
            case Expr.Call _ -> throw new IllegalStateException("tested elsewhere");
        };
    }

    private double signal(String path, Signal signal, int at) {
        if (signal.derived()) {
            return derived(path, signal, at);
        }
        double value = UNKNOWN;
        long observed = NONE;
        for (Seen it : seen.getOrDefault(path + ":" + signal, List.of())) {
            if (it.look <= at) {
                value = it.value;
                observed = it.nanos;
            }
        }
        return observed == NONE || looks.get(at) - observed >= staleAfter(path, signal) ? UNKNOWN : value;
    }

    private long staleAfter(String path, Signal signal) {
        return path.isEmpty() && signal.scope() == Signal.Scope.CGROUP ? stale : staleElsewhere;
    }

    private double derived(String path, Signal signal, int at) {
        double limit = signal(path, Signal.LIMIT, at);
        double usage = signal(path, Signal.USAGE, at);
        double headroom = Math.max(0, limit - usage);
        double filling = ReferenceWindows.slope(points(expr(path, Signal.USAGE), at, true), fillWindow);
        filling = Double.isNaN(usage) ? UNKNOWN : filling;
        return switch (signal.dotted()) {
            case "headroom" -> headroom;
            case "fill_rate" -> filling;
            case "time_to_limit" ->
                Double.isNaN(headroom) || Double.isNaN(filling)
                        ? UNKNOWN
                        : filling > 0 ? headroom / filling : Double.POSITIVE_INFINITY;
            default -> throw new IllegalStateException("no meaning yet: " + signal);
        };
    }

    private Expr expr(String path, Signal signal) {
        Sources sources = new Sources(SignalSet.EMPTY, List.of(), Map.of());
        return parts.computeIfAbsent(path + ":" + signal, _ -> sources.expr(signal, path.isEmpty() ? null : path));
    }

    private double share(Expr.Windowed it, int at) {
        Expr operand = Sources.bare(it.operand());
        String path = operand instanceof Expr.Elsewhere other ? other.path() : "";
        Signal signal = operand instanceof Expr.Elsewhere other ? other.signal() : ((Expr.SignalRef) operand).signal();
        double[] changes = new double[2];
        for (int i = 0; i < 2; i++) {
            Expr part = expr(path, signal.parts().get(i));
            changes[i] = Double.isNaN(value(part, at))
                    ? UNKNOWN
                    : ReferenceWindows.change(
                            Expr.Window.DELTA,
                            true,
                            points(part, at, true),
                            it.over().toNanos());
        }
        if (Double.isNaN(changes[0]) || Double.isNaN(changes[1])) {
            return UNKNOWN;
        }
        if (signal == Signal.REFAULT_RATIO) {
            return changes[0] == 0 ? 0 : changes[0] / changes[1];
        }
        return changes[1] == 0 ? 1 : changes[0] / changes[1];
    }

    private static double calculate(Expr.Operator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
        };
    }

    private static double compare(Expr.Relation relation, double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return UNKNOWN;
        }
        boolean holds = switch (relation) {
            case LESS -> a < b;
            case LESS_OR_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_OR_EQUAL -> a >= b;
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
        };
        return holds ? 1 : 0;
    }

    /** And and or are cases of it: two of two, one of two. */
    private double atLeast(int least, List<Expr> conditions, int at) {
        int holding = 0;
        int possible = 0;
        for (Expr condition : conditions) {
            double truth = value(condition, at);
            holding += truth == 1 ? 1 : 0;
            possible += truth == 1 || Double.isNaN(truth) ? 1 : 0;
        }
        return holding >= least ? 1 : possible < least ? 0 : UNKNOWN;
    }

    private double sustained(Expr condition, long duration, int at) {
        double truth = value(condition, at);
        if (truth != 1) {
            return truth;
        }
        // Back to where it began, or to where nobody had looked for too long.
        int since = at;
        while (since > 0 && looks.get(since) - looks.get(since - 1) < stale && value(condition, since - 1) == 1) {
            since--;
        }
        return looks.get(at) - looks.get(since) >= duration ? 1 : 0;
    }

    private double kept(Expr condition, long duration, int at) {
        double truth = value(condition, at);
        int last = at;
        while (last >= 0 && value(condition, last) != 1) {
            last--;
        }
        if (last < 0 || truth == 1) {
            return truth;
        }
        // It was last seen to hold when it was last sampled; or if it came to hold after that, by a timer, then.
        long seenAt = Math.max(looks.get(onset(condition, last)), newest(condition, last));
        return looks.get(at) < seenAt + duration ? 1 : truth;
    }

    /** The look at which what holds at {@code at} came to. */
    private int onset(Expr condition, int at) {
        int first = at;
        while (first > 0 && value(condition, first - 1) == 1) {
            first--;
        }
        return first;
    }

    private double sequence(Expr first, Expr second, long within, int at) {
        double truth = value(second, at);
        if (truth != 1) {
            return truth;
        }
        int onset = onset(second, at);
        for (int i = 0; i < onset; i++) {
            // What holds at one look does until the next.
            if (value(first, i) == 1 && looks.get(onset) - looks.get(i + 1) <= within) {
                return 1;
            }
        }
        return 0;
    }

    private double edge(Expr.Edge it, int at) {
        double truth = value(it.condition(), at);
        double before = lastKnown(it.condition(), at - 1);
        if (Double.isNaN(truth)) {
            return UNKNOWN;
        }
        return !Double.isNaN(before) && truth != before && it.rising() == (truth == 1) ? 1 : 0;
    }

    private double changed(Expr operand, int at) {
        double value = value(operand, at);
        double before = lastKnown(operand, at - 1);
        if (Double.isNaN(value)) {
            return UNKNOWN;
        }
        return !Double.isNaN(before) && value != before ? 1 : 0;
    }

    private double lastKnown(Expr expr, int at) {
        for (int i = at; i >= 0; i--) {
            if (!Double.isNaN(value(expr, i))) {
                return value(expr, i);
            }
        }
        return UNKNOWN;
    }

    private double count(Expr.Count it, int at) {
        if (Double.isNaN(value(it.condition(), at))) {
            return UNKNOWN;
        }
        long over = it.over().toNanos();
        long from = looks.get(at) - over + 1;
        if (it.tumbling()) {
            int first = 0;
            while (Double.isNaN(value(it.condition(), first))) {
                first++;
            }
            long elapsed = looks.get(at) - looks.get(first);
            from = looks.get(first) + elapsed / over * over;
        }
        int count = 0;
        for (int i = 0; i <= at; i++) {
            boolean before = i > 0 && value(it.condition(), i - 1) == 1;
            if (looks.get(i) >= from && !before && value(it.condition(), i) == 1) {
                count++;
            }
        }
        return count;
    }

    private double pressure(Expr.Pressure it, int at) {
        long now = looks.get(at);
        return pushes.getOrDefault(Sources.request(it), List.of()).stream()
                        .anyMatch(push -> push.nanos() <= now
                                && now < push.nanos() + push.lasts().toNanos())
                ? 1
                : 0;
    }

    /** The samples of a value since the last gap, the newest last: one for each look that found something new. */
    private List<ReferenceWindows.Point> points(Expr operand, int at, boolean finite) {
        List<ReferenceWindows.Point> points = new ArrayList<>();
        long gap = gap(operand);
        for (int i = 0; i <= at; i++) {
            double value = value(operand, i);
            long time = newest(operand, i);
            if (Double.isNaN(value) || (finite && Double.isInfinite(value)) || time == NONE) {
                continue;
            }
            if (!points.isEmpty() && time - points.getLast().nanos() >= gap) {
                points.clear();
            }
            if (points.isEmpty() || time > points.getLast().nanos()) {
                points.add(new ReferenceWindows.Point(time, value));
            }
        }
        return points;
    }

    /** When anything that is in the expression was last observed or told, as of a look. */
    private long newest(Expr expr, int at) {
        Map<Integer, Long> known = newest.computeIfAbsent(expr, _ -> new HashMap<>());
        Long answer = known.get(at);
        if (answer == null) {
            answer = findNewest(expr, at);
            known.put(at, answer);
        }
        return answer;
    }

    private long findNewest(Expr expr, int at) {
        long newest = NONE;
        for (String source : sources(expr)) {
            for (Seen it : seen.getOrDefault(source, List.of())) {
                newest = it.look <= at ? Math.max(newest, it.nanos) : newest;
            }
        }
        for (Expr.Pressure it : Reads.of(expr).pressures) {
            for (Push push : pushes.getOrDefault(Sources.request(it), List.of())) {
                newest = push.nanos() <= looks.get(at) ? Math.max(newest, push.nanos()) : newest;
            }
        }
        return newest;
    }

    private long gap(Expr expr) {
        Reads reads = Reads.of(expr);
        boolean isElsewhere = !reads.host.isEmpty() || !reads.elsewhere.isEmpty();
        boolean isOwn = !reads.own.isEmpty();
        return isElsewhere && isOwn
                ? Math.max(stale, staleElsewhere)
                : isElsewhere ? staleElsewhere : isOwn ? stale : Long.MAX_VALUE;
    }

    private static Set<String> sources(Expr expr) {
        Reads reads = Reads.of(expr);
        Set<String> sources = new TreeSet<>();
        reads.own.forEach(signal -> sources.add(":" + signal));
        reads.host.forEach(signal -> sources.add(":" + signal));
        reads.elsewhere.forEach((path, signals) -> signals.forEach(signal -> sources.add(path + ":" + signal)));
        return sources;
    }
}
