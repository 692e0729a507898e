package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Span;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a program finds what it reads.
 *
 * @param paths of the other cgroups, each at its index
 * @param pressures the triggers that have been compiled so far
 */
record Sources(SignalSet layout, List<String> paths, Map<PushRequest.Pressure, TimedNode.Pushed> pressures) {

    private static final Span NOWHERE = new Span(1, 1, 1);

    /** The expression behind the names that it was given. */
    static Expr bare(Expr expr) {
        Expr bare = expr;
        while (bare instanceof Expr.Named named) {
            bare = named.body();
        }
        return bare;
    }

    static PushRequest.Pressure request(Expr.Pressure it) {
        return new PushRequest.Pressure(it.resource(), it.full(), it.stall(), it.window());
    }

    /** A signal as an expression, for what is computed of parts that nobody has written. */
    Expr expr(Signal signal, @Nullable String path) {
        return path == null ? new Expr.SignalRef(signal, NOWHERE) : new Expr.Elsewhere(path, signal, NOWHERE);
    }

    /** @param path of another cgroup, null for the watched one and the host */
    Node read(Signal signal, @Nullable String path) {
        int slot = layout.slot(signal);
        if (path != null) {
            return new ValueNode.Elsewhere(paths.indexOf(path), slot);
        }
        return signal.scope() == Signal.Scope.HOST ? new ValueNode.Host(slot) : new ValueNode.Own(slot);
    }

    /** What an expression reads; the pressure triggers in it must have been compiled. */
    Inputs inputs(Expr expr) {
        Reads reads = Reads.of(expr);
        int[][] elsewhere = new int[reads.elsewhere.isEmpty() ? 0 : paths.size()][];
        for (int k = 0; k < elsewhere.length; k++) {
            elsewhere[k] = slots(reads.elsewhere.getOrDefault(paths.get(k), Set.of()));
        }
        int[] pushes = reads.pressures.stream()
                .map(Sources::request)
                .distinct()
                .mapToInt(request ->
                        Objects.requireNonNull(pressures.get(request)).at())
                .toArray();
        return new Inputs(slots(reads.own), slots(reads.host), elsewhere, pushes);
    }

    private int[] slots(Collection<Signal> signals) {
        return signals.stream().mapToInt(layout::slot).toArray();
    }
}
