package dev.tidemark.agent.test;

import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Claim.Decided;
import dev.tidemark.config.Expectation.Claim.Held;
import dev.tidemark.config.Expectation.Claim.InState;
import dev.tidemark.config.Expectation.Claim.Reclaim;
import dev.tidemark.config.Expectation.Claim.Reclaims;
import dev.tidemark.config.Expectation.Claim.Value;
import dev.tidemark.config.Expectation.Claim.Workload;
import dev.tidemark.config.Range;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.triggers.Decision;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/** What tests expect and what was seen, in the words of the test file and of the agent's log. */
final class Words {

    private static final int NANO_DIGITS = 9;

    private Words() {}

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** In seconds, all digits: {@code 12.5s}. */
    static String time(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DIGITS).stripTrailingZeros().toPlainString() + 's';
    }

    static String time(Duration duration) {
        return time(duration.toNanos());
    }

    static String bytes(double bytes) {
        return Unit.BYTES.format(bytes);
    }

    static String duration(long nanos) {
        return Unit.DURATION.format(nanos / 1e9);
    }

    static String count(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    static String of(Claim claim) {
        return switch (claim) {
            case InState it -> "state " + lower(it.state());
            case Decided it -> of(it);
            case Reclaims it -> {
                StringJoiner text = new StringJoiner(" ").add("reclaims");
                it.outcome().ifPresent(outcome -> text.add("outcome=" + lower(outcome)));
                add(text, "count", it.count());
                add(text, "asked", it.asked());
                add(text, "moved", it.moved());
                yield text.toString();
            }
            case Reclaim it -> {
                StringJoiner text = new StringJoiner(" ").add("reclaim");
                it.outcome().ifPresent(outcome -> text.add("outcome=" + lower(outcome)));
                add(text, "asked", it.asked());
                add(text, "moved", it.moved());
                add(text, "took", it.took());
                yield text.toString();
            }
            case Held it -> "held reason=" + lower(it.reason());
            case Workload it -> {
                StringJoiner text = new StringJoiner(" ").add("workload " + it.name());
                add(text, "ended", it.ended());
                add(text, "stalled", it.stalled());
                yield text.toString();
            }
            case Value it -> relation(it.signal().dotted(), it.range());
        };
    }

    private static String of(Decided it) {
        StringJoiner text = new StringJoiner(" ").add("decision");
        it.from().ifPresent(from -> text.add("from=" + lower(from)));
        it.to().ifPresent(to -> text.add("to=" + lower(to)));
        it.cause().ifPresent(cause -> text.add("cause=" + lower(cause)));
        it.watched().ifPresent(watched -> text.add("watched=" + watched));
        if (!it.count().equals(Range.atLeast(1))) {
            text.add(relation("count", it.count()));
        }
        return text.toString();
    }

    private static void add(StringJoiner text, String name, Optional<Range> range) {
        range.ifPresent(it -> text.add(relation(name, it)));
    }

    /** {@code usage = 4MiB}, {@code usage >= 4MiB}, {@code usage 4MiB to 8MiB}. */
    private static String relation(String name, Range range) {
        String text = range.text();
        boolean plain = Character.isLetterOrDigit(text.charAt(0)) && !text.contains(" to ");
        return name + (plain ? " = " : " ") + text;
    }

    /** {@code inactive -> active  cause=start usage=25MiB limit=32MiB}. */
    static String of(Decision decision) {
        StringJoiner text = new StringJoiner(" ")
                .add(lower(decision.from()))
                .add("->")
                .add(lower(decision.to()))
                .add(" cause=" + lower(decision.cause()));
        if (!decision.watched().equals(decision.cgroup())) {
            text.add("watched=" + decision.watched().path());
        }
        decision.readings()
                .forEach(reading ->
                        text.add(reading.text() + "=" + reading.unit().format(reading.value())));
        return text.toString();
    }

    /** {@code asked 1MiB moved 1MiB success in 1ms}. */
    static String of(Reclaimed reclaimed, int pageSize) {
        return "asked %s moved %s %s in %s"
                .formatted(
                        bytes((double) reclaimed.askedPages() * pageSize),
                        bytes((double) reclaimed.result().pagesReclaimed() * pageSize),
                        lower(reclaimed.result().outcome()),
                        duration(reclaimed.result().tookNanos()));
    }
}
