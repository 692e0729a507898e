package dev.tidemark.agent;

import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitEvent;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.triggers.Decision;
import java.util.StringJoiner;
import java.util.function.LongFunction;

/** Puts decisions and reclaim into lines of key=value pairs, each begun by a time and what it is about. */
final class Narrator {

    private final LongFunction<String> time;
    private final int pageSize;

    /** @param time from nanoseconds of the core's clock to what the reader knows as time */
    Narrator(LongFunction<String> time, int pageSize) {
        this.time = time;
        this.pageSize = pageSize;
    }

    /** A decision with the values that made it. */
    String tell(Decision decision) {
        StringJoiner line = line(
                        decision.nanos(),
                        "decision",
                        decision.policy().name(),
                        decision.cgroup().path())
                .add("from=" + Text.lower(decision.from()))
                .add("to=" + Text.lower(decision.to()))
                .add("cause=" + Text.lower(decision.cause()));
        if (!decision.watched().equals(decision.cgroup())) {
            line.add("watched=" + quoted(decision.watched().path()));
        }
        decision.readings()
                .forEach(reading ->
                        line.add(quoted(reading.text()) + "=" + reading.unit().format(reading.value())));
        return line.toString();
    }

    /** Whether an operator wants to know without asking for each write. */
    static boolean isNotable(ReclaimEvent event) {
        return !(event instanceof Reclaimed reclaimed) || reclaimed.result().outcome() == ReclaimResult.Outcome.REFUSED;
    }

    String tell(ReclaimEvent event) {
        return switch (event) {
            case Reclaimed reclaimed -> tell(reclaimed);
            case Held held -> tell(held);
        };
    }

    private String tell(Reclaimed reclaimed) {
        ReclaimResult result = reclaimed.result();
        StringJoiner line = line(reclaimed, "reclaim")
                .add("asked=" + bytes(reclaimed.askedPages()))
                .add("moved=" + bytes(result.pagesReclaimed()))
                .add("outcome=" + Text.lower(result.outcome()))
                .add("took=" + Unit.DURATION.format(result.tookNanos() / 1e9))
                .add("usage=" + Unit.BYTES.format(result.usageBytes()));
        if (!result.message().isEmpty()) {
            line.add("message=\"" + result.message() + "\"");
        }
        return line.toString();
    }

    private String tell(Held held) {
        StringJoiner line = line(held, "held").add("reason=" + Text.lower(held.reason()));
        if (!Double.isNaN(held.value())) {
            Unit unit = held.reason().unit();
            line.add("seen=" + unit.format(held.value())).add("mark=" + unit.format(held.mark()));
        }
        if (held.untilNanos() > held.nanos()) {
            line.add("retry_in=" + Unit.DURATION.format((held.untilNanos() - held.nanos()) / 1e9));
        }
        return line.toString();
    }

    String tell(LimitEvent event) {
        return switch (event) {
            case LimitEvent.Set set -> {
                StringJoiner line =
                        line(set, "limit").add("from=" + limit(set.fromBytes())).add("to=" + limit(set.toBytes()));
                if (!Double.isNaN(set.usageBytes())) {
                    line.add("usage=" + Unit.BYTES.format(set.usageBytes()));
                }
                yield set.withheld() ? line.add("outcome=dry_run").toString() : line.toString();
            }
            case LimitEvent.Restored back ->
                line(back, "restored")
                        .add("from=" + limit(back.fromBytes()))
                        .add("to=" + limit(back.toBytes()))
                        .add("cause=" + Text.lower(back.cause()))
                        .toString();
            case LimitEvent.LeftAlone other ->
                line(other, "left_alone")
                        .add("expected=" + limit(other.expectedBytes()))
                        .add("found=" + limit(other.foundBytes()))
                        .add("message=\"somebody else has set it\"")
                        .toString();
            case LimitEvent.Needless needless ->
                line(needless, "needless")
                        .add("found=" + limit(needless.foundBytes()))
                        .toString();
            case LimitEvent.Refused refused ->
                line(refused, "limit_refused")
                        .add("message=\"" + refused.message() + "\"")
                        .toString();
        };
    }

    private StringJoiner line(LimitEvent event, String about) {
        return line(event.nanos(), about, event.policy(), event.cgroup().path())
                .add("file=" + event.file().fileName());
    }

    private static String limit(long bytes) {
        return bytes == CgroupLimits.MAX ? "max" : Unit.BYTES.format((double) bytes);
    }

    private StringJoiner line(ReclaimEvent event, String about) {
        return line(event.nanos(), about, event.policy().name(), event.cgroup().path());
    }

    private StringJoiner line(long nanos, String about, String policy, String cgroup) {
        return new StringJoiner(" ")
                .add(time.apply(nanos))
                .add(about)
                .add("policy=" + policy)
                .add("cgroup=" + quoted(cgroup));
    }

    private String bytes(long pages) {
        return Unit.BYTES.format((double) pages * pageSize);
    }

    private static String quoted(String text) {
        return text.indexOf(' ') < 0 ? text : '"' + text + '"';
    }
}
