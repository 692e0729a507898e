package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario.DiskSpec;

/** The disk that files and swap are on: reads have a latency and share its bandwidth, writes stand in line. Times in nanoseconds of the clock. */
final class Disk {

    private final ModelClock clock;
    private final long latencyNanos;
    private final long readPageNanos;
    private final long writePageNanos;
    private final int readaheadPages;
    private long freeNanos;
    private long readFreeNanos;

    Disk(DiskSpec spec, ModelClock clock) {
        this.clock = clock;
        latencyNanos = spec.latency().toNanos();
        readPageNanos = pageNanos(spec.readBytesPerSecond());
        writePageNanos = pageNanos(spec.writeBytesPerSecond());
        readaheadPages = (int) (spec.readaheadBytes() >> Folios.PAGE_SHIFT);
        freeNanos = clock.now();
        readFreeNanos = freeNanos;
    }

    private static long pageNanos(double bytesPerSecond) {
        return (long) (Folios.PAGE_SIZE * 1e9 / bytesPerSecond);
    }

    /** {@code read_ahead_kb}, in pages. */
    int readaheadPages() {
        return readaheadPages;
    }

    /** How long a read takes before its first page is there. */
    long latencyNanos() {
        return latencyNanos;
    }

    /** How long it takes to transfer one page that is read. */
    long readPageNanos() {
        return readPageNanos;
    }

    /** How long it takes to write one page, once it is its turn. */
    long writePageNanos() {
        return writePageNanos;
    }

    /**
     * When a read is through that is asked for now. Reads share the bandwidth, in the order in which they are asked for.
     *
     * @param latency of this one
     */
    long read(int pages, long latency) {
        readFreeNanos = Math.max(clock.now(), readFreeNanos) + pages * readPageNanos;
        return readFreeNanos + latency;
    }

    /** When all that was handed over is written. */
    long freeNanos() {
        return Math.max(clock.now(), freeNanos);
    }

    /** Has that many pages written after all that stands in line already; then runs what is to follow. */
    void write(int pages, Runnable then) {
        freeNanos = freeNanos() + pages * writePageNanos;
        clock.after(freeNanos - clock.now(), then);
    }
}
