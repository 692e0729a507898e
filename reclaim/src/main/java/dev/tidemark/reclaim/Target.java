package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.triggers.Cgroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * A cgroup that is reclaimed from, or has been: which policies are active for it, what is in flight, and what has been learnt of it,
 * which stays when no policy is active any more.
 *
 * <p>Confined to the core thread.
 */
final class Target extends ReclaimWorkqueue.Item {

    private final Cgroup cgroup;
    private final List<Activation> activations = new ArrayList<>(1);
    private final Circuit circuit = new Circuit();
    private final BatchSize batchSize;
    private double usageBytes = Double.NaN;
    private @Nullable Write write;

    /** What makes it go on by time. */
    private @Nullable Disposable timer;

    /** All that is active waits for times that are known, so that a sample need not be looked at. */
    private boolean awaitsTime;

    /** Its circuit wants it left alone until {@link #restsUntil}. */
    private boolean rests;

    private long restsUntil;

    /** @param learnt what is known of it, if anything is */
    Target(Cgroup cgroup, @Nullable Learnt learnt) {
        this.cgroup = cgroup;
        this.batchSize = new BatchSize(learnt == null ? Double.NaN : learnt.bytesPerNano());
        if (learnt != null) {
            circuit.resume(learnt.circuitFailures());
        }
    }

    Cgroup cgroup() {
        return cgroup;
    }

    Circuit circuit() {
        return circuit;
    }

    BatchSize batchSize() {
        return batchSize;
    }

    Learnt learnt() {
        return new Learnt(cgroup.path(), cgroup.id(), batchSize.bytesPerNano(), circuit.failures());
    }

    double usageBytes() {
        return usageBytes;
    }

    void usageBytes(double bytes) {
        usageBytes = bytes;
    }

    /** The policies that are active for it, the one whose turn it is first. */
    List<Activation> activations() {
        return activations;
    }

    @Nullable
    Activation activationOf(Policy policy) {
        for (Activation activation : activations) {
            // Names are unique among policies that are active; of others a reload may have left some content the same.
            if (activation.policy().name().equals(policy.name())) {
                return activation;
            }
        }
        return null;
    }

    /** Takes turns as the highest of its policies says. */
    void rank() {
        int priority = Integer.MIN_VALUE;
        int weight = 1;
        for (Activation activation : activations) {
            Policy policy = activation.policy();
            if (policy.priority() > priority) {
                priority = policy.priority();
                weight = policy.weight();
            } else if (policy.priority() == priority) {
                weight = Math.max(weight, policy.weight());
            }
        }
        rank(priority, weight);
    }

    @Nullable
    Write write() {
        return write;
    }

    void writes(Write begun) {
        write = begun;
    }

    void wrote() {
        write = null;
    }

    /** Whether what is in flight is this one's. */
    boolean writesFor(Activation activation) {
        return write != null && write.activation == activation;
    }

    /** Whether it may take a turn: somebody wants it, nothing is in flight, and its circuit does not object. */
    boolean mayRun() {
        return !activations.isEmpty() && write == null && !rests;
    }

    /** Whether a sample is to be looked at. */
    boolean heedsSamples() {
        return mayRun() && !awaitsTime;
    }

    /** Goes on when {@code wake} fires. */
    void wakes(Disposable wake) {
        endTimer();
        timer = wake;
    }

    void endTimer() {
        if (timer != null) {
            timer.dispose();
            timer = null;
        }
    }

    /** There is nothing to do for it before the timer fires or a purse is filled. */
    void waitsForTime() {
        awaitsTime = true;
    }

    /** What it waits for has come, or does not matter any more. */
    void waitsNoMore() {
        if (!rests) {
            endTimer();
        }
        awaitsTime = false;
    }

    void restsUntil(long nanos) {
        rests = true;
        restsUntil = nanos;
    }

    boolean rests() {
        return rests;
    }

    /** When it has rested. */
    long restsUntil() {
        return restsUntil;
    }

    void restsNoMore() {
        rests = false;
        waitsNoMore();
    }
}
