package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Mapping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** How control laws are written: a word, or for one with parameters a mapping of that word to them. */
final class LawKeys implements Kind<Law> {
    static final Kind<Law> KIND = new LawKeys();

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration MICROSECOND = Duration.ofNanos(1_000);

    /** A law that can be written. */
    private record Form(Law fallback, Shape shape, BiFunction<Fields, FileScope, Law> make) {
        String word() {
            return fallback.word();
        }

        boolean bare() {
            return shape.keys().isEmpty();
        }
    }

    /** Those of the tmo law. */
    private static final class OfTmo {
        static final Key<Double> THRESHOLD = threshold(Law.Tmo.DEFAULT.threshold(), "memory");
        static final Key<Double> RATIO = Key.optional(
                "ratio", Kinds.share(), Law.Tmo.DEFAULT.ratio(), "Share of usage to take where nothing stalls.");
        static final Key<Double> GAIN =
                Key.optional("gain", Kinds.number(0.01, 100), Law.Tmo.DEFAULT.gain(), "Multiplies the amount.");
        static final Key<Double> MOST = most(Law.Tmo.DEFAULT.most(), "usage");
        static final Key<Duration> EVERY = every(Law.Tmo.DEFAULT.every());
        static final Form FORM = form(
                Law.Tmo.DEFAULT,
                List.of(THRESHOLD, RATIO, GAIN, MOST, EVERY),
                (fields, scope) -> new Law.Tmo(
                        fields.get(THRESHOLD, scope),
                        fields.get(RATIO, scope),
                        fields.get(GAIN, scope),
                        fields.get(MOST, scope),
                        fields.get(EVERY, scope)));
    }

    /** Those of the senpai law. */
    private static final class OfSenpai {
        static final Key<Double> THRESHOLD = threshold(Law.Senpai.DEFAULT.threshold(), "memory");
        static final Key<Double> IO_THRESHOLD = Key.optional(
                "io_threshold",
                Kinds.share(),
                Law.Senpai.DEFAULT.ioThreshold(),
                "Share of time with some task stalled on the disks from which on nothing is taken.");
        static final Key<Double> MOST = most(Law.Senpai.DEFAULT.most(), "what is reclaimable");
        static final Key<Long> RESERVE = reserve(Law.Senpai.DEFAULT.reserveBytes());
        static final Key<Duration> EVERY = every(Law.Senpai.DEFAULT.every());
        static final Form FORM = form(
                Law.Senpai.DEFAULT,
                List.of(THRESHOLD, IO_THRESHOLD, MOST, RESERVE, EVERY),
                (fields, scope) -> new Law.Senpai(
                        fields.get(THRESHOLD, scope),
                        fields.get(IO_THRESHOLD, scope),
                        fields.get(MOST, scope),
                        fields.get(RESERVE, scope),
                        fields.get(EVERY, scope)));
    }

    /** Those of the senpai_limit law. */
    private static final class OfSenpaiLimit {
        static final Key<Duration> STALL = Key.optional(
                "stall",
                Kinds.duration(MICROSECOND, LONGEST),
                Law.SenpaiLimit.DEFAULT.stall(),
                "Stall time on memory to aim at, within one round.");
        static final Key<Double> PROBE = Key.optional(
                "probe",
                Kinds.number(1, 1000),
                Law.SenpaiLimit.DEFAULT.probe(),
                "How many times less than that lets the limit sink by the most.");
        static final Key<Double> BACKOFF = Key.optional(
                "backoff",
                Kinds.share(),
                Law.SenpaiLimit.DEFAULT.backoff(),
                "The most of itself by which the limit rises.");
        static final Key<Double> RELIEF = Key.optional(
                "relief",
                Kinds.number(1, 1000),
                Law.SenpaiLimit.DEFAULT.relief(),
                "How many times more than the stall time aimed at lets it rise by that.");
        static final Key<Double> MOST = most(Law.SenpaiLimit.DEFAULT.most(), "the limit");
        static final Key<Long> RESERVE = reserve(Law.SenpaiLimit.DEFAULT.reserveBytes());
        static final Key<Duration> EVERY = every(Law.SenpaiLimit.DEFAULT.every());
        static final Form FORM = form(
                Law.SenpaiLimit.DEFAULT,
                List.of(STALL, PROBE, BACKOFF, RELIEF, MOST, RESERVE, EVERY),
                (fields, scope) -> new Law.SenpaiLimit(
                        fields.get(STALL, scope),
                        fields.get(PROBE, scope),
                        fields.get(BACKOFF, scope),
                        fields.get(RELIEF, scope),
                        fields.get(MOST, scope),
                        fields.get(RESERVE, scope),
                        fields.get(EVERY, scope)));
    }

    /** Those of the aimd law. */
    private static final class OfAimd {
        static final Key<Double> THRESHOLD = threshold(Law.Aimd.DEFAULT.threshold(), "memory");
        static final Key<Long> INCREASE = Key.optional(
                "increase",
                Kinds.pages(Batch.Size.MAX_BYTES),
                Law.Aimd.DEFAULT.increaseBytes(),
                "Added each time it does not hurt.");
        static final Key<Double> DECREASE = Key.optional(
                "decrease",
                Kinds.number(0.01, 0.99),
                Law.Aimd.DEFAULT.decrease(),
                "What the amount is multiplied with when it hurts.");
        static final Key<Double> MOST = most(Law.Aimd.DEFAULT.most(), "usage");
        static final Key<Duration> EVERY = every(Law.Aimd.DEFAULT.every());
        static final Form FORM = form(
                Law.Aimd.DEFAULT,
                List.of(THRESHOLD, INCREASE, DECREASE, MOST, EVERY),
                (fields, scope) -> new Law.Aimd(
                        fields.get(THRESHOLD, scope),
                        fields.get(INCREASE, scope),
                        fields.get(DECREASE, scope),
                        fields.get(MOST, scope),
                        fields.get(EVERY, scope)));
    }

    private static final List<Form> FORMS = List.of(
            form(new Law.Watermark(), List.of(), (_, _) -> new Law.Watermark()),
            form(new Law.Fixed(), List.of(), (_, _) -> new Law.Fixed()),
            OfTmo.FORM,
            OfSenpai.FORM,
            OfSenpaiLimit.FORM,
            OfAimd.FORM);

    private static final List<String> WORDS = FORMS.stream().map(Form::word).toList();
    private static final List<String> WITH_PARAMETERS =
            FORMS.stream().filter(form -> !form.bare()).map(Form::word).toList();

    private LawKeys() {}

    private static Form form(Law fallback, List<Key<?>> keys, BiFunction<Fields, FileScope, Law> make) {
        return new Form(fallback, new Shape("the law " + fallback.word(), keys), make);
    }

    private static Key<Double> threshold(double fallback, String of) {
        return Key.optional(
                "threshold",
                Kinds.share(),
                fallback,
                "Share of time with some task stalled on " + of
                        + " from which on it hurts: nothing more is taken, or less.");
    }

    private static Key<Double> most(double fallback, String of) {
        return Key.optional(
                "most", Kinds.share(), fallback, "The most to take in one round, as a share of " + of + ".");
    }

    private static Key<Long> reserve(long fallback) {
        return Key.optional("reserve", Kinds.bytes(), fallback, "Reclaimable memory that is left alone.");
    }

    private static Key<Duration> every(Duration fallback) {
        return Key.optional("every", Kinds.duration(SHORTEST, LONGEST), fallback, "From one round to the next.");
    }

    @Override
    public Law read(YamlNode node, String what, FileScope scope) {
        if (!(node instanceof Mapping mapping)) {
            return named(scope.values().word(node, what, WORDS)).fallback();
        }
        Fields fields = Fields.of(node, scope.problems(), "a law with parameters", WITH_PARAMETERS);
        List<String> there = WITH_PARAMETERS.stream().filter(fields::has).toList();
        if (there.size() != 1) {
            if (there.size() > 1 || mapping.entries().isEmpty()) {
                scope.problems().add(node, "a law with parameters is one of " + String.join(", ", WITH_PARAMETERS));
            }
            return new Law.Watermark();
        }
        Form form = named(there.getFirst());
        @Nullable YamlNode parameters = fields.node(form.word());
        return parameters == null
                ? form.fallback()
                : form.make().apply(Fields.of(parameters, scope.problems(), form.shape()), scope);
    }

    private static Form named(String word) {
        return FORMS.get(WORDS.indexOf(word));
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Form form : FORMS) {
            if (!form.bare()) {
                properties.put(form.word(), form.shape().schema());
            }
        }
        Map<String, Object> mapping = new LinkedHashMap<>();
        mapping.put("type", "object");
        mapping.put("properties", properties);
        mapping.put("minProperties", 1);
        mapping.put("maxProperties", 1);
        mapping.put("additionalProperties", false);
        List<Object> either = new ArrayList<>();
        either.add(Map.of("enum", WORDS));
        either.add(mapping);
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("anyOf", either);
        return schema;
    }

    @Override
    public Object written(Law law) {
        return law.word();
    }
}
