package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;

/** Real threads. */
class ReclaimThreadsTest {
    private final Scheduler threads = ReclaimThreads.atMost(2);

    @AfterEach
    void dispose() {
        threads.dispose();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** wedgedWrite: also what was asked for while the other thread happened to be busy. */
    @Test
    void nothingIsGivenToAThreadThatIsStuck() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(10);
        for (CountDownLatch latch : new CountDownLatch[] {stuck, busy}) {
            threads.schedule(() -> {
                both.countDown();
                await(latch);
            });
        }
        both.await();
        for (int i = 0; i < 10; i++) {
            threads.schedule(others::countDown);
        }
        busy.countDown();

        assertThat(others.await(20, TimeUnit.SECONDS)).isTrue();
        stuck.countDown();
    }

    @Test
    void aThreadThatIsFreeIsUsedAgain_andIsADaemon() throws InterruptedException {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();

        for (int i = 0; i < 100; i++) {
            CountDownLatch done = new CountDownLatch(1);
            threads.schedule(() -> {
                seen.add(Thread.currentThread());
                done.countDown();
            });
            done.await();
        }

        assertThat(seen).hasSizeBetween(1, 2).allMatch(Thread::isDaemon).noneMatch(Thread::isVirtual);
    }

    @Test
    void afterItsEndEverythingIsRejected() {
        threads.dispose();

        assertThatThrownBy(() -> threads.schedule(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
