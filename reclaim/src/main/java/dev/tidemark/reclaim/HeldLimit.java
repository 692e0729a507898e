package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Throttle;
import dev.tidemark.reclaim.LimitEvent.Cause;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * A file of a cgroup that some policy wants something else in, or that is not back to what it was: what was found, what is, what is
 * to be, and what of that the journal could undo. It says what has to be done next; {@link LimitEngine} does it.
 *
 * <p><b>Thread:</b> confined to the core thread.
 */
final class HeldLimit {
    /** What was refused may be granted then. */
    static final Duration LATER = Duration.ofSeconds(1);

    /** What was cancelled, or has to be done before the agent ends. */
    static final Duration SOON = Duration.ofMillis(50);

    final LimitKey key;
    final Cgroup cgroup;
    final String name;
    final List<LimitWant> wants = new ArrayList<>(1);
    final List<Policy> draining = new ArrayList<>(1);

    /** Whether {@link #foundBytes} and {@link #isBytes} are. */
    boolean known;

    long foundBytes;
    long isBytes;
    /** What may be there instead of {@link #isBytes}, and by the journal be undone. */
    long notedBytes = LimitWant.NOTHING_YET;
    /** Whether a write that was left to itself may have changed {@link #isBytes}. */
    boolean unsure;

    /** Questions that were left to themselves and have not returned. */
    int left;

    /** What was told when it was found to be somebody else's by now: it goes against whoever wants it later, too. */
    private @Nullable LimitEvent leftAlone;

    /** Whether it has been told that what was found cannot be put back. */
    private boolean told;

    boolean queued;
    boolean noting;
    private final Surroundings around;
    private double usageBytes = Double.NaN;

    LimitEngine.@Nullable Asking asking;

    private @Nullable Disposable pause;
    private @Nullable CgroupLimits limits;

    /** What has to be done next. */
    enum Step {
        NOTHING,
        /** Find out what is there. */
        LOOK,
        /** Have it noted how what is wanted is undone. */
        NOTE,
        WRITE
    }

    /** Where it is held, and who sees to what it comes to. */
    interface Surroundings {
        LimitNotes notes();

        int pageSize();

        boolean isClosed();

        long now();

        Disposable after(Duration time, Runnable task);

        void tell(LimitEvent event);

        /** What is to be there may be another than what is. */
        void settle(HeldLimit held);
    }

    HeldLimit(LimitKey key, Cgroup cgroup, String name, Surroundings around) {
        this.key = key;
        this.cgroup = cgroup;
        this.name = name;
        this.around = around;
    }

    boolean isOccupied() {
        return queued || noting || asking != null || pause != null;
    }

    Step next() {
        if (leftAlone != null) {
            return Step.NOTHING;
        }
        if (unsure || wants.stream().anyMatch(want -> !want.over && want.bytes == LimitWant.NOTHING_YET)) {
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
        for (LimitWant want : wants) {
            if (!want.over && want.bytes != LimitWant.NOTHING_YET) {
                wanted = key.file().stricter(wanted, want.bytes);
            }
        }
        return wanted;
    }

    LimitJournal.Entry entry(long bytes) {
        List<Long> written = isBytes == foundBytes ? List.of(bytes) : List.of(isBytes, bytes);
        return new LimitJournal.Entry(name, cgroup.path(), key.cgroupId(), key.file(), foundBytes, written);
    }

    void seen(CgroupLimits now) {
        limits = now;
        usageBytes = now.usageBytes();
        long is = now.of(key.file());
        if (!known) {
            known = true;
            isBytes = is;
            foundBytes = around.notes().beforeOf(key, is);
        } else if (is != isBytes) {
            found(is);
        }
        unsure = false;
        if (leftAlone != null) {
            return;
        }
        for (LimitWant want : wants) {
            if (want.bytes == LimitWant.NOTHING_YET && !want.over) {
                first(want, now);
            }
        }
    }

    private void first(LimitWant want, CgroupLimits now) {
        if (Double.isNaN(usageBytes) && want.policy.action() instanceof Throttle) {
            want.over = true;
            tell(
                    want,
                    new LimitEvent.Refused(
                            cgroup, want.policy.name(), key.file(), around.now(), "its memory.current cannot be read"));
            return;
        }
        want.bytes = want.of(usageBytes, now, around.pageSize());
        want.changedNanos = around.now();
        if (key.file().stricter(foundBytes, want.bytes) == foundBytes) {
            tell(want, new LimitEvent.Needless(cgroup, want.policy.name(), key.file(), around.now(), foundBytes));
        }
    }

    void follow(double usage) {
        CgroupLimits last = limits;
        if (last == null || Double.isNaN(usage)) {
            return;
        }
        usageBytes = usage;
        for (LimitWant want : wants) {
            boolean due =
                    around.now() - want.changedNanos >= want.policy.period().toNanos();
            if (want.bytes != LimitWant.NOTHING_YET && due) {
                long bytes = want.of(usage, last, around.pageSize());
                if (bytes < want.bytes) {
                    want.bytes = bytes;
                    want.changedNanos = around.now();
                }
            }
        }
    }

    /** A dry run has got as far as it gets. */
    void withheld(long bytes, double usage) {
        tell(set(bytes, usage, true));
        wants.forEach(want -> want.over = true);
    }

    private LimitEvent set(long bytes, double usage, boolean withheld) {
        return new LimitEvent.Set(cgroup, holder(), key.file(), around.now(), isBytes, bytes, usage, withheld);
    }

    private String holder() {
        return wants.isEmpty() ? name : wants.getFirst().policy.name();
    }

    /** What was to be there is. */
    void wrote(long bytes, double usage) {
        if (bytes == foundBytes) {
            Cause cause = around.isClosed() ? Cause.EXIT : wants.isEmpty() ? Cause.STOP : Cause.LONGEST;
            LimitEvent restored =
                    new LimitEvent.Restored(cgroup, holder(), key.file(), around.now(), isBytes, bytes, cause);
            // Not against one that needed nothing set, or could not have it: that has not held it.
            wants.stream().filter(want -> want.over && want.against == null).forEach(want -> want.against = restored);
            around.tell(restored);
            isBytes = bytes;
            // From here on anybody may change it, and who wants something next looks first.
            known = false;
            notedBytes = LimitWant.NOTHING_YET;
            around.notes().remove(key);
            return;
        }
        around.tell(set(bytes, usage, false));
        isBytes = bytes;
        for (LimitWant want : wants) {
            if (!want.over && want.against instanceof LimitEvent.Refused) {
                want.against = null;
            }
            if (want.bytes != LimitWant.NOTHING_YET && !want.over && want.timer == null) {
                want.untilNanos = around.now() + want.longest().toNanos();
                want.timer = around.after(want.longest(), () -> {
                    want.over = true;
                    around.settle(this);
                });
            }
        }
    }

    /** Something that goes against each policy that holds it. */
    private void tell(LimitEvent event) {
        wants.forEach(want -> want.against = event);
        around.tell(event);
    }

    private void tell(LimitWant want, LimitEvent event) {
        want.against = event;
        around.tell(event);
    }

    /** Where a policy stands with it; empty when it does not want anything of it. */
    Optional<LimitStanding> standing(Policy policy) {
        return wants.stream()
                .filter(want -> want.policy.name().equals(policy.name()))
                .findFirst()
                .map(want -> new LimitStanding(
                        key.file(),
                        isBytes,
                        foundBytes,
                        want.untilNanos,
                        Optional.ofNullable(leftAlone).or(() -> Optional.ofNullable(want.against))));
    }

    /** Something else is there than was thought. */
    void found(long bytes) {
        if (bytes == notedBytes || (unsure && bytes == foundBytes)) {
            // Ours, of a write that was left to itself.
            isBytes = bytes;
            return;
        }
        leftAlone = new LimitEvent.LeftAlone(cgroup, holder(), key.file(), around.now(), isBytes, bytes);
        tell(leftAlone);
        around.notes().remove(key);
    }

    /** @param forGood whether asking again is pointless */
    void refuse(String message, boolean forGood) {
        for (LimitWant want : wants) {
            if (!want.over && !want.told) {
                want.told = true;
                tell(want, new LimitEvent.Refused(cgroup, want.policy.name(), key.file(), around.now(), message));
            }
            want.over |= forGood;
        }
        if (wants.isEmpty() && !told) {
            told = true;
            around.tell(new LimitEvent.Refused(cgroup, name, key.file(), around.now(), message));
        }
    }

    void pause(Duration time) {
        pause = around.after(time, () -> {
            pause = null;
            around.settle(this);
        });
    }

    void endPause() {
        if (pause != null) {
            pause.dispose();
            pause = null;
        }
    }

    void drop(Policy policy) {
        for (LimitWant want : List.copyOf(wants)) {
            // Names are unique among policies that are active; of others a reload may have left some content the
            // same.
            if (want.policy.name().equals(policy.name())) {
                want.end();
                wants.remove(want);
            }
        }
    }

    void dropAll() {
        wants.forEach(LimitWant::end);
        wants.clear();
    }

    /** Nothing more is to come of it. */
    void letGo() {
        dropAll();
        endPause();
    }
}
