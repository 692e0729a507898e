package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Scalar;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds of values that policy files are made of. */
final class Kinds {
    private static final String NUMBER = "[0-9]+(\\.[0-9]+)?";
    private static final String SIZES = Stream.concat(UnitSymbol.sizes().stream(), Stream.of("page", "pages"))
            .collect(Collectors.joining("|", "(", ")"));
    private static final String TIMES =
            UnitSymbol.TIMES.stream().map(UnitSymbol::text).collect(Collectors.joining("|", "(", ")"));

    private static final String NONE = "none";
    private static final Map<String, Object> SIZE =
            schema("type", "string", "pattern", "^" + NUMBER + "(" + SIZES + "|%)$");

    private Kinds() {}

    /** Reads by a function; a value is written as by another. */
    private record Simple<T>(Read<T> read, Map<String, Object> schema, Function<T, Object> write) implements Kind<T> {
        @Override
        public T read(YamlNode node, String what, FileScope scope) {
            return read.read(node, what, scope);
        }

        @Override
        public Object written(T value) {
            return write.apply(value);
        }
    }

    /** {@link Kind#read}. */
    @FunctionalInterface
    interface Read<T> {
        T read(YamlNode node, String what, FileScope scope);
    }

    static Kind<Long> version() {
        return new Simple<>((node, what, scope) -> scope.values().version(node), schema("const", 1), value -> value);
    }

    /** A name of a policy, unique in the file. */
    static Kind<String> name(Read<String> read) {
        String pattern = "^[a-z0-9-]{1,%d}$".formatted(Values.MAX_NAME);
        return new Simple<>(read, schema("type", "string", "pattern", pattern), value -> value);
    }

    /** Some text that is not empty. */
    static Kind<String> text() {
        return new Simple<>(
                (node, what, scope) -> scope.values().text(node, what),
                schema("type", "string", "minLength", 1),
                value -> value);
    }

    /** Read by a function, and never left out but for nothing. */
    static <T> Kind<T> of(Read<T> read, Map<String, Object> schema) {
        return new Simple<>(read, schema, value -> Map.of());
    }

    /** One that may be left out for nothing. */
    static <T> Kind<Optional<T>> maybe(Kind<? extends T> kind) {
        return new Simple<>(
                (node, what, scope) -> Optional.ofNullable(kind.read(node, what, scope)),
                kind.schema(),
                value -> Map.of());
    }

    /** The path of one cgroup. */
    static Kind<String> path() {
        return new Simple<>(
                (node, what, scope) -> scope.values().path(node),
                schema("type", "string", "minLength", 1, "pattern", "^[^/]"),
                value -> value);
    }

    /** A share of 0 to 100 %. */
    static Kind<Double> shareOrNone() {
        return new Simple<>(
                (node, what, scope) -> scope.values().shareOrNone(node, what),
                orZero(schema("type", "string", "pattern", "^" + NUMBER + "%$")),
                value -> LiteralText.of(value, Unit.RATIO));
    }

    /** A list that is not empty; of one item also without the brackets. */
    static <T> Kind<List<T>> oneOrSome(Kind<T> item) {
        return new Simple<>(
                (node, what, scope) -> node instanceof YamlNode.Sequence
                        ? Fields.someOf(node, scope.problems(), what, each -> item.read(each, what, scope))
                        : List.of(item.read(node, what, scope)),
                schema("anyOf", List.of(item.schema(), schema("type", "array", "minItems", 1, "items", item.schema()))),
                values -> values.stream().map(item::written).toList());
    }

    static Kind<CgroupGlob> glob() {
        return new Simple<>(
                (node, what, scope) -> scope.values().glob(node),
                schema("type", "string", "minLength", 1, "maxLength", GlobSyntax.MAX_LENGTH, "pattern", "^[^/]"),
                CgroupGlob::pattern);
    }

    static <T> Kind<List<T>> list(Kind<T> item) {
        return new Simple<>(
                (node, what, scope) -> Fields.list(node, scope.problems(), what, each -> item.read(each, what, scope)),
                schema("type", "array", "items", item.schema()),
                values -> values.stream().map(item::written).toList());
    }

    /** A list that is not empty. */
    static <T> Kind<List<T>> someOf(Kind<T> item) {
        return new Simple<>(
                (node, what, scope) ->
                        Fields.someOf(node, scope.problems(), what, each -> item.read(each, what, scope)),
                schema("type", "array", "minItems", 1, "items", item.schema()),
                values -> values.stream().map(item::written).toList());
    }

    static Kind<Duration> duration(Duration min, Duration max) {
        String pattern = "^" + NUMBER + TIMES + "$";
        Map<String, Object> text = schema("type", "string", "pattern", pattern);
        return new Simple<>(
                (node, what, scope) -> scope.values().duration(node, what, min, max),
                ranged(min.isZero() ? orZero(text) : text, LiteralText.of(min) + " to " + LiteralText.of(max)),
                LiteralText::of);
    }

    /** A size of at least one page. */
    static Kind<Long> pages(long max) {
        return new SizeKind(pagesTo(max), ranged(SIZE, pageRange(max)));
    }

    /** A size of at least one page, or a duration that it is to take. */
    static Kind<Batch> batch() {
        String range = pageRange(Batch.Size.MAX_BYTES) + ", or " + LiteralText.of(Batch.Time.MIN_TARGET) + " to "
                + LiteralText.of(Batch.Time.MAX_TARGET);
        Map<String, Object> time = schema("type", "string", "pattern", "^" + NUMBER + TIMES + "$");
        return new Simple<>(
                (node, what, scope) ->
                        scope.values().batch(node, what, scope.host().pageSize()),
                ranged(schema("anyOf", List.of(time, SIZE)), range),
                batch -> switch (batch) {
                    case Batch.Time(Duration target) -> LiteralText.of(target);
                    case Batch.Size(long bytes) -> LiteralText.of((double) bytes, Unit.BYTES);
                });
    }

    /** A size of at least one page, or 0 for none. */
    static Kind<Long> pagesOrNone(long max) {
        Read<Long> pages = pagesTo(max);
        Read<Long> read = (node, what, scope) ->
                node instanceof Scalar scalar && scalar.text().equals("0")
                        ? Long.valueOf(0)
                        : pages.read(node, what, scope);
        return new SizeKind(read, ranged(orZero(SIZE), pageRange(max)));
    }

    private static Read<Long> pagesTo(long max) {
        return (node, what, scope) ->
                scope.values().bytes(node, what, scope.host().pageSize(), max);
    }

    private static String pageRange(long max) {
        return "one page to " + Unit.BYTES.format((double) max);
    }

    /** Any size. */
    static Kind<Long> bytes() {
        return new SizeKind((node, what, scope) -> scope.values().bytes(node, what, 0, Long.MAX_VALUE), orZero(SIZE));
    }

    /** A size; zero is written without a unit. */
    private record SizeKind(Read<Long> read, Map<String, Object> schema) implements Kind<Long> {
        @Override
        public Long read(YamlNode node, String what, FileScope scope) {
            return read.read(node, what, scope);
        }

        @Override
        public Object written(Long value) {
            return value == 0 ? (Object) 0 : LiteralText.of((double) value, Unit.BYTES);
        }
    }

    /** Bytes per second, or max for no bound. */
    static Kind<Double> byteRate() {
        String pattern = "^(" + NUMBER + SIZES + "/" + TIMES + "|max)$";
        return new Simple<>(
                (node, what, scope) -> scope.values().byteRate(node, what),
                schema("type", "string", "pattern", pattern),
                value -> value == Double.POSITIVE_INFINITY ? "max" : LiteralText.of(value, Unit.BYTE_RATE));
    }

    /** Time per second, or max for no bound. */
    static Kind<Double> timeShare() {
        String pattern = "^(" + NUMBER + "(" + TIMES + "/" + TIMES + "|%)|max)$";
        return new Simple<>(
                (node, what, scope) -> scope.values().timeShare(node, what),
                schema("type", "string", "pattern", pattern),
                value -> value == Double.POSITIVE_INFINITY ? "max" : LiteralText.of(value, Unit.RATIO));
    }

    /** Things per second, more than none. */
    static Kind<Double> rate() {
        return new Simple<>(
                (node, what, scope) -> scope.values().rate(node, what),
                schema("type", "string", "pattern", "^" + NUMBER + "/" + TIMES + "$"),
                value -> LiteralText.of(value, Unit.RATE));
    }

    /** One that may be {@code none}, too. */
    static <T> Kind<Optional<T>> orNone(Kind<T> kind) {
        Map<String, Object> of = new LinkedHashMap<>(kind.schema());
        Object range = of.remove(Kind.RANGE);
        Map<String, Object> either = schema("anyOf", List.of(of, schema("const", NONE)));
        if (range != null) {
            either.put(Kind.RANGE, range);
        }
        return new Simple<>(
                (node, what, scope) ->
                        node instanceof Scalar scalar && scalar.text().equals(NONE)
                                ? Optional.empty()
                                : Optional.of(kind.read(node, what, scope)),
                either,
                value -> value.<Object>map(kind::written).orElse(NONE));
    }

    /** A share of something, more than none of it and not more than all: a percentage, or a bare fraction. */
    static Kind<Double> share() {
        return new Simple<>(
                (node, what, scope) -> scope.values().number(node, what, Unit.RATIO, Double.MIN_VALUE, 1),
                ranged(
                        schema(
                                "anyOf",
                                List.of(
                                        schema("type", "string", "pattern", "^" + NUMBER + "%$"),
                                        schema("type", "number", "exclusiveMinimum", 0, "maximum", 1))),
                        "above 0% to 100%"),
                value -> LiteralText.of(value, Unit.RATIO));
    }

    /** A number without a unit. */
    static Kind<Double> number(double min, double max) {
        return new Simple<>(
                (node, what, scope) -> scope.values().number(node, what, Unit.COUNT, min, max),
                schema("type", "number", "minimum", min, "maximum", max),
                value -> value);
    }

    static Kind<Integer> whole(int min, int max) {
        return new Simple<>(
                (node, what, scope) -> (int) scope.values().whole(node, what, min, max),
                schema("type", "integer", "minimum", min, "maximum", max),
                value -> value);
    }

    /**
     * A whole number, or one of some words that stand for numbers beyond.
     *
     * @param words in the order in which messages name them
     */
    static Kind<Integer> wholeOr(Map<String, Integer> words, int min, int max) {
        String rule = "%s, or a whole number from %d to %d".formatted(String.join(", ", words.keySet()), min, max);
        Read<Integer> read = (node, what, scope) -> {
            Integer word = node instanceof Scalar scalar ? words.get(scalar.text()) : null;
            return word != null ? word : Integer.valueOf((int) scope.values().whole(node, what, rule, min, max));
        };
        Map<String, Object> schema = schema(
                "anyOf",
                List.of(
                        schema("enum", List.copyOf(words.keySet())),
                        schema("type", "integer", "minimum", min, "maximum", max)));
        return new Simple<>(
                read,
                schema,
                value -> words.entrySet().stream()
                        .filter(word -> word.getValue().equals(value))
                        .<Object>map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(value));
    }

    /** A constant of an enum, in small letters; the first stands in for what is unknown. */
    static <E extends Enum<E>> Kind<E> word(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        List<String> words = constants.stream().map(Kinds::word).toList();
        return new Simple<>(
                (node, what, scope) ->
                        constants.get(words.indexOf(scope.values().word(node, what, words))),
                schema("enum", words),
                Kinds::word);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** A condition. */
    static Kind<Expr> truth(Expr standIn) {
        return new Simple<>(
                (node, what, scope) -> scope.values().truth(node, what, scope.lets(), standIn),
                schema("type", "string", "minLength", 1),
                Expr::toString);
    }

    /** Names for expressions. */
    static Kind<Lets> lets() {
        Map<String, Object> schema = schema(
                "type",
                "object",
                "propertyNames",
                schema("pattern", "^" + LetReader.NAME + "$"),
                "additionalProperties",
                // YAML takes a bare count for a number.
                schema("type", List.of("string", "number"), "minLength", 1));
        return new Simple<>((node, what, scope) -> LetReader.read(node, scope), schema, value -> Map.of());
    }

    /** A mapping of known keys. */
    static <T> Kind<T> mapping(Shape shape, BiFunction<Fields, FileScope, T> make) {
        return new Simple<>(
                (node, what, scope) -> make.apply(Fields.of(node, scope.problems(), shape), scope),
                shape.schema(),
                value -> Map.of());
    }

    /** Zero is the same in every unit, and YAML takes it for a number. */
    private static Map<String, Object> orZero(Map<String, Object> text) {
        return schema("anyOf", List.of(text, schema("const", 0)));
    }

    private static Map<String, Object> ranged(Map<String, Object> schema, String range) {
        Map<String, Object> ranged = new LinkedHashMap<>(schema);
        ranged.put(Kind.RANGE, Character.toUpperCase(range.charAt(0)) + range.substring(1));
        return ranged;
    }

    /** A mapping in this order. */
    static Map<String, Object> schema(Object... namesAndValues) {
        Map<String, Object> schema = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            schema.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return schema;
    }
}
