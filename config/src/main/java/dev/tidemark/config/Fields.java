package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Entry;
import dev.tidemark.config.YamlNode.Mapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one mapping.
 *
 * <p>Reading never fails: what is wrong is told to the {@link Problems}, and a stand-in takes its place, so that the rest
 * of the file is looked at too. A value made with stand-ins is never handed out.
 */
final class Fields {
    private final Problems problems;
    private final String what;
    private final YamlNode node;
    private final Map<String, YamlNode> values = new LinkedHashMap<>();
    private boolean misspelt;

    private Fields(Problems problems, String what, YamlNode node) {
        this.problems = problems;
        this.what = what;
        this.node = node;
    }

    static Fields of(YamlNode node, Problems problems, Shape shape) {
        return of(node, problems, shape.what(), shape.names());
    }

    /** Where its first key stands; where there is none, itself. */
    Span place() {
        if (node instanceof Mapping mapping && !mapping.entries().isEmpty()) {
            YamlNode first = mapping.entries().getFirst().key();
            return problems.source().span(first.start(), first.end());
        }
        return problems.source().span(node.start(), node.end());
    }

    /** Where the value of a key stands, or {@link #place} when it is not there. */
    Span place(String key) {
        @Nullable YamlNode value = values.get(key);
        return value == null ? place() : problems.source().span(value.start(), value.end());
    }

    /** The value of a key, or what stands for it. */
    <T> T get(Key<T> key, FileScope scope) {
        Function<YamlNode, T> read = value -> key.kind().read(value, key.name(), scope);
        return key.required() ? required(key.name(), read, key.fallback()) : optional(key.name(), read, key.fallback());
    }

    /** What stands at a key that is there. */
    @Nullable
    YamlNode node(String key) {
        return values.get(key);
    }

    /**
     * @param what as messages call it: "a policy"
     * @param known all keys it may have; others are problems
     */
    static Fields of(YamlNode node, Problems problems, String what, List<String> known) {
        Fields fields = new Fields(problems, what, node);
        if (!(node instanceof Mapping mapping)) {
            problems.add(
                    node,
                    "%s is a mapping with the keys %s, but here is %s"
                            .formatted(what, String.join(", ", known), node.kind()));
            return fields;
        }
        for (Entry entry : mapping.entries()) {
            String key = entry.key().text();
            if (known.contains(key)) {
                fields.values.put(key, entry.value());
            } else {
                fields.misspelt = true;
                problems.add(
                        entry.key(),
                        "unknown key %s in %s%s".formatted(Shown.quoted(key), what, Nearest.hint(key, "keys", known)));
            }
        }
        return fields;
    }

    /** Whether there is a key that is not known: what seems to be missing may be it. */
    boolean isMisspelt() {
        return misspelt;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** A key that must be there. */
    <T> T required(String key, Function<YamlNode, T> read, T standIn) {
        @Nullable YamlNode value = values.get(key);
        if (value != null) {
            return read.apply(value);
        }
        if (node instanceof Mapping) {
            problems.add(place(), "%s needs the key \"%s\"".formatted(what, key));
        }
        return standIn;
    }

    /** A key that may be left out. */
    <T> T optional(String key, Function<YamlNode, T> read, T fallback) {
        @Nullable YamlNode value = values.get(key);
        return value == null ? fallback : read.apply(value);
    }

    /** The items of a list that has some. */
    static <T> List<T> someOf(YamlNode node, Problems problems, String what, Function<YamlNode, T> read) {
        List<T> items = list(node, problems, what, read);
        if (items.isEmpty() && node instanceof YamlNode.Sequence) {
            problems.add(node, what + " is empty; it needs at least one");
        }
        return items;
    }

    /** The items of a list, none where it is no list. */
    static <T> List<T> list(YamlNode node, Problems problems, String what, Function<YamlNode, T> read) {
        if (!(node instanceof YamlNode.Sequence sequence)) {
            String written = problems.source().slice(node.start(), node.end()).strip();
            boolean simple = node instanceof YamlNode.Scalar && written.matches("[ -~]{1,40}");
            String cure = simple && !written.equals("~") ? "; write [" + written + "]" : "";
            problems.add(node, "%s is a list but here is %s%s".formatted(what, node.kind(), cure));
            return List.of();
        }
        List<T> items = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            items.add(read.apply(item));
        }
        return List.copyOf(items);
    }
}
