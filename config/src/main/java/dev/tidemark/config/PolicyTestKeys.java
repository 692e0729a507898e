package dev.tidemark.config;

import dev.tidemark.config.ExpectationKeys.Expected;
import dev.tidemark.config.PolicyTest.KernelAnswer;
import dev.tidemark.config.PolicyTest.ScriptedCgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys of files of policy tests: what they hold, what stands for those left out, and what they mean. This is the one place where
 * that is said; {@link PolicyTestReader} and {@link PolicyTestSchema} take it from here.
 */
final class PolicyTestKeys {
    static final Duration LONGEST = Duration.ofDays(366);

    private static final long MEMORY = 16L << 30;
    private static final long LEAST_MEMORY = 1L << 20;

    private PolicyTestKeys() {}

    /** A file that is named, and where. */
    record Reference(String path, Span place) {}

    /** A test that has been read, but not yet brought together with the files it names. */
    record Draft(
            String name,
            Span place,
            boolean played,
            Optional<Reference> scenario,
            long memoryBytes,
            Duration interval,
            List<ScriptedCgroup> cgroups,
            Map<Signal, Series> host,
            List<KernelAnswer> kernel,
            Optional<Duration> duration,
            List<Expected> expected) {}

    /** A file as it is written. */
    record Written(List<Reference> policies, List<Draft> tests) {}

    /** One test. */
    private static final class One {
        static final Key<String> NAME =
                Key.required("name", Kinds.text(), "", "What the test shows; unique in the file.");
        static final Key<Optional<String>> SCENARIO = Key.optional(
                "scenario",
                Kinds.maybe(Kinds.text()),
                Optional.empty(),
                "A scenario file, relative to this one, that the model of the kernel plays. Instead of series.");
        static final Key<Duration> INTERVAL = Key.optional(
                "interval",
                Kinds.duration(Policy.MIN_PERIOD, Policy.MAX_PERIOD),
                Duration.ofSeconds(1),
                "Time between two values of a series.");
        static final Key<Long> MEMORY = Key.optional(
                "memory",
                Kinds.of(
                        (node, what, scope) -> scope.values().bytes(node, what, LEAST_MEMORY, Long.MAX_VALUE),
                        Kinds.bytes().schema()),
                PolicyTestKeys.MEMORY,
                "Of the host, for sizes in percent and for host.total: 16GiB unless it is given.");
        static final Key<List<ScriptedCgroup>> SERIES = Key.optional(
                "series",
                ScriptKeys.cgroups(),
                List.of(),
                "For each cgroup its signals, each with its values from the start of the test on. A series stays at its last value.");
        static final Key<Map<Signal, Series>> HOST =
                Key.optional("host", SignalKinds.hostSeries(), Map.of(), "The host's signals, likewise.");
        static final Key<List<KernelAnswer>> KERNEL = Key.optional(
                "kernel",
                Kinds.oneOrSome(ScriptKeys.Answering.KIND),
                List.of(),
                "How requests to reclaim are answered, with series; where several fit, the last counts.");
        static final Key<Optional<Duration>> DURATION = Key.optional(
                "duration",
                Kinds.maybe(Kinds.duration(Duration.ofMillis(1), LONGEST)),
                Optional.empty(),
                "How long the test lasts: as long as the longest series or until the workloads have ended, and until the last time that"
                        + " is spoken of, unless it is given.");
        static final Key<List<Expected>> EXPECT = Key.optional(
                "expect",
                Kinds.someOf(ExpectationKeys.AT_A_TIME),
                List.of(),
                "What is expected, at an instant or over an interval.");
        static final Key<List<Expected>> ALWAYS = Key.optional(
                "always", Kinds.someOf(ExpectationKeys.ALWAYS), List.of(), "What has to hold all the time.");
        static final Key<List<Expected>> NEVER = Key.optional(
                "never", Kinds.someOf(ExpectationKeys.NEVER), List.of(), "What may not happen at any time.");
        static final Kind<Draft> KIND = Kinds.mapping(
                new Shape(
                        "a test",
                        List.of(
                                NAME, SCENARIO, INTERVAL, MEMORY, SERIES, HOST, KERNEL, DURATION, EXPECT, ALWAYS,
                                NEVER)),
                One::read);

        private static Draft read(Fields fields, FileScope scope) {
            boolean played = fields.has(SCENARIO.name());
            Problems problems = scope.problems();
            if (!played && !fields.has(SERIES.name()) && !fields.isMisspelt()) {
                problems.add(fields.place(), "a test needs one of the keys series, scenario");
            }
            for (Key<?> key : List.of(SERIES, HOST, KERNEL, INTERVAL, MEMORY)) {
                if (played && fields.has(key.name())) {
                    problems.add(
                            fields.place(key.name()),
                            "with a scenario it is the model that says this; leave %s out".formatted(key.name()));
                }
            }
            List<Expected> expected = new ArrayList<>(fields.get(EXPECT, scope));
            expected.addAll(fields.get(ALWAYS, scope));
            expected.addAll(fields.get(NEVER, scope));
            if (Stream.of(EXPECT, ALWAYS, NEVER).noneMatch(key -> fields.has(key.name())) && !fields.isMisspelt()) {
                problems.add(fields.place(), "a test needs one of the keys expect, always, never");
            }
            return new Draft(
                    fields.get(NAME, scope),
                    fields.place(NAME.name()),
                    played,
                    fields.get(SCENARIO, scope).map(path -> new Reference(path, fields.place(SCENARIO.name()))),
                    fields.get(MEMORY, scope),
                    fields.get(INTERVAL, scope),
                    fields.get(SERIES, scope),
                    fields.get(HOST, scope),
                    fields.get(KERNEL, scope),
                    fields.get(DURATION, scope),
                    List.copyOf(expected));
        }
    }

    private static final Key<Long> VERSION = Key.required("version", Kinds.version(), 1L, "Of this format.");
    private static final Key<List<Reference>> POLICIES = Key.required(
            "policies",
            Kinds.oneOrSome(reference()),
            List.of(),
            "The policy files that are tested, relative to this one: all their policies run together, under the workqueue and the limits of the first"
                    + " file.");
    private static final Key<List<Draft>> TESTS =
            Key.required("tests", Kinds.someOf(One.KIND), List.of(), "At least one; each begins anew, at time 0.");

    static final Kind<Written> FILE =
            Kinds.mapping(new Shape("a file of policy tests", List.of(VERSION, POLICIES, TESTS)), PolicyTestKeys::file);

    private static Written file(Fields fields, FileScope scope) {
        fields.get(VERSION, scope);
        return new Written(fields.get(POLICIES, scope), fields.get(TESTS, scope));
    }

    private static Kind<Reference> reference() {
        return Kinds.of(
                (node, what, scope) -> new Reference(scope.values().text(node, what), place(node, scope)),
                Kinds.text().schema());
    }

    private static Span place(YamlNode node, FileScope scope) {
        return scope.problems().source().span(node.start(), node.end());
    }
}
