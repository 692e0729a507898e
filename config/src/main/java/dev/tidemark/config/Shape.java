package dev.tidemark.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys a mapping in a policy file may have. Both the checks and the JSON Schema come from it.
 *
 * @param what how messages call such a mapping: "a policy"
 */
record Shape(String what, List<Key<?>> keys) {
    Shape {
        keys = List.copyOf(keys);
    }

    List<String> names() {
        return keys.stream().<String>map(Key::name).toList();
    }

    Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        keys.forEach(key -> properties.put(key.name(), property(key)));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        List<String> required =
                keys.stream().filter(Key::required).<String>map(Key::name).toList();
        if (!required.isEmpty()) {
            schema.put("required", required);
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
