package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SrcuTest {

    private final Srcu srcu = new Srcu();
    private final AtomicBoolean through = new AtomicBoolean();
    private final AtomicBoolean interrupted = new AtomicBoolean();

    private Thread synchronizer() {
        return Thread.ofPlatform().start(() -> {
            srcu.synchronize();
            through.set(true);
            interrupted.set(Thread.currentThread().isInterrupted());
        });
    }

    private static void awaitPause(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(thread.isAlive()).as("it waits").isTrue();
            Thread.onSpinWait();
        }
    }

    @Test
    void withoutReadersItReturnsAtOnce() {
        for (int i = 0; i < 5; i++) {
            srcu.readUnlock(srcu.readLock());
            srcu.synchronize();
        }
    }

    @Test
    void itWaitsForAReaderThatWasThereAndNotForOneThatComes() throws InterruptedException {
        int section = srcu.readLock();
        Thread waiting = synchronizer();
        awaitPause(waiting);
        assertThat(through).isFalse();

        // The idle generation was empty, so the one it waits for now is no longer the current one.
        int later = srcu.readLock();
        assertThat(later).isNotEqualTo(section);
        srcu.readUnlock(section);
        waiting.join();
        assertThat(through).isTrue();
        srcu.readUnlock(later);
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndIsNotLost() throws InterruptedException {
        int section = srcu.readLock();
        Thread waiting = synchronizer();
        awaitPause(waiting);
        waiting.interrupt();
        awaitPause(waiting);
        assertThat(through).isFalse();

        srcu.readUnlock(section);
        waiting.join();
        assertThat(interrupted).isTrue();
    }
}
