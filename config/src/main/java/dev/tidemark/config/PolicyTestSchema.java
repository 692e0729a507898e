package dev.tidemark.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON Schema of files of policy tests, for editors. Made from what the reader itself goes by. */
public final class PolicyTestSchema {
    private PolicyTestSchema() {}

    /**
     * The schema as a JSON document, ending in a line break; the same text each time.
     *
     * <p>It knows keys, structure, words and the form of series and durations. What depends on the unit of a signal, on other keys and
     * on the policies, only {@link PolicyTestFile#parse} knows.
     */
    public static String json() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Tidemark policy tests");
        schema.put("description", "What happens to policies, and what they are expected to do about it.");
        schema.putAll(PolicyTestKeys.FILE.schema());
        schema.put("$defs", SignalKinds.definitions());
        return JsonText.of(schema) + "\n";
    }
}
