package dev.tidemark.triggers;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where charge callbacks hand over the cgroups that crossed their watermark.
 *
 * <p>Use: {@link #counter} makes a cgroup's counter, {@link ChargeCounter#arm} sets its watermark, the charge path calls
 * {@link ChargeCounter#charged}. When a watermark is crossed the wake-up runs, in the charging task; it has {@link #drain}
 * called on the consumer's thread, which gets each cgroup that crossed, looks at its real usage, and arms it again.
 *
 * <p><b>Thread:</b> counters are charged from any thread, see there. {@link #counter}, {@link #drain}: one consumer at a
 * time. The wake-up runs in an allocating task: it must neither block nor throw, scheduling a drain is what it is for.
 * <b>Back-pressure:</b> a cgroup is in the queue at most once, the queue links counters themselves and cannot overflow, and
 * however often watermarks are crossed before the consumer looks, there is one wake-up. <b>Time:</b> none. <b>Failure:</b> a
 * wake-up that throws is counted in {@link #failedWakeUps} and tried again at the next crossing, of whichever cgroup.
 */
public final class ChargeSource {

    private final Runnable wakeUp;

    /*
     * The queue of D. Vyukov, "Intrusive MPSC node-based queue": producers push at the head, the consumer takes at the
     * tail, and a stub keeps it from running empty.
     *
     *     push(n):  n.next = null;  prev = head.getAndSet(n);  prev.next = n
     *
     * A push is one exchange and two stores, whatever others do: it is wait-free. Between the exchange and the last store
     * the chain is torn at prev: the consumer then sees prev.next == null although more is behind it, and treats that as
     * the end. Nothing is lost by this, see drain().
     *
     * A counter is in the chain at most once (ChargeCounter.cross), and the stub is pushed by the consumer only, while it
     * is not in the chain: so no store to `next` ever overwrites a link in use.
     */
    private final ChargeCounter stub = new ChargeCounter(this, null, 1);
    private final AtomicReference<ChargeCounter> head = new AtomicReference<>(stub);
    private ChargeCounter tail = stub;

    private final int stripes;

    // True while no wake-up is under way and no drain runs.
    private final AtomicBoolean idle = new AtomicBoolean(true);
    private final LongAdder wakeUps = new LongAdder();
    private final LongAdder failedWakeUps = new LongAdder();

    /**
     * For charges on all of the machine's processors.
     *
     * @param wakeUp causes a {@link #drain} on the consumer's thread; must not block, must not throw
     */
    public ChargeSource(Runnable wakeUp) {
        this(Runtime.getRuntime().availableProcessors(), wakeUp);
    }

    /**
     * @param threads that charge at once; with one a crossing is seen at the same page on every machine
     * @param wakeUp causes a {@link #drain} on the consumer's thread; must not block, must not throw
     */
    public ChargeSource(int threads, Runnable wakeUp) {
        stripes = ChargeCounter.stripes(threads);
        this.wakeUp = wakeUp;
    }

    /** A counter for a cgroup: at 0 pages, not armed. Charge it with what the cgroup has before others do. */
    public ChargeCounter counter(Cgroup cgroup) {
        return new ChargeCounter(this, cgroup, stripes);
    }

    /**
     * Hands over each counter whose watermark was crossed since it was armed; it is disarmed now. Ends when none is left.
     *
     * @param crossed may arm the counter again; what it throws ends this drain and causes a wake-up for the rest
     */
    public void drain(Consumer<? super ChargeCounter> crossed) {
        do {
            boolean all = false;
            try {
                for (ChargeCounter counter = poll(); counter != null; counter = poll()) {
                    crossed.accept(counter);
                }
                all = true;
            } finally {
                if (!all) {
                    // What the consumer threw goes on to its caller; the rest is for a drain of its own.
                    idle.set(true);
                    if (!isEmpty() && idle.compareAndSet(true, false)) {
                        wake();
                    }
                }
            }
            // A producer links its counter, then takes the idle flag. This thread gives the flag, then looks for a link
            // (in isEmpty). All four are in one total order, so either the link is seen here, or the flag is seen there
            // and
            // causes a wake-up. What was pushed and is not linked yet is the second case.
            idle.set(true);
        } while (!isEmpty() && idle.compareAndSet(true, false));
    }

    /** Wake-ups so far. */
    public long wakeUps() {
        return wakeUps.sum();
    }

    /** Wake-ups that threw. */
    public long failedWakeUps() {
        return failedWakeUps.sum();
    }

    /** Wait-free; see {@link ChargeCounter#cross}: the counter is not in the queue. */
    void push(ChargeCounter counter) {
        link(counter);
        // Read before the exchange: while a drain is due, further crossings leave the flag's cache line alone.
        if (idle.get() && idle.compareAndSet(true, false)) {
            wake();
        }
    }

    private void link(ChargeCounter counter) {
        counter.setNext(null);
        head.getAndSet(counter).setNext(counter);
    }

    private void wake() {
        wakeUps.increment();
        try {
            wakeUp.run();
        } catch (RuntimeException e) {
            // Thrown on, this would fail an allocation. The flag goes back, so that the next crossing tries again.
            failedWakeUps.increment();
            idle.set(true);
        }
    }

    /** Whether {@link #poll} would find nothing now. Consumer only. */
    private boolean isEmpty() {
        return tail.next() == null && (tail == stub || tail != head.get());
    }

    /** The next counter, out of the queue; null when there is none, or when the next is not linked yet. Consumer only. */
    private @Nullable ChargeCounter poll() {
        ChargeCounter first = tail;
        ChargeCounter next = first.next();
        if (first == stub) {
            if (next == null) {
                return null;
            }
            tail = next;
            first = next;
            next = next.next();
        }
        if (next == null) {
            if (first != head.get()) {
                return null;
            }
            // The last one cannot be taken out while it is the head: the stub goes behind it.
            link(stub);
            next = first.next();
            if (next == null) {
                return null;
            }
        }
        tail = next;
        return first;
    }
}
