package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many threads there are for what. Real threads. */
class AgentSchedulersTest {

    private static final int WORKERS = 2;

    private final AgentSchedulers schedulers = AgentSchedulers.threads(WORKERS);

    @AfterEach
    void dispose() {
        schedulers.dispose();
    }

    /** wedgedWrite: as many as there are workers may be stuck, of requests and of limits, and each other still has a thread of its own. */
    @Test
    void nothingOfReclaimWaitsForAThread_andThereAreNeverMore() throws InterruptedException {
        int bound = (2 + 2 + 1) * WORKERS;
        CountDownLatch allAtOnce = new CountDownLatch(bound);
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(3 * bound);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();

        for (int i = 0; i < 3 * bound; i++) {
            schedulers.reclaim().schedule(() -> {
                threads.add(Thread.currentThread());
                allAtOnce.countDown();
                try {
                    end.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
                done.countDown();
            });
        }

        assertThat(allAtOnce.await(20, TimeUnit.SECONDS))
                .as("so many run at the same time")
                .isTrue();
        assertThat(threads).hasSize(bound);
        end.countDown();
        assertThat(done.await(20, TimeUnit.SECONDS))
                .as("the others have had their turn")
                .isTrue();
        assertThat(threads).as("on the same threads").hasSize(bound).noneMatch(Thread::isVirtual);
    }
}
