package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.PushRequest;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What a kernel is asked through a pressure file: to tell when tasks have waited {@code stallMicros} within {@code windowMicros}. */
record Trigger(Resource resource, boolean full, long stallMicros, long windowMicros) {
    /**
     * Whom the kernel does not trust with a thread of its own (no CAP_SYS_RESOURCE) it tells from the tick of the averages, each
     * 2 s, and takes only windows that are multiples of it. Whoever reads the file as that tick is due makes it pass unlooked (seen on
     * 6.18).
     */
    static final long COARSE_MICROS = 2_000_000;

    /** How often within a window the kernel looks at least. */
    private static final int LOOKS = 10;

    /** A jiffy and then some: what the kernel's timers may be late. */
    private static final long LATE_MICROS = 20_000;

    static Trigger of(PushRequest.Pressure request) {
        return new Trigger(request.resource(), request.full(), micros(request.stall()), micros(request.window()));
    }

    private static long micros(Duration duration) {
        return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
    }

    boolean coarse() {
        return windowMicros % COARSE_MICROS == 0;
    }

    /** With the window rounded up to what anybody may ask for, and the stall in proportion: the same share of the time. */
    Trigger coarsened() {
        long window = (windowMicros + COARSE_MICROS - 1) / COARSE_MICROS * COARSE_MICROS;
        long stall = Math.clamp(Math.round((double) stallMicros * window / windowMicros), 1, window);
        return new Trigger(resource, full, stall, window);
    }

    /** The name of the file in a cgroup's directory. */
    String fileName() {
        return name() + ".pressure";
    }

    /** Which resource, as the kernel's files are called. */
    String name() {
        return resource.name().toLowerCase(Locale.ROOT);
    }

    /**
     * What is written. Ends in NUL: the files of the whole host take the last byte for the end of a line and cut it off, and
     * those of a cgroup read up to it.
     */
    String written() {
        return (full ? "full " : "some ") + stallMicros + ' ' + windowMicros + '\0';
    }

    /**
     * How long a push counts: if the stall goes on, the kernel tells again at the first of its looks a window later. The tick is not
     * quite even, and one that comes a moment before the window is over passes; the next tells.
     *
     * @param coarsely it looks with the tick of the averages, see {@link #COARSE_MICROS}
     */
    Duration lasts(boolean coarsely) {
        long look = coarsely ? COARSE_MICROS : windowMicros / LOOKS;
        return Duration.of(windowMicros + look + LATE_MICROS, ChronoUnit.MICROS);
    }

    /** As it is written in a policy. */
    @Override
    public String toString() {
        String of = resource == Resource.MEMORY ? "psi." : "psi." + name() + '.';
        return of + (full ? "full" : "some") + " trigger " + time(stallMicros) + '/' + time(windowMicros);
    }

    private static String time(long micros) {
        return Unit.DURATION.format(micros / 1e6);
    }
}
