package dev.tidemark.agent.test;

import static dev.tidemark.agent.test.Words.count;
import static dev.tidemark.agent.test.Words.time;

import dev.tidemark.config.Expectation.Pair;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** How tests have ended, for people at a terminal. Pure. */
public final class TextReport {

    private static final String INDENT = "      ";
    private static final String RED = "31";
    private static final String GREEN = "32";

    /** More would only bury the first; the rest is counted. */
    private static final int MOST_FAILURES = 10;

    private final boolean colours;
    private final boolean verbose;

    /**
     * @param colours whether the reader shows them
     * @param verbose the time line of each test, also of those that have passed
     */
    public TextReport(boolean colours, boolean verbose) {
        this.colours = colours;
        this.verbose = verbose;
    }

    /**
     * One line for a test, and where it has failed what differs; without colours no line ends in a blank.
     *
     * @param file how the test's file is called
     */
    public String of(String file, Verdict verdict) {
        StringBuilder out = new StringBuilder();
        String word = verdict.passed() ? green("ok  ") : red("FAIL");
        out.append("%s  %s:%d  %s  (%s, %s, %s)%n"
                .formatted(
                        word,
                        file,
                        verdict.test().place().line(),
                        verdict.test().name(),
                        time(verdict.seen().end()),
                        count(verdict.seen().decisions(), "decision"),
                        count(verdict.seen().reclaims(), "reclaim")));
        for (String line : details(file, verdict)) {
            out.append(line.isEmpty() ? "" : INDENT + coloured(line)).append('\n');
        }
        return out.toString().replace(System.lineSeparator(), "\n");
    }

    /** What differs, without the first line and without colours. */
    static List<String> failures(String file, Verdict verdict) {
        List<String> lines = new ArrayList<>();
        List<Failure> failures = verdict.failures();
        failures.stream().limit(MOST_FAILURES).forEach(failure -> lines.addAll(of(file, verdict.seen(), failure)));
        if (failures.size() > MOST_FAILURES) {
            lines.add("and " + count(failures.size() - MOST_FAILURES, "more failure"));
        }
        return lines;
    }

    private List<String> details(String file, Verdict verdict) {
        List<String> lines = failures(file, verdict);
        if (verbose) {
            pairs(verdict).forEach(pair -> lines.addAll(whole(verdict.seen(), pair)));
        }
        return lines;
    }

    private static Set<Pair> pairs(Verdict verdict) {
        Set<Pair> pairs = new LinkedHashSet<>();
        verdict.test().expectations().forEach(expectation -> pairs.addAll(expectation.pairs()));
        return pairs;
    }

    private static List<String> whole(Seen seen, Pair pair) {
        TimeLine line = new TimeLine(seen, pair);
        List<String> lines = new ArrayList<>();
        lines.add("policy %s on %s".formatted(pair.policy(), pair.cgroup()));
        lines.add("  " + line.scale());
        lines.add("  " + line.band() + "  " + line.legend());
        lines.addAll(line.all());
        lines.add("");
        return lines;
    }

    private static List<String> of(String file, Seen seen, Failure failure) {
        List<String> lines = new ArrayList<>();
        lines.add("%s:%d:%d: %s, %s"
                .formatted(file, failure.place().line(), failure.place().column(), failure.when(), failure.subject()));
        if (failure.pair().isPresent()) {
            TimeLine line = new TimeLine(seen, failure.pair().get());
            lines.add("  " + line.scale());
            lines.add("  " + line.band() + "  " + line.legend());
            lines.add("  " + line.marks(failure.from().toNanos(), failure.to().toNanos()));
            lines.addAll(line.diff(failure));
        } else {
            lines.add("- " + failure.expected());
            lines.add("+ " + failure.seen());
        }
        lines.addAll(failure.why());
        lines.add("");
        return lines;
    }

    private String coloured(String line) {
        UnaryOperator<String> colour =
                line.startsWith("- ") ? this::red : line.startsWith("+ ") ? this::green : UnaryOperator.identity();
        return colour.apply(line);
    }

    private String red(String text) {
        return colour(RED, text);
    }

    private String green(String text) {
        return colour(GREEN, text);
    }

    private String colour(String code, String text) {
        return colours ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
    }
}
