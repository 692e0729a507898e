package dev.tidemark.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys a mapping in a policy file may have. Both the checks and the JSON Schema come from it.
 *
 * @param what how messages call such a mapping: "a policy"
 * @param instead where all of these are, the {@code replaced} ones may be left out, which are required otherwise
 */
record Shape(String what, List<Key<?>> keys, List<Key<?>> instead, List<Key<?>> replaced) {
    Shape {
        keys = List.copyOf(keys);
        instead = List.copyOf(instead);
        replaced = List.copyOf(replaced);
    }

    Shape(String what, List<Key<?>> keys) {
        this(what, keys, List.of(), List.of());
    }

    List<String> names() {
        return names(keys);
    }

    private static List<String> names(List<Key<?>> keys) {
        return keys.stream().<String>map(Key::name).toList();
    }

    Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        keys.forEach(key -> properties.put(key.name(), property(key)));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        List<String> required = names(keys.stream()
                .filter(key -> key.required() && !replaced.contains(key))
                .toList());
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        if (!instead.isEmpty()) {
            schema.put("anyOf", List.of(Map.of("required", names(replaced)), Map.of("required", names(instead))));
        }
        schema.put("additionalProperties", false);
        return schema;
    }

    private static Map<String, Object> property(Key<?> key) {
        Map<String, Object> property = new LinkedHashMap<>();
        Map<String, Object> kind = new LinkedHashMap<>(key.kind().schema());
        Object range = kind.remove(Kind.RANGE);
        property.put("description", range == null ? key.description() : key.description() + " " + range + ".");
        property.putAll(kind);
        if (!key.required()) {
            Object written = key.writtenFallback();
            // What is left out of a mapping is said at its own keys.
            if (!(written instanceof Map<?, ?>)) {
                property.put("default", written);
            }
        }
        return property;
    }
}
