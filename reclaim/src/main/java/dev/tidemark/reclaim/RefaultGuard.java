package dev.tidemark.reclaim;

import dev.tidemark.config.Guard;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@link Guard.RefaultRatio}: pages that came back for each page taken, by the agent as by others. What comes back comes late, so what
 * was counted before goes on to count, by half each time that it is judged.
 */
final class RefaultGuard implements HarmGuard {

    /** Fewer pages taken say nothing: 1 MiB. */
    static final long LEAST_PAGES = 256;

    static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(64);

    private final double mark;
    private final Growth refaults = new Growth(Signal.REFAULT);
    private final Growth steals = new Growth(Signal.PGSTEAL);
    private final Backoff backoff = new Backoff(FIRST_NANOS, LONGEST_NANOS);
    private double backPages;
    private double takenPages;
    private double ratio;
    private long observedNanos;

    RefaultGuard(Guard.RefaultRatio guard) {
        this.mark = guard.share();
    }

    /** What a counter has grown by since it was last asked. */
    private static final class Growth {
        private final Signal counter;
        private double last = Double.NaN;

        Growth(Signal counter) {
            this.counter = counter;
        }

        double since(Look look) {
            double value = look.value(counter);
            double grown = value > last ? value - last : 0;
            last = value;
            return grown;
        }
    }

    @Override
    public Ruling.@Nullable Held rule(Look look) {
        double back = refaults.since(look);
        double stolen = steals.since(look);
        long left = backoff.leftNanos(look.now());
        if (left > 0) {
            return new Ruling.Held(Reason.REFAULT_RATIO, ratio, mark, left);
        }
        backPages += back;
        takenPages += stolen;
        long observed = look.observedNanos(Signal.REFAULT);
        // Between two samples there is no news of what came back.
        if (observed == observedNanos || takenPages < LEAST_PAGES) {
            return null;
        }
        observedNanos = observed;
        ratio = backPages / takenPages;
        if (ratio > mark) {
            backPages = 0;
            takenPages = 0;
            backoff.begin(look.now());
            return new Ruling.Held(Reason.REFAULT_RATIO, ratio, mark, backoff.leftNanos(look.now()));
        }
        backPages /= 2;
        takenPages /= 2;
        backoff.forget();
        return null;
    }

    @Override
    public void taken(long pages) {
        takenPages += pages;
    }
}
