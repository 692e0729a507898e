package dev.tidemark.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How {@link Marks} are written: two sizes, or a ratio and a scale. */
final class MarksKeys implements Kind<Marks> {
    static final Kind<Marks> KIND = new MarksKeys();

    private static final Marks STAND_IN = Marks.of(1, 2, new Span(1, 1, 1));

    private static final Key<Long> LOW = Key.optional("low", Kinds.bytes(), 0L, "Usage below which reclaim ends.");
    private static final Key<Long> HIGH = Key.optional("high", Kinds.bytes(), 0L, "Usage above which reclaim begins.");
    private static final Key<Integer> RATIO = Key.optional(
            "ratio",
            Kinds.whole(1, 100),
            95,
            "Reclaim begins above this many per cent of the limit, the lowest memory.max or memory.high on the way to the root.");
    private static final Key<Integer> SCALE = Key.optional(
            "scale",
            Kinds.whole(1, Marks.MAX_SCALE),
            20,
            "Reclaim ends this many ten-thousandths of the limit below that.");
    private static final Shape SIZES = new Shape("marks", List.of(LOW, HIGH));
    private static final Shape RATIOS = new Shape("marks", List.of(RATIO, SCALE));
    private static final Shape ALL = new Shape("marks", List.of(LOW, HIGH, RATIO, SCALE));

    private MarksKeys() {}

    @Override
    public Marks read(YamlNode node, String what, FileScope scope) {
        Fields fields = Fields.of(node, scope.problems(), ALL);
        Problems problems = scope.problems();
        Span span = problems.source().span(node.start(), node.end());
        boolean sizes = fields.has(LOW.name()) || fields.has(HIGH.name());
        boolean ratios = fields.has(RATIO.name()) || fields.has(SCALE.name());
        if (sizes == ratios) {
            if (node instanceof YamlNode.Mapping) {
                problems.add(node, "marks are either low and high, or ratio and scale");
            }
            return STAND_IN;
        }
        if (ratios) {
            int ratio = fields.get(RATIO, scope);
            int scale = fields.get(SCALE, scope);
            if (scale >= 100 * ratio) {
                problems.add(node, "a scale of %d ten-thousandths is as much as the whole ratio".formatted(scale));
                return STAND_IN;
            }
            return Marks.of(ratio, scale, span);
        }
        long low = fields.required(LOW.name(), it -> LOW.kind().read(it, LOW.name(), scope), 0L);
        long high = fields.required(HIGH.name(), it -> HIGH.kind().read(it, HIGH.name(), scope), 0L);
        if (fields.has(LOW.name()) && fields.has(HIGH.name()) && low >= high) {
            problems.add(
                    node,
                    "low is below high, but %s is not below %s"
                            .formatted(Unit.BYTES.format((double) low), Unit.BYTES.format((double) high)));
        }
        return Marks.of(low, high, span);
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> sizes = new LinkedHashMap<>(SIZES.schema());
        sizes.put("required", SIZES.names());
        Map<String, Object> ratios = new LinkedHashMap<>(RATIOS.schema());
        ratios.put("minProperties", 1);
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("anyOf", List.of(sizes, ratios));
        return schema;
    }

    @Override
    public Object written(Marks marks) {
        return Map.of();
    }
}
