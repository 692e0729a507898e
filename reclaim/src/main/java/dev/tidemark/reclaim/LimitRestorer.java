package dev.tidemark.reclaim;

import dev.tidemark.reclaim.LimitEvent.Cause;
import dev.tidemark.triggers.Cgroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Puts back what an agent has set that did not live to do it: where what it wrote is still there, in the very cgroup.
 *
 * <p><b>Thread:</b> any. <b>Time:</b> the scheduler's, for the events. <b>Failure:</b> what cannot be put back now is left in the result;
 * the others go on.
 */
public final class LimitRestorer {

    private final MemoryController controller;
    private final Scheduler time;

    /**
     * What was done.
     *
     * @param left what is still to be put back
     */
    public record Result(List<LimitEvent> events, List<LimitJournal.Entry> left) {
        public Result {
            events = List.copyOf(events);
            left = List.copyOf(left);
        }
    }

    public LimitRestorer(MemoryController controller, Scheduler time) {
        this.controller = controller;
        this.time = time;
    }

    /** One after the other. Lazy. */
    public Mono<Result> restore(List<LimitJournal.Entry> entries) {
        return Mono.defer(() -> {
            List<LimitEvent> events = new ArrayList<>();
            List<LimitJournal.Entry> left = new ArrayList<>();
            return Flux.fromIterable(entries)
                    .concatMap(entry -> restore(new Restoring(entry, events, left)))
                    .then(Mono.fromSupplier(() -> new Result(events, left)));
        });
    }

    private Mono<Void> restore(Restoring restoring) {
        LimitJournal.Entry entry = restoring.entry;
        Cgroup cgroup = restoring.cgroup;
        return controller
                .limits(cgroup)
                .flatMap(found -> {
                    if (found instanceof LimitAnswer.Now(CgroupLimits limits)
                            && limits.of(entry.file()) != entry.beforeBytes()
                            && entry.writtenBytes().contains(limits.of(entry.file()))) {
                        long is = limits.of(entry.file());
                        return controller
                                .setLimit(cgroup, entry.file(), is, entry.beforeBytes())
                                .doOnNext(answer -> restoring.written(is, answer));
                    }
                    restoring.found(found);
                    return Mono.just(found);
                })
                .doOnError(failure -> restoring.refused(String.valueOf(failure.getMessage())))
                .onErrorComplete()
                .then();
    }

    private final class Restoring {
        final LimitJournal.Entry entry;
        final Cgroup cgroup;
        private final List<LimitEvent> events;
        private final List<LimitJournal.Entry> left;

        Restoring(LimitJournal.Entry entry, List<LimitEvent> events, List<LimitJournal.Entry> left) {
            this.entry = entry;
            this.cgroup = new Cgroup(entry.id(), entry.path());
            this.events = events;
            this.left = left;
        }

        /** Nothing was to be written. */
        void found(LimitAnswer answer) {
            switch (answer) {
                case LimitAnswer.Now(CgroupLimits limits) -> {
                    if (limits.of(entry.file()) != entry.beforeBytes()) {
                        leftAlone(entry.writtenBytes().getLast(), limits.of(entry.file()));
                    }
                }
                // What was set went with it.
                case LimitAnswer.Gone() -> {}
                case LimitAnswer.Withheld(CgroupLimits _) -> left.add(entry);
                case LimitAnswer.Refused(String message) -> refused(message);
            }
        }

        void written(long was, LimitAnswer answer) {
            switch (answer) {
                case LimitAnswer.Now(CgroupLimits limits) -> {
                    long is = limits.of(entry.file());
                    if (is == entry.beforeBytes()) {
                        events.add(new LimitEvent.Restored(
                                cgroup, entry.policy(), entry.file(), now(), was, is, Cause.LEFT_BEHIND));
                    } else if (is == was) {
                        refused("the kernel took the write, and " + entry.file().fileName() + " is what it was");
                    } else {
                        leftAlone(was, is);
                    }
                }
                case LimitAnswer.Gone() -> {}
                case LimitAnswer.Withheld(CgroupLimits _) -> left.add(entry);
                case LimitAnswer.Refused(String message) -> refused(message);
            }
        }

        private void leftAlone(long expected, long found) {
            events.add(new LimitEvent.LeftAlone(cgroup, entry.policy(), entry.file(), now(), expected, found));
        }

        void refused(String message) {
            events.add(new LimitEvent.Refused(cgroup, entry.policy(), entry.file(), now(), message));
            left.add(entry);
        }

        private long now() {
            return time.now(TimeUnit.NANOSECONDS);
        }
    }
}
