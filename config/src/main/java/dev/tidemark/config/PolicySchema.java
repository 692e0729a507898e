package dev.tidemark.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON Schema of policy files, for editors. Made from what the reader itself goes by. */
public final class PolicySchema {
    private PolicySchema() {}

    /**
     * The schema as a JSON document, ending in a line break; the same text each time.
     *
     * <p>It knows keys, structure, ranges of whole numbers and the form of sizes and durations. What lies in expressions and globs, and
     * the ranges of sizes and durations, only {@link PolicyFile#parse} knows.
     */
    public static String json() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Tidemark policy file");
        schema.put("description", "When to start and when to stop reclaiming memory of which cgroups, and how.");
        schema.putAll(PolicyKeys.FILE.schema());
        return JsonText.of(schema) + "\n";
    }
}
