package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

class IngressTest {

    @Test
    void offer_latestOfAKeyWinsAndKeysKeepTheirOrder() {
        VirtualTimeScheduler core = VirtualTimeScheduler.create();
        List<String> seen = new ArrayList<>();
        Ingress<String, Integer> ingress = new Ingress<>(core, (key, value) -> seen.add(key + value), _ -> {});

        core.schedule(() -> {
            ingress.offer("a", 1);
            ingress.offer("b", 1);
            ingress.offer("a", 2);
        });

        assertThat(seen).containsExactly("a2", "b1");
        assertThat(ingress.conflated()).isEqualTo(1);
    }

    @Test
    void put_wakesNobodyBeforeTheFlush() {
        VirtualTimeScheduler core = VirtualTimeScheduler.create();
        List<String> seen = new ArrayList<>();
        Ingress<String, Integer> ingress = new Ingress<>(core, (key, value) -> seen.add(key + value), _ -> {});

        ingress.put("a", 1);
        ingress.put("b", 1);
        ingress.put("a", 2);
        assertThat(seen).isEmpty();
        long before = core.getScheduledTaskCount();
        ingress.flush();

        assertThat(seen).containsExactly("a2", "b1");
        assertThat(core.getScheduledTaskCount() - before).isLessThanOrEqualTo(1);
    }

    @Test
    void sink_thatThrowsLosesItsOwnValueOnly() {
        VirtualTimeScheduler core = VirtualTimeScheduler.create();
        List<String> seen = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        Ingress<String, Integer> ingress = new Ingress<>(
                core,
                (key, _) -> {
                    if (key.equals("bad")) {
                        throw new IllegalStateException("bad value");
                    }
                    seen.add(key);
                },
                t -> failures.add(t.getMessage()));

        core.schedule(() -> {
            ingress.offer("bad", 1);
            ingress.offer("good", 1);
        });
        ingress.offer("later", 1);

        assertThat(seen).containsExactly("good", "later");
        assertThat(failures).containsExactly("bad value");
    }

    @Test
    void offer_toADisposedSchedulerIsCountedAndDoesNotThrow() {
        Scheduler core = Schedulers.newSingle("ingress-test-disposed");
        core.dispose();
        Ingress<String, Integer> ingress = new Ingress<>(core, (_, _) -> {}, _ -> {});

        ingress.offer("a", 1);
        ingress.offer("a", 2);

        assertThat(ingress.rejected()).isEqualTo(2);
    }

    @Test
    void offer_fromManyThreadsDeliversTheLastOfEachKeyInOrderOnOneThread() throws InterruptedException {
        int producers = 4;
        int offers = 50_000;
        int keys = 8;
        Scheduler core = Schedulers.newSingle("ingress-test");
        ConcurrentHashMap<Integer, Integer> last = new ConcurrentHashMap<>();
        AtomicInteger delivered = new AtomicInteger();
        AtomicInteger backwards = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        CountDownLatch complete = new CountDownLatch(producers * keys);
        Ingress<Integer, Integer> ingress = new Ingress<>(
                core,
                (key, value) -> {
                    if (inside.getAndIncrement() != 0) {
                        overlaps.incrementAndGet();
                    }
                    delivered.incrementAndGet();
                    Integer before = last.put(key, value);
                    if (before != null && before >= value) {
                        backwards.incrementAndGet();
                    }
                    if (value == offers - 1) {
                        complete.countDown();
                    }
                    inside.decrementAndGet();
                },
                t -> {
                    throw new AssertionError(t);
                });
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < offers; i++) {
                    for (int key = 0; key < keys; key++) {
                        ingress.offer(producer * keys + key, i);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(complete.await(30, TimeUnit.SECONDS)).isTrue();
        core.dispose();
        assertThat(backwards).hasValue(0);
        assertThat(overlaps).hasValue(0);
        assertThat(delivered.get() + ingress.conflated()).isEqualTo((long) producers * keys * offers);
    }
}
