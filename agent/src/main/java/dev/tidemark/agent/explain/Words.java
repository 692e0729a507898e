package dev.tidemark.agent.explain;

import dev.tidemark.config.Action;
import dev.tidemark.config.Batch;
import dev.tidemark.config.Budget;
import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Guard;
import dev.tidemark.config.Law;
import dev.tidemark.config.Limits;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Protect;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Throttle;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.TriggerEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What all views say of a policy besides its conditions. */
final class Words {

    /** A change of state. */
    record Step(String from, String to, String when) {}

    private Words() {}

    static String globs(List<CgroupGlob> globs) {
        return globs.stream().map(CgroupGlob::pattern).collect(Collectors.joining(", "));
    }

    static String reading(Policy policy) {
        return "each " + Shape.time(policy.period()) + "; usage also in between near a watermark";
    }

    static String decidedBy(Policy policy) {
        return policy.watch().isEmpty()
                ? "each for itself, by its own signals"
                : "the signals of " + globs(policy.watch()) + "; one of them is enough";
    }

    static List<Step> steps(Policy policy) {
        boolean waits = Shape.waits(policy.start());
        boolean cooldown = !policy.cooldown().isZero();
        List<Step> steps = new ArrayList<>();
        if (waits) {
            steps.add(new Step("inactive", "pending", "START would hold but for its wait"));
            steps.add(new Step("pending", "active", "START holds and STOP does not"));
            steps.add(new Step("pending", "inactive", "START lapses, or STOP holds"));
        } else {
            steps.add(new Step("inactive", "active", "START holds and STOP does not"));
        }
        steps.add(new Step("active", "stopping", "STOP holds" + noData(policy)));
        steps.add(new Step("stopping", cooldown ? "cooldown" : "inactive", "nothing is in flight any more"));
        if (cooldown) {
            steps.add(new Step("cooldown", "inactive", Shape.time(policy.cooldown()) + " have gone by"));
        }
        return steps;
    }

    private static String noData(Policy policy) {
        String stale = Shape.time(TriggerEngine.staleAfter(policy.period()));
        return switch (policy.noData()) {
            case STOP -> ", or nothing was seen for " + stale;
            case INACTIVE -> ", or nothing was seen for " + stale + " (then without a cooldown)";
            case HOLD -> "; when nothing is seen it goes on";
        };
    }

    static List<String> action(Action action) {
        return switch (action) {
            case Reclaim reclaim -> reclaim(reclaim);
            case Throttle throttle -> throttle(throttle);
            case Protect protect ->
                List.of(
                        "memory.low raised to " + Unit.BYTES.format((double) protect.lowBytes()),
                        putBack(protect.longest()));
        };
    }

    private static List<String> throttle(Throttle throttle) {
        String far = switch (throttle.by()) {
            case Throttle.Over(long bytes) -> Unit.BYTES.format((double) bytes) + " below usage";
            case Throttle.Delay(Duration time) ->
                "as far below usage as makes a charge of 64 pages sleep " + Shape.time(time);
        };
        String least = Unit.BYTES.format((double) throttle.leastBytes());
        return List.of(
                "memory.high lowered to " + far + ", anew each period, never below " + least,
                putBack(throttle.longest()));
    }

    private static String putBack(Duration longest) {
        return "the old value is put back with STOP, at the latest after " + Shape.time(longest);
    }

    /** What the action is called where it stands. */
    static String does(Action action) {
        return switch (action) {
            case Reclaim _ -> "reclaim";
            case Throttle _ -> "throttle";
            case Protect _ -> "protect";
        };
    }

    private static List<String> reclaim(Reclaim reclaim) {
        List<String> words = new ArrayList<>();
        String batch = switch (reclaim.batch()) {
            case Batch.Size(long bytes) -> "at most " + Unit.BYTES.format((double) bytes) + " a write";
            case Batch.Time(Duration target) -> "at most what takes about " + Shape.time(target) + " a write";
        };
        words.add("law " + reclaim.law().word() + ": " + law(reclaim.law()) + ", " + batch);
        if (reclaim.swappiness() == Reclaim.ANONYMOUS_ONLY) {
            words.add("swappiness max: anonymous memory only");
        } else if (!reclaim.mayTakeAnon()) {
            words.add("swappiness none: files only");
        } else if (reclaim.swappiness() != Reclaim.DEFAULT_SWAPPINESS) {
            words.add("swappiness " + reclaim.swappiness());
        }
        if (reclaim.writebackBytes() != Reclaim.NO_WRITEBACK) {
            words.add("writeback started each " + Unit.BYTES.format((double) reclaim.writebackBytes()) + " of growth");
        }
        return words;
    }

    private static String law(Law law) {
        return switch (law) {
            case Law.Watermark _ -> "what lies above the usage at which STOP holds";
            case Law.Fixed _ -> "a whole batch each time";
            case Law.Tmo it ->
                "%s of usage each %s, less as stalls on memory near %s of the time"
                        .formatted(share(it.ratio() * it.gain()), Shape.time(it.every()), share(it.threshold()));
            case Law.Senpai it ->
                "%s of what is reclaimable each %s, less as stalls on memory near %s or on the disks %s of the time"
                        .formatted(
                                share(it.most()),
                                Shape.time(it.every()),
                                share(it.threshold()),
                                share(it.ioThreshold()));
            case Law.SenpaiLimit it ->
                "what lies above a limit of its own, moved each %s so that tasks stall for %s on memory"
                        .formatted(Shape.time(it.every()), Shape.time(it.stall()));
            case Law.Aimd it ->
                "each %s %s more than the last time, or %s of that once tasks stall for more than %s of the time"
                        .formatted(
                                Shape.time(it.every()),
                                Unit.BYTES.format((double) it.increaseBytes()),
                                share(it.decrease()),
                                share(it.threshold()));
        };
    }

    private static String share(double share) {
        return Unit.RATIO.format(share);
    }

    /** Nothing where there is nothing to hold back. */
    static List<String> guards(Policy policy) {
        List<String> words = policy.guards().stream().map(Words::guard).toList();
        return words.isEmpty() && policy.reclaim().isPresent() ? List.of("none") : words;
    }

    private static String guard(Guard guard) {
        String what = switch (guard) {
            case Guard.Protection _ -> "nothing below what memory.min and memory.low keep, up to the root";
            case Guard.Swap it ->
                "file pages only while less than %s of swap is left".formatted(bytes(it.leastBytes()));
            case Guard.Margin it -> "nothing below what is unreclaimable and %s".formatted(bytes(it.bytes()));
            case Guard.Ratio it -> "nothing below %s of the limit".formatted(share(it.share()));
            case Guard.Psi it ->
                "nothing while tasks stall on memory for more than %s of the time".formatted(share(it.share()));
            case Guard.IoPsi it ->
                "nothing while tasks stall on block devices for more than %s of the time".formatted(share(it.share()));
            case Guard.RefaultRatio it ->
                "nothing for a while once more than %s of what is taken is read back".formatted(share(it.share()));
            case Guard.MajorFaults it ->
                "nothing while more than %s faults have to read".formatted(rate(it.perSecond()));
            case Guard.Livelock it ->
                "nothing for a while once taking has been of no use for %s".formatted(Shape.time(it.window()));
            case Guard.Kswapd it ->
                "nothing while kswapd scans more than %s pages".formatted(rate(it.pagesPerSecond()));
        };
        return guard.word() + ": " + what;
    }

    private static String bytes(long bytes) {
        return Unit.BYTES.format((double) bytes);
    }

    private static String rate(double perSecond) {
        return Unit.RATE.format(perSecond);
    }

    /** Nothing where the action is not bounded by them. */
    static List<String> limits(Policy policy) {
        if (policy.reclaim().isEmpty()) {
            return List.of();
        }
        List<String> words = limits(policy.limits());
        if (policy.priority() != Policy.DEFAULT_PRIORITY) {
            words.add("priority " + policy.priority() + " where more wait than can be served");
        }
        if (policy.weight() != Policy.DEFAULT_WEIGHT) {
            words.add("weight " + policy.weight() + " among those of its priority");
        }
        return words;
    }

    private static List<String> limits(Limits limits) {
        List<String> words = new ArrayList<>();
        Budget budget = limits.budget();
        if (!Double.isInfinite(budget.bytesPerSecond())) {
            words.add("at most " + Unit.BYTE_RATE.format(budget.bytesPerSecond()) + " over all its cgroups");
        }
        if (!Double.isInfinite(budget.timeShare())) {
            words.add("writes cost at most " + share(budget.timeShare()) + " of a CPU");
        }
        if (!Double.isInfinite(budget.swapOutBytesPerSecond())) {
            words.add("at most " + Unit.BYTE_RATE.format(budget.swapOutBytesPerSecond()) + " to swap");
        }
        if (limits.floorBytes() > 0) {
            words.add("nothing below " + Unit.BYTES.format((double) limits.floorBytes()) + " of usage");
        }
        words.add("a write is cut short after " + Shape.time(limits.deadline()));
        return words;
    }
}
