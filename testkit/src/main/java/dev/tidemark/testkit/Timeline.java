package dev.tidemark.testkit;

import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.triggers.Decision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What happened in a run, told in the order of its beginning; what repeats without a pause is one line. */
final class Timeline {

    /** What comes no later than this after the last of its kind goes on with it. */
    private static final long PAUSE_NANOS = 250_000_000;

    private static final int SHOWN = 40;

    /** At the same instant: new policies, then decisions, then what follows of them. */
    private static final Comparator<Moment> ORDER =
            Comparator.comparingLong(Moment::nanos).thenComparingInt(Timeline::rank);

    private final List<Moment> moments = new ArrayList<>();
    private final Map<String, Moment.Reclaims> reclaims = new HashMap<>();
    private final Map<String, Moment.Events> events = new HashMap<>();

    void add(Moment moment) {
        moments.add(moment);
    }

    void decided(Decision decision) {
        reclaims.remove(key(decision.policy().name(), decision.cgroup().path()));
        add(new Moment.Decided(decision));
    }

    void reclaimed(ReclaimEvent event, int pageSize) {
        switch (event) {
            case ReclaimEvent.Held held -> add(new Moment.Held(held));
            case ReclaimEvent.Reclaimed reclaimed -> {
                String key = key(event.policy().name(), event.cgroup().path());
                Moment.Reclaims open = reclaims.get(key);
                if (open == null || reclaimed.result().startedNanos() - open.last > PAUSE_NANOS) {
                    Moment.Reclaims begun = new Moment.Reclaims(reclaimed, pageSize);
                    reclaims.put(key, begun);
                    add(begun);
                } else {
                    open.add(reclaimed);
                }
            }
        }
    }

    /** A counter rose within some time. */
    void rose(String path, Moment.Counter counter, long fromNanos, long toNanos, long times) {
        String key = key(counter.name(), path);
        Moment.Events open = events.get(key);
        if (open == null || fromNanos - open.last > PAUSE_NANOS) {
            Moment.Events begun = new Moment.Events(path, counter, fromNanos, toNanos, times);
            events.put(key, begun);
            add(begun);
        } else {
            open.add(toNanos, times);
        }
    }

    /** Lines of a time and what happened, each begun by a line break; in the middle of many some are left out. */
    String told(Predicate<Moment> wanted) {
        List<Moment> told = moments.stream()
                .filter(moment -> wanted.test(moment) && !isMatterOfCourse(moment))
                .sorted(ORDER)
                .toList();
        if (told.isEmpty()) {
            return "\n  nothing";
        }
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < told.size(); i++) {
            if (told.size() > SHOWN && i == SHOWN / 2) {
                int left = told.size() - SHOWN;
                lines.append("\n           ... ").append(left).append(" more ...");
                i += left;
            }
            Moment moment = told.get(i);
            lines.append("\n%10s  ".formatted(Times.instant(moment.nanos()))).append(moment.told());
        }
        return lines.toString();
    }

    private static int rank(Moment moment) {
        return switch (moment) {
            case Moment.Reloaded _ -> 0;
            case Moment.Decided _ -> 1;
            default -> 2;
        };
    }

    /** That what has stopped is over once nothing is in flight. */
    private static boolean isMatterOfCourse(Moment moment) {
        return moment instanceof Moment.Decided(Decision decision) && decision.cause() == Decision.Cause.DRAINED;
    }

    /** All of it, nothing left out. */
    List<String> lines() {
        return moments.stream()
                .sorted(ORDER)
                .map(moment -> Times.instant(moment.nanos()) + " " + moment.told())
                .toList();
    }

    private static String key(String what, String path) {
        return what + ' ' + path;
    }
}
