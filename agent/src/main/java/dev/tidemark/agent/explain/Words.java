package dev.tidemark.agent.explain;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Limits;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.TriggerEngine;
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

    static List<String> reclaim(Reclaim reclaim) {
        List<String> words = new ArrayList<>();
        String batch = Unit.BYTES.format((double) reclaim.batchBytes());
        words.add(
                switch (reclaim.law()) {
                    case WATERMARK ->
                        "law watermark: what lies above the usage at which STOP holds, at most " + batch + " a write";
                    case FIXED -> "law fixed: " + batch + " a write";
                });
        if (reclaim.swappiness() == Reclaim.ANONYMOUS_ONLY) {
            words.add("swappiness max: anonymous memory only");
        } else if (reclaim.swappiness() != Reclaim.DEFAULT_SWAPPINESS) {
            words.add("swappiness " + reclaim.swappiness());
        }
        if (reclaim.writebackBytes() != Reclaim.NO_WRITEBACK) {
            words.add("writeback started each " + Unit.BYTES.format((double) reclaim.writebackBytes()) + " of growth");
        }
        return words;
    }

    static List<String> limits(Limits limits) {
        List<String> words = new ArrayList<>();
        if (!Double.isInfinite(limits.bytesPerSecond())) {
            words.add("at most " + Unit.BYTE_RATE.format(limits.bytesPerSecond()) + " over all its cgroups");
        }
        if (limits.floorBytes() > 0) {
            words.add("nothing below " + Unit.BYTES.format((double) limits.floorBytes()) + " of usage");
        }
        words.add("a write is cut short after " + Shape.time(limits.deadline()));
        return words;
    }
}
