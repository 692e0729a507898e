package dev.tidemark.agent.explain;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file that a policy reads, or that tells it something.
 *
 * @param whose "" for the watched cgroup, {@code host}, or another cgroup's path
 * @param file as the operator finds it
 * @param names of the signals taken from it, or of the pushes it makes
 */
record Feed(String whose, String file, List<String> names) {
    private static final String LIMIT_FILES = "memory.max, memory.high up to the root";
    private static final String KEPT_FILES = "memory.min, memory.low up to the root";
    private static final String SWAP_FILES = "memory.swap.max, memory.swap.current up to the root";

    Feed {
        names = List.copyOf(names);
    }

    /** The file with whose it is. */
    String place() {
        return whose.isEmpty() || whose.equals("host") ? file : whose + ": " + file;
    }

    /** All that the policy's conditions read, in the order in which they do. */
    static List<Feed> of(Policy policy) {
        return of(List.of(policy.start(), policy.stop()));
    }

    static List<Feed> of(List<Expr> conditions) {
        Map<List<String>, Set<String>> found = new LinkedHashMap<>();
        conditions.forEach(condition -> collect(condition, found));
        List<Feed> feeds = new ArrayList<>();
        found.forEach((place, names) -> feeds.add(new Feed(place.getFirst(), place.getLast(), List.copyOf(names))));
        return feeds;
    }

    private static void collect(Expr expr, Map<List<String>, Set<String>> into) {
        switch (expr) {
            case Expr.SignalRef it -> add("", it.signal(), into);
            case Expr.Elsewhere it -> add(it.path(), it.signal(), into);
            case Expr.Pressure it -> add("", pressureFile(it.resource()) + " (pushed)", it.toString(), into);
            default -> expr.children().forEach(child -> collect(child, into));
        }
    }

    private static void add(String path, Signal signal, Map<List<String>, Set<String>> into) {
        if (signal.derived()) {
            signal.parts().forEach(part -> add(path, part, into));
            return;
        }
        boolean host = signal.scope() == Signal.Scope.HOST;
        add(host ? "host" : path, host ? "/proc/" + signal.file() : file(signal), signal.dotted(), into);
    }

    private static String file(Signal signal) {
        if (!signal.file().isEmpty()) {
            return signal.file();
        }
        return signal == Signal.LIMIT ? LIMIT_FILES : signal == Signal.PROTECTION ? KEPT_FILES : SWAP_FILES;
    }

    private static void add(String whose, String file, String name, Map<List<String>, Set<String>> into) {
        into.computeIfAbsent(List.of(whose, file), _ -> new LinkedHashSet<>()).add(name);
    }

    private static String pressureFile(Expr.Resource resource) {
        return switch (resource) {
            case MEMORY -> "memory.pressure";
            case IO -> "io.pressure";
            case CPU -> "cpu.pressure";
        };
    }
}
