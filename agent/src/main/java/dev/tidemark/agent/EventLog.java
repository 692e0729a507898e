package dev.tidemark.agent;

import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Lines for the operator, made and written by a thread of its own, so that neither a full pipe nor their wording ever holds
 * up the core.
 *
 * <p><b>Thread:</b> {@link #line} may be called from any thread and never blocks. <b>Back-pressure:</b> at most
 * {@value #CAPACITY} lines wait; further ones are dropped, and how many is said as soon as there is room.
 */
final class EventLog implements AutoCloseable {

    static final int CAPACITY = 4096;

    private static final long LAST_LINES_MILLIS = 250;

    // An empty one is the end.
    private final BlockingQueue<Optional<Supplier<String>>> lines = new LinkedBlockingQueue<>(CAPACITY);
    private final AtomicLong dropped = new AtomicLong();
    private final PrintStream out;
    private final Thread writer;

    EventLog(PrintStream out) {
        this.out = out;
        this.writer = Thread.ofPlatform().daemon().name("tidemark-log").start(this::write);
    }

    /** @param line made when it is its turn, from what does not change any more */
    void line(Supplier<String> line) {
        if (!lines.offer(Optional.of(line))) {
            dropped.incrementAndGet();
        }
    }

    /** Writes what waits, for half a second at most. Blocks. */
    @Override
    public void close() {
        try {
            if (lines.offer(Optional.empty(), LAST_LINES_MILLIS, TimeUnit.MILLISECONDS)) {
                writer.join(LAST_LINES_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            for (Optional<Supplier<String>> line = lines.take(); line.isPresent(); line = lines.take()) {
                out.println(line.get().get());
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
