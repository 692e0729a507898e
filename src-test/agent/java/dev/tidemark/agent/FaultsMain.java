package dev.tidemark.agent;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Plays many seeds of {@link FaultRun}; for {@code src-test/faults/run}. */
final class FaultsMain {

    private static final Duration LENGTH = Duration.ofMinutes(10);
    private static final int MOST_SHOWN = 5;

    private FaultsMain() {}

    /**
     * Plays them.
     *
     * @param args how many seeds, and the first of them
     */
    public static void main(String[] args) {
        long seeds = Long.parseLong(args[0]);
        long first = args.length > 1 ? Long.parseLong(args[1]) : 1;
        AtomicLong requests = new AtomicLong();
        AtomicLong decisions = new AtomicLong();
        AtomicLong broken = new AtomicLong();
        long began = System.nanoTime();
        LongStream.range(first, first + seeds).parallel().forEach(seed -> {
            FaultRun.Outcome outcome = FaultRun.of(seed, LENGTH);
            requests.addAndGet(outcome.requests());
            decisions.addAndGet(outcome.decisions());
            if (!outcome.broken().isEmpty()) {
                broken.incrementAndGet();
                outcome.broken().stream()
                        .limit(MOST_SHOWN)
                        .forEach(what -> System.out.println("seed " + seed + ", " + what));
            }
        });
        System.out.printf(
                "%d seeds of %d min, from %d: %d requests, %d decisions; %d seeds broke a promise; %.0f s%n",
                seeds,
                LENGTH.toMinutes(),
                first,
                requests.get(),
                decisions.get(),
                broken.get(),
                (System.nanoTime() - began) * 1e-9);
        System.exit(broken.get() == 0 ? 0 : 1);
    }
}
