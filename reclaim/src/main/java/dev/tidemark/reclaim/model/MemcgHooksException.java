package dev.tidemark.reclaim.model;

import java.io.Serial;

/** A table of hooks was not attached, swapped or detached; nothing has changed. The message says what would help. */
public final class MemcgHooksException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /** What the kernel would have returned. */
    public enum Errno {
        /** There is one already where only one may be. */
        EEXIST,
        /** Another table stands in the way. */
        EBUSY,
        /** Not possible with this cgroup, or not from here. */
        EINVAL,
        /** Not a way to attach. */
        EOPNOTSUPP
    }

    private final Errno errno;

    MemcgHooksException(Errno errno, String message) {
        super(errno + ": " + message);
        this.errno = errno;
    }

    /** What the kernel would have returned. */
    public Errno errno() {
        return errno;
    }
}
