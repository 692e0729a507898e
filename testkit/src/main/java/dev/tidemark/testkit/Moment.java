package dev.tidemark.testkit;

import dev.tidemark.agent.PolicyChanges;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Something that happened at some time of a run, or went on from then. Times are nanoseconds of virtual time. */
sealed interface Moment {

    /** When, or from when on. */
    long nanos();

    /** One line without the time. */
    String told();

    /** Whether it has to do with the cgroup, one above it or one below it. */
    boolean isAbout(String path);

    /** A policy changed its state. */
    record Decided(Decision decision) implements Moment {
        @Override
        public long nanos() {
            return decision.nanos();
        }

        @Override
        public String told() {
            String policy = decision.policy().name();
            String on = " on " + decision.cgroup().path()
                    + (decision.watched().equals(decision.cgroup())
                            ? ""
                            : " for " + decision.watched().path());
            String cause =
                    " (" + decision.cause().name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")";
            String values = decision.readings().isEmpty()
                    ? ""
                    : decision.readings().stream()
                            .map(Decision.Reading::toString)
                            .collect(Collectors.joining(", ", ": ", ""));
            return "policy " + policy
                    + switch (decision.to()) {
                        case PENDING -> " is about to become active" + on + values;
                        case ACTIVE -> " became active" + on + values;
                        case STOPPING -> " stopped" + on + cause + values;
                        case COOLDOWN -> " cools down" + on;
                        case INACTIVE -> " is inactive" + on + cause + values;
                    };
        }

        @Override
        public boolean isAbout(String path) {
            return touches(decision.cgroup().path(), path)
                    || touches(decision.watched().path(), path);
        }
    }

    /** Requests of one policy to one cgroup that followed each other. */
    final class Reclaims implements Moment {
        final String policy;
        final Cgroup cgroup;
        private final long first;
        private final int pageSize;
        long last;
        private long writes;
        private long empty;
        private long askedPages;
        private long freedPages;
        private String refusal = "";

        Reclaims(ReclaimEvent.Reclaimed event, int pageSize) {
            policy = event.policy().name();
            cgroup = event.cgroup();
            first = event.result().startedNanos();
            this.pageSize = pageSize;
            add(event);
        }

        void add(ReclaimEvent.Reclaimed event) {
            last = event.nanos();
            ReclaimResult result = event.result();
            writes++;
            askedPages += event.askedPages();
            freedPages += result.pagesReclaimed();
            empty += result.pagesReclaimed() == 0 ? 1 : 0;
            if (result.outcome() == ReclaimResult.Outcome.REFUSED) {
                refusal = result.message();
            }
        }

        @Override
        public long nanos() {
            return first;
        }

        @Override
        public String told() {
            String line = "policy %s took %s of the %s it asked %s for, in %s until %s"
                    .formatted(
                            policy,
                            Unit.BYTES.format((double) freedPages * pageSize),
                            Unit.BYTES.format((double) askedPages * pageSize),
                            cgroup.path(),
                            writes == 1 ? "1 write" : writes + " writes",
                            Times.instant(last));
            if (empty > 0) {
                line += ", " + empty + " of them in vain";
            }
            return refusal.isEmpty() ? line : line + ", refused: " + refusal;
        }

        @Override
        public boolean isAbout(String path) {
            return touches(cgroup.path(), path);
        }
    }

    /** An active policy that does not reclaim. */
    record Held(ReclaimEvent.Held event) implements Moment {
        @Override
        public long nanos() {
            return event.nanos();
        }

        @Override
        public String told() {
            return "policy %s held back from %s: %s"
                    .formatted(event.policy().name(), event.cgroup().path(), event.why());
        }

        @Override
        public boolean isAbout(String path) {
            return touches(event.cgroup().path(), path);
        }
    }

    /** A counter of memory.events rose, perhaps more than once. */
    final class Events implements Moment {
        final String path;
        final Counter counter;
        private final long first;
        long last;
        private long times;

        Events(String path, Counter counter, long first, long last, long times) {
            this.path = path;
            this.counter = counter;
            this.first = first;
            this.last = last;
            this.times = times;
        }

        void add(long at, long more) {
            last = at;
            times += more;
        }

        @Override
        public long nanos() {
            return first;
        }

        @Override
        public String told() {
            return "%s %s %s until %s"
                    .formatted(path, counter.happened, times == 1 ? "once" : times + " times", Times.instant(last));
        }

        @Override
        public boolean isAbout(String other) {
            return touches(path, other);
        }
    }

    /** Which counter of memory.events. */
    enum Counter {
        MAX("hit its limit"),
        HIGH("went over its high mark"),
        OOM_KILL("had a task killed for lack of memory");

        final String happened;

        Counter(String happened) {
            this.happened = happened;
        }

        Signal signal() {
            return switch (this) {
                case MAX -> Signal.EVENTS_MAX;
                case HIGH -> Signal.EVENTS_HIGH;
                case OOM_KILL -> Signal.EVENTS_OOM_KILL;
            };
        }
    }

    /** A workload began, ended or was killed. */
    record Worked(long nanos, String workload, String cgroup, String what) implements Moment {
        @Override
        public String told() {
            return "workload " + workload + " " + what + " in " + cgroup;
        }

        @Override
        public boolean isAbout(String path) {
            return touches(cgroup, path);
        }
    }

    /** New policies. */
    record Reloaded(long nanos, PolicyChanges changes) implements Moment {
        @Override
        public String told() {
            return "new policies:" + names(" added", changes.added()) + names(" removed", changes.removed())
                    + names(" changed", changes.changed()) + names(" unchanged", changes.unchanged());
        }

        private static String names(String what, List<String> names) {
            return names.isEmpty() ? "" : what + " " + String.join(", ", names) + ";";
        }

        @Override
        public boolean isAbout(String path) {
            return true;
        }
    }

    /** The agent complained. */
    record Complained(long nanos, String complaint) implements Moment {
        @Override
        public String told() {
            return "the agent complained: " + complaint;
        }

        @Override
        public boolean isAbout(String path) {
            return true;
        }
    }

    private static boolean touches(String one, String other) {
        return one.equals(other) || isBelow(one, other) || isBelow(other, one);
    }

    private static boolean isBelow(String path, String ancestor) {
        return ancestor.isEmpty() || path.startsWith(ancestor + "/");
    }
}
