package dev.tidemark.agent;

import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Lines for the operator, written by a thread of its own so that a full pipe never holds up the core.
 *
 * <p><b>Thread:</b> {@link #accept} may be called from any thread and never blocks. <b>Back-pressure:</b> at most
 * {@value #CAPACITY} lines wait; further ones are dropped, and how many is said as soon as there is room.
 */
final class EventLog implements Consumer<String>, AutoCloseable {

    static final int CAPACITY = 4096;

    private static final String END = new String("end");
    private static final long LAST_LINES_MILLIS = 500;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(CAPACITY);
    private final AtomicLong dropped = new AtomicLong();
    private final PrintStream out;
    private final Thread writer;

    EventLog(PrintStream out) {
        this.out = out;
        this.writer = Thread.ofPlatform().daemon().name("tidemark-log").start(this::write);
    }

    @Override
    public void accept(String line) {
        if (!lines.offer(line)) {
            dropped.incrementAndGet();
        }
    }

    /** Writes what waits, for half a second at most. */
    @Override
    public void close() {
        try {
            if (lines.offer(END)) {
                writer.join(LAST_LINES_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("ReferenceEquality") // END is told from a line with the same text by being this very object
    private void write() {
        try {
            for (String line = lines.take(); line != END; line = lines.take()) {
                out.println(line);
                long lost = dropped.getAndSet(0);
                if (lost > 0) {
                    out.println("log: " + lost + " lines dropped because the reader of this log is too slow");
                }
                if (lines.isEmpty()) {
                    out.flush();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.flush();
    }
}
