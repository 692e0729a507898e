package dev.tidemark.triggers;

import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * The way into the core thread: many producers, one consumer, the latest value of a key wins.
 *
 * <p>Keys come out in the order in which they first went in. Give different keys to values that must not replace each
 * other, and do not send through here what must not be lost at all, such as results of commands.
 *
 * <p><b>Thread:</b> {@link #offer} from any; the sink runs on the core scheduler only, never in a producer.
 * <b>Back-pressure:</b> producers never wait; a value that has not been looked at is replaced by the next of its key and
 * counted in {@link #conflated}, so there are never more values than keys. <b>Time:</b> none. <b>Failure:</b> what the
 * sink throws goes to the listener and the next value follows; when the core scheduler refuses work, values stay until an
 * offer finds it willing, and that is counted in {@link #rejected}.
 */
public final class Ingress<K, V> {

    private final ConcurrentHashMap<K, V> latest = new ConcurrentHashMap<>();
    // Bounded by the number of keys: a key goes in only when it had no value, and comes out with it.
    private final Queue<K> order = Queues.<K>unboundedMultiproducer().get();
    private final AtomicInteger wip = new AtomicInteger();
    private final LongAdder conflated = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final Scheduler core;
    private final BiConsumer<? super K, ? super V> sink;
    private final Consumer<? super Throwable> failed;
    private final Runnable drain = this::drain;

    /**
     * @param core runs the sink, one task at a time
     * @param failed told what the sink throws, on the core scheduler; must not throw
     */
    public Ingress(Scheduler core, BiConsumer<? super K, ? super V> sink, Consumer<? super Throwable> failed) {
        this.core = core;
        this.sink = sink;
        this.failed = failed;
    }

    /** Hands over a value, in place of one of the same key that has not been looked at. Never blocks, never throws. */
    public void offer(K key, V value) {
        put(key, value);
        flush();
    }

    /** As {@link #offer}, but nobody is woken for it: the same thread has to {@link #flush} when it has put all that it has. */
    public void put(K key, V value) {
        if (latest.put(key, value) == null) {
            order.offer(key);
        } else {
            conflated.increment();
        }
    }

    /** Has the core look at what has been put. Never blocks, never throws. */
    public void flush() {
        if (wip.getAndIncrement() == 0) {
            try {
                core.schedule(drain);
            } catch (RejectedExecutionException e) {
                // No drain runs, so the gate is opened again: the next flush will try.
                wip.set(0);
                rejected.increment();
            }
        }
    }

    /** Values that were replaced before the core looked at them. */
    public long conflated() {
        return conflated.sum();
    }

    /** Times the core scheduler refused to run. */
    public long rejected() {
        return rejected.sum();
    }

    // Only one drain at a time: it is scheduled by whoever moved wip from 0, and wip returns to 0 only at its end,
    // after
    // the queue was seen empty with no flush since. Both values of a put (map, queue) precede the increment of its
    // flush, so a
    // put that the last pass missed raises wip and causes another pass, or a drain of its own.
    private void drain() {
        int missed = wip.get();
        do {
            for (K key = order.poll(); key != null; key = order.poll()) {
                V value = latest.remove(key);
                if (value != null) {
                    deliver(key, value);
                }
            }
            missed = wip.addAndGet(-missed);
        } while (missed != 0);
    }

    private void deliver(K key, V value) {
        try {
            sink.accept(key, value);
        } catch (Throwable t) {
            Failures.rethrowIfFatal(t);
            failed.accept(t);
        }
    }
}
