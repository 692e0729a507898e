package dev.tidemark.reclaim.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The kernel thread {@code psimon} of one cgroup: while tasks wait it looks at the triggers, ten times in the shortest of their
 * windows, and goes on for one such window after the last stall ({@code psi_rtpoll_work} in {@code kernel/sched/psi.c}).
 *
 * <p><b>Thread:</b> the clock's. <b>Time:</b> nanoseconds of the clock.
 */
final class PsiMonitor {

    /** {@code UPDATES_PER_WINDOW}. */
    static final int LOOKS = 10;

    private record Watched(PsiTrigger trigger, Runnable listener) {}

    private final PsiGroup group;
    private final ModelClock clock;
    private final List<Watched> watched = new ArrayList<>();
    private final long[] collected = new long[2];
    private final long[] looked = new long[2];
    private boolean polling;
    private long untilNanos;
    private long nextLookNanos;
    private boolean scheduled;
    private int timer;

    PsiMonitor(PsiGroup group, ModelClock clock) {
        this.group = group;
        this.clock = clock;
    }

    /** @param listener told when the trigger's threshold is exceeded, at most once in its window */
    void add(PsiTrigger trigger, Runnable listener) {
        long now = clock.now();
        trigger.reset(now, group.polledNanos(now, trigger.state), 0);
        watched.add(new Watched(trigger, listener));
    }

    void remove(PsiTrigger trigger) {
        watched.removeIf(one -> one.trigger == trigger);
    }

    boolean isEmpty() {
        return watched.isEmpty();
    }

    /** {@code psi_group_change}: some task waits, and perhaps none gets on. */
    void stalled(boolean full) {
        if (!scheduled && (full || watches(PsiGroup.SOME))) {
            schedule(Costs.JIFFY);
        }
    }

    private boolean watches(int state) {
        for (Watched one : watched) {
            if (one.trigger.state == state) {
                return true;
            }
        }
        return false;
    }

    /** {@code mod_timer}: one that is set already is moved. */
    private void schedule(long delayNanos) {
        scheduled = true;
        int mine = ++timer;
        clock.after(delayNanos, () -> {
            if (mine == timer) {
                work();
            }
        });
    }

    private void work() {
        long now = clock.now();
        boolean within = polling && now <= untilNanos;
        scheduled = within;
        boolean changed = collect(now);
        if (watched.isEmpty()) {
            scheduled = false;
            polling = false;
            return;
        }
        if (changed) {
            if (!within) {
                init(now);
            }
            polling = true;
            untilNanos = now + shortestLook() * LOOKS;
        } else if (!within) {
            polling = false;
            return;
        }
        if (now >= nextLookNanos) {
            look(now);
            nextLookNanos = now + shortestLook();
        }
        schedule(nextLookNanos - now + Costs.JIFFY);
    }

    /** Whether a total that a trigger looks at has grown since the last time. */
    private boolean collect(long now) {
        boolean changed = false;
        for (int state = PsiGroup.SOME; state <= PsiGroup.FULL; state++) {
            long total = group.polledNanos(now, state);
            changed |= total != collected[state] && watches(state);
            collected[state] = total;
        }
        return changed;
    }

    private void init(long now) {
        for (Watched one : watched) {
            one.trigger.reset(now, collected[one.trigger.state], 0);
        }
        System.arraycopy(collected, 0, looked, 0, looked.length);
        nextLookNanos = now + shortestLook();
    }

    private void look(long now) {
        for (Watched one : List.copyOf(watched)) {
            int state = one.trigger.state;
            if (one.trigger.update(now, collected[state], collected[state] != looked[state])) {
                one.listener.run();
            }
        }
        System.arraycopy(collected, 0, looked, 0, looked.length);
    }

    private long shortestLook() {
        long shortest = Long.MAX_VALUE;
        for (Watched one : watched) {
            shortest = Math.min(shortest, one.trigger.windowNanos / LOOKS);
        }
        return shortest;
    }
}
