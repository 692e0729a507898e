package dev.tidemark.reclaim;

/**
 * Usage and what is set for it, of one cgroup at one instant. All in bytes.
 *
 * @param usageBytes NaN where it cannot be told
 * @param lowBytes {@link #MAX} for {@code max}
 * @param highBytes {@link #MAX} for {@code max}
 */
public record CgroupLimits(double usageBytes, long minBytes, long lowBytes, long highBytes) {

    /** How {@code max} is held. */
    public static final long MAX = Long.MAX_VALUE;

    /** What is set in this file. */
    public long of(LimitFile file) {
        return switch (file) {
            case HIGH -> highBytes;
            case LOW -> lowBytes;
        };
    }
}
