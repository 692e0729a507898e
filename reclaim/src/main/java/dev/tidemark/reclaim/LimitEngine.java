package dev.tidemark.reclaim;

import dev.tidemark.config.Action;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Protect;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Throttle;
import dev.tidemark.reclaim.LimitEvent.Cause;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.TriggerEngine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Carries out what policies do by setting {@code memory.high} and {@code memory.low}: throttle and protect.
 *
 * <p>For each such file of a cgroup there is what was found in it, what is to be there, and what is; whenever the last two differ, it is
 * written. What is to be there is the strictest of what the active policies want, and what was found once none wants anything any more.
 * Before a value is written, what was found and what is about to be written are in the {@link LimitJournal}: at whichever instant the
 * agent ends, the next one knows what to put back, and by what is there whether it may. Afterwards it is taken out.
 *
 * <p>A throttle follows usage down, once a period: what has been reclaimed must not become room to grow into. It never follows it up,
 * nor below its least, nor below the cgroup's own protection. After its longest time a policy wants nothing any more, though it stays
 * active, until it has stopped and started again. A value that somebody else has set since is his, and left alone until all policies that
 * held the file have stopped.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> the core scheduler's. <b>Back-pressure:</b> at most as many questions to
 * the kernel are under way as there are workers; the others wait, values to be put back first. <b>Failure:</b> what the kernel or the
 * journal refuses is told, and touches no other cgroup; without a journal nothing is written. A write that takes long is cancelled, for
 * its limit holds by then; one that does not come back at all is left to itself.
 */
public final class LimitEngine {

    /** A write takes longer only because it reclaims, which is not what it is for. */
    private static final Duration DEADLINE = Duration.ofMillis(500);

    /** From the cancelling of a write to its being left to itself. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final TriggerEngine triggers;
    private final MemoryController controller;
    private final Notes notes;
    private final Scheduler core;
    private final int workers;
    private final Map<Key, Held> files = new LinkedHashMap<>();
    private final Deque<Held> ready = new ArrayDeque<>();
    private final Sinks.Many<LimitEvent> events =
            Sinks.unsafe().many().multicast().directBestEffort();
    private final Sinks.Empty<Void> idle = Sinks.empty();
    private int running;
    private int stuck;
    private long dropped;
    private boolean closed;

    private record Key(long id, LimitFile file) {}

    /**
     * @param triggers whose decisions are carried out, on the same core thread
     * @param leftBehind what an earlier agent has set and could not be put back yet; stays in the journal until it is
     * @param workers questions to the kernel under way at once; as many again may have been left to themselves
     */
    public LimitEngine(
            TriggerEngine triggers,
            MemoryController controller,
            LimitJournal journal,
            List<LimitJournal.Entry> leftBehind,
            int workers,
            Scheduler core) {
        this.triggers = triggers;
        this.controller = controller;
        this.core = core;
        this.workers = workers;
        this.notes = new Notes(journal, leftBehind);
    }

    /** Everything it does, hot, emitted on the core thread; a reader that does not keep up misses events. */
    public Flux<LimitEvent> events() {
        return events.asFlux();
    }

    /** Events that no reader could take for want of requests. */
    public long dropped() {
        return dropped;
    }

    /** Takes a decision of the triggers. */
    public void decided(Decision decision) {
        LimitFile file = fileOf(decision.policy().action());
        if (file == null) {
            return;
        }
        switch (decision.to()) {
            case ACTIVE -> start(decision.cgroup(), decision.policy(), file);
            case STOPPING -> stop(decision.cgroup(), decision.policy(), file);
            case INACTIVE, PENDING, COOLDOWN -> {}
        }
    }

    private static @Nullable LimitFile fileOf(Action action) {
        return switch (action) {
            case Reclaim _ -> null;
            case Throttle _ -> LimitFile.HIGH;
            case Protect _ -> LimitFile.LOW;
        };
    }

    /** Takes a sample: a throttle follows usage. */
    public void sampled(Sample sample) {
        Held held = files.get(new Key(sample.cgroup().id(), LimitFile.HIGH));
        int slot = sample.signals().slot(Signal.USAGE);
        if (held != null && slot >= 0) {
            held.follow(sample.values()[slot]);
            settle(held);
        }
    }

    /** Lets go of a cgroup that is not there any more, and its limits with it. */
    public void gone(Cgroup cgroup) {
        for (LimitFile file : LimitFile.values()) {
            Key key = new Key(cgroup.id(), file);
            Held held = files.remove(key);
            if (held != null) {
                held.letGo();
                ready.remove(held);
            }
            notes.remove(key);
        }
        completeWhenIdle();
    }

    /** Puts everything back, and completes when that is done and noted. */
    public Mono<Void> close() {
        closed = true;
        for (Held held : List.copyOf(files.values())) {
            held.dropAll();
            hurry(held);
            settle(held);
        }
        completeWhenIdle();
        return idle.asMono();
    }

    private void start(Cgroup cgroup, Policy policy, LimitFile file) {
        if (closed) {
            return;
        }
        Held held = files.computeIfAbsent(new Key(cgroup.id(), file), key -> new Held(key, cgroup, policy.name()));
        held.wants.add(new Want(policy));
        settle(held);
    }

    private void stop(Cgroup cgroup, Policy policy, LimitFile file) {
        Held held = files.get(new Key(cgroup.id(), file));
        if (held == null) {
            drained(cgroup, policy);
            return;
        }
        held.drop(policy);
        held.draining.add(policy);
        hurry(held);
        settle(held);
    }

    /** What is under way for it may be reclaiming towards a limit that is about to go, and waiting is over. */
    private void hurry(Held held) {
        if (held.asking != null) {
            controller.cancel(held.cgroup);
            held.asking.deadline(GRACE, () -> leave(held));
        }
        held.endPause();
    }

    /** Sees to it that what is there is what is to be there. */
    private void settle(Held held) {
        if (held.isOccupied()) {
            return;
        }
        switch (held.next()) {
            case NOTE -> note(held);
            case LOOK, WRITE -> {
                held.queued = true;
                if (held.wants.isEmpty()) {
                    ready.addFirst(held);
                } else {
                    ready.addLast(held);
                }
                pump();
            }
            case NOTHING -> rest(held);
        }
    }

    private void rest(Held held) {
        held.draining.forEach(policy -> drained(held.cgroup, policy));
        held.draining.clear();
        if (held.wants.isEmpty() && held.left == 0) {
            forget(held);
            if (held.known) {
                notes.remove(held.key);
            }
            completeWhenIdle();
        }
    }

    private void forget(Held held) {
        held.letGo();
        files.remove(held.key, held);
    }

    private void pump() {
        while (running < workers && !ready.isEmpty()) {
            Held held = ready.removeFirst();
            held.queued = false;
            switch (held.next()) {
                case LOOK -> ask(held, controller.limits(held.cgroup), answer -> looked(held, answer));
                case WRITE -> write(held);
                case NOTE, NOTHING -> settle(held);
            }
        }
    }

    /** Nothing is written before it is known how to undo it. */
    private void note(Held held) {
        long bytes = held.wanted();
        held.noting = true;
        notes.put(held.entry(bytes), failure -> {
            held.noting = false;
            if (files.get(held.key) != held) {
                return;
            }
            if (failure == null) {
                held.notedBytes = bytes;
            } else {
                held.refuse("what is there now cannot be noted, so nothing is set: " + failure.getMessage(), false);
                held.pause();
            }
            settle(held);
        });
    }

    private void write(Held held) {
        long expected = held.isBytes;
        long bytes = held.wanted();
        ask(
                held,
                controller.setLimit(held.cgroup, held.key.file(), expected, bytes),
                answer -> written(held, bytes, answer));
    }

    private void ask(Held held, Mono<LimitAnswer> question, Consumer<LimitAnswer> answered) {
        Asking asking = new Asking();
        held.asking = asking;
        running++;
        asking.deadline(DEADLINE, () -> {
            controller.cancel(held.cgroup);
            asking.deadline(GRACE, () -> leave(held));
        });
        question.onErrorResume(error -> Mono.just(new LimitAnswer.Refused(String.valueOf(error.getMessage()))))
                .publishOn(core)
                .subscribe(answer -> {
                    asking.end();
                    if (held.asking == asking) {
                        held.asking = null;
                        if (files.get(held.key) == held) {
                            answered.accept(answer);
                        }
                    } else {
                        returned(held);
                    }
                    pump();
                    completeWhenIdle();
                });
    }

    /** It does not come back; as long as not too many do not, somebody else has its place. */
    private void leave(Held held) {
        Asking asking = held.asking;
        if (asking != null && stuck < workers) {
            asking.leave();
            held.asking = null;
            held.left++;
            held.unsure = held.known;
            held.refuse("the kernel does not return", false);
            if (!held.wants.isEmpty()) {
                held.pause();
            }
            settle(held);
            pump();
        }
    }

    /** It came back after all, and may have done something only now. */
    private void returned(Held held) {
        held.left--;
        if (files.get(held.key) == held) {
            held.unsure = held.known;
            settle(held);
        }
    }

    private void looked(Held held, LimitAnswer answer) {
        switch (answer) {
            case LimitAnswer.Now(CgroupLimits limits) -> {
                held.seen(limits);
                settle(held);
            }
            case LimitAnswer.Withheld(CgroupLimits limits) -> {
                held.seen(limits);
                settle(held);
            }
            case LimitAnswer.Gone() -> goneUnseen(held);
            case LimitAnswer.Refused(String message) -> {
                held.refuse(message, true);
                settle(held);
            }
        }
    }

    private void written(Held held, long bytes, LimitAnswer answer) {
        switch (answer) {
            case LimitAnswer.Now(CgroupLimits limits) -> {
                long is = limits.of(held.key.file());
                if (is == bytes) {
                    held.wrote(bytes, limits.usageBytes());
                } else if (is != held.isBytes) {
                    held.found(is);
                } else if (held.wanted() == bytes) {
                    // Cancelled before it began.
                    held.pause();
                }
                settle(held);
            }
            case LimitAnswer.Withheld(CgroupLimits limits) -> {
                tell(held.set(bytes, limits.usageBytes(), true));
                held.wants.forEach(want -> want.over = true);
                settle(held);
            }
            case LimitAnswer.Gone() -> goneUnseen(held);
            case LimitAnswer.Refused(String message) -> {
                boolean back = bytes == held.foundBytes;
                held.refuse(message, !back);
                if (back && closed) {
                    // It stays in the journal, for whoever comes next.
                    forget(held);
                } else if (back) {
                    held.pause();
                }
                settle(held);
            }
        }
    }

    private void goneUnseen(Held held) {
        triggers.gone(held.cgroup);
        gone(held.cgroup);
    }

    /** Told in a task of its own: the triggers may be in the middle of telling us. */
    private void drained(Cgroup cgroup, Policy policy) {
        core.schedule(() -> triggers.drained(cgroup, policy));
    }

    private void completeWhenIdle() {
        if (closed && files.isEmpty() && !notes.isBusy()) {
            idle.tryEmitEmpty();
        }
    }

    private void tell(LimitEvent event) {
        if (events.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
            dropped++;
        }
    }

    private Disposable after(Duration time, Runnable task) {
        return core.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return core.now(TimeUnit.NANOSECONDS);
    }

    /** A question to the kernel, from its being asked to the answer. */
    private final class Asking {
        private boolean left;
        private @Nullable Disposable deadline;

        void deadline(Duration time, Runnable task) {
            endDeadline();
            deadline = after(time, task);
        }

        void leave() {
            endDeadline();
            left = true;
            running--;
            stuck++;
        }

        void end() {
            endDeadline();
            if (left) {
                stuck--;
            } else {
                running--;
            }
        }

        private void endDeadline() {
            if (deadline != null) {
                deadline.dispose();
            }
        }
    }

    /** What a policy that is active for a cgroup wants of it. */
    private static final class Want {
        static final long NOTHING_YET = -1;

        final Policy policy;
        long bytes = NOTHING_YET;
        /** It has had its time, or cannot have what it wants: it wants nothing any more. */
        boolean over;

        boolean told;
        long changedNanos;

        @Nullable
        Disposable timer;

        Want(Policy policy) {
            this.policy = policy;
        }

        /** To what it wants it set. */
        long of(double usageBytes, CgroupLimits limits, int pageSize) {
            double wanted = switch (policy.action()) {
                case Throttle throttle -> {
                    double least = Math.max(throttle.leastBytes(), Math.max(limits.lowBytes(), limits.minBytes()));
                    yield Math.max(least, high(throttle.by(), usageBytes));
                }
                case Protect protect -> protect.lowBytes();
                case Reclaim _ -> throw new IllegalStateException("reclaim sets no limit");
            };
            return (long) wanted / pageSize * pageSize;
        }

        private static double high(Throttle.By by, double usageBytes) {
            return switch (by) {
                case Throttle.Over(long bytes) -> usageBytes - bytes;
                case Throttle.Delay(Duration time) -> HighDelay.highBytes(usageBytes, time);
            };
        }

        Duration longest() {
            return switch (policy.action()) {
                case Throttle throttle -> throttle.longest();
                case Protect protect -> protect.longest();
                case Reclaim _ -> throw new IllegalStateException("reclaim sets no limit");
            };
        }

        void end() {
            if (timer != null) {
                timer.dispose();
            }
        }
    }

    /** What has to be done next. */
    private enum Step {
        NOTHING,
        /** Find out what is there. */
        LOOK,
        NOTE,
        WRITE
    }

    /** A file of a cgroup that some policy wants something else in, or that is not back to what it was. */
    private final class Held {
        final Key key;
        final Cgroup cgroup;
        final String name;
        final List<Want> wants = new ArrayList<>(1);
        final List<Policy> draining = new ArrayList<>(1);

        /** Whether {@link #foundBytes} and {@link #isBytes} are. */
        boolean known;

        long foundBytes;
        long isBytes;
        /** What may be there instead of {@link #isBytes}, and by the journal be undone. */
        long notedBytes = Want.NOTHING_YET;
        /** Somebody else's by now. */
        boolean lost;

        /** Whether a write that was left to itself may have changed {@link #isBytes}. */
        boolean unsure;

        /** Questions that were left to themselves and have not returned. */
        int left;

        boolean queued;
        boolean noting;
        private double usageBytes = Double.NaN;

        @Nullable
        Asking asking;

        private @Nullable Disposable pause;

        @Nullable
        private CgroupLimits limits;

        Held(Key key, Cgroup cgroup, String name) {
            this.key = key;
            this.cgroup = cgroup;
            this.name = name;
        }

        boolean isOccupied() {
            return queued || noting || asking != null || pause != null;
        }

        Step next() {
            if (lost) {
                return Step.NOTHING;
            }
            if (unsure || wants.stream().anyMatch(want -> !want.over && want.bytes == Want.NOTHING_YET)) {
                return Step.LOOK;
            }
            if (!known) {
                return Step.NOTHING;
            }
            long wanted = wanted();
            if (wanted == isBytes) {
                return Step.NOTHING;
            }
            return wanted == foundBytes || wanted == notedBytes ? Step.WRITE : Step.NOTE;
        }

        /** The strictest of what is wanted, or what was found. */
        long wanted() {
            long wanted = foundBytes;
            for (Want want : wants) {
                if (!want.over && want.bytes != Want.NOTHING_YET) {
                    wanted = key.file.stricter(wanted, want.bytes);
                }
            }
            return wanted;
        }

        LimitJournal.Entry entry(long bytes) {
            List<Long> written = isBytes == foundBytes ? List.of(bytes) : List.of(isBytes, bytes);
            return new LimitJournal.Entry(name, cgroup.path(), key.id, key.file, foundBytes, written);
        }

        void seen(CgroupLimits now) {
            limits = now;
            usageBytes = now.usageBytes();
            long is = now.of(key.file);
            if (!known) {
                known = true;
                isBytes = is;
                foundBytes = notes.beforeOf(key, is);
            } else if (is != isBytes) {
                found(is);
            }
            unsure = false;
            if (lost) {
                return;
            }
            for (Want want : wants) {
                if (want.bytes == Want.NOTHING_YET && !want.over) {
                    first(want, now);
                }
            }
        }

        private void first(Want want, CgroupLimits now) {
            if (Double.isNaN(usageBytes) && want.policy.action() instanceof Throttle) {
                want.over = true;
                tell(new LimitEvent.Refused(
                        cgroup, want.policy.name(), key.file, now(), "its memory.current cannot be read"));
                return;
            }
            want.bytes = want.of(usageBytes, now, controller.pageSize());
            want.changedNanos = now();
            if (key.file.stricter(foundBytes, want.bytes) == foundBytes) {
                tell(new LimitEvent.Needless(cgroup, want.policy.name(), key.file, now(), foundBytes));
            }
        }

        void follow(double usage) {
            CgroupLimits last = limits;
            if (last == null || Double.isNaN(usage)) {
                return;
            }
            usageBytes = usage;
            for (Want want : wants) {
                boolean due = now() - want.changedNanos >= want.policy.period().toNanos();
                if (want.bytes != Want.NOTHING_YET && due) {
                    long bytes = want.of(usage, last, controller.pageSize());
                    if (bytes < want.bytes) {
                        want.bytes = bytes;
                        want.changedNanos = now();
                    }
                }
            }
        }

        LimitEvent set(long bytes, double usage, boolean withheld) {
            return new LimitEvent.Set(cgroup, holder(), key.file, now(), isBytes, bytes, usage, withheld);
        }

        private String holder() {
            return wants.isEmpty() ? name : wants.getFirst().policy.name();
        }

        /** What was to be there is. */
        void wrote(long bytes, double usage) {
            if (bytes == foundBytes) {
                Cause cause = closed ? Cause.EXIT : wants.isEmpty() ? Cause.STOP : Cause.LONGEST;
                tell(new LimitEvent.Restored(cgroup, holder(), key.file, now(), isBytes, bytes, cause));
                isBytes = bytes;
                // From here on anybody may change it, and who wants something next looks first.
                known = false;
                notedBytes = Want.NOTHING_YET;
                notes.remove(key);
                return;
            }
            tell(set(bytes, usage, false));
            isBytes = bytes;
            for (Want want : wants) {
                if (want.bytes != Want.NOTHING_YET && !want.over && want.timer == null) {
                    want.timer = after(want.longest(), () -> {
                        want.over = true;
                        settle(this);
                    });
                }
            }
        }

        /** Something else is there than was thought. */
        void found(long bytes) {
            if (bytes == notedBytes || (unsure && bytes == foundBytes)) {
                // Ours, of a write that was left to itself.
                isBytes = bytes;
                return;
            }
            lost = true;
            tell(new LimitEvent.LeftAlone(cgroup, holder(), key.file, now(), isBytes, bytes));
            notes.remove(key);
        }

        /** @param forGood whether asking again is pointless */
        void refuse(String message, boolean forGood) {
            for (Want want : wants) {
                if (!want.over && !want.told) {
                    want.told = true;
                    tell(new LimitEvent.Refused(cgroup, want.policy.name(), key.file, now(), message));
                }
                want.over |= forGood;
            }
            if (wants.isEmpty()) {
                tell(new LimitEvent.Refused(cgroup, name, key.file, now(), message));
            }
        }

        void pause() {
            pause = after(RETRY, () -> {
                pause = null;
                settle(this);
            });
        }

        void endPause() {
            if (pause != null) {
                pause.dispose();
                pause = null;
            }
        }

        void drop(Policy policy) {
            for (Want want : List.copyOf(wants)) {
                // Names are unique among policies that are active; of others a reload may have left some content the
                // same.
                if (want.policy.name().equals(policy.name())) {
                    want.end();
                    wants.remove(want);
                }
            }
        }

        void dropAll() {
            wants.forEach(Want::end);
            wants.clear();
        }

        /** Nothing more is to come of it. */
        void letGo() {
            dropAll();
            endPause();
        }
    }

    /** What is in the journal, or on its way there. */
    private final class Notes {
        private final LimitJournal journal;
        private final Map<Key, LimitJournal.Entry> entries = new LinkedHashMap<>();
        private List<Consumer<@Nullable Throwable>> waiting = new ArrayList<>();
        private boolean saving;
        private boolean changed;

        Notes(LimitJournal journal, List<LimitJournal.Entry> leftBehind) {
            this.journal = journal;
            leftBehind.forEach(entry -> entries.put(new Key(entry.id(), entry.file()), entry));
        }

        /** What is to be put back where this is found: itself, unless an agent has written it. */
        long beforeOf(Key key, long bytes) {
            LimitJournal.Entry entry = entries.get(key);
            return entry != null && entry.writtenBytes().contains(bytes) ? entry.beforeBytes() : bytes;
        }

        /** @param done told once it is kept, or why it is not */
        void put(LimitJournal.Entry entry, Consumer<@Nullable Throwable> done) {
            entries.put(new Key(entry.id(), entry.file()), entry);
            waiting.add(done);
            save();
        }

        void remove(Key key) {
            if (entries.remove(key) != null) {
                changed = true;
                save();
            }
        }

        boolean isBusy() {
            return saving;
        }

        /** All that comes while one save is under way goes into the next. */
        private void save() {
            if (saving || (waiting.isEmpty() && !changed)) {
                return;
            }
            saving = true;
            changed = false;
            List<Consumer<@Nullable Throwable>> told = waiting;
            waiting = new ArrayList<>();
            journal.save(List.copyOf(entries.values()))
                    .publishOn(core)
                    .subscribe(nothing -> {}, failure -> saved(told, failure), () -> saved(told, null));
        }

        private void saved(List<Consumer<@Nullable Throwable>> told, @Nullable Throwable failure) {
            saving = false;
            told.forEach(done -> done.accept(failure));
            save();
            completeWhenIdle();
        }
    }
}
