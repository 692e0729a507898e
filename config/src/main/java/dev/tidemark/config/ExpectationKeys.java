package dev.tidemark.config;

import dev.tidemark.config.Expectation.Cause;
import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Mode;
import dev.tidemark.config.Expectation.Outcome;
import dev.tidemark.config.Expectation.Reason;
import dev.tidemark.config.Expectation.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys with which policy tests say what is expected, and when, and of whom. */
final class ExpectationKeys {
    /** An expectation that does not know yet which policies and cgroups it is about. */
    record Expected(
            Span place,
            Mode mode,
            Duration from,
            Optional<Duration> to,
            Optional<String> policy,
            Span policyPlace,
            Optional<CgroupGlob> cgroup,
            Span cgroupPlace,
            List<Claim> claims) {}

    private ExpectationKeys() {}

    /** Kinds of decisions. */
    private static final class Deciding {
        static final Key<Optional<State>> FROM =
                Key.optional("from", Kinds.maybe(Kinds.word(State.class)), Optional.empty(), "The state before.");
        static final Key<Optional<State>> TO =
                Key.optional("to", Kinds.maybe(Kinds.word(State.class)), Optional.empty(), "The state after.");
        static final Key<Optional<Cause>> CAUSE =
                Key.optional("cause", Kinds.maybe(Kinds.word(Cause.class)), Optional.empty(), "Why.");
        static final Key<Optional<String>> WATCHED = Key.optional(
                "watched",
                Kinds.maybe(Kinds.path()),
                Optional.empty(),
                "Path of the cgroup whose signals decided, of a policy that watches others.");
        static final Key<Range> COUNT = Key.optional(
                "count",
                range(Unit.COUNT),
                Range.atLeast(1),
                "How many such decisions; at least one unless it is given.");
        static final Kind<Claim> COUNTED = Kinds.mapping(
                new Shape("decision", List.of(FROM, TO, CAUSE, WATCHED, COUNT)),
                (fields, scope) -> read(fields, scope, fields.get(COUNT, scope)));
        static final Kind<Claim> ANY = Kinds.mapping(
                new Shape("decision", List.of(FROM, TO, CAUSE, WATCHED)),
                (fields, scope) -> read(fields, scope, Range.atLeast(1)));

        private static Claim read(Fields fields, FileScope scope, Range count) {
            return new Claim.Decided(
                    fields.place(),
                    fields.get(FROM, scope),
                    fields.get(TO, scope),
                    fields.get(CAUSE, scope),
                    fields.get(WATCHED, scope),
                    count);
        }
    }

    /** Requests to reclaim. */
    private static final class Reclaiming {
        static final Key<Optional<Outcome>> OUTCOME = Key.optional(
                "outcome",
                Kinds.maybe(Kinds.word(Outcome.class)),
                Optional.empty(),
                "Only those that ended like this.");
        static final Key<Optional<Range>> COUNT =
                Key.optional("count", Kinds.maybe(range(Unit.COUNT)), Optional.empty(), "How many requests.");
        static final Key<Optional<Range>> ASKED =
                Key.optional("asked", Kinds.maybe(range(Unit.BYTES)), Optional.empty(), "Bytes that were asked for.");
        static final Key<Optional<Range>> MOVED =
                Key.optional("moved", Kinds.maybe(range(Unit.BYTES)), Optional.empty(), "Bytes that were taken.");
        static final Key<Optional<Range>> TOOK = Key.optional(
                "took", Kinds.maybe(range(Unit.DURATION)), Optional.empty(), "How long the kernel worked on it.");
        static final Kind<Claim> TOGETHER = Kinds.mapping(
                new Shape("reclaims", List.of(OUTCOME, COUNT, ASKED, MOVED)),
                (fields, scope) -> new Claim.Reclaims(
                        some(fields, scope, "reclaims", COUNT, ASKED, MOVED),
                        fields.get(OUTCOME, scope),
                        fields.get(COUNT, scope),
                        fields.get(ASKED, scope),
                        fields.get(MOVED, scope)));
        static final Kind<Claim> EACH = Kinds.mapping(
                new Shape("reclaim", List.of(OUTCOME, ASKED, MOVED, TOOK)),
                (fields, scope) -> new Claim.Reclaim(
                        fields.place(),
                        fields.get(OUTCOME, scope),
                        fields.get(ASKED, scope),
                        fields.get(MOVED, scope),
                        fields.get(TOOK, scope)));

        private static Span some(Fields fields, FileScope scope, String what, Key<?>... keys) {
            boolean none = List.of(keys).stream().noneMatch(key -> fields.has(key.name()));
            if (none) {
                scope.problems().add(fields.place(), what + " needs one of the keys count, asked, moved");
            }
            return fields.place();
        }
    }

    /** How workloads of a scenario fare. */
    private static final class Working {
        static final Key<String> NAME = Key.required("name", Kinds.text(), "", "Of the workload, in the scenario.");
        static final Key<Optional<Range>> ENDED = Key.optional(
                "ended",
                Kinds.maybe(range(Unit.DURATION)),
                Optional.empty(),
                "When it has ended, or was killed, since the start of the test; one that still runs has not.");
        static final Key<Optional<Range>> STALLED = Key.optional(
                "stalled", Kinds.maybe(range(Unit.DURATION)), Optional.empty(), "How long it has waited for memory.");
        static final Kind<Claim> KIND =
                Kinds.mapping(new Shape("workload", List.of(NAME, ENDED, STALLED)), Working::read);

        private static Claim read(Fields fields, FileScope scope) {
            if (!fields.has(ENDED.name()) && !fields.has(STALLED.name()) && !fields.isMisspelt()) {
                scope.problems().add(fields.place(), "workload needs one of the keys ended, stalled");
            }
            return new Claim.Workload(
                    fields.place(NAME.name()),
                    fields.get(NAME, scope),
                    fields.get(ENDED, scope),
                    fields.get(STALLED, scope));
        }
    }

    static final Kind<Duration> TIME = Kinds.duration(Duration.ZERO, PolicyTestKeys.LONGEST);

    static final Key<Optional<Duration>> AT = Key.optional(
            "at",
            Kinds.maybe(TIME),
            Optional.empty(),
            "An instant, from the start of the test: after all that happens then.");
    static final Key<Optional<Duration>> FROM = Key.optional(
            "from",
            Kinds.maybe(TIME),
            Optional.empty(),
            "The first instant of an interval; the start of the test unless it is given.");
    static final Key<Optional<Duration>> TO = Key.optional(
            "to",
            Kinds.maybe(TIME),
            Optional.empty(),
            "The last instant of an interval; the end of the test unless it is given.");
    static final Key<Optional<String>> POLICY = Key.optional(
            "policy",
            Kinds.maybe(Kinds.text()),
            Optional.empty(),
            "Name of the policy; may be left out where there is one.");
    static final Key<Optional<CgroupGlob>> CGROUP = Key.optional(
            "cgroup",
            Kinds.maybe(Kinds.glob()),
            Optional.empty(),
            "Path of the cgroup, or a glob for all that match, each by itself; left out, each that the policy acts on.");

    static final Key<Optional<State>> STATE = Key.optional(
            "state",
            Kinds.maybe(Kinds.word(State.class)),
            Optional.empty(),
            "Where the policy stands with the cgroup; over an interval all the time.");
    static final Key<Optional<Claim>> DECISION = Key.optional(
            "decision", Kinds.maybe(Deciding.COUNTED), Optional.empty(), "Decisions of this kind at that time.");
    static final Key<Optional<Claim>> ANY_DECISION =
            Key.optional("decision", Kinds.maybe(Deciding.ANY), Optional.empty(), "A decision of this kind.");
    static final Key<Optional<Claim>> RECLAIMS = Key.optional(
            "reclaims",
            Kinds.maybe(Reclaiming.TOGETHER),
            Optional.empty(),
            "Requests to reclaim that were answered at that time, together; with at, up to then.");
    static final Key<Optional<Claim>> RECLAIM = Key.optional(
            "reclaim",
            Kinds.maybe(Reclaiming.EACH),
            Optional.empty(),
            "A request to reclaim, each by itself when it is answered.");
    static final Key<Optional<Reason>> HELD = Key.optional(
            "held",
            Kinds.maybe(Kinds.word(Reason.class)),
            Optional.empty(),
            "Why the kernel was not asked although the policy was active, told once for each reason between START and STOP; with"
                    + " at, up to then.");
    static final Key<Optional<Claim>> WORKLOAD = Key.optional(
            "workload",
            Kinds.maybe(Working.KIND),
            Optional.empty(),
            "How a workload of the scenario has fared by then; of no policy or cgroup.");
    static final Key<List<Claim>> SIGNALS = Key.optional(
            "signals",
            SignalKinds.values(),
            List.of(),
            "Signals, of the cgroup or of the host, with the values they are to have: a value, a range such as \">= 4MiB\", or"
                    + " 4MiB to 8MiB. Over an interval a counter is what it has grown by.");

    static final Kind<Expected> AT_A_TIME = kind(
            "an expectation", null, AT, FROM, TO, POLICY, CGROUP, STATE, DECISION, RECLAIMS, HELD, WORKLOAD, SIGNALS);
    static final Kind<Expected> ALWAYS = kind("always", Mode.ALWAYS, FROM, TO, POLICY, CGROUP, STATE, RECLAIM, SIGNALS);
    static final Kind<Expected> NEVER =
            kind("never", Mode.NEVER, FROM, TO, POLICY, CGROUP, STATE, ANY_DECISION, RECLAIM, HELD, SIGNALS);

    private static Kind<Expected> kind(String what, @Nullable Mode mode, Key<?>... keys) {
        Shape shape = new Shape(what, List.of(keys));
        return Kinds.mapping(shape, (fields, scope) -> read(fields, scope, shape, mode));
    }

    private static Expected read(Fields fields, FileScope scope, Shape shape, @Nullable Mode mode) {
        Optional<Duration> at = mode == null ? fields.get(AT, scope) : Optional.empty();
        Optional<Duration> from = fields.get(FROM, scope);
        Optional<Duration> to = fields.get(TO, scope);
        if (at.isPresent() && (from.isPresent() || to.isPresent())) {
            scope.problems().add(fields.place("at"), "at is an instant, from and to are an interval; only one can be");
        }
        if (from.isPresent() && to.isPresent() && from.get().compareTo(to.get()) > 0) {
            scope.problems().add(fields.place("to"), "to comes before from");
        }
        return new Expected(
                fields.place(),
                mode != null ? mode : at.isPresent() ? Mode.AT : Mode.WITHIN,
                at.or(() -> from).orElse(Duration.ZERO),
                at.or(() -> to),
                fields.get(POLICY, scope),
                fields.place(POLICY.name()),
                fields.get(CGROUP, scope),
                fields.place(CGROUP.name()),
                claims(fields, scope, shape));
    }

    private static List<Claim> claims(Fields fields, FileScope scope, Shape shape) {
        List<Claim> claims = new ArrayList<>();
        fields.get(STATE, scope).ifPresent(state -> claims.add(new Claim.InState(fields.place(STATE.name()), state)));
        for (Key<Optional<Claim>> key : List.of(DECISION, ANY_DECISION, RECLAIMS, RECLAIM, WORKLOAD)) {
            if (shape.keys().contains(key)) {
                fields.get(key, scope).ifPresent(claims::add);
            }
        }
        fields.get(HELD, scope).ifPresent(reason -> claims.add(new Claim.Held(fields.place(HELD.name()), reason)));
        claims.addAll(fields.get(SIGNALS, scope));
        boolean written = shape.names().stream().filter(ExpectationKeys::claims).anyMatch(fields::has);
        if (!written && !fields.isMisspelt()) {
            scope.problems()
                    .add(
                            fields.place(),
                            "nothing is said of what is expected; write one of the keys "
                                    + String.join(
                                            ", ",
                                            shape.names().stream()
                                                    .filter(ExpectationKeys::claims)
                                                    .toList()));
        }
        return claims;
    }

    private static boolean claims(String key) {
        return !List.of("at", "from", "to", "policy", "cgroup").contains(key);
    }

    private static Kind<Range> range(Unit unit) {
        // Never out of a reader whole: where there is no range there is a problem.
        return Kinds.of(
                (node, what, scope) -> {
                    @Nullable Range range = RangeReader.read(node, what, unit, scope.host(), scope.problems());
                    return range == null ? Range.atLeast(0) : range;
                },
                Kinds.schema("type", List.of("string", "number"), "minLength", 1));
    }
}
