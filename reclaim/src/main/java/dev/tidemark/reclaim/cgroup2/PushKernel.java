package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What being told by a kernel needs of it, besides what {@link CgroupFs} has: files by their descriptors, and to wait for many
 * of them at once.
 *
 * <p><b>Thread:</b> confined to the thread that opened it, but for {@link #wake} and {@link #close(int)}. <b>Failure:</b> the
 * {@link IOException} of the JDK, {@link Errno} tells which.
 */
interface PushKernel extends AutoCloseable {
    /** In place of a key: somebody has called {@link #wake}. */
    int WOKEN = -1;

    /** Makes one, on the thread that is going to use it. */
    interface Opener {
        PushKernel open() throws IOException;
    }

    /** Opens a file, for reading and, if {@code writable}, for writing. Never waits. */
    int open(Path file, boolean writable) throws IOException;

    /** One write(2) of ASCII. */
    void write(int descriptor, String text) throws IOException;

    /** One read from the start; how many bytes. Allocates nothing. */
    int read(int descriptor, byte[] into) throws IOException;

    /** Blocks for some milliseconds where the descriptor has a trigger: the kernel waits for all who may use it. Any thread. */
    void close(int descriptor);

    /** From here on {@link #await} tells of priority events (EPOLLPRI) of the descriptor, under this key, 0 or more. */
    void add(int descriptor, int key) throws IOException;

    /** Ends {@link #add}. */
    void remove(int descriptor);

    /**
     * Waits until something is ready or has been woken. Allocates nothing.
     *
     * @param wait without end; otherwise it only looks
     * @return how many are ready; 0 also when a signal has interrupted it
     */
    int await(boolean wait) throws IOException;

    /** The key of the {@code i}th that is ready, or {@link #WOKEN}, which by this is over. */
    int key(int i);

    /** Whether the {@code i}th that is ready has an error condition (EPOLLERR, EPOLLHUP). */
    boolean failed(int i);

    /** Makes {@link #await} return, now or at its next call. Any thread while this is open; never blocks. */
    void wake();

    /** Lets go of what this itself has; descriptors from {@link #open} are their opener's. */
    @Override
    void close();
}
