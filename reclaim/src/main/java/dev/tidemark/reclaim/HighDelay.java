package dev.tidemark.reclaim;

import java.time.Duration;

/**
 * How long the kernel puts a task to sleep that is over {@code memory.high} ({@code calculate_overage} and {@code
 * calculate_high_delay} in {@code mm/memcontrol.c}).
 *
 * <p>With {@code overage = (usage - high) / high}, a charge of 64 pages ({@code MEMCG_CHARGE_BATCH}) sleeps {@code 64 * overage^2} seconds:
 * the kernel squares the overage in units of 2^-20 and shifts the product by 20 + 14 bits, which leaves 2^6 ticks per tick of a second.
 * It is cut off at 2 s ({@code MEMCG_MAX_HIGH_DELAY_JIFFIES}), and what comes to no more than 10 ms is not slept at all.
 *
 * <p>A task only sleeps once reclaiming its own charges has given nothing 16 times over; while there is cache to take, it pays with the
 * reclaim, and with reading again what that took.
 */
final class HighDelay {

    private static final double SECONDS_PER_SQUARED_OVERAGE = 64;
    private static final double NANOS_PER_SECOND = 1e9;

    private HighDelay() {}

    /** The {@code memory.high} in bytes at which a charge of 64 pages sleeps this long, as long as usage stays what it is. */
    static double highBytes(double usageBytes, Duration delay) {
        double overage = Math.sqrt(delay.toNanos() / NANOS_PER_SECOND / SECONDS_PER_SQUARED_OVERAGE);
        return usageBytes / (1 + overage);
    }
}
