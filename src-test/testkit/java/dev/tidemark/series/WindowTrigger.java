package dev.tidemark.series;

import dev.tidemark.testkit.Run;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;

/**
 * The trigger of the series' programs: what happens to one cgroup is summed in windows of 1 s that follow each other; when a sum is above
 * a threshold the window begins anew, and for 1 s from then on the trigger holds. The programs are told of each event by a tracepoint;
 * this one looks each millisecond.
 */
final class WindowTrigger {

    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Run run;
    private final String path;
    private final String signal;
    private final long threshold;
    private double last;
    private double sum;
    private long windowStart;
    private long triggered = Long.MIN_VALUE;

    WindowTrigger(Run run, String path, String signal, long threshold) {
        this.run = run;
        this.path = path;
        this.signal = signal;
        this.threshold = threshold;
        Disposable _ = run.scheduler().schedulePeriodically(this::look, 0, 1, TimeUnit.MILLISECONDS);
    }

    boolean holds() {
        return triggered != Long.MIN_VALUE && now() - triggered < WINDOW_NANOS;
    }

    private void look() {
        long now = now();
        double total = run.read(path, signal);
        if (now - windowStart >= WINDOW_NANOS) {
            windowStart = now;
            sum = 0;
        }
        sum += total - last;
        last = total;
        if (sum > threshold) {
            triggered = now;
            sum = 0;
            windowStart = now;
        }
    }

    private long now() {
        return run.scheduler().now(TimeUnit.NANOSECONDS);
    }
}
