package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema that editors check policy files with, and the reader, agree. */
class PolicySchemaTest {
    private static final Path SHIPPED = Path.of("..", "docs", "policy.schema.json");
    private static final Path POLICIES = Path.of("..", "policies");

    private static final URI ID = URI.create("https://tidemark.dev/policy.schema.json");
    private static final Validator VALIDATOR = validator();

    private static Validator validator() {
        Validator validator =
                new ValidatorFactory().withJsonNodeFactory(PlainJson.FACTORY).createValidator();
        validator.registerSchema(ID, PolicySchema.json());
        return validator;
    }

    /** Everything a file may have, as plain data. */
    private static final String FULL = """
            {version: 1,
             let: {mark: 80% of limit, three: 3},
             workqueue: {workers: 8, length: 99},
             policies: [
              {name: batch, cgroups: ["batch.slice/*.service", x], exclude: [x/y], watch: [service/a],
               period: 250ms, let: {low_mark: 50% of mark}, start: usage > mark and pgscan > three, stop: usage < low_mark,
               reclaim: {law: fixed, batch: 32pages, swappiness: max, writeback: 2MiB},
               limits: {bytes: 128MiB/s, time: 10ms/s, swap_out: 1MiB/s, floor: 1%, deadline: 2s}, priority: -3, weight: 7,
               cooldown: 1.5m, no_data: hold},
              {name: other, cgroups: [o], start: usage > 1GiB, stop: usage < 5MiB, cooldown: 0,
               reclaim: {batch: 5ms, swappiness: 60}, limits: {bytes: max, time: 2%, floor: 0}},
              {name: slow, cgroups: [o], start: usage > 1GiB, stop: usage < 5MiB,
               throttle: {over: 1%, least: 32pages, longest: 5s}},
              {name: slower, cgroups: [o], start: usage > 1GiB, stop: usage < 5MiB, throttle: {delay: 2s}},
              {name: shelter, cgroups: [o], start: usage > 1GiB, stop: usage < 5MiB, protect: {low: 64MiB, longest: 1m}}],
             limits: {bytes: 1GiB/s, time: max}}
            """;

    /** What the schema has against a file, by place. */
    static List<String> complaints(String text) {
        return VALIDATOR.validate(ID, PlainJson.FACTORY.create(text)).getErrors().stream()
                .map(error -> error.getInstanceLocation() + " " + error.getError())
                .toList();
    }

    @Test
    void theShippedSchemaIsTheGenerated() throws IOException {
        assertThat(Files.readString(SHIPPED))
                .as("docs/policy.schema.json; make it anew with: tidemark schema > docs/policy.schema.json")
                .isEqualTo(PolicySchema.json());
    }

    static Stream<Path> policyFiles() {
        try (Stream<Path> files = Files.list(POLICIES)) {
            return files
                    .filter(file -> file.toString().endsWith(".yaml")
                            && !file.toString().matches(".*\\.(scenario|test)\\.yaml"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("policyFiles")
    void theReadyMadePoliciesConform(Path file) throws IOException {
        String text = Files.readString(file);

        assertThat(complaints(text)).isEmpty();
        assertThat(Reading.policies(text)).isInstanceOf(Checked.Valid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {FULL, PolicyFileTest.SMALLEST})
    void validFilesConform(String text) {
        assertThat(complaints(text)).isEmpty();
        assertThat(Reading.valid(text).policies()).isNotEmpty();
    }

    /** What stands for a key that is left out may as well be written. */
    @Test
    @SuppressWarnings("unchecked")
    void theSchemasDefaultsAreTheReaders() {
        Map<String, Object> schema = (Map<String, Object>) PlainJson.load(PolicySchema.json());
        Map<String, Object> file = (Map<String, Object>) PlainJson.load(PolicyFileTest.SMALLEST);
        writeDefaults(schema, file);
        List<Object> policies = (List<Object>) Objects.requireNonNull(file.get("policies"));
        Map<String, Object> policy = (Map<String, Object>) policies.getFirst();
        // Empty is the same as left out, and may not be written.
        policy.remove("watch");
        String written = JsonText.of(file);

        assertThat(written).contains("\"batch\": \"20ms\"", "\"deadline\": \"500ms\"", "\"no_data\": \"stop\"");
        assertThat(complaints(written)).isEmpty();
        assertThat(shown(Reading.valid(written))).isEqualTo(shown(Reading.valid(PolicyFileTest.SMALLEST)));
    }

    private static String shown(PolicyFile file) {
        Policy policy = file.policies().getFirst();
        return Stream.of(
                        file.workqueue(),
                        file.budget(),
                        policy.exclude(),
                        policy.watch(),
                        policy.period(),
                        policy.action(),
                        policy.limits(),
                        policy.priority(),
                        policy.weight(),
                        policy.cooldown(),
                        policy.noData())
                .map(String::valueOf)
                .reduce("", (all, next) -> all + "\n" + next);
    }

    @SuppressWarnings("unchecked")
    private static void writeDefaults(Map<String, Object> schema, Map<String, Object> into) {
        Map<String, Object> properties = (Map<String, Object>) Objects.requireNonNull(schema.get("properties"));
        properties.forEach((key, property) -> {
            Map<String, Object> each = (Map<String, Object>) property;
            if (each.containsKey("default")) {
                into.putIfAbsent(key, each.get("default"));
            } else if (each.containsKey("required") || each.containsKey("anyOf")) {
                // Left out it is another thing than written.
                return;
            } else if (each.containsKey("properties")) {
                writeDefaults(each, (Map<String, Object>) into.computeIfAbsent(key, _ -> new LinkedHashMap<>()));
            } else if (into.get(key) instanceof List<?> items && each.get("items") instanceof Map<?, ?> item) {
                if (item.containsKey("properties")) {
                    items.forEach(one -> writeDefaults((Map<String, Object>) item, (Map<String, Object>) one));
                }
            }
        });
    }

    /** One thing made wrong that is a matter of structure. */
    @Test
    void wrongStructuresAreRefusedByBoth() {
        Check.forAll(2000, PolicySchemaTest::wrong, text -> {
            assertThat(complaints(text)).as("schema of %s", text).isNotEmpty();
            assertThat(Reading.policies(text)).as("reader of %s", text).isInstanceOf(Checked.Invalid.class);
        });
    }

    private static String wrong(SplittableRandom random, int size) {
        Object file = copy(PlainJson.load(FULL));
        List<Runnable> changes = new ArrayList<>();
        collect(file, "", random, changes);
        changes.get(random.nextInt(changes.size())).run();
        return JsonText.of(file);
    }

    private static Object copy(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<Object, Object> copied = new LinkedHashMap<>();
                map.forEach((key, item) -> copied.put(key, copy(item)));
                yield copied;
            }
            case List<?> list ->
                new ArrayList<>(list.stream().map(PolicySchemaTest::copy).toList());
            default -> value;
        };
    }

    @SuppressWarnings("unchecked")
    private static void collect(Object value, String key, SplittableRandom random, List<Runnable> changes) {
        if (value instanceof List<?> list) {
            list.forEach(item -> collect(item, key, random, changes));
            return;
        }
        if (!(value instanceof Map<?, ?>)) {
            return;
        }
        Map<String, Object> map = (Map<String, Object>) value;
        boolean names = key.equals("let");
        if (!names) {
            changes.add(() -> map.put("unheard_of", 1));
            for (String required :
                    List.of("version", "policies", "name", "cgroups", "start", "stop", "over", "delay", "low")) {
                if (map.containsKey(required)) {
                    changes.add(() -> map.remove(required));
                }
            }
        } else {
            changes.add(() -> map.put(Gen.of("Mark", "2x", "a-b", "").next(random, 1), "usage > 5MiB"));
        }
        for (Map.Entry<String, Object> entry : map.entrySet()) {
            collect(entry.getValue(), entry.getKey(), random, changes);
            changes.add(() -> entry.setValue(otherKind(entry.getKey(), entry.getValue(), random)));
            List<Object> odd = odd(names ? "let names" : entry.getKey());
            if (!odd.isEmpty()) {
                changes.add(() -> entry.setValue(odd.get(random.nextInt(odd.size()))));
            }
        }
    }

    private static Object otherKind(String key, Object value, SplittableRandom random) {
        if (key.equals("let")) {
            return random.nextBoolean() ? List.of(1) : "text";
        }
        List<Object> others = value instanceof List<?>
                ? List.of(Map.of("a", 1), "text", 7)
                : List.of(Map.of("a", 1), List.of(List.of(1)), "");
        return others.get(random.nextInt(others.size()));
    }

    /** Values of the right kind that the schema can know to be wrong. */
    private static List<Object> odd(String key) {
        return switch (key) {
            case "version" -> List.of(2, 0, "one");
            case "workers" -> List.of(0, 65, -1, 1.5, "many");
            case "length" -> List.of(0, 1 << 21, "long");
            case "name" -> List.of("Batch", "a b", "x".repeat(64), "a_b");
            case "cgroups", "exclude", "watch" -> List.of(List.of("/a"), List.of(""), List.of("x".repeat(600)));
            case "over", "least", "low" -> List.of("4", 4, "4MB", "4s", "usage", "-4MiB", 0);
            case "delay", "longest" -> List.of("5", "5MiB", "soon", "-5s", 5, 0);
            case "period", "deadline" -> List.of("5", "5MiB", "soon", "-5s", "5 s", 5, "5sec", ".5s");
            case "cooldown" -> List.of("5", "5MiB", "never", "-5s", 5);
            case "law", "no_data" -> List.of("hope", "STOP", "Fixed", 3);
            case "swappiness" -> List.of(201, -1, "min", 1.5);
            case "writeback", "floor" -> List.of("4", 4, "4MB", "4s", "big", "-4MiB", "4 MiB");
            case "batch" -> List.of("4", 4, "4MB", "4sec", "big", "-4MiB", "4 MiB", "20 ms");
            case "priority" -> List.of(11, -11, 0.5, "high");
            case "weight" -> List.of(0, 10_001, 1.5, "heavy");
            case "time" -> List.of("4ms", 4, "4MiB/s", "4ms/sec", "-4ms/s", "some");
            case "bytes", "swap_out" -> List.of("4MiB", "4", 4, "min", "4MiB/sec", "4s/s");
            default -> List.of();
        };
    }
}
