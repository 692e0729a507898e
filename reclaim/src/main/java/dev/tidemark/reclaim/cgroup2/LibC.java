package dev.tidemark.reclaim.cgroup2;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.FileSystemException;

/**
 * Calls of the C library that Java has no other way to: what files need that are opened here, by their descriptors.
 *
 * <p><b>Thread:</b> any, each with its own {@link #STATE}. <b>Failure:</b> as the JDK does it, a {@link FileSystemException}
 * with the C library's words for the error number, so that {@link Errno} tells which.
 */
@SuppressWarnings("restricted") // the handles are of the C library and have its signatures
final class LibC {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;

    /** Should the path be a pipe, opening it must not wait for whoever is at the other end. */
    static final int O_NONBLOCK = 0x800;

    static final int O_CLOEXEC = 0x80000;

    /** Where a call leaves its error number. */
    static final StructLayout STATE = Linker.Option.captureStateLayout();

    static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private static final int LONGEST_WORDS = 128;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle OPEN = handle(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            CAPTURE,
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle STRERROR = handle("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private LibC() {}

    static MethodHandle handle(String name, FunctionDescriptor signature, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, options);
    }

    /** A descriptor of the file, which whoever asked has to close. */
    static int open(MemorySegment state, String path, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = open(state, arena.allocateFrom(path), flags);
            if (descriptor == -1) {
                throw failure(path, errno(state));
            }
            return descriptor;
        }
    }

    private static int open(MemorySegment state, MemorySegment path, int flags) {
        try {
            return (int) OPEN.invokeExact(state, path, flags, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** On Linux the descriptor is free whatever close says, and what we close has nothing to lose. */
    static void close(int descriptor) {
        try {
            var _ = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /** @param what the file it happened to, or the call */
    static FileSystemException failure(String what, int errno) {
        return new FileSystemException(what, null, words(errno));
    }

    private static String words(int errno) {
        try {
            MemorySegment words = (MemorySegment) STRERROR.invokeExact(errno);
            return words.reinterpret(LONGEST_WORDS).getString(0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A downcall has no exceptions of its own; what is thrown is an error of the JVM or of these signatures. */
    static IllegalStateException unexpected(Throwable e) {
        return new IllegalStateException("a call of the C library went wrong", e);
    }
}
