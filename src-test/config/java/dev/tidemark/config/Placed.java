package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What holds of every report of problems, whatever the file was. */
final class Placed {
    private Placed() {}

    static void assertPlaced(String text, Checked<?> checked) {
        if (!(checked instanceof Checked.Invalid<?>(List<Problem> problems))) {
            return;
        }
        List<String> lines = List.of(text.replaceFirst("^\uFEFF", "").split("\r\n|\n|\r", -1));
        assertThat(problems).isNotEmpty().isSortedAccordingTo(Problem.BY_PLACE);
        for (Problem problem : problems) {
            // One comparison where all is well: the fuzzer comes here some thousand times a second.
            if (!isPlaced(problem, text, lines)) {
                throw new AssertionError("in these lines\n" + lines + "\nthis has no place: " + problem);
            }
        }
    }

    private static boolean isPlaced(Problem problem, String text, List<String> lines) {
        if (problem.line() < 1 || problem.line() > lines.size()) {
            return false;
        }
        String line = problem.sourceLine();
        String message = problem.message();
        return problem.column() >= 1
                && problem.column() <= line.codePointCount(0, line.length()) + 1
                && line.equals(lines.get(problem.line() - 1))
                && !message.isBlank()
                && !message.contains("\n")
                && isOurs("Exception", message, text)
                && isOurs("null", message, text)
                && problem.render().lines().count() == 3;
    }

    /** Whether a message has no such word but where it repeats the file. */
    private static boolean isOurs(String word, String message, String text) {
        return !message.contains(word) || text.contains(word);
    }
}
