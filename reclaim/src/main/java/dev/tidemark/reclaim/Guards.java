package dev.tidemark.reclaim;

import dev.tidemark.config.Guard;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ControlLaw.Look;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a batch that a {@link ControlLaw} wants may be asked for: the last word before the kernel, of one policy on one cgroup,
 * from its START to its STOP.
 *
 * <p>What is not known holds nothing back.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Time:</b> the {@link Look}'s.
 */
final class Guards {

    private final long floorBytes;
    private final List<Guard> guards;
    private final int swappiness;

    /** Those that look at what taking does. */
    private final List<HarmGuard> harms = new ArrayList<>();

    private final @Nullable LandingPlace landing;

    private Guards(long floorBytes, List<Guard> guards, int swappiness) {
        this.floorBytes = floorBytes;
        this.guards = guards;
        this.swappiness = swappiness;
        @Nullable LandingPlace place = null;
        for (Guard guard : guards) {
            switch (guard) {
                case Guard.Swap swap -> place = new LandingPlace(swap.leastBytes());
                case Guard.Psi psi ->
                    harms.add(new RateGuard(Reason.PSI, Signal.PSI_SOME_TOTAL, Signal.PSI_SOME_AVG10, psi.share()));
                case Guard.IoPsi psi ->
                    harms.add(new RateGuard(
                            Reason.IO_PSI, Signal.PSI_IO_SOME_TOTAL, Signal.PSI_IO_SOME_AVG10, psi.share()));
                case Guard.MajorFaults faults ->
                    harms.add(new RateGuard(Reason.MAJOR_FAULTS, Signal.PGMAJFAULT, null, faults.perSecond()));
                case Guard.Kswapd kswapd ->
                    harms.add(new RateGuard(Reason.KSWAPD, Signal.HOST_PGSCAN_KSWAPD, null, kswapd.pagesPerSecond()));
                case Guard.RefaultRatio ratio -> harms.add(new RefaultGuard(ratio));
                case Guard.Livelock livelock -> harms.add(new LivelockGuard(livelock));
                case Guard.Protection _, Guard.Margin _, Guard.Ratio _ -> {}
            }
        }
        // A policy that takes file pages only needs none.
        landing = swappiness == Reclaim.FILES_ONLY ? null : place;
    }

    /** Those of a policy that has just become active. */
    static Guards of(Policy policy) {
        return new Guards(policy.limits().floorBytes(), policy.guards(), swappiness(policy));
    }

    private static int swappiness(Policy policy) {
        return policy.reclaim().map(Reclaim::swappiness).orElse(Reclaim.DEFAULT_SWAPPINESS);
    }

    /** Whether these are the guards of the other policy, too: then they go on, with what they have learnt. */
    boolean areOf(Policy policy) {
        return floorBytes == policy.limits().floorBytes()
                && guards.equals(policy.guards())
                && swappiness == swappiness(policy);
    }

    /**
     * To be asked before each batch.
     *
     * @param wantedPages at least {@link ControlLaw#SWAP_CLUSTER_MAX}
     */
    Ruling rule(Look look, long wantedPages) {
        // Each of them looks, whatever another says: what they measure goes on.
        Ruling.@Nullable Held held = null;
        for (HarmGuard harm : harms) {
            Ruling.@Nullable Held refusal = harm.rule(look);
            held = held == null ? refusal : held;
        }
        if (held != null) {
            return held;
        }
        return aboveFloor(look, wantedPages);
    }

    private Ruling aboveFloor(Look look, long wantedPages) {
        double floor = floorBytes;
        Reason reason = Reason.FLOOR;
        for (Guard guard : guards) {
            double bytes = floor(guard, look);
            // A comparison with NaN is false: what is not known is no floor.
            if (bytes > floor) {
                floor = bytes;
                reason = guard instanceof Guard.Protection
                        ? Reason.PROTECTION
                        : guard instanceof Guard.Margin ? Reason.MARGIN : Reason.RATIO;
            }
        }
        double above = look.usageBytes() - floor;
        long pages = above < (double) wantedPages * look.pageSize() ? (long) (above / look.pageSize()) : wantedPages;
        if (pages < ControlLaw.SWAP_CLUSTER_MAX) {
            return new Ruling.Held(reason, look.usageBytes(), floor, 0);
        }
        return landing == null
                ? new Ruling.Go(pages, null)
                : landing.rule(look, pages, swappiness == Reclaim.ANONYMOUS_ONLY);
    }

    /** Usage below which this guard lets nothing be taken; NaN where it does not know, or is about something else. */
    private static double floor(Guard guard, Look look) {
        return switch (guard) {
            case Guard.Protection _ -> look.value(Signal.PROTECTION);
            case Guard.Margin margin -> look.usageBytes() - Reclaimable.above(look, 0) + margin.bytes();
            case Guard.Ratio ratio -> ratio.share() * look.value(Signal.LIMIT);
            default -> Double.NaN;
        };
    }

    /**
     * To be told what became of the batch that was last let go.
     *
     * @param look as it is after the batch
     * @param askedPages what the kernel was asked for
     */
    void reclaimed(Look look, long askedPages, ReclaimResult result) {
        // What moved is less than what was taken where tasks charge at the same moment: of a yes the kernel's word
        // counts.
        long taken = result.outcome() == Outcome.SUCCESS
                ? Math.max(askedPages, result.pagesReclaimed())
                : result.pagesReclaimed();
        harms.forEach(harm -> harm.taken(taken));
        if (landing != null) {
            landing.reclaimed(look, result);
        }
    }
}
