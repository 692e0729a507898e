package dev.tidemark.reclaim;

import dev.tidemark.reclaim.ReclaimEvent.Reason;

/** What a request to reclaim came to, whatever the kernel said. */
enum Effect {
    /** Memory moved, also where the kernel says EAGAIN or was cut short: that is success, with its true amount. */
    MOVED(Reason.NO_PROGRESS),
    /** Nothing moved, and the kernel says so, or it was cut short at its deadline. */
    NOTHING(Reason.NO_PROGRESS),
    /** Nothing moved, and the kernel says yes. */
    UNSEEN(Reason.NO_EFFECT),
    /** Nothing was done, for this is a dry run. */
    WITHHELD(Reason.NO_PROGRESS),
    /** The kernel will not do this. */
    REFUSED(Reason.REFUSED),
    /** It did not return although cancelled. */
    STUCK(Reason.STUCK),
    /** It was broken off because nobody wants it any more: it says nothing about the cgroup. */
    NONE(Reason.NO_PROGRESS);

    private final Reason reason;

    Effect(Reason reason) {
        this.reason = reason;
    }

    /** Why the next request has to wait, where it has to. */
    Reason reason() {
        return reason;
    }

    static Effect of(Write write, ReclaimResult result) {
        if (write.stuck) {
            return STUCK;
        }
        if (result.pagesReclaimed() > 0) {
            return MOVED;
        }
        return switch (result.outcome()) {
            case SUCCESS -> UNSEEN;
            case AGAIN -> NOTHING;
            case INTERRUPTED -> write.overdue ? NOTHING : NONE;
            case REFUSED -> REFUSED;
            case DRY_RUN -> WITHHELD;
            case GONE -> NONE;
        };
    }
}
