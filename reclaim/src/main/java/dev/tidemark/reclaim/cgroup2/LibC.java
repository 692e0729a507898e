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
import java.nio.file.FileSystemException;

/**
 * Calls of the C library: what files need that are opened here, by their descriptors.
 *
 * <p>What is called with each sample is called without having its error number kept, which costs an object; when it fails it is called
 * once more, to say why. None of these calls is {@linkplain Linker.Option#critical critical}: a read of a kernel file may wait
 * for a lock, and as long as a critical call lasts no other thread gets past a safepoint. It would spare some 30 ns.
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

    /** Only to find other files from it. */
    static final int O_PATH = 0x200000;

    /** In place of a directory that paths are relative to: they are absolute. */
    static final int AT_FDCWD = -100;

    /** Where a call leaves its error number. */
    static final StructLayout STATE = Linker.Option.captureStateLayout();

    static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    /** struct statx, which is the same on all architectures. */
    static final int STATX_BYTES = 256;

    /** struct timespec, where longs have 64 bits. */
    static final int TIMESPEC_BYTES = 16;

    private static final int CLOCK_THREAD_CPUTIME_ID = 3;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long STATX_INODE = 32;
    private static final int STATX_INO = 0x100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int READING = O_RDONLY | O_CLOEXEC;
    private static final int EINTR = 4;
    private static final int LONGEST_WORDS = 128;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(3);
    private static final FunctionDescriptor OPENAT =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle OPENAT_CAPTURING = handle("openat", OPENAT, CAPTURE, VARIADIC);
    private static final MethodHandle OPENAT_QUIETLY = handle("openat", OPENAT, VARIADIC);
    private static final FunctionDescriptor PREAD =
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PREAD_CAPTURING = handle("pread", PREAD, CAPTURE);
    private static final MethodHandle PREAD_QUIETLY = handle("pread", PREAD);
    private static final FunctionDescriptor STATX =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle STATX_CAPTURING = handle("statx", STATX, CAPTURE);
    private static final MethodHandle STATX_QUIETLY = handle("statx", STATX);
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOCK_GETTIME =
            handle("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle STRERROR = handle("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private LibC() {}

    static MethodHandle handle(String name, FunctionDescriptor signature, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, options);
    }

    /** A descriptor of the file, which whoever asked has to close. */
    static int open(MemorySegment state, String path, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = openat(state, AT_FDCWD, arena.allocateFrom(path), flags);
            if (descriptor == -1) {
                throw failure(path, errno(state));
            }
            return descriptor;
        }
    }

    private static int openat(MemorySegment state, int from, MemorySegment path, int flags) {
        try {
            return (int) OPENAT_CAPTURING.invokeExact(state, from, path, flags, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * A descriptor of the file, which whoever asked has to close.
     *
     * @param from what the path is relative to, or {@link #AT_FDCWD}
     * @param path of that file in that directory, ended by a zero byte
     */
    static int openForReading(MemorySegment state, int from, MemorySegment path, Directory directory, String file)
            throws IOException {
        try {
            int descriptor = (int) OPENAT_QUIETLY.invokeExact(from, path, READING, 0);
            while (descriptor == -1) {
                descriptor = openat(state, from, path, READING);
                if (descriptor == -1 && errno(state) != EINTR) {
                    throw failure(directory.resolve(file).toString(), errno(state));
                }
            }
            return descriptor;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** How many bytes were read from {@code offset} of the file to the same offset of the buffer; 0 at its end. */
    static int pread(MemorySegment state, int descriptor, MemorySegment buffer, int offset, int most)
            throws IOException {
        MemorySegment into = offset == 0 ? buffer : buffer.asSlice(offset);
        try {
            long length = (long) PREAD_QUIETLY.invokeExact(descriptor, into, (long) most, (long) offset);
            while (length == -1) {
                length = (long) PREAD_CAPTURING.invokeExact(state, descriptor, into, (long) most, (long) offset);
                if (length == -1 && errno(state) != EINTR) {
                    throw new IOException(words(errno(state)));
                }
            }
            return (int) length;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * The inode number of what is at a path, a link being itself.
     *
     * @param from what the path is relative to, or {@link #AT_FDCWD}
     * @param path of that directory, ended by a zero byte
     */
    static long inode(MemorySegment state, int from, MemorySegment path, MemorySegment facts, Directory directory)
            throws IOException {
        try {
            int done = (int) STATX_QUIETLY.invokeExact(from, path, AT_SYMLINK_NOFOLLOW, STATX_INO, facts);
            if (done == -1) {
                done = (int) STATX_CAPTURING.invokeExact(state, from, path, AT_SYMLINK_NOFOLLOW, STATX_INO, facts);
            }
            if (done == -1) {
                throw failure(directory.toString(), errno(state));
            }
            return facts.get(JAVA_LONG, STATX_INODE);
        } catch (IOException e) {
            throw e;
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

    /** CPU that the calling thread has used since it was started, in the kernel and outside, in nanoseconds. */
    static long threadCpuNanos(MemorySegment time) {
        try {
            // It has no way to fail: the clock is always there and the memory ours.
            var _ = (int) CLOCK_GETTIME.invokeExact(CLOCK_THREAD_CPUTIME_ID, time);
            return time.get(JAVA_LONG, 0) * NANOS_PER_SECOND + time.get(JAVA_LONG, Long.BYTES);
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
