package dev.tidemark.config;

/**
 * What may be spent on reclaim, each as a rate; positive infinity for no bound.
 *
 * @param bytesPerSecond memory to reclaim, bytes per second, at least 1
 * @param timeShare CPU time of the writes, seconds per second, at least a millionth; 1.0 is one CPU
 * @param swapOutBytesPerSecond what goes to swap meanwhile, bytes per second, at least 1
 */
public record Budget(double bytesPerSecond, double timeShare, double swapOutBytesPerSecond) {
    static final double MIN_TIME_SHARE = 1e-6;

    /** No bound on anything. */
    public static final Budget UNLIMITED =
            new Budget(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    public Budget {
        if (!(bytesPerSecond > 0)) {
            throw new IllegalArgumentException("bytesPerSecond > 0 required but it was " + bytesPerSecond);
        }
        if (!(timeShare > 0)) {
            throw new IllegalArgumentException("timeShare > 0 required but it was " + timeShare);
        }
        if (!(swapOutBytesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "swapOutBytesPerSecond > 0 required but it was " + swapOutBytesPerSecond);
        }
    }
}
