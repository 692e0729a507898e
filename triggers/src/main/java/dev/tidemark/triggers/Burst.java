package dev.tidemark.triggers;

import java.util.function.BiConsumer;

/**
 * Samples of one pass over cgroups, handed on many at a time: whoever takes them sleeps in between, and waking it costs ten times
 * the read. None waits for longer than {@link #LONGEST_NANOS} and one read, and one that shows usage to have reached its watermark
 * not at all.
 *
 * <p><b>Thread:</b> one.
 */
final class Burst {
    private static final int MOST = 512;
    private static final long LONGEST_NANOS = 4_000_000;

    private final BiConsumer<Watched, Sample> publish;
    private final Runnable flush;
    private final Watched[] entries = new Watched[MOST];
    private final Sample[] samples = new Sample[MOST];
    private int size;

    Burst(BiConsumer<Watched, Sample> publish, Runnable flush) {
        this.publish = publish;
        this.flush = flush;
    }

    void add(Watched entry, Sample sample, boolean urgent, long now) {
        entries[size] = entry;
        samples[size++] = sample;
        if (urgent || size == MOST || now - samples[0].nanos() >= LONGEST_NANOS) {
            handOver();
        }
    }

    @SuppressWarnings("NullAway") // below size there are entries; the rest lets go of what has been handed on
    void handOver() {
        int count = size;
        size = 0;
        for (int i = 0; i < count; i++) {
            publish.accept(entries[i], samples[i]);
            entries[i] = null;
            samples[i] = null;
        }
        if (count > 0) {
            flush.run();
        }
    }
}
