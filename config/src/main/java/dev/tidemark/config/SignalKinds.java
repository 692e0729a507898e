package dev.tidemark.config;

import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.config.YamlNode.Entry;
import dev.tidemark.config.YamlNode.Mapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Kinds of values in policy tests that have signals for their keys. */
final class SignalKinds {
    /** A part of a series, as far as JSON Schema needs to know. */
    private static final String ITEM = "(_(x[0-9]+)?|stale|max(x[0-9]+)?|[0-9][0-9.]*[A-WYZa-wyz%/]*"
            + "([+-][0-9][0-9.]*[A-WYZa-wyz%/]*)?(x[0-9]+)?)";

    private SignalKinds() {}

    /** {@code signals}: what values they are to have. */
    static Kind<List<Claim>> values() {
        return bySignal(
                Optional.empty(), Kinds.schema("type", List.of("string", "number"), "minLength", 1), (entry, scope) -> {
                    @Nullable Signal signal = signal(entry.key(), scope, null);
                    @Nullable
                    Range range = signal == null
                            ? null
                            : RangeReader.read(
                                    entry.value(), signal.dotted(), signal.unit(), scope.host(), scope.problems());
                    return signal == null || range == null
                            ? Optional.empty()
                            : Optional.of(new Claim.Value(place(entry.key(), scope), signal, range));
                });
    }

    private static <T> Kind<List<T>> bySignal(
            Optional<Scope> whose,
            Map<String, Object> value,
            BiFunction<Entry, FileScope, Optional<? extends T>> read) {
        List<Map<String, Object>> names = Stream.of(Scope.values())
                .filter(scope -> whose.map(scope::equals).orElse(true))
                .map(SignalKinds::names)
                .toList();
        return Kinds.of(
                (node, what, scope) -> {
                    if (!(node instanceof Mapping mapping)) {
                        scope.problems()
                                .add(node, "%s is a mapping from signals, but here is %s".formatted(what, node.kind()));
                        return List.of();
                    }
                    if (mapping.entries().isEmpty()) {
                        scope.problems().add(node, what + " is empty; it needs at least one signal");
                    }
                    List<T> values = new ArrayList<>();
                    mapping.entries().forEach(entry -> read.apply(entry, scope).ifPresent(values::add));
                    return List.copyOf(values);
                },
                Kinds.schema(
                        "type",
                        "object",
                        "minProperties",
                        1,
                        "propertyNames",
                        names.size() == 1 ? names.getFirst() : Kinds.schema("anyOf", names),
                        "additionalProperties",
                        value));
    }

    /** {@code host}. */
    static Kind<Map<Signal, Series>> hostSeries() {
        Kind<List<Map.Entry<Signal, Series>>> each =
                bySignal(Optional.of(Scope.HOST), seriesSchema(), (entry, scope) -> series(entry, Scope.HOST, scope));
        return Kinds.of((node, what, scope) -> byKey(each.read(node, what, scope)), each.schema());
    }

    private static Map<Signal, Series> byKey(List<Map.Entry<Signal, Series>> entries) {
        Map<Signal, Series> series = new LinkedHashMap<>();
        entries.forEach(entry -> series.put(entry.getKey(), entry.getValue()));
        return series;
    }

    /** What the schema has once, and refers to where it is meant. */
    static Map<String, Object> definitions() {
        return Kinds.schema(
                "series",
                Kinds.schema(
                        "anyOf",
                        List.of(
                                Kinds.schema("type", "string", "pattern", "^\\s*" + ITEM + "(\\s+" + ITEM + ")*\\s*$"),
                                Kinds.schema("type", "number", "minimum", 0))),
                definition(Scope.CGROUP),
                Kinds.schema("enum", readable(Scope.CGROUP)),
                definition(Scope.HOST),
                Kinds.schema("enum", readable(Scope.HOST)));
    }

    private static String definition(Scope scope) {
        return scope == Scope.HOST ? "hostSignal" : "cgroupSignal";
    }

    static Map<String, Object> names(Scope scope) {
        return Kinds.schema("$ref", "#/$defs/" + definition(scope));
    }

    /** The names of the signals that are read; the others are computed. */
    private static List<String> readable(Scope scope) {
        return Signal.all().stream()
                .filter(signal -> !signal.derived() && signal.scope() == scope)
                .flatMap(signal -> signal.names().stream())
                .toList();
    }

    static Map<String, Object> seriesSchema() {
        return Kinds.schema("$ref", "#/$defs/series");
    }

    static Optional<Map.Entry<Signal, Series>> series(Entry entry, Scope whose, FileScope scope) {
        @Nullable Signal signal = signal(entry.key(), scope, whose);
        if (signal == null) {
            return Optional.empty();
        }
        @Nullable
        Series series =
                SeriesReader.read(entry.value(), signal.dotted(), signal.unit(), scope.host(), scope.problems());
        return series == null ? Optional.empty() : Optional.of(Map.entry(signal, series));
    }

    /**
     * The signal of that name, or null.
     *
     * @param whose null for either
     */
    private static @Nullable Signal signal(YamlNode.Scalar key, FileScope scope, @Nullable Scope whose) {
        @Nullable Signal signal = Signal.named(key.text());
        Problems problems = scope.problems();
        if (signal == null) {
            problems.add(key, Words.unknownSignal(key.text(), List.of()));
        } else if (signal.derived()) {
            problems.add(
                    key,
                    "%s is computed from %s; say what those are"
                            .formatted(
                                    signal,
                                    String.join(
                                            ", ",
                                            signal.parts().stream()
                                                    .map(Signal::dotted)
                                                    .toList())));
        } else if (whose != null && signal.scope() != whose) {
            problems.add(
                    key,
                    whose == Scope.HOST
                            ? "%s is a cgroup's; it belongs under series".formatted(signal)
                            : "%s is the host's; it belongs under host".formatted(signal));
        } else {
            return signal;
        }
        return null;
    }

    private static Span place(YamlNode node, FileScope scope) {
        return scope.problems().source().span(node.start(), node.end());
    }
}
