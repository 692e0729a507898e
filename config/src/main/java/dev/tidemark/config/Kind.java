package dev.tidemark.config;

import java.util.Map;

/**
 * A kind of value in a policy file: how it is read, and how JSON Schema says it.
 *
 * @param <T> what is read
 */
interface Kind<T> {
    /** In {@link #schema}: a range that only people understand. It goes into the description. */
    String RANGE = "range";

    /**
     * The value. What is wrong is told to the scope's problems, and a stand-in returned; see {@link Fields}.
     *
     * @param what how messages call it
     */
    T read(YamlNode node, String what, FileScope scope);

    /** What JSON Schema can know of it, in the order to be written. */
    Map<String, Object> schema();

    /** How a value is written, for the schema's {@code default}: text, a number or a mapping. */
    Object written(T value);
}
