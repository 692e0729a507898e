package dev.tidemark.reclaim.model;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has two actors begin together. The states here are large and the actors short: without it each runs through many states
 * alone, and hardly one in 100,000 is a race.
 */
final class Meeting {

    // An actor whose partner has no processor goes on alone.
    private static final int MOST_SPINS = 4_000;

    private final AtomicInteger there = new AtomicInteger();

    void await() {
        there.incrementAndGet();
        for (int spins = 0; there.get() < 2 && spins < MOST_SPINS; spins++) {
            Thread.onSpinWait();
        }
    }
}
