package dev.tidemark.reclaim.cgroup2;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.Arrays;

/**
 * What one thread needs to open, read and parse a file without allocating: memory outside the heap for the kernel to read paths from
 * and to fill, an array to scan, and room for the values found.
 *
 * <p><b>Thread:</b> each has its own, {@link #mine}.
 */
final class Scratch {
    /** memory.stat, the longest file we know, is below 4 KiB; the kernel itself composes it in at most two pages. */
    private static final int START_BYTES = 16 * 1024;

    /** What is longer is no cgroup file; the rest of it is not looked at. */
    private static final int MOST_BYTES = 256 * 1024;

    private static final int START_VALUES = 32;

    /** The kernel's PATH_MAX, the zero byte at the end included. */
    private static final int LONGEST_PATH = 4096;

    private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

    // It goes with this.
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment path = arena.allocate(LONGEST_PATH);
    private final byte[] pathBytes = new byte[LONGEST_PATH];
    private final MemorySegment state = arena.allocate(LibC.STATE);
    private final MemorySegment facts = arena.allocate(LibC.STATX_BYTES, Long.BYTES);

    private final MemorySegment time = arena.allocate(LibC.TIMESPEC_BYTES, Long.BYTES);

    private MemorySegment buffer = arena.allocate(START_BYTES, Long.BYTES);
    // Of the same memory: copied from here without asking what kind of array it goes to.
    private ByteBuffer view = buffer.asByteBuffer();
    private byte[] bytes = new byte[START_BYTES];
    private double[] found = new double[START_VALUES];
    private final OnceFiles once = new OnceFiles();

    /** Whether something has been read through a path since {@link CgroupFiles#enter} that may by then be another cgroup's. */
    boolean unproven;

    static Scratch mine() {
        return MINE.get();
    }

    /** Where a call leaves its error number. */
    MemorySegment state() {
        return state;
    }

    /** Where statx(2) leaves what it knows. */
    MemorySegment facts() {
        return facts;
    }

    /** Where clock_gettime(2) leaves the time. */
    MemorySegment time() {
        return time;
    }

    /** What this thread has opened for the sample that it is at. */
    OnceFiles once() {
        return once;
    }

    /** The path of a file as C wants it, {@linkplain Directory#from from} there. */
    MemorySegment path(Directory directory, int from, String file) throws IOException {
        int length = directory.put(from, file, pathBytes);
        if (length < 0) {
            throw new FileSystemException(directory.resolve(file).toString(), null, "File name too long");
        }
        MemorySegment.copy(pathBytes, 0, path, JAVA_BYTE, 0, length);
        return path;
    }

    /** For the kernel to fill, from its start. */
    MemorySegment buffer() {
        return buffer;
    }

    int capacity() {
        return bytes.length;
    }

    /** Has a larger buffer with what the full one holds; false when it is the largest. */
    boolean grow() {
        if (bytes.length >= MOST_BYTES) {
            return false;
        }
        MemorySegment larger = arena.allocate(bytes.length * 4L, Long.BYTES);
        MemorySegment.copy(buffer, 0, larger, 0, bytes.length);
        buffer = larger;
        view = larger.asByteBuffer();
        bytes = new byte[bytes.length * 4];
        return true;
    }

    /** What the buffer holds, to be scanned. */
    byte[] bytes(int length) {
        view.get(0, bytes, 0, length);
        return bytes;
    }

    /** Room for so many values, none of them known. */
    double[] found(int size) {
        if (size > found.length) {
            found = new double[size * 2];
        }
        Arrays.fill(found, 0, size, Double.NaN);
        return found;
    }
}
