package dev.tidemark.config;

import dev.harrel.jsonschema.JsonNode;
import dev.harrel.jsonschema.JsonNodeFactory;
import dev.harrel.jsonschema.SimpleType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What YAML and JSON hold, as the schema's validator wants to see it. */
record PlainJson(@Nullable Object value, String getJsonPointer) implements JsonNode {
    static final JsonNodeFactory FACTORY = new JsonNodeFactory() {
        @Override
        public JsonNode wrap(Object value) {
            return value instanceof JsonNode node ? node : new PlainJson(value, "");
        }

        @Override
        public JsonNode create(String text) {
            return new PlainJson(load(text), "");
        }
    };

    /** Every JSON text is YAML. */
    static Object load(String text) {
        return new Load(LoadSettings.builder().setCodePointLimit(10_000_000).build()).loadFromString(text);
    }

    @Override
    public SimpleType getNodeType() {
        return switch (value) {
            case null -> SimpleType.NULL;
            case Boolean _ -> SimpleType.BOOLEAN;
            case String _ -> SimpleType.STRING;
            case Double _, Float _, BigDecimal _ -> SimpleType.NUMBER;
            case Number _ -> SimpleType.INTEGER;
            case List<?> _ -> SimpleType.ARRAY;
            case Map<?, ?> _ -> SimpleType.OBJECT;
            default -> throw new IllegalStateException("not of JSON: " + value);
        };
    }

    @Override
    public boolean asBoolean() {
        return value instanceof Boolean truth && truth;
    }

    @Override
    public String asString() {
        return String.valueOf(value);
    }

    @Override
    public BigInteger asInteger() {
        return asNumber().toBigInteger();
    }

    @Override
    public BigDecimal asNumber() {
        return new BigDecimal(String.valueOf(value));
    }

    @Override
    public List<JsonNode> asArray() {
        List<JsonNode> nodes = new ArrayList<>();
        for (Object item : (List<?>) Objects.requireNonNull(value)) {
            nodes.add(new PlainJson(item, getJsonPointer + "/" + nodes.size()));
        }
        return nodes;
    }

    @Override
    public Map<String, JsonNode> asObject() {
        Map<String, JsonNode> nodes = new LinkedHashMap<>();
        ((Map<?, ?>) Objects.requireNonNull(value)).forEach((key, item) -> {
            String name = String.valueOf(key);
            nodes.put(name, new PlainJson(item, getJsonPointer + "/" + JsonNode.encodeJsonPointer(name)));
        });
        return nodes;
    }
}
