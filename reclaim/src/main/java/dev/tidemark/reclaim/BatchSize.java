package dev.tidemark.reclaim;

import dev.tidemark.config.Batch;
import dev.tidemark.reclaim.ReclaimResult.Outcome;

/**
 * How much to ask for of a cgroup so that the write takes about as long as it may, learnt from the writes before.
 *
 * <p>What is learnt is a speed. A write that took too long teaches its own speed at once, for STOP is as far away as the next write is
 * long. One that was quicker moves the speed half the way to its own, and at most to double of what was known, so that one lucky
 * write does not make a huge one; and only if it asked for half of what it might have, for what a small write takes is mostly not
 * in proportion to its size. One that got less than it asked for, or was cut short, never teaches to ask for more.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> that of the results, in nanoseconds.
 */
final class BatchSize {

    static final long LEAST_BYTES = 128L << 10;
    static final long MOST_BYTES = 64L << 20;

    /** While nothing is known. */
    static final long FIRST_BYTES = 4L << 20;

    private double bytesPerNano;

    /** @param bytesPerNano what is known of the speed; NaN for nothing */
    BatchSize(double bytesPerNano) {
        this.bytesPerNano = bytesPerNano;
    }

    /** The most that the next write is to ask for. */
    long bytes(Batch batch) {
        return switch (batch) {
            case Batch.Size(long bytes) -> bytes;
            case Batch.Time time -> (long) bytes(time);
        };
    }

    private double bytes(Batch.Time batch) {
        return Double.isNaN(bytesPerNano)
                ? FIRST_BYTES
                : Math.clamp(bytesPerNano * batch.target().toNanos(), LEAST_BYTES, MOST_BYTES);
    }

    /** Takes note of a write of this batch. */
    void learn(Batch batch, long askedBytes, ReclaimResult result, int pageSize) {
        long movedBytes = result.pagesReclaimed() * pageSize;
        long took = result.tookNanos();
        if (!(batch instanceof Batch.Time time) || took <= 0) {
            return;
        }
        boolean full = result.outcome() == Outcome.SUCCESS;
        boolean whole = full && movedBytes > 0;
        // By what was asked for, not by what moved: the kernel returns when it has got that, whatever tasks charge
        // meanwhile.
        double seen = (double) (full ? askedBytes : movedBytes) / took;
        double target = time.target().toNanos();
        double known = bytes(time) / target;
        if (took > target) {
            bytesPerNano = Math.max(Math.min(known, seen), LEAST_BYTES / target);
        } else if (whole && seen > known && 2 * askedBytes >= known * target) {
            bytesPerNano = Math.min(Math.min(2 * known, (known + seen) / 2), MOST_BYTES / target);
        } else if (whole) {
            bytesPerNano = known;
        }
    }

    /** What is known of the speed, bytes per nanosecond; NaN for nothing. */
    double bytesPerNano() {
        return bytesPerNano;
    }
}
