package dev.tidemark.config;

/**
 * How derived signals are computed from their parts, each in the order of {@link Signal#parts}. Pure; what is not known is NaN and
 * makes the result NaN, an absent limit is infinite.
 */
public final class SignalFormulas {

    private SignalFormulas() {}

    /** {@code headroom}: bytes that may still be charged; never below 0. */
    public static double headroom(double limit, double usage) {
        return Math.max(0, limit - usage);
    }

    /**
     * {@code time_to_limit}: seconds until the limit is reached, if it goes on like this; infinite when usage does not grow.
     *
     * @param fillRate bytes per second
     */
    public static double timeToLimit(double limit, double usage, double fillRate) {
        double headroom = headroom(limit, usage);
        if (Double.isNaN(headroom) || Double.isNaN(fillRate)) {
            return Double.NaN;
        }
        return fillRate > 0 ? headroom / fillRate : Double.POSITIVE_INFINITY;
    }

    /**
     * {@code reclaimable}: bytes that reclaim could take at all: file pages that need not be written first, and anonymous ones as
     * far as swap has room.
     */
    public static double reclaimable(
            double inactiveFile,
            double activeFile,
            double dirty,
            double writeback,
            double inactiveAnon,
            double activeAnon,
            double swapHeadroom) {
        // Dirty and writeback pages of shared memory are counted with files though they are on the anonymous lists.
        double file = Math.max(0, inactiveFile + activeFile - dirty - writeback);
        return file + Math.min(inactiveAnon + activeAnon, swapHeadroom);
    }

    /** {@code refault.ratio} from the changes of its parts: pages that came back for each page stolen; 0 when none came back. */
    public static double refaultRatio(double refaults, double steals) {
        return refaults == 0 && !Double.isNaN(steals) ? 0 : refaults / steals;
    }

    /** {@code scan.efficiency} from the changes of its parts: pages stolen for each page scanned; 1 when none was scanned. */
    public static double scanEfficiency(double steals, double scans) {
        return scans == 0 && !Double.isNaN(steals) ? 1 : steals / scans;
    }

    /**
     * Of any {@link Signal.Kind#SHARE}, from the changes of its two parts.
     *
     * @throws IllegalArgumentException when it is no share
     */
    public static double share(Signal signal, double first, double second) {
        if (signal == Signal.REFAULT_RATIO) {
            return refaultRatio(first, second);
        }
        if (signal == Signal.SCAN_EFFICIENCY) {
            return scanEfficiency(first, second);
        }
        throw new IllegalArgumentException(signal + " is no share");
    }
}
