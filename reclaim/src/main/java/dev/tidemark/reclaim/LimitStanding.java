package dev.tidemark.reclaim;

import java.util.Optional;

/**
 * Where an active policy that throttles or protects stands with the file it holds. Immutable.
 *
 * @param isBytes what is there, {@link CgroupLimits#MAX} for {@code max}
 * @param foundBytes what was there before and will be put back
 * @param untilNanos when the policy has held it for as long as it may, in nanoseconds of the core's clock; {@link #NEVER} while it holds
 *     nothing
 * @param against why this policy holds nothing, or not what it wants
 */
public record LimitStanding(
        LimitFile file, long isBytes, long foundBytes, long untilNanos, Optional<LimitEvent> against) {
    /** Of {@link #untilNanos}: that instant is not known. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Whether anything is there that was not found there. */
    public boolean isSet() {
        return isBytes != foundBytes;
    }
}
