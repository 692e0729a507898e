package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** One request to reclaim, from its subscription until the kernel has returned. <b>Thread:</b> any. */
final class InFlight {
    private final Cgroup cgroup;

    // Guarded by this.
    private @Nullable FileChannel channel;
    private boolean cancelled;
    private boolean started;
    private @Nullable CgroupFiles files;
    private boolean populated;

    InFlight(Cgroup cgroup) {
        this.cgroup = cgroup;
    }

    Cgroup cgroup() {
        return cgroup;
    }

    /** Its turn on a thread has come. */
    synchronized void start() {
        started = true;
    }

    synchronized boolean isStarted() {
        return started;
    }

    /** To be called before anything is written: with what a {@link RemovalWatch} looks at the cgroup, and whether it has tasks now. */
    synchronized void watched(CgroupFiles files, boolean populated) {
        this.files = files;
        this.populated = populated;
    }

    /** Null while it is not to be watched. */
    synchronized @Nullable CgroupFiles files() {
        return files;
    }

    synchronized boolean wasPopulated() {
        return populated;
    }

    /** From here on {@link #cancel} closes the channel; false when it was cancelled already. */
    synchronized boolean writesTo(FileChannel opened) {
        if (cancelled) {
            return false;
        }
        channel = opened;
        return true;
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /** The write has returned. */
    synchronized void end() {
        channel = null;
    }

    /** Breaks the request off; what is left to be closed for that, if it writes already. */
    synchronized @Nullable FileChannel cancel() {
        @Nullable FileChannel open = channel;
        cancelled = true;
        channel = null;
        return open;
    }
}
