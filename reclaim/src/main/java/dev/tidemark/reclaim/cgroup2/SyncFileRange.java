package dev.tidemark.reclaim.cgroup2;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * sync_file_range(2), which Java has no other way to. Opens, calls and closes: {@code FileChannel} does not tell its
 * descriptor.
 *
 * <p><b>Thread:</b> any; blocks while the disk's queue is full. <b>Failure:</b> as {@link LibC}; nothing is left open.
 */
final class SyncFileRange implements WritebackCall {
    private static final int WRITE = 2;

    private static final MethodHandle SYNC_FILE_RANGE = LibC.handle(
            "sync_file_range", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), LibC.CAPTURE);

    @Override
    public void start(String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(LibC.STATE);
            int descriptor = LibC.open(state, path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
            int failed;
            int errno;
            try {
                failed = sync(state, descriptor);
                errno = LibC.errno(state);
            } finally {
                LibC.close(descriptor);
            }
            if (failed == -1) {
                throw LibC.failure(path, errno);
            }
        }
    }

    /** From 0 to the end, which a length of 0 means. */
    private static int sync(MemorySegment state, int descriptor) {
        try {
            return (int) SYNC_FILE_RANGE.invokeExact(state, descriptor, 0L, 0L, WRITE);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
    }
}
