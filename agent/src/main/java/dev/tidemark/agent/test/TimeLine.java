package dev.tidemark.agent.test;

import static dev.tidemark.agent.test.Words.count;
import static dev.tidemark.agent.test.Words.time;

import dev.tidemark.agent.test.Seen.Happening;
import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a policy did with a cgroup, over time: as a band of states, and as lines of decisions and requests. Pure. */
final class TimeLine {

    /** Columns of the band. */
    static final int WIDTH = 60;

    /** Lines around what differs. */
    private static final int AROUND = 4;

    private final Seen seen;
    private final Pair pair;
    private final long end;
    private final List<Line> lines;

    /**
     * Something that happened.
     *
     * @param nanos when, or when the first of several did
     */
    private record Line(long nanos, String text) {}

    TimeLine(Seen seen, Pair pair) {
        this.seen = seen;
        this.pair = pair;
        this.end = Math.max(1, seen.end().toNanos());
        this.lines = lines();
    }

    /** Requests one after the other that were answered alike are one line. */
    private List<Line> lines() {
        List<Line> all = new ArrayList<>();
        List<Reclaimed> run = new ArrayList<>();
        for (Happening happening : seen.happenings(pair)) {
            boolean goesOn = happening instanceof Happening.Told(Reclaimed next)
                    && (run.isEmpty()
                            || run.getLast().result().outcome() == next.result().outcome());
            if (!goesOn && !run.isEmpty()) {
                all.add(together(run));
                run.clear();
            }
            switch (happening) {
                case Happening.Decided(Decision decision) -> all.add(new Line(decision.nanos(), Words.of(decision)));
                case Happening.Told(Held held) ->
                    all.add(new Line(held.nanos(), "held reason=" + Words.lower(held.reason())));
                case Happening.Told(Reclaimed reclaimed) -> run.add(reclaimed);
            }
        }
        if (!run.isEmpty()) {
            all.add(together(run));
        }
        return all;
    }

    private Line together(List<Reclaimed> run) {
        Reclaimed first = run.getFirst();
        if (run.size() == 1) {
            return new Line(first.nanos(), "reclaim " + Words.of(first, seen.pageSize()));
        }
        long asked = run.stream().mapToLong(Reclaimed::askedPages).sum();
        long moved = run.stream()
                .mapToLong(reclaimed -> reclaimed.result().pagesReclaimed())
                .sum();
        return new Line(
                first.nanos(),
                "%s asked %s moved %s %s until %s"
                        .formatted(
                                count(run.size(), "reclaim"),
                                Words.bytes((double) asked * seen.pageSize()),
                                Words.bytes((double) moved * seen.pageSize()),
                                Words.lower(first.result().outcome()),
                                time(run.getLast().nanos())));
    }

    // The band.

    /** Of all states within a column the one that says most: an activity that is short is not to be missed. */
    String band() {
        StringBuilder band = new StringBuilder(WIDTH);
        for (int column = 0; column < WIDTH; column++) {
            band.append(symbol(most(begin(column), begin(column + 1) - 1)));
        }
        return band.toString();
    }

    private long begin(int column) {
        return (long) ((double) end / WIDTH * column);
    }

    private int column(long nanos) {
        return (int) Math.clamp((double) nanos / end * WIDTH, 0, WIDTH - 1);
    }

    private TriggerState most(long from, long to) {
        TriggerState most = seen.state(pair, from);
        for (Decision decision : seen.decisions(pair)) {
            if (decision.nanos() > from && decision.nanos() <= to && weight(decision.to()) > weight(most)) {
                most = decision.to();
            }
        }
        return most;
    }

    private static int weight(TriggerState state) {
        return switch (state) {
            case INACTIVE -> 0;
            case COOLDOWN -> 1;
            case PENDING -> 2;
            case STOPPING -> 3;
            case ACTIVE -> 4;
        };
    }

    private static char symbol(TriggerState state) {
        return switch (state) {
            case INACTIVE -> '\u00B7';
            case PENDING -> '\u2591';
            case ACTIVE -> '\u2588';
            case STOPPING -> '\u2592';
            case COOLDOWN -> '\u2581';
        };
    }

    /** What the symbols of the band stand for, those that are there. */
    String legend() {
        String band = band();
        Set<TriggerState> states = EnumSet.allOf(TriggerState.class);
        return states.stream()
                .filter(state -> band.indexOf(symbol(state)) >= 0)
                .map(state -> symbol(state) + " " + Words.lower(state))
                .collect(Collectors.joining("  "));
    }

    /** Times above the band, at every quarter. */
    String scale() {
        StringBuilder scale = new StringBuilder();
        for (int quarter = 0; quarter < 4; quarter++) {
            int column = quarter * WIDTH / 4;
            String label = time(rounded(begin(column)));
            if (scale.length() <= column) {
                scale.append(" ".repeat(column - scale.length())).append(label);
            }
        }
        scale.append(" ".repeat(Math.max(1, WIDTH - scale.length()))).append(time(end));
        return scale.toString();
    }

    /** To a thousandth of the whole: a label has to be short, and only says where about. */
    private long rounded(long nanos) {
        long grain = 1;
        while (grain * 1000 < end) {
            grain *= 10;
        }
        return Math.round((double) nanos / grain) * grain;
    }

    /** Carets below the band, from one time to another. */
    String marks(long from, long to) {
        int first = column(from);
        int last = Math.max(first, column(to));
        return " ".repeat(first) + "^".repeat(last - first + 1);
    }

    // The lines.

    /** Everything that happened. */
    List<String> all() {
        List<String> told = new ArrayList<>();
        told.add(line(' ', 0, Words.lower(TriggerState.INACTIVE)));
        lines.forEach(line -> told.add(line(' ', line.nanos, line.text)));
        return told;
    }

    /** What happened around an instant, with what differs there as in a diff. */
    List<String> diff(Failure failure) {
        long at = failure.at().toNanos();
        List<Line> before = lines.stream().filter(line -> line.nanos <= at).toList();
        List<Line> after = lines.stream().filter(line -> line.nanos > at).toList();
        List<String> told = new ArrayList<>();
        int left = Math.max(0, before.size() - AROUND);
        if (left == 0) {
            told.add(line(' ', 0, Words.lower(TriggerState.INACTIVE)));
        } else {
            told.add(omitted(left));
        }
        before.subList(left, before.size()).forEach(line -> told.add(line(' ', line.nanos, line.text)));
        told.add(line('-', at, failure.expected()));
        told.add(line('+', at, failure.seen()));
        int most = Math.min(AROUND, after.size());
        after.subList(0, most).forEach(line -> told.add(line(' ', line.nanos, line.text)));
        if (most < after.size()) {
            told.add(omitted(after.size() - most));
        }
        return told;
    }

    private static String omitted(int lines) {
        return "  %12s  (%s)".formatted("...", count(lines, "more line"));
    }

    private static String line(char sign, long nanos, String text) {
        return "%c %12s  %s".formatted(sign, time(nanos), text);
    }
}
