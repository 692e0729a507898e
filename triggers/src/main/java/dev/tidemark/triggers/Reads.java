package dev.tidemark.triggers;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What expressions read, by where it is: the watched cgroup, the host, other cgroups. Derived signals are there by their parts. */
final class Reads {

    final Set<Signal> own = new LinkedHashSet<>();
    final Set<Signal> host = new LinkedHashSet<>();

    /** By path. */
    final Map<String, Set<Signal>> elsewhere = new LinkedHashMap<>();

    final List<Expr.Pressure> pressures = new ArrayList<>();

    static Reads of(Expr expr) {
        Reads reads = new Reads();
        reads.collect(expr);
        return reads;
    }

    static Reads of(Policy policy) {
        Reads reads = new Reads();
        reads.collect(policy.start());
        reads.collect(policy.stop());
        return reads;
    }

    private void collect(Expr expr) {
        switch (expr) {
            case Expr.SignalRef(Signal signal, var _) ->
                addParts(signal, signal.scope() == Signal.Scope.HOST ? host : own);
            case Expr.Elsewhere(String path, Signal signal, var _) ->
                addParts(signal, elsewhere.computeIfAbsent(path, _ -> new LinkedHashSet<>()));
            case Expr.Pressure pressure -> pressures.add(pressure);
            default -> expr.children().forEach(this::collect);
        }
    }

    private static void addParts(Signal signal, Set<Signal> into) {
        if (signal.derived()) {
            signal.parts().forEach(part -> addParts(part, into));
        } else {
            into.add(signal);
        }
    }

    /** Whether it is for the cgroup's usage to decide how often this changes. */
    boolean hasUsage() {
        return own.contains(Signal.USAGE);
    }

    /** Whether all of it is read of the cgroup itself, once a period. */
    boolean isPeriodic() {
        return !own.isEmpty() && !hasUsage() && host.isEmpty() && elsewhere.isEmpty() && pressures.isEmpty();
    }
}
