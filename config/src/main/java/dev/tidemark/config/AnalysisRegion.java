package dev.tidemark.config;

import dev.tidemark.config.Expr.Relation;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set of instants, told by what values have then: an "or" of "and"s of intervals. It may be larger than what it stands for, never
 * smaller, so that one that is empty proves something. Immutable.
 */
final class AnalysisRegion {
    /** More alternatives than this are not worth telling apart: the region becomes larger instead. */
    private static final int MAX_ALTERNATIVES = 64;

    static final AnalysisRegion EVERYTHING = new AnalysisRegion(List.of(Map.of()));
    static final AnalysisRegion NOTHING = new AnalysisRegion(List.of());

    /**
     * What is known of one value.
     *
     * @param known whether it has a value at all; the rest counts only then
     * @param loose as in {@link AnalysisTerm}
     */
    record Interval(boolean known, double low, boolean lowOpen, double high, boolean highOpen, boolean loose) {
        private static final Interval UNKNOWN = new Interval(false, 0, false, 0, false, false);

        private @Nullable Interval and(Interval other) {
            if (!known || !other.known) {
                return known == other.known ? this : null;
            }
            boolean lower = low > other.low || (low == other.low && lowOpen);
            boolean upper = high < other.high || (high == other.high && highOpen);
            Interval both = new Interval(
                    true,
                    lower ? low : other.low,
                    lower ? lowOpen : other.lowOpen,
                    upper ? high : other.high,
                    upper ? highOpen : other.highOpen,
                    loose);
            return both.empty() ? null : both;
        }

        private boolean empty() {
            boolean open = lowOpen || highOpen;
            return low > high ? open || !loose : low == high && open;
        }

        /** Whether it leaves no room to move in. */
        private boolean point() {
            return known && low >= high;
        }
    }

    private final List<Map<String, Interval>> alternatives;

    private AnalysisRegion(List<Map<String, Interval>> alternatives) {
        this.alternatives = alternatives;
    }

    /** Where the value is known and in the relation. */
    static AnalysisRegion where(AnalysisTerm term, Relation relation) {
        double bound = term.bound();
        double below = Double.NEGATIVE_INFINITY;
        double above = Double.POSITIVE_INFINITY;
        return switch (relation) {
            case LESS -> of(term, below, false, bound, true);
            case LESS_OR_EQUAL -> of(term, below, false, bound, false);
            case GREATER -> of(term, bound, true, above, false);
            case GREATER_OR_EQUAL -> of(term, bound, false, above, false);
            case EQUAL -> of(term, bound, false, bound, false);
            case NOT_EQUAL -> of(term, below, false, bound, true).or(of(term, bound, true, above, false));
        };
    }

    private static AnalysisRegion of(AnalysisTerm term, double low, boolean lowOpen, double high, boolean highOpen) {
        Interval natural =
                new Interval(true, term.range().low(), false, term.range().high(), false, term.loose());
        @Nullable Interval both = natural.and(new Interval(true, low, lowOpen, high, highOpen, term.loose()));
        return both == null ? NOTHING : new AnalysisRegion(List.of(Map.of(term.key(), both)));
    }

    /** Where something that is true or false, and of which no more is known, is so. */
    static AnalysisRegion where(String key, boolean truth) {
        double value = truth ? 1 : 0;
        return new AnalysisRegion(List.of(Map.of(key, new Interval(true, value, false, value, false, false))));
    }

    static AnalysisRegion unknown(String key) {
        return new AnalysisRegion(List.of(Map.of(key, Interval.UNKNOWN)));
    }

    boolean isNothing() {
        return alternatives.isEmpty();
    }

    /** Whether each alternative pins some value to a single point: then there is hardly anything. */
    boolean hardlyAnything() {
        return alternatives.stream().allMatch(it -> it.values().stream().anyMatch(Interval::point));
    }

    AnalysisRegion or(AnalysisRegion other) {
        if (isNothing() || other.isNothing()) {
            return isNothing() ? other : this;
        }
        if (alternatives.size() + other.alternatives.size() > MAX_ALTERNATIVES) {
            return EVERYTHING;
        }
        Set<Map<String, Interval>> all = new LinkedHashSet<>(alternatives);
        all.addAll(other.alternatives);
        return all.contains(Map.<String, Interval>of()) ? EVERYTHING : new AnalysisRegion(List.copyOf(all));
    }

    AnalysisRegion and(AnalysisRegion other) {
        if ((long) alternatives.size() * other.alternatives.size() > MAX_ALTERNATIVES * 8L) {
            return alternatives.size() <= other.alternatives.size() ? this : other;
        }
        Set<Map<String, Interval>> all = new LinkedHashSet<>();
        for (Map<String, Interval> mine : alternatives) {
            for (Map<String, Interval> theirs : other.alternatives) {
                both(mine, theirs).ifPresent(all::add);
            }
        }
        return all.size() > MAX_ALTERNATIVES ? EVERYTHING : new AnalysisRegion(List.copyOf(all));
    }

    private static Optional<Map<String, Interval>> both(Map<String, Interval> mine, Map<String, Interval> theirs) {
        Map<String, Interval> both = new HashMap<>(mine);
        for (Map.Entry<String, Interval> entry : theirs.entrySet()) {
            @Nullable Interval present = both.get(entry.getKey());
            @Nullable Interval joined = present == null ? entry.getValue() : present.and(entry.getValue());
            if (joined == null) {
                return Optional.empty();
            }
            both.put(entry.getKey(), joined);
        }
        return Optional.of(both);
    }
}
