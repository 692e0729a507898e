package dev.tidemark.agent.test;

import static dev.tidemark.agent.test.Words.count;
import static dev.tidemark.agent.test.Words.lower;
import static dev.tidemark.agent.test.Words.time;

import dev.tidemark.agent.test.Seen.Look;
import dev.tidemark.agent.test.Seen.Probe;
import dev.tidemark.config.Expectation;
import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Claim.Decided;
import dev.tidemark.config.Expectation.Claim.Held;
import dev.tidemark.config.Expectation.Claim.InState;
import dev.tidemark.config.Expectation.Claim.Reclaim;
import dev.tidemark.config.Expectation.Claim.Reclaims;
import dev.tidemark.config.Expectation.Claim.Value;
import dev.tidemark.config.Expectation.Claim.Workload;
import dev.tidemark.config.Expectation.Mode;
import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.Range;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Holds one expectation against what was seen. Pure. */
final class Judge {

    private static final double NANOS_PER_SECOND = 1e9;

    private final Seen seen;
    private final Expectation expectation;
    private final long from;
    private final long to;

    Judge(Seen seen, Expectation expectation) {
        this.seen = seen;
        this.expectation = expectation;
        this.from = expectation.from().toNanos();
        this.to = expectation.to().orElse(seen.end()).toNanos();
    }

    /** What is looked at for a claim on a signal. */
    static List<Probe> probes(Expectation expectation, Signal signal) {
        return signal.scope() == Scope.HOST
                ? List.of(new Probe(Cgroup.HOST.path(), signal))
                : expectation.cgroups().stream()
                        .map(path -> new Probe(path, signal))
                        .toList();
    }

    static boolean anyDecided(Seen seen, Expectation expectation, Decided claim, Pair pair) {
        return new Judge(seen, expectation).decided(claim, pair).findAny().isPresent();
    }

    void failures(List<Failure> into) {
        for (Claim claim : expectation.claims()) {
            if (claim instanceof Value value) {
                probes(expectation, value.signal())
                        .forEach(probe -> value(value, probe).ifPresent(into::add));
            } else if (claim instanceof Workload workload) {
                workload(workload).ifPresent(into::add);
            } else {
                expectation.pairs().forEach(pair -> pair(claim, pair).ifPresent(into::add));
            }
        }
    }

    private Optional<Failure> pair(Claim claim, Pair pair) {
        boolean never = expectation.mode() == Mode.NEVER;
        return switch (claim) {
            case InState it -> never ? neverInState(it, pair) : inState(it, pair);
            case Decided it ->
                never
                        ? neverDecided(it, pair)
                        : decided(it, pair, decided(it, pair).count());
            case Reclaims it -> reclaims(it, pair);
            case Reclaim it -> never ? neverReclaim(it, pair) : eachReclaim(it, pair);
            case Held it -> never ? neverHeld(it, pair) : held(it, pair);
            case Value _, Workload _ -> throw new IllegalStateException("no matter of a policy: " + claim);
        };
    }

    // States.

    private static boolean is(TriggerState state, InState claim) {
        return lower(state).equals(lower(claim.state()));
    }

    private Optional<Failure> inState(InState claim, Pair pair) {
        TriggerState first = seen.state(pair, from);
        if (!is(first, claim)) {
            return Optional.of(failure(claim, pair, from, to, "state " + lower(first) + since(pair, from)));
        }
        return changes(pair)
                .filter(decision -> !is(decision.to(), claim))
                .findFirst()
                .map(decision -> failure(claim, pair, decision.nanos(), to, entered(decision)));
    }

    private Optional<Failure> neverInState(InState claim, Pair pair) {
        TriggerState first = seen.state(pair, from);
        if (is(first, claim)) {
            return Optional.of(failure(claim, pair, from, to, "state " + lower(first) + since(pair, from)));
        }
        return changes(pair)
                .filter(decision -> is(decision.to(), claim))
                .findFirst()
                .map(decision -> failure(claim, pair, decision.nanos(), to, entered(decision)));
    }

    private static String entered(Decision decision) {
        return "state %s at %s, cause=%s"
                .formatted(lower(decision.to()), time(decision.nanos()), lower(decision.cause()));
    }

    /** Decisions within the interval but for its first instant, after which the state is judged as a whole. */
    private Stream<Decision> changes(Pair pair) {
        return seen.decisions(pair).stream().filter(decision -> decision.nanos() > from && decision.nanos() <= to);
    }

    private String since(Pair pair, long nanos) {
        return seen.decisions(pair).stream()
                .filter(decision -> decision.nanos() <= nanos)
                .reduce((_, later) -> later)
                .map(decision -> " since " + time(decision.nanos()))
                .orElse(" from the start");
    }

    // Decisions.

    private Stream<Decision> decided(Decided claim, Pair pair) {
        return seen.decisions(pair).stream()
                .filter(decision -> decision.nanos() >= from && decision.nanos() <= to)
                .filter(decision -> same(claim.from(), decision.from())
                        && same(claim.to(), decision.to())
                        && same(claim.cause(), decision.cause())
                        && claim.watched()
                                .map(decision.watched().path()::equals)
                                .orElse(true));
    }

    private static boolean same(Optional<? extends Enum<?>> wanted, Enum<?> found) {
        return wanted.map(it -> it.name().equals(found.name())).orElse(true);
    }

    private Optional<Failure> decided(Decided claim, Pair pair, long found) {
        if (claim.count().contains((double) found)) {
            return Optional.empty();
        }
        String all = seen.decisions(pair).isEmpty() ? "no decision at all" : "no such decision";
        String seenText = found == 0
                ? all
                : "%s, the first at %s"
                        .formatted(
                                count(found, "such decision"),
                                time(decided(claim, pair)
                                        .findFirst()
                                        .orElseThrow()
                                        .nanos()));
        return Optional.of(missed(claim, pair, seenText));
    }

    private Optional<Failure> neverDecided(Decided claim, Pair pair) {
        return decided(claim, pair)
                .findFirst()
                .map(decision -> failure(
                        claim,
                        pair,
                        decision.nanos(),
                        decision.nanos(),
                        "%s at %s".formatted(Words.of(decision), time(decision.nanos()))));
    }

    // Reclaim.

    /** With an instant, what was answered up to then. */
    private <E extends ReclaimEvent> Stream<E> within(List<E> events) {
        long since = expectation.mode() == Mode.AT ? 0 : from;
        return events.stream().filter(event -> event.nanos() >= since && event.nanos() <= to);
    }

    private double asked(Reclaimed reclaimed) {
        return (double) reclaimed.askedPages() * seen.pageSize();
    }

    private double moved(Reclaimed reclaimed) {
        return (double) reclaimed.result().pagesReclaimed() * seen.pageSize();
    }

    private Optional<Failure> reclaims(Reclaims claim, Pair pair) {
        List<Reclaimed> found = within(seen.reclaimed(pair))
                .filter(reclaimed -> same(claim.outcome(), reclaimed.result().outcome()))
                .toList();
        double asked = found.stream().mapToDouble(this::asked).sum();
        double moved = found.stream().mapToDouble(this::moved).sum();
        if (fits(claim.count(), found.size()) && fits(claim.asked(), asked) && fits(claim.moved(), moved)) {
            return Optional.empty();
        }
        String of = claim.outcome().map(outcome -> " outcome=" + lower(outcome)).orElse("");
        String seenText = "reclaims%s count = %d asked = %s moved = %s"
                .formatted(of, found.size(), Words.bytes(asked), Words.bytes(moved));
        return Optional.of(missed(claim, pair, seenText));
    }

    private static boolean fits(Optional<Range> range, double value) {
        return range.map(it -> it.contains(value)).orElse(true);
    }

    private boolean like(Reclaim claim, Reclaimed reclaimed) {
        return same(claim.outcome(), reclaimed.result().outcome())
                && fits(claim.asked(), asked(reclaimed))
                && fits(claim.moved(), moved(reclaimed))
                && fits(claim.took(), reclaimed.result().tookNanos() / NANOS_PER_SECOND);
    }

    private Optional<Failure> eachReclaim(Reclaim claim, Pair pair) {
        return firstReclaim(claim, pair, reclaimed -> !like(claim, reclaimed));
    }

    private Optional<Failure> neverReclaim(Reclaim claim, Pair pair) {
        return firstReclaim(claim, pair, reclaimed -> like(claim, reclaimed));
    }

    private Optional<Failure> firstReclaim(Reclaim claim, Pair pair, Predicate<Reclaimed> wrong) {
        return within(seen.reclaimed(pair))
                .filter(wrong)
                .findFirst()
                .map(reclaimed -> failure(
                        claim,
                        pair,
                        reclaimed.nanos(),
                        reclaimed.nanos(),
                        "reclaim %s at %s".formatted(Words.of(reclaimed, seen.pageSize()), time(reclaimed.nanos()))));
    }

    private Optional<Failure> held(Held claim, Pair pair) {
        List<ReclaimEvent.Held> all = within(seen.held(pair)).toList();
        if (all.stream().anyMatch(held -> isFor(claim, held))) {
            return Optional.empty();
        }
        String others = all.isEmpty()
                ? "never held"
                : "held only for "
                        + String.join(
                                ", ",
                                all.stream()
                                        .map(held -> lower(held.reason()))
                                        .distinct()
                                        .toList());
        return Optional.of(missed(claim, pair, others));
    }

    private Optional<Failure> neverHeld(Held claim, Pair pair) {
        return within(seen.held(pair))
                .filter(held -> isFor(claim, held))
                .findFirst()
                .map(held -> failure(
                        claim,
                        pair,
                        held.nanos(),
                        held.nanos(),
                        "held reason=%s at %s".formatted(lower(held.reason()), time(held.nanos()))));
    }

    private static boolean isFor(Held claim, ReclaimEvent.Held held) {
        return held.reason().name().equals(claim.reason().name());
    }

    // Workloads.

    private Optional<Failure> workload(Workload claim) {
        Optional<WorkloadReport> report = seen.workload(claim.name(), to);
        Optional<Duration> ended = report.flatMap(WorkloadReport::ended);
        Duration stalled = report.map(WorkloadReport::stalled).orElse(Duration.ZERO);
        boolean fits = claim.ended()
                        .map(range -> ended.isPresent() && range.contains(seconds(ended.get())))
                        .orElse(true)
                && fits(claim.stalled(), seconds(stalled));
        if (fits) {
            return Optional.empty();
        }
        String seenText = "%s, stalled for %s"
                .formatted(
                        ended.map(at -> (report.get().oomKilled() ? "killed at " : "ended at ") + time(at))
                                .orElse("still at work at " + time(to)),
                        Words.duration(stalled.toNanos()));
        return Optional.of(new Failure(
                claim.place(),
                when(),
                Duration.ofNanos(from),
                Duration.ofNanos(to),
                Duration.ofNanos(to),
                Optional.empty(),
                "workload " + claim.name(),
                Words.of(claim),
                seenText,
                List.of()));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS_PER_SECOND;
    }

    // Signals.

    private Optional<Failure> value(Value claim, Probe probe) {
        List<Look> looks = seen.looks(probe).stream()
                .filter(look -> look.nanos() >= from && look.nanos() <= to)
                .toList();
        boolean counter = claim.signal().counter() && expectation.mode() != Mode.AT;
        double zero = counter ? first(looks) : 0;
        boolean never = expectation.mode() == Mode.NEVER;
        boolean growth = counter && expectation.mode() == Mode.WITHIN;
        Predicate<Look> wrong = look -> never == claim.range().contains(look.value() - zero)
                && !(Double.isNaN(look.value()) && expectation.mode() != Mode.AT);
        Optional<Look> first = growth
                ? looks.stream()
                        .filter(look -> !Double.isNaN(look.value()))
                        .reduce((_, later) -> later)
                        .filter(wrong)
                : looks.stream().filter(wrong).findFirst();
        boolean nothing = looks.stream().allMatch(look -> Double.isNaN(look.value()));
        if (nothing && !never) {
            return Optional.of(valueFailure(claim, probe, from, "it was never to be read"));
        }
        return first.map(look -> valueFailure(
                claim,
                probe,
                look.nanos(),
                "%s%s at %s"
                        .formatted(
                                counter ? "grown by " : "",
                                format(claim.signal(), look.value() - zero),
                                time(look.nanos()))));
    }

    private static double first(List<Look> looks) {
        return looks.stream()
                .map(Look::value)
                .filter(value -> !Double.isNaN(value))
                .findFirst()
                .orElse(Double.NaN);
    }

    private static String format(Signal signal, double value) {
        return signal.unit() == Unit.COUNT && value == Math.rint(value)
                ? Long.toString((long) value)
                : signal.unit().format(value);
    }

    private Failure valueFailure(Value claim, Probe probe, long at, String seenText) {
        boolean host = claim.signal().scope() == Scope.HOST;
        Optional<Pair> pair = expectation.pairs().stream()
                .filter(it -> it.cgroup().equals(probe.path()))
                .findFirst();
        return new Failure(
                claim.place(),
                when(),
                Duration.ofNanos(at),
                Duration.ofNanos(at),
                Duration.ofNanos(at),
                pair,
                host ? "the host" : probe.path(),
                never() + Words.of(claim),
                claim.signal().dotted() + " " + seenText,
                List.of());
    }

    // Telling.

    /** What is not there is missed when the time for it is over. */
    private Failure missed(Claim claim, Pair pair, String seenText) {
        return failure(claim, pair, expectation.mode() == Mode.AT ? to : from, to, to, seenText);
    }

    private Failure failure(Claim claim, Pair pair, long since, long until, String seenText) {
        return failure(claim, pair, since, until, since, seenText);
    }

    private Failure failure(Claim claim, Pair pair, long since, long until, long at, String seenText) {
        long asked = expectation.mode() == Mode.AT ? from : to;
        List<String> why = new ArrayList<>();
        seen.standing(pair, asked)
                .lines()
                .filter(line -> !line.startsWith("  state "))
                .forEach(line -> why.add(line.stripTrailing()));
        return new Failure(
                claim.place(),
                when(),
                Duration.ofNanos(since),
                Duration.ofNanos(until),
                Duration.ofNanos(at),
                Optional.of(pair),
                "policy %s on %s".formatted(pair.policy(), pair.cgroup()),
                never() + Words.of(claim),
                seenText,
                why);
    }

    private String never() {
        return switch (expectation.mode()) {
            case NEVER -> "never ";
            case ALWAYS -> "always ";
            case AT, WITHIN -> "";
        };
    }

    private String when() {
        boolean whole = from == 0 && expectation.to().isEmpty();
        return expectation.mode() == Mode.AT
                ? "at " + time(from)
                : whole ? "all the time" : "%s to %s".formatted(time(from), time(to));
    }
}
