package dev.tidemark.triggers;

import java.io.IOException;

/** The cgroup with this id is not there any more; another one may be at its path. */
public final class CgroupGoneException extends IOException {

    private static final long serialVersionUID = 1;

    public CgroupGoneException(Cgroup cgroup) {
        super("cgroup " + cgroup + " is gone");
    }

    public CgroupGoneException(Cgroup cgroup, Throwable cause) {
        super("cgroup " + cgroup + " is gone", cause);
    }
}
