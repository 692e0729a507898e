package dev.tidemark.agent;

import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.LimitEvent;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What the agent has done since it started, in figures.
 *
 * <p><b>Thread:</b> confined to the core thread.
 */
final class Figures {

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 3;

    private final int pageSize;
    private final Histogram crossingToWriteMicros = new Histogram(LONGEST_MICROS, DIGITS);
    private final Histogram seenToWriteMicros = new Histogram(LONGEST_MICROS, DIGITS);
    private final Histogram writeMicros = new Histogram(LONGEST_MICROS, DIGITS);
    private final Histogram pushToDecisionMicros = new Histogram(LONGEST_MICROS, DIGITS);
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private final Map<ReclaimEvent.Reason, Long> held = new EnumMap<>(ReclaimEvent.Reason.class);
    private long starts;
    private long askedPages;
    private long freedPages;
    private long cpuNanos;
    private long limitsSet;
    private long limitsRestored;
    private long limitsLeftAlone;
    private long limitsRefused;
    private long writebacks;
    private long writebackFiles;
    private long writebackFailures;
    private long pushes;
    private long refusedPushes;

    /**
     * How much has been looked at, which others count.
     *
     * @param samples reads of all signals of a cgroup
     * @param fastSamples reads of usage alone
     * @param missedTicks ticks left out because reading took longer than a period
     * @param falsePushes pushes of the kernel behind which no counter had moved
     */
    record Reads(long samples, long fastSamples, long missedTicks, long falsePushes) {}

    Figures(int pageSize) {
        this.pageSize = pageSize;
    }

    void add(Decision decision) {
        if (decision.to() == TriggerState.ACTIVE) {
            starts++;
        }
    }

    void add(ReclaimEvent event) {
        switch (event) {
            case Reclaimed reclaimed -> add(reclaimed);
            case Held reason -> held.merge(reason.reason(), 1L, Long::sum);
        }
    }

    void add(LimitEvent event) {
        switch (event) {
            case LimitEvent.Set _ -> limitsSet++;
            case LimitEvent.Restored _ -> limitsRestored++;
            case LimitEvent.LeftAlone _ -> limitsLeftAlone++;
            case LimitEvent.Refused _ -> limitsRefused++;
            case LimitEvent.Needless _ -> {}
        }
    }

    void add(WritebackResult result) {
        writebacks++;
        writebackFiles += result.files();
        writebackFailures += result.failed();
    }

    /** The kernel told of something by itself, and it is true. */
    void addPush() {
        pushes++;
    }

    /** The kernel would not tell of something by itself. */
    void addRefusedPush() {
        refusedPushes++;
    }

    /** A push has made a decision, so long after it was known. */
    void addPushToDecision(long nanos) {
        record(pushToDecisionMicros, nanos);
    }

    private void add(Reclaimed reclaimed) {
        ReclaimResult result = reclaimed.result();
        askedPages += reclaimed.askedPages();
        freedPages += result.pagesReclaimed();
        cpuNanos += result.cpuNanos();
        outcomes.merge(result.outcome(), 1L, Long::sum);
        record(writeMicros, result.tookNanos());
        reclaimed.first().ifPresent(start -> {
            record(crossingToWriteMicros, result.startedNanos() - start.notBeforeNanos());
            record(seenToWriteMicros, result.startedNanos() - start.nanos());
        });
    }

    private static void record(Histogram micros, long nanos) {
        micros.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST_MICROS));
    }

    /**
     * The figures at one instant.
     *
     * @param summary one line of key=value pairs, for programs; keys end in their unit, and a key once there stays
     * @param told the same for people
     */
    record Report(long starts, long writes, long freedBytes, String summary, String told) {}

    Report report(Reads reads) {
        return new Report(starts, writes(), freedBytes(), summary(reads), told());
    }

    private long writes() {
        return writeMicros.getTotalCount();
    }

    private long freedBytes() {
        return freedPages * pageSize;
    }

    private long outcome(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    private String summary(Reads reads) {
        StringBuilder line = new StringBuilder("summary:");
        pair(line, "starts", starts);
        pair(line, "writes", writes());
        pair(line, "asked_bytes", askedPages * pageSize);
        pair(line, "freed_bytes", freedBytes());
        pair(line, "reclaim_cpu_us", TimeUnit.NANOSECONDS.toMicros(cpuNanos));
        pair(line, "eagain", outcome(Outcome.AGAIN));
        pair(line, "cancelled", outcome(Outcome.INTERRUPTED));
        pair(line, "refused", outcome(Outcome.REFUSED));
        pair(line, "withheld", outcome(Outcome.DRY_RUN));
        for (ReclaimEvent.Reason reason : ReclaimEvent.Reason.values()) {
            pair(line, "held_" + Text.lower(reason), held.getOrDefault(reason, 0L));
        }
        pair(line, "limits_set", limitsSet);
        pair(line, "limits_restored", limitsRestored);
        pair(line, "limits_left_alone", limitsLeftAlone);
        pair(line, "limits_refused", limitsRefused);
        pair(line, "writebacks", writebacks);
        pair(line, "writeback_files", writebackFiles);
        pair(line, "writeback_failures", writebackFailures);
        quantiles(line, "crossing_to_write", crossingToWriteMicros);
        quantiles(line, "seen_to_write", seenToWriteMicros);
        quantiles(line, "write", writeMicros);
        pair(line, "samples", reads.samples());
        pair(line, "fast_samples", reads.fastSamples());
        pair(line, "missed_ticks", reads.missedTicks());
        pair(line, "pushes", pushes);
        pair(line, "false_pushes", reads.falsePushes());
        pair(line, "refused_pushes", refusedPushes);
        quantiles(line, "push_to_decision", pushToDecisionMicros);
        return line.toString();
    }

    private String told() {
        return "%d starts, %d writes asked for %s and moved %s; watermark crossed to first write: p99 %s, longest %s"
                .formatted(
                        starts,
                        writes(),
                        Unit.BYTES.format((double) askedPages * pageSize),
                        Unit.BYTES.format((double) freedBytes()),
                        Text.micros(crossingToWriteMicros.getValueAtPercentile(99)),
                        Text.micros(crossingToWriteMicros.getMaxValue()));
    }

    private static void quantiles(StringBuilder line, String name, Histogram micros) {
        pair(line, name + "_count", micros.getTotalCount());
        pair(line, name + "_p50_us", micros.getValueAtPercentile(50));
        pair(line, name + "_p99_us", micros.getValueAtPercentile(99));
        pair(line, name + "_max_us", micros.getMaxValue());
    }

    private static void pair(StringBuilder line, String key, long value) {
        line.append(' ').append(key).append('=').append(value);
    }
}
