package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.PushRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor through which a kernel tells, and the counter that tells whether to believe it.
 *
 * <p><b>Thread:</b> confined to the push thread.
 */
abstract sealed class PushFile {
    /** No kernel has reason to tell again so soon. */
    private static final long QUICK_NANOS = 1_000_000;

    final PushStream stream;
    final PushRequest request;
    final int descriptor;

    /** Under which the push thread waits for it. */
    int key = -1;

    private int falseOnes;
    private long falseNanos;

    private PushFile(PushStream stream, PushRequest request, int descriptor) {
        this.stream = stream;
        this.request = request;
        this.descriptor = descriptor;
    }

    /** How many false pushes there have been in quick succession, with this one. */
    final int falseAgain(long nanos) {
        falseOnes = nanos - falseNanos < QUICK_NANOS ? falseOnes + 1 : 1;
        falseNanos = nanos;
        return falseOnes;
    }

    /** How long what it tells counts. */
    abstract Duration lasts();

    /** Whether an error condition says that nothing follows. */
    abstract boolean endsWithError();

    /**
     * Looks at the counter, which also makes the kernel ready to tell the next time.
     *
     * @param text room for the file
     * @return by how much it has grown since the last look, for people; null when it has not
     */
    abstract @Nullable String moved(PushKernel kernel, byte[] text) throws IOException;

    /** A pressure file with a trigger in it. */
    static final class Pressure extends PushFile {
        private final boolean full;
        private final Duration lasts;
        private long totalMicros;

        /** @param totalMicros before the trigger was set: what it tells of comes after */
        Pressure(PushStream stream, PushRequest.Pressure request, int descriptor, Duration lasts, long totalMicros) {
            super(stream, request, descriptor);
            this.full = request.full();
            this.lasts = lasts;
            this.totalMicros = totalMicros;
        }

        @Override
        Duration lasts() {
            return lasts;
        }

        @Override
        boolean endsWithError() {
            return true;
        }

        /**
         * Any growth will do: the kernel's trigger has totals of its own, weighted by how busy each CPU was over shorter spans than
         * those in the file are, so the two differ by a factor on a large host.
         */
        @Override
        @Nullable
        String moved(PushKernel kernel, byte[] text) throws IOException {
            long now = PushText.totalMicros(text, kernel.read(descriptor, text), full);
            long before = totalMicros;
            totalMicros = now;
            return now > before ? PushText.moved(now - before) : null;
        }
    }

    /** A file of counters; memory.events. */
    static final class Events extends PushFile {
        private String counters;

        Events(PushStream stream, PushRequest request, int descriptor, String counters) {
            super(stream, request, descriptor);
            this.counters = counters;
        }

        @Override
        Duration lasts() {
            return Duration.ZERO;
        }

        /** These files have an error condition with each event. Whether it is one, reading tells. */
        @Override
        boolean endsWithError() {
            return false;
        }

        @Override
        @Nullable
        String moved(PushKernel kernel, byte[] text) throws IOException {
            String now = text(kernel, descriptor, text);
            String grown = PushText.grown(counters, now);
            counters = now;
            return grown.isEmpty() ? null : grown;
        }

        static String text(PushKernel kernel, int descriptor, byte[] text) throws IOException {
            return new String(text, 0, kernel.read(descriptor, text), StandardCharsets.US_ASCII);
        }
    }
}
