package dev.tidemark.reclaim.cgroup2;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * sync_file_range(2), which Java has no other way to. Opens, calls and closes: {@code FileChannel} does not tell its
 * descriptor.
 *
 * <p><b>Thread:</b> any; blocks while the disk's queue is full. <b>Failure:</b> an {@link IOException} naming call and error
 * number; nothing is left open.
 */
@SuppressWarnings("restricted") // the handles below are of the C library and have its signatures
final class SyncFileRange implements WritebackCall {
    private static final int O_RDONLY = 0;

    /** Should the path be a pipe by now, opening it must not wait for a writer. */
    private static final int O_NONBLOCK = 0x800;

    private static final int O_CLOEXEC = 0x80000;
    private static final int WRITE = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final MethodHandle OPEN = handle(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            CAPTURE,
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SYNC_FILE_RANGE = handle(
            "sync_file_range", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), CAPTURE);
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), CAPTURE);

    private static MethodHandle handle(String name, FunctionDescriptor signature, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, options);
    }

    @Override
    public void start(String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int descriptor = open(state, arena.allocateFrom(path));
            check(descriptor, "open", path, state);
            int failed;
            int errno;
            try {
                failed = sync(state, descriptor);
                errno = errno(state);
            } finally {
                close(state, descriptor);
            }
            if (failed == -1) {
                throw failure("sync_file_range", path, errno);
            }
        }
    }

    private static int open(MemorySegment state, MemorySegment path) {
        try {
            return (int) OPEN.invokeExact(state, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** From 0 to the end, which a length of 0 means. */
    private static int sync(MemorySegment state, int descriptor) {
        try {
            return (int) SYNC_FILE_RANGE.invokeExact(state, descriptor, 0L, 0L, WRITE);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** On Linux the descriptor is free whatever close says, and one opened for reading has nothing to lose. */
    private static void close(MemorySegment state, int descriptor) {
        try {
            var _ = (int) CLOSE.invokeExact(state, descriptor);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static void check(int result, String call, String path, MemorySegment state) throws IOException {
        if (result == -1) {
            throw failure(call, path, errno(state));
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static IOException failure(String call, String path, int errno) {
        return new IOException(call + " of " + path + " failed with error " + errno);
    }

    /** A downcall has no exceptions of its own; what is thrown is an error of the JVM or of these signatures. */
    private static IllegalStateException unexpected(Throwable e) {
        return new IllegalStateException("a call of the C library went wrong", e);
    }
}
