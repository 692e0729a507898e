package dev.tidemark.triggers;

import dev.tidemark.support.Gen;
import java.util.SplittableRandom;

/**
 * Random well-typed expressions, as an operator would write them. Durations are multiples of 100 ms. Thresholds are fractions that
 * nothing computed from whole numbers hits by chance, so that rounding decides no comparison.
 */
final class Expressions {

    private static final String[] BYTES = {
        "usage",
        "usage",
        "usage",
        "swap.usage",
        "headroom",
        "host.available",
        "cgroup('a/b').usage",
        "sum(usage)",
        "max(usage)"
    };
    private static final String[] COUNTERS = {
        "pgscan", "pgscan", "pgsteal", "(pgscan + pgsteal)", "cgroup('a/b').pgscan", "2 * pgscan"
    };
    private static final String[] WINDOWS = {"500ms", "1s", "1500ms", "3s"};
    private static final String[] HELD = {"200ms", "1s", "2500ms"};

    private final SplittableRandom random;

    private Expressions(SplittableRandom random) {
        this.random = random;
    }

    /** Truths of at most about {@code size} parts. */
    static Gen<String> truths() {
        return (random, size) -> new Expressions(random).truth(size).replace('\'', '"');
    }

    private String truth(int size) {
        if (size <= 1) {
            return comparison(0);
        }
        int half = size / 2;
        return switch (random.nextInt(22)) {
            case 0, 1 -> group(half) + " and " + group(half);
            case 2, 3 -> group(half) + " or " + group(half);
            case 4 -> "not " + group(size - 1);
            case 5, 6 -> lasting(size - 1) + " for " + one(HELD);
            case 7, 8 -> group(size - 1) + " hold " + one(HELD);
            case 9 -> "2 of (" + truth(size / 3) + ", " + truth(size / 3) + ", " + truth(size / 3) + ")";
            case 10, 11 -> group(half) + " then " + group(half) + " within " + one(HELD);
            case 12 -> one("rising", "falling") + "(" + truth(size - 1) + ") hold " + one(HELD);
            case 13 -> one("rising", "falling") + "(" + truth(size - 1) + ")";
            case 14 -> "changed(" + (random.nextBoolean() ? one(BYTES) : count(size - 1)) + ")";
            case 15 -> one("", "io.", "cpu.").transform(resource -> "psi." + resource + "some trigger 150ms/1s");
            case 16 -> one("any", "all") + "(" + own() + ")";
            default -> comparison(size - 1);
        };
    }

    /** What holds for an instant only cannot have a {@code for}. */
    private String lasting(int size) {
        String truth = truth(size);
        boolean momentary = truth.startsWith("rising") || truth.startsWith("falling") || truth.startsWith("changed");
        return "(" + truth + (momentary ? " or " + comparison(0) : "") + ")";
    }

    private String group(int size) {
        return "(" + truth(size) + ")";
    }

    private String comparison(int size) {
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> bytes(size) + relation() + threshold(20) + "B";
            case 3 -> bytes(size) + relation() + bytes(size);
            case 4 -> count(size) + relation() + threshold(12);
            case 5 -> rate(size) + relation() + threshold(12) + "/s";
            case 6 -> byteRate(size) + relation() + threshold(8) + "B/s";
            case 7 -> ratio(size) + relation() + threshold(90) + "%";
            default -> time() + relation() + threshold(9) + "s";
        };
    }

    /** A truth of the watched cgroup, for aggregates. */
    private String own() {
        return switch (random.nextInt(3)) {
            case 0 -> "usage" + relation() + threshold(20) + "B";
            case 1 -> "rate(pgscan, " + one(WINDOWS) + ")" + relation() + threshold(12) + "/s";
            default -> "(usage > " + threshold(20) + "B for " + one(HELD) + ")";
        };
    }

    private String bytes(int size) {
        if (size <= 0) {
            return one(BYTES);
        }
        return switch (random.nextInt(8)) {
            case 0 -> "(" + bytes(size / 2) + one(" + ", " - ") + bytes(size / 2) + ")";
            case 1 -> "50% of " + one(BYTES);
            case 2 -> "-(" + bytes(size - 1) + ")";
            case 3, 4, 5, 6 -> gauge(bytes(size - 2), true);
            default -> one(BYTES);
        };
    }

    /** A window over a level. */
    private String gauge(String operand, boolean delta) {
        return switch (random.nextInt(delta ? 7 : 6)) {
            case 0, 1 -> one("min", "max") + "(" + operand + ", " + window() + ")";
            case 2 -> "mean(" + operand + ", " + window() + ")";
            case 3 -> "ewma(" + operand + ", " + one(WINDOWS) + ")";
            case 4 -> "quantile(" + operand + ", " + one("0%", "10%", "50%", "95%", "100%") + ", " + one(WINDOWS) + ")";
            case 5 -> "(" + operand + ") over " + one(WINDOWS);
            default -> "delta(" + operand + ", " + window() + ")";
        };
    }

    private String count(int size) {
        return switch (random.nextInt(5)) {
            case 0 -> "delta(" + one(COUNTERS) + ", " + window() + ")";
            case 1 -> one(COUNTERS) + " over " + one(WINDOWS);
            case 2 -> "count(" + own() + ")";
            case 3 -> gauge("count(" + truth(size - 2) + ", " + window() + ")", false);
            default -> "count(" + truth(size - 1) + ", " + window() + ")";
        };
    }

    private String rate(int size) {
        String rate = "rate(" + one(COUNTERS) + ", " + window() + ")";
        return size > 1 && random.nextBoolean() ? gauge(rate, false) : rate;
    }

    private String byteRate(int size) {
        return switch (random.nextInt(3)) {
            case 0 -> "rate(" + bytes(size - 2) + ", " + window() + ")";
            case 1 -> "deriv(" + bytes(size - 2) + ", " + one(WINDOWS) + ")";
            default -> one("fill_rate", "cgroup('a/b').fill_rate");
        };
    }

    private String ratio(int size) {
        return switch (random.nextInt(5)) {
            case 0 -> one("psi.some", "psi.io.full") + " over " + one(WINDOWS);
            case 1 ->
                one("refault.ratio", "scan.efficiency", "cgroup('a/b').scan.efficiency") + " over " + one(WINDOWS);
            case 2 -> gauge("psi.some.avg10", false);
            default -> "(" + bytes(size - 1) + " / " + one(BYTES) + ")";
        };
    }

    private String time() {
        return one(
                "time_to_limit",
                "min(time_to_limit, 1s)",
                "quantile(time_to_limit, 50%, 3s)",
                "mean(time_to_limit, 1s)");
    }

    private String window() {
        return one(WINDOWS) + (random.nextInt(3) == 0 ? " tumbling" : "");
    }

    private String relation() {
        return one(" > ", " > ", " < ", " >= ", " <= ", " != ");
    }

    private String threshold(int most) {
        return random.nextInt(most) + ".3137";
    }

    private String one(String... of) {
        return of[random.nextInt(of.length)];
    }
}
