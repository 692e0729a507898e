package dev.tidemark.reclaim.cgroup2;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one thread needs to read and parse a file without allocating: a direct buffer for the kernel to fill, an array to
 * scan, and room for the values found.
 *
 * <p><b>Thread:</b> each has its own, {@link #mine}.
 */
final class Scratch {
    /** memory.stat, the longest file we know, is below 4 KiB; the kernel itself composes it in at most two pages. */
    private static final int START_BYTES = 16 * 1024;

    /** What is longer is no cgroup file; the rest of it is not looked at. */
    private static final int MOST_BYTES = 256 * 1024;

    private static final int START_VALUES = 32;

    private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

    private ByteBuffer buffer = ByteBuffer.allocateDirect(START_BYTES);
    private byte[] bytes = new byte[START_BYTES];
    private double[] found = new double[START_VALUES];

    static Scratch mine() {
        return MINE.get();
    }

    /** The empty buffer. */
    ByteBuffer buffer() {
        return buffer.clear();
    }

    /** A larger buffer with what the full one holds, or the same, still full, when it is the largest. */
    ByteBuffer grown() {
        if (buffer.capacity() >= MOST_BYTES) {
            return buffer;
        }
        ByteBuffer larger = ByteBuffer.allocateDirect(buffer.capacity() * 4);
        larger.put(buffer.flip());
        buffer = larger;
        bytes = new byte[larger.capacity()];
        return buffer;
    }

    /** What the buffer holds, to be scanned. */
    byte[] bytes(int length) {
        buffer.get(0, bytes, 0, length);
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
