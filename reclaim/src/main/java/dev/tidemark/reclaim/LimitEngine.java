package dev.tidemark.reclaim;

import dev.tidemark.config.Action;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Protect;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Throttle;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.TriggerEngine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final TriggerEngine triggers;
    private final MemoryController controller;
    private final LimitNotes notes;
    private final Around around = new Around();
    private final Scheduler core;
    private final int workers;
    private final Map<LimitKey, HeldLimit> files = new LinkedHashMap<>();
    private final Deque<HeldLimit> ready = new ArrayDeque<>();
    private final Sinks.Many<LimitEvent> events =
            Sinks.unsafe().many().multicast().directBestEffort();
    private final Sinks.Empty<Void> idle = Sinks.empty();
    private int running;
    private int stuck;
    private long dropped;
    private boolean closed;

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
        this.notes = new LimitNotes(journal, leftBehind, core, this::completeWhenIdle);
    }

    /** Everything it does, hot, emitted on the core thread; a reader that does not keep up misses events. */
    public Flux<LimitEvent> events() {
        return events.asFlux();
    }

    /** Events that no reader could take for want of requests. */
    public long dropped() {
        return dropped;
    }

    /** Where an active policy stands with the file of a cgroup that it holds; empty for one that holds none. */
    public Optional<LimitStanding> standing(Cgroup cgroup, Policy policy) {
        LimitFile file = fileOf(policy.action());
        HeldLimit held = file == null ? null : files.get(new LimitKey(cgroup.id(), file));
        return held == null ? Optional.empty() : held.standing(policy);
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
        HeldLimit held = files.get(new LimitKey(sample.cgroup().id(), LimitFile.HIGH));
        int slot = sample.signals().slot(Signal.USAGE);
        if (held != null && slot >= 0) {
            held.follow(sample.values()[slot]);
            settle(held);
        }
    }

    /** Lets go of a cgroup that is not there any more, and its limits with it. */
    public void gone(Cgroup cgroup) {
        for (LimitFile file : LimitFile.values()) {
            LimitKey key = new LimitKey(cgroup.id(), file);
            HeldLimit held = files.remove(key);
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
        for (HeldLimit held : List.copyOf(files.values())) {
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
        HeldLimit held = files.computeIfAbsent(
                new LimitKey(cgroup.id(), file), key -> new HeldLimit(key, cgroup, policy.name(), around));
        held.wants.add(new LimitWant(policy));
        settle(held);
    }

    private void stop(Cgroup cgroup, Policy policy, LimitFile file) {
        HeldLimit held = files.get(new LimitKey(cgroup.id(), file));
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
    private void hurry(HeldLimit held) {
        if (held.asking != null) {
            controller.cancel(held.cgroup);
            held.asking.deadline(GRACE, () -> leave(held));
        }
        held.endPause();
    }

    /** Sees to it that what is there is what is to be there. */
    private void settle(HeldLimit held) {
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

    private void rest(HeldLimit held) {
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

    private void forget(HeldLimit held) {
        held.letGo();
        files.remove(held.key, held);
    }

    private void pump() {
        while (running < workers && !ready.isEmpty()) {
            HeldLimit held = ready.removeFirst();
            held.queued = false;
            switch (held.next()) {
                case LOOK -> ask(held, controller.limits(held.cgroup), answer -> looked(held, answer));
                case WRITE -> write(held);
                case NOTE, NOTHING -> settle(held);
            }
        }
    }

    /** Nothing is written before it is known how to undo it. */
    private void note(HeldLimit held) {
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
                held.pause(HeldLimit.LATER);
            }
            settle(held);
        });
    }

    private void write(HeldLimit held) {
        long expected = held.isBytes;
        long bytes = held.wanted();
        ask(
                held,
                controller.setLimit(held.cgroup, held.key.file(), expected, bytes),
                answer -> written(held, bytes, answer));
    }

    private void ask(HeldLimit held, Mono<LimitAnswer> question, Consumer<LimitAnswer> answered) {
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
    private void leave(HeldLimit held) {
        Asking asking = held.asking;
        if (asking != null && stuck < workers) {
            asking.leave();
            held.asking = null;
            held.left++;
            held.unsure = held.known;
            held.refuse("the kernel does not return", false);
            if (!held.wants.isEmpty()) {
                held.pause(HeldLimit.LATER);
            }
            settle(held);
            pump();
        }
    }

    /** It came back after all, and may have done something only now. */
    private void returned(HeldLimit held) {
        held.left--;
        if (files.get(held.key) == held) {
            held.unsure = held.known;
            settle(held);
        }
    }

    private void looked(HeldLimit held, LimitAnswer answer) {
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

    private void written(HeldLimit held, long bytes, LimitAnswer answer) {
        switch (answer) {
            case LimitAnswer.Now(CgroupLimits limits) -> {
                long is = limits.of(held.key.file());
                if (is == bytes) {
                    held.wrote(bytes, limits.usageBytes());
                } else if (is != held.isBytes) {
                    held.found(is);
                } else if (held.wanted() == bytes) {
                    // Cancelled before it began, perhaps for another's sake.
                    held.pause(HeldLimit.SOON);
                }
                settle(held);
            }
            case LimitAnswer.Withheld(CgroupLimits limits) -> {
                held.withheld(bytes, limits.usageBytes());
                settle(held);
            }
            case LimitAnswer.Gone() -> goneUnseen(held);
            case LimitAnswer.Refused(String message) -> {
                boolean back = bytes == held.foundBytes;
                held.refuse(message, !back);
                if (back) {
                    // Should the agent end meanwhile, it stays in the journal for whoever comes next.
                    held.pause(closed ? HeldLimit.SOON : HeldLimit.LATER);
                }
                settle(held);
            }
        }
    }

    private void goneUnseen(HeldLimit held) {
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

    private final class Around implements HeldLimit.Surroundings {
        @Override
        public LimitNotes notes() {
            return notes;
        }

        @Override
        public int pageSize() {
            return controller.pageSize();
        }

        @Override
        public boolean isClosed() {
            return closed;
        }

        @Override
        public long now() {
            return core.now(TimeUnit.NANOSECONDS);
        }

        @Override
        public Disposable after(Duration time, Runnable task) {
            return core.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void tell(LimitEvent event) {
            if (events.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
                dropped++;
            }
        }

        @Override
        public void settle(HeldLimit held) {
            LimitEngine.this.settle(held);
        }
    }

    /** A question to the kernel, from its being asked to the answer. */
    final class Asking {
        private boolean left;
        private @Nullable Disposable deadline;

        void deadline(Duration time, Runnable task) {
            endDeadline();
            deadline = around.after(time, task);
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
}
