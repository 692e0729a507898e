package dev.tidemark.agent.simulate;

import java.util.ArrayList;
import java.util.List;

/** Round places on an axis that begins at 0. */
final class Ticks {

    private static final double MINUTE = 60;
    private static final double HOUR = 60 * MINUTE;
    private static final double DAY = 24 * HOUR;
    private static final double[] TIMES = {
        1e-6,
        1e-5,
        1e-4,
        1e-3,
        2e-3,
        5e-3,
        1e-2,
        2e-2,
        5e-2,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        15,
        30,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY
    };
    private static final double[] SHARES = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

    private Ticks() {}

    /** Seconds, at most {@code most} beside 0. */
    static List<Double> times(double end, int most) {
        double step = TIMES[TIMES.length - 1];
        for (int i = TIMES.length - 1; i >= 0 && end / TIMES[i] <= most; i--) {
            step = TIMES[i];
        }
        return until(step, end);
    }

    /** Bytes, at most {@code most} beside 0, a power of two apart. */
    static List<Double> bytes(double top, int most) {
        double step = 1;
        while (top / step > most) {
            step *= 2;
        }
        return until(step, top);
    }

    /** The least round share that is not less, at most 1. */
    static double share(double greatest) {
        for (double share : SHARES) {
            if (greatest <= share) {
                return share;
            }
        }
        return 1;
    }

    private static List<Double> until(double step, double end) {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i * step <= end * (1 + 1e-9); i++) {
            ticks.add(i * step);
        }
        return ticks;
    }
}
